"""What a page says of a care plan, in French: what changed in it, and the plan as it now stands."""

from __future__ import annotations

from gateway.model.codes import Coded, Terms
from gateway.model.event import ActivityChanged, PlanClosed
from gateway.model.known import Known
from gateway.model.plan import Activity, Plan, Schedule, Who
from gateway.model.team import Team
from gateway.pack.matter import PlanEvent, plan_now
from gateway.pack.page_parts import STATUSES, Pairs, Row, Section, pairs, table, who_label
from gateway.pack.parties import coded, profession_label
from gateway.pack.times import french

_KINDS = {
    "PPCS": "Plan personnalisé de coordination en santé",
    "PPS": "Plan personnalisé de santé",
    "PPS-CANCER": "Programme personnalisé de soins (cancer)",
    "PAI": "Projet d'accueil individualisé",
    "PPA": "Projet personnalisé d'accompagnement",
    "PPP": "Plan personnalisé de prévention",
    "telemonitoring": "Télésurveillance",
}
_UNITS = {"hour": "heure", "day": "jour", "week": "semaine", "month": "mois", "year": "an"}
_FEMININE = {"hour", "week"}


def plan_subtitle(event: PlanEvent, known: Known) -> str:
    """What the plan is, or what happened to it, in one line."""
    plan, day = plan_now(event, known), french(event.occurred_at)
    match event:
        case ActivityChanged(activity=activity):
            return f"{activity.what} ({day})"
        case PlanClosed():
            return f"Plan clos le {french(plan.until) if plan.until else day}"
    return plan.programme or ""


def plan_sections(event: PlanEvent, known: Known, terms: Terms) -> list[Section]:
    """What changed, then the plan: what it is, problems, goals, who does what and when."""
    plan, team = plan_now(event, known), known.team.team if known.team else None
    changed = event.activity if isinstance(event, ActivityChanged) else None
    problems: list[Row] = [[problem.text, _code_label(problem.code, terms)] for problem in plan.problems]
    goals: list[Row] = [
        [goal.text, french(goal.due) if goal.due else "", STATUSES.get(goal.status or "", "")] for goal in plan.goals
    ]
    activities = [_activity(one, team, terms, marked=one == changed) for one in plan.activities]
    return [
        *_told(event, plan, team, terms),
        *pairs("Le plan", _plan(plan, named=changed is not None or isinstance(event, PlanClosed))),
        *table("Problèmes", ["Problème", "Code"], [5, 3], problems),
        *table("Objectifs", ["Objectif", "Échéance", "État"], [7, 3, 2], goals),
        *table("Actions", ["Action", "Qui", "Quand", "État"], [5, 4, 3, 2], activities),
        *pairs(
            "Intervenants", [(profession_label(who, terms) or "Contributeur", who.name) for who in plan.contributors]
        ),
    ]


def _told(event: PlanEvent, plan: Plan, team: Team | None, terms: Terms) -> list[Section]:
    """What has just happened; nothing for a plan told whole."""
    if isinstance(event, PlanClosed):
        end = french(plan.until) if plan.until else french(event.occurred_at)
        state = STATUSES.get(plan.status or "", "")
        return pairs("Clôture du plan", [("Date", end), ("Motif", plan.closed_reason or ""), ("État", state)])
    if not isinstance(event, ActivityChanged):
        return []
    one = event.activity
    who = _doer(one.who, team, terms)
    return pairs(
        "Action modifiée",
        [
            ("Action", one.what),
            ("Qui", who if isinstance(who, str) else "\n".join(who)),
            ("Quand", when_label(one.when)),
            ("État", STATUSES.get(one.status or "", "")),
        ],
    )


def _activity(one: Activity, team: Team | None, terms: Terms, *, marked: bool) -> Row:
    what: str | list[str] = [one.what, "modifiée par ce message"] if marked else one.what
    return [what, _doer(one.who, team, terms), when_label(one.when), STATUSES.get(one.status or "", "")]


def _code_label(said: Coded | None, terms: Terms) -> str:
    if said is None:
        return ""
    code = coded(said, terms)
    return " — ".join(part for part in (code.code, code.display) if part)


def _plan(plan: Plan, *, named: bool) -> Pairs:
    agreement = plan.patient_agreement
    said = ""
    if agreement:
        said = ("Donné" if agreement.given else "Non donné") + (f" le {french(agreement.at)}" if agreement.at else "")
    protocol = plan.instantiates.protocol if plan.instantiates else None
    return [
        ("Titre", (plan.title or "") if named else ""),
        ("Nature", _KINDS.get(plan.kind or "", "")),
        ("Programme", plan.programme or ""),
        (
            "Protocole",
            " ".join(part for part in (protocol.title or protocol.id, protocol.version) if part) if protocol else "",
        ),
        ("Début", french(plan.since) if plan.since else ""),
        ("Fin", french(plan.until) if plan.until else ""),
        ("État", STATUSES.get(plan.status or "", "")),
        ("Prochaine revue", french(plan.review_date) if plan.review_date else ""),
        ("Accord du patient", said),
    ]


def _doer(who: Who | None, team: Team | None, terms: Terms) -> str | list[str]:
    if who is None:
        return ""
    member = team.member(who.member) if who.member and team else None
    return who_label(member, terms) if member else who.text or who.member or ""


def when_label(schedule: Schedule | None) -> str:
    """When an activity takes place, in words: `3 fois par semaine`, `2 fois toutes les 6 semaines`, a date."""
    if schedule is None:
        return ""
    if schedule.due:
        return f"avant le {french(schedule.due)}"
    timing = schedule.timing
    if timing is None:
        return schedule.text or ""
    unit = _UNITS[timing.unit]
    if timing.every in (None, 1):
        return f"{timing.times} fois par {unit}"
    plural = unit if unit.endswith("s") else unit + "s"
    return f"{timing.times} fois {'toutes' if timing.unit in _FEMININE else 'tous'} les {timing.every} {plural}"
