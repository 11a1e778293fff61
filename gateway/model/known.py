"""What the gateway knows of a team and a plan once the events so far are counted.

Events change this in the order they are accepted. `after` is pure: the same memory and the same event give the same
answer, in the accept commit and on the command line (`--after`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from gateway.model.errors import Rejected
from gateway.model.event import Event, MemberJoined, PlanCreated, ReportShared, TeamCreated, TeamReference
from gateway.model.faults import Fault, Notice
from gateway.model.plan import Plan
from gateway.model.team import Team
from gateway.model.when import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTeam:
    """A team's state: whose it is (a patient's handle), and when the newest event that made it happened."""

    team: Team
    patient: str
    as_of: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlan:
    """A plan's state, like KnownTeam."""

    plan: Plan
    patient: str
    as_of: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """As much of the memory as one event needs: its team and its plan, None when never heard of."""

    team: KnownTeam | None = None
    plan: KnownPlan | None = None


def team_wanted(event: Event) -> str | None:
    """The id of the team an event speaks of or refers to, None when it names none."""
    team = getattr(event, "team", None)
    return team.id if isinstance(team, (Team, TeamReference)) else None


def plan_wanted(event: Event) -> str | None:
    """The id of the plan an event speaks of, None when it speaks of none."""
    plan = getattr(event, "plan", None)
    return plan.id if isinstance(plan, Plan) else None


def after(known: Known, event: Event, patient: str) -> tuple[Known, tuple[Notice, ...]]:
    """What is known once `event`, about the patient with that handle, is counted.

    Raises Rejected `unknown-team`, `team-closed` or `other-patient`. Notices: `late-event`, `team-replaced`,
    `plan-replaced`, `member-already-in`.
    """
    faults = _strangers(known, patient)
    if faults:
        raise Rejected(faults)
    match event:
        case TeamCreated():
            return _team_created(known, event, patient)
        case MemberJoined():
            return _member_joined(known, event)
        case PlanCreated():
            return _plan_created(known, event, patient)
        case ReportShared():
            _team_if_named(known, event)
            return known, ()
    raise Rejected([Fault("unsupported-type", ("type",))])


def _strangers(known: Known, patient: str) -> list[Fault]:
    faults = []
    if known.team and known.team.patient != patient:
        faults.append(Fault("other-patient", ("team", "id")))
    if known.plan and known.plan.patient != patient:
        faults.append(Fault("other-patient", ("plan", "id")))
    return faults


def _team_created(known: Known, event: TeamCreated, patient: str) -> tuple[Known, tuple[Notice, ...]]:
    notices = _late(known.team, event)
    if known.team:
        notices += (Notice("team-replaced", ("team", "id")),)
    return replace(known, team=KnownTeam(team=event.team, patient=patient, as_of=_newest(known.team, event))), notices


def _member_joined(known: Known, event: MemberJoined) -> tuple[Known, tuple[Notice, ...]]:
    if known.team is None:
        raise Rejected([Fault("unknown-team", ("team", "id"))])
    if event.team.members:
        raise Rejected([Fault("unknown-field", ("team", "members"))])
    team, notices = known.team.team, _late(known.team, event)
    if not team.open:
        raise Rejected([Fault("team-closed", ("team", "id"))])
    told = {field.name: getattr(event.team, field.name) for field in fields(Team) if field.name in event.team.said()}
    before = team.member(event.member.id)
    if before is not None and before.until is None:
        notices += (Notice("member-already-in", ("member", "id")),)
        members = tuple(event.member if member is before else member for member in team.members)
    else:
        members = (*team.members, event.member)
    grown = replace(team, **told, members=members)
    return replace(known, team=replace(known.team, team=grown, as_of=_newest(known.team, event))), notices


def _plan_created(known: Known, event: PlanCreated, patient: str) -> tuple[Known, tuple[Notice, ...]]:
    _team_if_named(known, event)
    faults = [
        Fault("unknown-member", ("plan", "activities", index, "who", "member"))
        for index, activity in enumerate(event.plan.activities)
        if activity.who and activity.who.member and not _in_team(known, activity.who.member)
    ]
    if faults:
        raise Rejected(faults)
    notices = _late(known.plan, event)
    if known.plan:
        notices += (Notice("plan-replaced", ("plan", "id")),)
    return replace(known, plan=KnownPlan(plan=event.plan, patient=patient, as_of=_newest(known.plan, event))), notices


def _team_if_named(known: Known, event: Event) -> None:
    if team_wanted(event) and known.team is None:
        raise Rejected([Fault("unknown-team", ("team", "id"))])


def _in_team(known: Known, member: str) -> bool:
    return known.team is not None and known.team.team.member(member) is not None


def _late(known: KnownTeam | KnownPlan | None, event: Event) -> tuple[Notice, ...]:
    late = known is not None and event.occurred_at.utc < known.as_of.utc
    return (Notice("late-event", ("occurred_at",)),) if late else ()


def _newest(known: KnownTeam | KnownPlan | None, event: Event) -> Instant:
    return known.as_of if known and known.as_of.utc > event.occurred_at.utc else event.occurred_at
