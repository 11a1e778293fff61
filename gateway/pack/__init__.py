"""pack: documents, archives, mails and receipts that a person or their software can read.

Pure functions: time and identifiers come in with `Minted`, so the same call gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

__all__ = ["Minted", "Software"]


@dataclass(frozen=True, slots=True)
class Minted:
    """What makes one packing unlike another: a seed drawn once per exchange, and the time of preparing (aware)."""

    seed: UUID
    at: datetime

    def uuid(self, name: str) -> UUID:
        """An identifier of this packing, always the same for the same name."""
        return uuid5(self.seed, name)

    def oid(self, name: str) -> str:
        """The same as an OID under 2.25 (ITU-T X.667)."""
        return f"2.25.{self.uuid(name).int}"


@dataclass(frozen=True, slots=True)
class Software:
    """Who the sending system says it is, in README.TXT, INDEX.HTM and X-MSS-NIL."""

    name: str
    version: str
    vendor: str
    nil: str
    contact: str = ""
