"""What an event does to a plan.

`plan.revised`, and `plan.created` with a known id, tell it whole. An activity told by itself is newer than the whole it
was told after: a whole that happened before, and comes late, does not undo it. A plan that was closed takes no change;
`plan.created` with its id tells it anew.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.model.errors import Rejected
from gateway.model.event import ActivityChanged, Event, PlanClosed, PlanCreated, PlanRevised
from gateway.model.faults import Fault, Notice
from gateway.model.known.state import (
    Known,
    KnownPlan,
    Notices,
    ToldActivity,
    day_of,
    ending,
    late,
    newest,
    rebuilt,
)
from gateway.model.plan import PLAN_ENDS, Activity, Plan
from gateway.model.when import Instant


def plan_created(known: Known, event: PlanCreated, patient: str) -> tuple[Known, Notices]:
    """The plan as told whole."""
    _check_members(known, event.plan)
    if known.plan is None:
        team = event.team.id if event.team else None
        return replace(known, plan=KnownPlan(plan=event.plan, patient=patient, as_of=event.occurred_at, team=team)), ()
    now, notices = _told_whole(known, known.plan, event)
    return now, (*notices, Notice("plan-replaced", ("plan", "id")))


def plan_revised(known: Known, event: PlanRevised) -> tuple[Known, Notices]:
    """The plan as told whole again."""
    held = _open(known)
    _check_members(known, event.plan)
    return _told_whole(known, held, event)


def activity_changed(known: Known, event: ActivityChanged) -> tuple[Known, Notices]:
    """One activity takes the place of the one with its id, or is added."""
    held, told = _open(known), event.activity
    if event.plan.activities:
        raise Rejected([Fault("unknown-field", ("plan", "activities"))])
    if _stranger(known, told):
        raise Rejected([Fault("unknown-member", ("activity", "who", "member"))])
    notices = late(held, event)
    if event.occurred_at.utc < _told_at(held, told.id).utc:
        return known, (*notices, Notice("older-than-known", ("occurred_at",)))
    names = event.plan.said() - {"id"}
    if notices:
        names -= held.plan.said()
    more = {name: getattr(event.plan, name) for name in names}
    plan = rebuilt("plan", replace, held.plan, **more, activities=_put(held.plan.activities, told))
    since = (*(one for one in held.told if one.id != told.id), ToldActivity(id=told.id, at=event.occurred_at))
    return _now(known, held, event, replace(held, plan=plan, told=since, whole=held.whole or held.as_of)), notices


def plan_closed(known: Known, event: PlanClosed) -> tuple[Known, Notices]:
    """The plan ends: completed unless said otherwise. Raises Rejected `unknown-code` for a status that is no end."""
    held, told = _open(known), event.plan
    if told.status is not None and told.status not in PLAN_ENDS:
        raise Rejected([Fault("unknown-code", ("plan", "status"), ", ".join(PLAN_ENDS))])
    _check_members(known, told)
    more = {name: getattr(told, name) for name in told.said() - {"id"}}
    more["status"] = told.status or "completed"
    more["until"] = ending(told.until, held.plan.until, told.since or held.plan.since, day_of(event))
    plan = rebuilt("plan", replace, held.plan, **more)
    return _now(known, held, event, replace(held, plan=plan)), late(held, event)


def _open(known: Known) -> KnownPlan:
    assert known.plan is not None  # `after` looked
    if not known.plan.plan.open:
        raise Rejected([Fault("plan-closed", ("plan", "id"))])
    return known.plan


def _check_members(known: Known, plan: Plan) -> None:
    faults = [
        Fault("unknown-member", ("plan", "activities", index, "who", "member"))
        for index, activity in enumerate(plan.activities)
        if _stranger(known, activity)
    ]
    if faults:
        raise Rejected(faults)


def _stranger(known: Known, activity: Activity) -> bool:
    """Whether an activity names a member the team does not have."""
    named = activity.who.member if activity.who else None
    return named is not None and (known.team is None or known.team.team.member(named) is None)


def _told_whole(known: Known, held: KnownPlan, event: PlanCreated | PlanRevised) -> tuple[Known, Notices]:
    notices = late(held, event)
    if event.occurred_at.utc < (held.whole or held.as_of).utc:
        return known, (*notices, Notice("older-than-known", ("occurred_at",)))
    plan = event.plan
    newer = tuple(one for one in held.told if event.occurred_at.utc < one.at.utc)
    for one in newer:
        plan = replace(plan, activities=_put(plan.activities, _activity(held.plan, one.id)))
    now = replace(held, plan=plan, told=newer, whole=event.occurred_at if newer else None)
    return _now(known, held, event, now), notices


def _now(known: Known, held: KnownPlan, event: Event, now: KnownPlan) -> Known:
    team = getattr(event, "team", None)
    return replace(known, plan=replace(now, as_of=newest(held, event), team=team.id if team else held.team))


def _told_at(held: KnownPlan, activity: str) -> Instant:
    return next((one.at for one in held.told if one.id == activity), held.whole or held.as_of)


def _activity(plan: Plan, id: str) -> Activity:
    return next(one for one in plan.activities if one.id == id)


def _put(activities: tuple[Activity, ...], told: Activity) -> tuple[Activity, ...]:
    if any(one.id == told.id for one in activities):
        return tuple(told if one.id == told.id else one for one in activities)
    return (*activities, told)
