"""A care plan: problems, goals, who does what and when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from gateway.model.codes import Coded
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.form import Prose
from gateway.model.people import Professional
from gateway.model.when import When

PlanKind = Literal["PPCS", "PPS", "PPS-CANCER", "PAI", "PPA", "PPP", "telemonitoring", "other"]
PlanStatus = Literal["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
PLAN_ENDS = ("completed", "revoked", "entered-in-error")
GoalStatus = Literal[
    "proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled", "entered-in-error", "rejected"
]
ActivityStatus = Literal[
    "not-started", "scheduled", "in-progress", "on-hold", "completed",
    "cancelled", "stopped", "unknown", "entered-in-error",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the plan answers; a bare string is its text."""

    SHORT: ClassVar[str] = "text"
    text: Prose
    code: Coded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is aimed at, and by when."""

    id: str
    text: Prose
    status: GoalStatus | None = None
    due: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who does an activity: a member of the team by id, or a text."""

    SHORT: ClassVar[str] = "text"
    text: str | None = None
    member: str | None = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.member is None):
            raise Rejected([Fault("wrong-type", about="member / text")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`times` times every `every` `unit`s: 3 times every 2 weeks; `every` is 1 when it is not said."""

    times: int
    every: int | None = None
    unit: Literal["hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When an activity takes place: in words, as a rhythm, or by a date."""

    SHORT_READ: ClassVar[str] = "text"
    text: str | None = None
    timing: Timing | None = None
    due: When | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.text, self.timing, self.due)) != 1:
            raise Rejected([Fault("wrong-type", about="text / timing / due")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One thing to do."""

    id: str
    what: Prose
    who: Who | None = None
    when: Schedule | None = None
    status: ActivityStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A published protocol a plan follows."""

    id: str
    version: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instantiates:
    """What the plan is an instance of."""

    protocol: Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The patient's word on the plan."""

    SHORT: ClassVar[str] = "given"
    given: bool
    at: When | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A personalised care plan. To change one activity, or to close, `id` is enough: the gateway keeps the rest.

    Raises Rejected `dates-reversed`, or `duplicate-activity` when two activities have one id.
    """

    id: str
    kind: PlanKind | None = None
    programme: str | None = None
    title: str | None = None
    status: PlanStatus | None = None
    since: When | None = None
    until: When | None = None
    problems: tuple[Problem, ...] = ()
    goals: tuple[Goal, ...] = ()
    activities: tuple[Activity, ...] = ()
    instantiates: Instantiates | None = None
    author: Professional | None = None
    contributors: tuple[Professional, ...] = ()
    patient_agreement: Agreement | None = None
    review_date: When | None = None
    replaces: str | None = None
    closed_reason: str | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.until.day < self.since.day:
            raise Rejected([Fault("dates-reversed", ("until",))])
        seen: set[str] = set()
        for index, activity in enumerate(self.activities):
            if activity.id in seen:
                raise Rejected([Fault("duplicate-activity", ("activities", index, "id"))])
            seen.add(activity.id)

    @property
    def open(self) -> bool:
        """True until it is told to be closed."""
        return self.status not in PLAN_ENDS and self.closed_reason is None

    def said(self) -> frozenset[str]:
        """Names of the fields that hold something."""
        return frozenset(field.name for field in fields(self) if getattr(self, field.name) not in (None, ()))
