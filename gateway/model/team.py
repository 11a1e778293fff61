"""A care team: who looks after the patient, since when, on what ground."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cmp_to_key
from itertools import pairwise
from typing import ClassVar, Literal

from gateway.model.codes import Coded
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.people import Professional, Structure
from gateway.model.when import When

TEAM_ENDS = ("inactive", "entered-in-error")
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

    def begins_before(self, other: Member) -> bool:
        """True when this participation begins earlier; an unknown beginning is the earliest."""
        if self.since is None or other.since is None:
            return self.since is None and other.since is not None
        return self.since.before(other.since)

    def overlaps(self, other: Member) -> bool:
        """True when two participations share more than the day one ends and the other begins."""
        first, second = (self, other) if self.begins_before(other) else (other, self)
        if second.since is None or not first.begins_before(second):
            return True  # both begin at the same time
        return first.until is None or second.since.before(first.until)

    @property
    def label(self) -> str:
        """What to call them on a page: the person's, the organisation's or the relative's name."""
        organization = self.organization.name if self.organization and self.organization.name else ""
        return (self.related.name if self.related else "") or self.name or organization or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMention(Member):
    """A member the team has already: `id` is enough, what else is said is added to what is known of them."""

    def __post_init__(self) -> None:
        named = (self.related, self.organization, self.rpps, self.family, self.given)
        if self.ids or any(part is not None for part in named):
            Member.__post_init__(self)
        elif self.since and self.until and self.until.day < self.since.day:
            raise Rejected([Fault("dates-reversed", ("until",))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A patient's care team. In events about one member, and in `team.closed`, `id` is enough.

    `members` holds participations: a member who came back, or whose role changed, stands there more than once with the
    same id, each time with another period. An informal team may have no structure.
    Raises Rejected `duplicate-member` when two periods of one member overlap, or `dates-reversed`.
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
        if len({member.id for member in self.members}) < len(self.members):
            self._check_periods()
        if self.since and self.until and self.until.day < self.since.day:
            raise Rejected([Fault("dates-reversed", ("until",))])

    def _check_periods(self) -> None:
        periods: dict[str, list[tuple[int, Member]]] = {}
        for index, member in enumerate(self.members):
            periods.setdefault(member.id, []).append((index, member))
        for mine in periods.values():
            for (_, former), (index, member) in pairwise(sorted(mine, key=_beginning)):
                if former.overlaps(member):
                    raise Rejected([Fault("duplicate-member", ("members", index, "id"))])

    @property
    def open(self) -> bool:
        """True until it is told to be closed."""
        return self.status not in TEAM_ENDS and self.closed_reason is None

    def member(self, id: str) -> Member | None:
        """The latest participation of the member with that id."""
        latest = None
        for member in self.members:
            if member.id == id and (latest is None or not member.begins_before(latest)):
                latest = member
        return latest

    def said(self) -> frozenset[str]:
        """Names of the fields that hold something."""
        return frozenset(name for name in _FIELDS if getattr(self, name) not in (None, ()))


_FIELDS = tuple(field.name for field in fields(Team))


def _order(one: tuple[int, Member], other: tuple[int, Member]) -> int:
    return int(other[1].begins_before(one[1])) - int(one[1].begins_before(other[1]))


_beginning = cmp_to_key(_order)
"""Orders numbered participations by when they begin."""
