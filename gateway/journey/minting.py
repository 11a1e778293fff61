"""Identifiers of ours: time and chance come in as arguments, so a test can mint the same ones again."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

Draw = Callable[[int], bytes]
"""Gives that many random bytes (`os.urandom` outside tests)."""


def mint_id(now: datetime, draw: Draw) -> str:
    """A UUID version 7 (RFC 9562 §5.7): ids made later sort later, to the millisecond."""
    chance = int.from_bytes(draw(10), "big")
    millis = int(now.timestamp() * 1000)
    number = millis << 80 | 0x7 << 76 | (chance >> 62 & 0xFFF) << 64 | 0b10 << 62 | chance & (1 << 62) - 1
    return str(UUID(int=number))


def mint_message_id(domain: str, draw: Draw) -> str:
    """128 random bits in base32 @ the sending domain, without angle brackets; also the SMTP ENVID."""
    word = base64.b32encode(draw(16)).decode("ascii").rstrip("=").lower()
    return f"{word}@{domain}"
