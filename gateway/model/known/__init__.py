"""What the gateway knows of a team, a plan and a report once the events so far are counted.

Events change this in the order they are accepted. One that happened before what is known is accepted with the notice
`late-event`, and does not undo what is newer. `after` is pure: the same memory and the same event give the same answer,
in the accept commit and on the command line (`--after`).
"""

from __future__ import annotations

from dataclasses import replace

from gateway.model.errors import Rejected
from gateway.model.event import (
    ActivityChanged,
    Event,
    MemberJoined,
    MemberLeft,
    PlanClosed,
    PlanCreated,
    PlanRevised,
    ReportCancelled,
    ReportReplaced,
    ReportShared,
    RoleChanged,
    TeamClosed,
    TeamCreated,
    TeamReference,
)
from gateway.model.faults import Fault, Notice
from gateway.model.form import LIST_LIMIT
from gateway.model.known import plan as plans
from gateway.model.known import report as reports
from gateway.model.known import team as teams
from gateway.model.known.state import Known, KnownPlan, KnownReport, KnownTeam, Notices, ToldActivity, is_late
from gateway.model.plan import Plan
from gateway.model.report import CancelledReport, Report
from gateway.model.team import Team

__all__ = [
    "Known",
    "KnownPlan",
    "KnownReport",
    "KnownTeam",
    "ToldActivity",
    "after",
    "is_late",
    "plan_wanted",
    "replaced_wanted",
    "report_wanted",
    "team_wanted",
]


def team_wanted(event: Event) -> str | None:
    """The id of the team an event speaks of or refers to, None when it names none."""
    team = getattr(event, "team", None)
    return team.id if isinstance(team, (Team, TeamReference)) else None


def plan_wanted(event: Event) -> str | None:
    """The id of the plan an event speaks of, None when it speaks of none."""
    plan = getattr(event, "plan", None)
    return plan.id if isinstance(plan, Plan) else None


def report_wanted(event: Event) -> str | None:
    """The id of the report an event speaks of, None when it speaks of none."""
    report = getattr(event, "report", None)
    return report.id if isinstance(report, (Report, CancelledReport)) else None


def replaced_wanted(event: Event) -> str | None:
    """The id of the report that the event's report takes the place of, None when it takes none's."""
    report = getattr(event, "report", None)
    return report.replaces if isinstance(report, Report) else None


def after(known: Known, event: Event, patient: str) -> tuple[Known, Notices]:
    """What is known once `event`, about the patient with that handle, is counted.

    Raises Rejected: `unknown-team`, `unknown-plan`, `unknown-report`, `unknown-member`, `other-patient`, `team-closed`,
    `plan-closed`, `report-cancelled`, `member-left`, `duplicate-member`, `version-not-newer`, `replaces-itself`,
    `unknown-field`, `unknown-code`, `dates-reversed`, `too-many`.
    Notices: `late-event`, `older-than-known`, `nothing-new`, `team-replaced`, `plan-replaced`, `member-already-in`,
    `member-already-left`, `previous-roles-differ`, `report-shared-again`, `report-replaced-again`, `replaces-unknown`.
    """
    faults = _strangers(known, patient) + _unheard_of(known, event)
    if faults:
        raise Rejected(faults)
    now, notices = _counted(known, event, patient)
    if faults := _too_many(now):
        raise Rejected(faults)
    if not notices and _team(now) == _team(known) and _said(now, known) == known:
        notices = (Notice("nothing-new"),)
    return now, notices


def _counted(known: Known, event: Event, patient: str) -> tuple[Known, Notices]:
    match event:
        case TeamCreated():
            return teams.team_created(known, event, patient)
        case MemberJoined():
            return teams.member_joined(known, event)
        case MemberLeft():
            return teams.member_left(known, event)
        case RoleChanged():
            return teams.role_changed(known, event)
        case TeamClosed():
            return teams.team_closed(known, event)
        case PlanCreated():
            return plans.plan_created(known, event, patient)
        case PlanRevised():
            return plans.plan_revised(known, event)
        case ActivityChanged():
            return plans.activity_changed(known, event)
        case PlanClosed():
            return plans.plan_closed(known, event)
        case ReportShared():
            return reports.report_shared(known, event, patient)
        case ReportReplaced():
            return reports.report_replaced(known, event, patient)
        case ReportCancelled():
            return reports.report_cancelled(known, event)
    raise Rejected([Fault("unsupported-type", ("type",))])


def _strangers(known: Known, patient: str) -> list[Fault]:
    found = (
        (known.team, ("team", "id")),
        (known.plan, ("plan", "id")),
        (known.report, ("report", "id")),
        (known.replaced, ("report", "replaces")),
    )
    return [Fault("other-patient", at) for one, at in found if one and one.patient != patient]


def _unheard_of(known: Known, event: Event) -> list[Fault]:
    """What the event changes or refers to, and nobody told of."""
    faults = []
    if team_wanted(event) and known.team is None and not isinstance(event, TeamCreated):
        faults.append(Fault("unknown-team", ("team", "id")))
    if isinstance(event, (PlanRevised, ActivityChanged, PlanClosed)) and known.plan is None:
        faults.append(Fault("unknown-plan", ("plan", "id")))
    if isinstance(event, ReportCancelled) and known.report is None:
        faults.append(Fault("unknown-report", ("report", "id")))
    if isinstance(event, ReportReplaced) and known.replaced is None:
        faults.append(Fault("unknown-report", ("report", "replaces")))
    return faults


def _too_many(now: Known) -> list[Fault]:
    """Lists that grew from event to event beyond what a list may hold."""
    grown = (
        (("team", "members"), now.team.team.members if now.team else ()),
        (("plan", "activities"), now.plan.plan.activities if now.plan else ()),
        (("report", "id"), now.report.told_by if now.report else ()),
    )
    return [Fault("too-many", at, str(LIST_LIMIT)) for at, some in grown if len(some) > LIST_LIMIT]


def _team(known: Known) -> Team | None:
    return known.team.team if known.team else None


def _said(now: Known, before: Known) -> Known:
    """What is known now, as if it had been told when what was known before was."""
    team, plan = now.team, now.plan
    if team and before.team:
        team = replace(team, as_of=before.team.as_of)
    if plan and before.plan:
        plan = replace(plan, as_of=before.plan.as_of, whole=before.plan.whole, told=before.plan.told)
    return replace(now, team=team, plan=plan)
