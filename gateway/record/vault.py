"""Sealing: AES-256-GCM, a key per owner (an exchange, a mail, a patient's memory), wrapped by one key of the settings.

Where a sealed value belongs is bound into it (associated data): moved to another row, it does not open.
Destroying the wrapped key is erasing everything sealed under it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.model.errors import Broken

KEY_BYTES = 32
NONCE_BYTES = 12
LARGEST = 140_000_000  # bytes of one value, sealed whole: a document of 100 MB in base64, and what is around it


class Vault:
    """Makes, wraps and uses keys.

    kek   32 bytes from the settings; it never goes into the database
    old   former ones, still able to unwrap while rows are being wrapped anew
    draw  gives n random bytes (os.urandom)
    """

    def __init__(self, kek: bytes, *, draw: Callable[[int], bytes], old: Sequence[bytes] = ()) -> None:
        if any(len(key) != KEY_BYTES for key in (kek, *old)):
            raise Broken("The vault's key is not 32 bytes", advice="Make one: 32 random bytes in base64")
        self._draw = draw
        self._wrapping = {sha256(key).digest()[:4]: AESGCM(key) for key in (*old, kek)}
        self._current = sha256(kek).digest()[:4]

    def new_key(self) -> bytes:
        """A key for a new owner."""
        return self._draw(KEY_BYTES)

    def wrap(self, key: bytes, *where: str) -> bytes:
        """The key, readable only with the settings' key and only for that owner."""
        nonce = self._draw(NONCE_BYTES)
        return self._current + nonce + self._wrapping[self._current].encrypt(nonce, key, bound("key", *where))

    def unwrap(self, wrapped: bytes, *where: str) -> bytes:
        """Raises Broken when the settings hold another key, or the row was moved or changed."""
        wrapping = self._wrapping.get(wrapped[:4])
        if wrapping is None:
            raise Broken("The vault's key is not the one this was sealed with", advice="Give the former key as well")
        return _open(wrapping, wrapped[4:], bound("key", *where))

    def seal(self, key: bytes, data: bytes, *where: str) -> bytes:
        """Data under an owner's key, bound to its place. Raises Broken above 140 MB."""
        if len(data) > LARGEST:
            raise Broken("This content is too large to be kept", advice="Keep it under 140 MB")
        nonce = self._draw(NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, data, bound("data", *where))

    def open(self, key: bytes, sealed: bytes, *where: str) -> bytes:
        """What `seal` was given. Raises Broken when a byte, the key or the place is another."""
        return _open(AESGCM(key), sealed, bound("data", *where))


def bound(*words: str) -> bytes:
    """Words as associated data: each with its length, so that no two lists give the same bytes."""
    said = [word.encode() for word in words]
    return b"".join([part for word in said for part in (len(word).to_bytes(4, "big"), word)])


def _open(cipher: AESGCM, sealed: bytes, where: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where)
    except (InvalidTag, ValueError):
        raise Broken("A sealed content does not open", advice="It was changed, moved, or its key is another") from None
