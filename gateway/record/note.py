"""Signed notes (c2sp.org/signed-note): a text, a blank line, one line a signature. Ed25519 only."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.model.errors import Broken

ED25519 = b"\x01"
LARGEST = 64 * 1024  # characters of a note, room for 16 post-quantum signatures is not wanted yet
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")
_LINE = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)")


class BadNote(Broken):
    """A note is malformed, or nobody we trust has signed it."""

    code = "bad-note"

    def __init__(self, what: str) -> None:
        super().__init__(what, advice="Get the file again from where it was kept, and check the key")


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who may have signed: a name and a public key. As one line: `name+id+key`, what auditors are given."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.key) != 32:
            raise BadNote("A key's name or its bytes are malformed")

    @classmethod
    def read(cls, line: str) -> Verifier:
        """From its line. Raises BadNote, also when the id is not the key's."""
        name, _, rest = line.strip().partition("+")
        id, _, encoded = rest.partition("+")
        key = _bytes(encoded)
        if key[:1] != ED25519 or len(key) != 33:
            raise BadNote("This is not an Ed25519 verifier key")
        verifier = cls(name, key[1:])
        if verifier.id.hex() != id:
            raise BadNote("The key's id is not its own")
        return verifier

    @property
    def line(self) -> str:
        """The key as one line, to be handed out."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.key).decode('ascii')}"

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ kind ‖ key)."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    def open(self, note: str) -> str:
        """The text of a note this key has signed. Raises BadNote; other keys' signatures are ignored."""
        if len(note) > LARGEST or re.search(r"[\x00-\x09\x0b-\x1f]", note):
            raise BadNote("This is not a signed note")
        text, blank, signatures = note.rpartition("\n\n")
        lines = [_LINE.fullmatch(line) for line in signatures.removesuffix("\n").split("\n")]
        if not blank or not signatures.endswith("\n") or not all(lines):
            raise BadNote("This is not a signed note")
        text += "\n"
        mine = [raw[4:] for line in lines if line and line[1] == self.name and (raw := _bytes(line[2]))[:4] == self.id]
        if not mine:
            raise BadNote("The note is not signed by this key")
        try:
            for signature in mine:
                Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            raise BadNote("The note's signature is wrong") from None
        return text


class Signer:
    """Signs in a name. `seed` is the 32 bytes of an Ed25519 private key; it never leaves this object."""

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != 32:
            raise Broken("The audit key is not 32 bytes", advice="Make one: 32 random bytes in base64")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The text as a note. It must end with a newline and hold no blank line at its end."""
        if not text.endswith("\n") or text.endswith("\n\n"):
            raise ValueError("a note's text ends with one newline")
        signature = base64.b64encode(self.verifier.id + self._key.sign(text.encode())).decode("ascii")
        return f"{text}\n— {self.verifier.name} {signature}\n"


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("This is not base64") from None
