"""A transaction being read: what was found wrong, what was taken instead of what is not said, and from where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gateway.model.codes import Terms
from gateway.model.faults import Fault, Notice, Place
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON
from gateway.translate.fhir.others.expression import expression


@dataclass(slots=True, kw_only=True)
class Page:
    """One Bundle under the eyes of its reader.

    issuer  whose ids its resources have (tenant and client)
    now     when it came
    sender  who speaks when the Bundle does not say it: a canonical tree
    seen    the places looked at
    parts   where each part of the event was read, for the places of its faults
    """

    received: Received
    terms: Terms
    issuer: str
    now: datetime
    seen: set[Place]
    sender: JSON | None = None
    parts: dict[str, Place] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    @property
    def faults(self) -> list[Fault]:
        """Every fault so far."""
        return self.received.sources.faults

    def tell(self, code: str, place: Place) -> None:
        """Something is taken that the Bundle does not say, or not kept that it says."""
        self.notices.append(Notice(code, about=expression(place)))

    def refuse(self, code: str, place: Place, about: str = "") -> None:
        """A fault at that place."""
        self.faults.append(Fault(code, about=about, pointer="".join(f"/{step}" for step in place)))

    def leave(self, place: Place) -> None:
        """What stands there was looked at and is not kept: it is told with what nobody looked at."""
        self.seen -= {one for one in self.seen if one[: len(place)] == place}
