"""Keys and secrets by reference, keys drawn from others, and the clock."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.config import BadSettings, Settings, secret


def secret_text(reference: str | None) -> str | None:
    """A secret of one line, without its line end."""
    return secret(reference, Path.cwd()).decode("utf-8").rstrip("\r\n") if reference else None


def key_of_32(reference: str) -> bytes:
    """A secret of 32 bytes, written raw, in hex or in base64. Raises BadSettings."""
    raw = secret(reference, Path.cwd())
    if len(raw) == 32:
        return raw
    for read in (bytes.fromhex, lambda text: base64.b64decode(text, validate=True)):
        try:
            key = read(raw.strip().decode("ascii"))
        except (ValueError, binascii.Error):
            continue
        if len(key) == 32:
            return key
    raise BadSettings([f"{reference}: not a key of 32 bytes (raw, hex or base64)"])


def database_url(settings: Settings) -> str:
    """Where the database is, with its password: to be opened, never to be shown. Raises BadSettings."""
    password = secret_text(settings.database_password)
    return settings.database.replace("@", f":{quote(password, safe='')}@", 1) if password else settings.database


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, drawn from another (RFC 5869): who has it cannot find the other."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"passerelle/" + purpose.encode()).derive(key)


def sealing(key: bytes) -> Callable[[bytes], str]:
    """A keyed digest: HMAC-SHA-256 in hex."""
    return lambda body: hmac.digest(key, body, "sha256").hex()


def wall_clock() -> datetime:
    """Now, UTC."""
    return datetime.now(UTC)
