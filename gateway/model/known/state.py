"""The memory itself: a team, a plan, a report as they stand once the events so far are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.model.errors import Rejected
from gateway.model.event import Event
from gateway.model.faults import Fault, Notice
from gateway.model.plan import Plan
from gateway.model.team import Team
from gateway.model.when import Instant, When

T = TypeVar("T")

Notices = tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTeam:
    """A team's state: whose it is (a patient's handle), and when the newest event that made it happened."""

    team: Team
    patient: str
    as_of: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldActivity:
    """When an activity was last told by itself, since the plan was last told whole."""

    id: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlan:
    """A plan's state, like KnownTeam.

    team       the id of the team it was last said to belong to
    whole      when it was last told whole (the moment of that event); `as_of` when nothing was told since
    told       the activities told by themselves since, so that an older whole does not undo them
    """

    plan: Plan
    patient: str
    as_of: Instant
    team: str | None = None
    whole: Instant | None = None
    told: tuple[ToldActivity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReport:
    """A report's state: nothing of its content, only what later events about it need.

    series       the id of the first version, its own when it replaced nothing the gateway knew
    version      the highest version number said
    replaced_by  the id of the newer version, the latest one told
    told_by      ids of the events that carried it: by their exchanges is found who received it
    """

    id: str
    patient: str
    as_of: Instant
    series: str
    version: int | None = None
    replaced_by: str | None = None
    cancelled: bool = False
    told_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """As much of the memory as one event needs; None where nothing was ever heard of.

    replaced  the report that the event's report takes the place of
    """

    team: KnownTeam | None = None
    plan: KnownPlan | None = None
    report: KnownReport | None = None
    replaced: KnownReport | None = None


def is_late(known: KnownTeam | KnownPlan | KnownReport | None, event: Event) -> bool:
    """Whether the event happened before what is known."""
    return known is not None and event.occurred_at.utc < known.as_of.utc


def late(known: KnownTeam | KnownPlan | KnownReport | None, event: Event) -> Notices:
    """The notice that says so, if it did."""
    return (Notice("late-event", ("occurred_at",)),) if is_late(known, event) else ()


def newest(known: KnownTeam | KnownPlan | KnownReport | None, event: Event) -> Instant:
    """The later of the two: what is known, or the event."""
    return known.as_of if known and is_late(known, event) else event.occurred_at


def day_of(event: Event) -> When:
    """The day an event happened, in the zone it was written in."""
    return When(event.occurred_at.text[:10])


def earlier(one: When | None, other: When) -> When:
    """The earlier of two points, `other` when they cannot be told apart."""
    return one if one is not None and one.before(other) else other


def ending(said: When | None, planned: When | None, since: When | None, day: When) -> When:
    """When something ended: as said, else on that day, or as planned if that was before; never before it began."""
    if said is not None:
        return said
    end = earlier(planned, day)
    return since if since is not None and end.before(since) else end


def rebuilt(place: str, build: Callable[..., T], *args: Any, **fields: Any) -> T:
    """What `build` makes; what it refuses is said of `place` in the event."""
    try:
        return build(*args, **fields)
    except Rejected as refused:
        under = (fault if fault.at[:1] == (place,) else fault.under(place) for fault in refused.faults)
        raise Rejected(list(under)) from None


def refuse(code: str, *at: str | int, about: str = "") -> Rejected:
    """One fault, to be raised."""
    return Rejected([Fault(code, at, about)])
