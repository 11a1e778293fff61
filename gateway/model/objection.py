"""A patient's objection to an exchange (CSP L1110-4 IV): against whom, about what, since when.

Why the patient objects is not kept: nobody needs it to obey.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """One objection, as recorded. A field left out narrows nothing: without any, nothing about this patient may leave.

    patient       the patient's handle in that tenant
    recipient     whom it bars: `RPPS:10100054328`, `FINESS:750000127`, `LOCAL:system:value`, an address; None: anyone
    category      which category of CSP R1110-2 it bars: `1` (health professionals) or `2` (the others); None: both
    event_type    what it is about, the beginning of an event's type: `report`, `team.member-joined`; None: everything
    withdrawn_at  when the patient took it back; it bars nothing from then on
    """

    id: str
    tenant: str
    patient: str
    recipient: str | None = None
    category: str | None = None
    event_type: str | None = None
    at: datetime
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or (self.withdrawn_at is not None and self.withdrawn_at.tzinfo is None):
            raise ValueError("an objection needs aware times")

    def active(self, now: datetime) -> bool:
        """True until it is withdrawn; one dated in the future already counts, for clocks differ."""
        return self.withdrawn_at is None or self.withdrawn_at > now

    def about(self, event_type: str) -> bool:
        """True when it covers events of that type; `report` covers `report.shared` but not `reports.shared`."""
        if self.event_type is None:
            return True
        stem = self.event_type.removesuffix("*").removesuffix(".")
        return stem == "" or event_type == stem or event_type.startswith(stem + ".")
