"""A parcel: bytes ready to leave, the same at every attempt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a transport carries for one leg.

    `message_id` is without angle brackets and is also the SMTP ENVID; `origin` and `destination` are mail addresses for
    mssante, names otherwise; `body` is the whole message, minted once in `prepare`. `returns` is False for an automatic
    answer by mail: its envelope sender is empty, so that nothing is ever sent back because of it (RFC 8098 §3).
    """

    message_id: str
    origin: str
    destination: str
    body: bytes
    returns: bool = True

    def __repr__(self) -> str:
        return f"Parcel({self.message_id}, {len(self.body)} bytes)"
