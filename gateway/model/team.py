"""A care team: who looks after the patient, since when, on what ground."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar, Literal

from gateway.model.codes import Coded
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.people import Professional, Structure
from gateway.model.when import When

ClosedReason = Literal["death", "objection", "moved", "institution", "goal-reached", "error", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why these people are a team in law (CSP L1110-12): 1° structure, 2° recognised by the patient, 3° formalised."""

    SHORT_READ: ClassVar[str] = "kind"
    kind: Literal["structure", "recognised-by-patient", "formalised"]
    at: When | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of an inclusion grid."""

    code: str
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """The decision to include a patient (ESCAP grid): by which grid, on which criteria, by whom, when."""

    grid: str
    version: str | None = None
    criteria: tuple[Criterion, ...] = ()
    decided_by: Professional | None = None
    at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A relative of the patient in the team; `relationship` is a TRE_R216 code (DAUC, SPS…)."""

    name: str
    relationship: Coded | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Professional):
    """Someone of the team: a professional, an organisation alone, or a relative (`related`), and one of these.

    `id` is stable: later events point to it. `roles` are TRE_R260 or TRE_R259 codes (PROV, PCP…), or Coded from
    another list. Raises Rejected `member-kind`, `no-professional-identifier` or `dates-reversed`.
    """

    id: str
    related: Related | None = None
    roles: tuple[Coded, ...] = ()
    previous_roles: tuple[Coded, ...] = ()
    since: When | None = None
    until: When | None = None
    ground: Ground | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        person = bool(self.rpps or self.ids or self.family or self.given)
        if self.related is not None and (person or self.organization is not None):
            raise Rejected([Fault("member-kind")])
        if self.related is None and not person and self.organization is None:
            raise Rejected([Fault("member-kind")])
        if person and self.rpps is None and not self.ids:
            raise Rejected([Fault("no-professional-identifier")])
        if self.since and self.until and self.until.day < self.since.day:
            raise Rejected([Fault("dates-reversed", ("until",))])

    @property
    def kind(self) -> Literal["professional", "organization", "related"]:
        """Which of the three forms of member this is."""
        if self.related:
            return "related"
        return "professional" if self.rpps or self.ids else "organization"

    def active(self, now: datetime) -> bool:
        """True unless their participation has ended."""
        return self.until is None or not self.until.over(now)

    @property
    def label(self) -> str:
        """What to call them on a page: the person's, the organisation's or the relative's name."""
        organization = self.organization.name if self.organization and self.organization.name else ""
        return (self.related.name if self.related else "") or self.name or organization or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A patient's care team. In `team.member-*` events `id` is enough: the gateway keeps the rest.

    An informal team may have no structure. Raises Rejected `duplicate-member` or `dates-reversed`.
    """

    id: str
    name: str | None = None
    structures: tuple[Structure, ...] = ()
    since: When | None = None
    until: When | None = None
    status: Literal["proposed", "active", "suspended", "inactive", "entered-in-error"] | None = None
    reasons: tuple[Coded, ...] = ()
    inclusion: Inclusion | None = None
    ground: Ground | None = None
    members: tuple[Member, ...] = ()
    closed_reason: ClosedReason | None = None

    def __post_init__(self) -> None:
        seen: set[tuple[str, str]] = set()
        for index, member in enumerate(self.members):
            key = (member.id, member.since.text if member.since else "")  # a return is a second participation
            if key in seen:
                raise Rejected([Fault("duplicate-member", ("members", index, "id"))])
            seen.add(key)
        if self.since and self.until and self.until.day < self.since.day:
            raise Rejected([Fault("dates-reversed", ("until",))])

    @property
    def open(self) -> bool:
        """True until it is told to be closed."""
        return self.status not in ("inactive", "entered-in-error") and self.closed_reason is None

    def member(self, id: str) -> Member | None:
        """The latest participation of the member with that id."""
        return next((member for member in reversed(self.members) if member.id == id), None)

    def said(self) -> frozenset[str]:
        """Names of the fields that hold something."""
        return frozenset(field.name for field in fields(self) if getattr(self, field.name) not in (None, ()))
