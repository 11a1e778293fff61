"""What the document of an event is, before its header is drawn: its type, its title, who wrote it, what it is about.

`known` is always what is known once the event is counted.
"""

from __future__ import annotations

from typing import TypeAlias

from gateway.model.codes import Coded, Terms
from gateway.model.errors import Broken, Rejected
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
)
from gateway.model.faults import Fault
from gateway.model.known import Known
from gateway.model.people import Professional
from gateway.model.plan import Plan
from gateway.model.report import Report
from gateway.model.team import Member, Team
from gateway.model.when import Instant, When
from gateway.pack.header import Code
from gateway.pack.parties import as_code

PLAN_TYPE = "18776-5"  # Plan personnalisé de soins (JDV_J07)
CANCELLATION_TYPE = "51851-4"  # Document administratif (JDV_J07): says nothing of what is taken back
CANCELLATION = "Annulation d'un document"

TeamEvent: TypeAlias = TeamCreated | MemberJoined | MemberLeft | RoleChanged | TeamClosed
MemberEvent: TypeAlias = MemberJoined | MemberLeft | RoleChanged
PlanEvent: TypeAlias = PlanCreated | PlanRevised | ActivityChanged | PlanClosed

_TITLES = {
    TeamCreated.type: "Équipe de soins",
    MemberJoined.type: "Nouveau membre de l'équipe de soins",
    MemberLeft.type: "Départ d'un membre de l'équipe de soins",
    RoleChanged.type: "Changement de rôle dans l'équipe de soins",
    TeamClosed.type: "Fin de l'équipe de soins",
    PlanCreated.type: "{plan}",
    PlanRevised.type: "Révision : {plan}",
    ActivityChanged.type: "Action modifiée : {plan}",
    PlanClosed.type: "Clôture : {plan}",
    ReportCancelled.type: CANCELLATION,
}


def report_of(event: Event) -> Report | None:
    """The report an event brings; None when it brings none, as when one is taken back."""
    return event.report if isinstance(event, ReportShared | ReportReplaced) else None


def is_newer_version(event: Event) -> bool:
    """True for a report that says which one it takes the place of."""
    report = report_of(event)
    return report is not None and report.replaces is not None


def team_now(event: Event, known: Known) -> Team | None:
    """The team as it stands once the event has happened; None when there is none."""
    if isinstance(event, TeamCreated):
        return event.team
    return known.team.team if known.team else None


def plan_now(event: PlanEvent, known: Known) -> Plan:
    """The plan as it stands once the event has happened: as told when it is told whole."""
    if isinstance(event, PlanCreated | PlanRevised) or known.plan is None:
        return event.plan
    return known.plan.plan


def member_now(event: MemberEvent, known: Known) -> Member:
    """The participation an event is about, whole: as the team has it once the event has happened.

    As the event says it when the team does not have it (any more: it was taken back).
    """
    team, told = team_now(event, known), event.member
    if isinstance(event, MemberJoined) or team is None:
        return told
    day = When(event.occurred_at.text[:10])
    mine = [one for one in team.members if one.id == told.id]
    if isinstance(event, MemberLeft):
        meant = next((one for one in mine if one.until == (told.until or day)), None)
    else:
        meant = next((one for one in mine if one.since == (told.since or day)), None)
    return meant or team.member(told.id) or told


def role_before(event: RoleChanged, known: Known) -> tuple[Coded, ...]:
    """The roles a member had until this event: as it says, else those of the participation that ends with it."""
    team, member = team_now(event, known), member_now(event, known)
    ended = (one for one in (team.members if team else ()) if one.id == member.id and one.until and one is not member)
    before = next((one.roles for one in ended if one.until == member.since), ())
    return event.member.previous_roles or before


def created(event: Event) -> Instant:
    """When the document came to be: a report when it was written, a page of ours when what it tells happened."""
    report = report_of(event)
    return report.created_at if report else event.occurred_at


def written_by(event: Event) -> tuple[Professional, ...]:
    """The authors in order, at least one: the report's, of a whole plan the plan's, else the sender."""
    report = report_of(event)
    if report and report.authors:
        return report.authors
    if isinstance(event, PlanCreated | PlanRevised) and event.plan.author:
        return (event.plan.author,)
    return (event.sender,)


def service(event: Event) -> tuple[When | Instant, When | None]:
    """When what is documented began and ended."""
    report = report_of(event)
    if report:
        return report.service_start or report.service_end or report.created_at, report.service_end
    match event:
        case PlanCreated(plan=plan) | PlanRevised(plan=plan):
            return plan.since or event.occurred_at, plan.until
        case TeamCreated(team=team):
            return team.since or event.occurred_at, None
        case MemberJoined(member=member) | RoleChanged(member=member):
            return member.since or event.occurred_at, None
        case MemberLeft(member=member):
            return member.until or event.occurred_at, None
        case TeamClosed(team=team):
            return team.until or event.occurred_at, None
        case PlanClosed(plan=plan):
            return plan.until or event.occurred_at, None
    return event.occurred_at, None


def type_of(event: Event, terms: Terms, team_type: str) -> Code:
    """The document's type (JDV_J07). Raises Rejected `unknown-code` for a report's, Broken for a setting of ours."""
    report = report_of(event)
    if report:
        if term := terms.find(report.type, "J07"):
            return as_code(term)
        raise Rejected([Fault("unknown-code", ("report", "type"), "JDV_J07")])
    code = PLAN_TYPE if isinstance(event, PlanEvent) else team_type
    if isinstance(event, ReportCancelled):
        code = CANCELLATION_TYPE
    if term := terms.find(code, "J07"):
        return as_code(term)
    raise Broken("the document type of teams is not in JDV_J07", advice="Correct documents.team_type")


def title(event: Event, known: Known, terms: Terms, team_type: str) -> str:
    """The document's title: the sender's own, else what the document is; of a change, what changed."""
    kind, report = type_of(event, terms, team_type).display, report_of(event)
    if report:
        return report.title or kind
    plan = (plan_now(event, known).title if isinstance(event, PlanEvent) else None) or kind
    return _TITLES[event.type].format(plan=plan)


def label(event: Event, kind: Code) -> str:
    """What a mail's subject calls the document: its type, or what happens to an earlier one."""
    if isinstance(event, ReportCancelled):
        return CANCELLATION
    return f"Annule et remplace - {kind.display}" if is_newer_version(event) else kind.display  # AMBU.MSS/va1.02
