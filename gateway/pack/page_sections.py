"""What a page says below its heading, in French: a team, a plan, the cover of a report."""

from __future__ import annotations

from typing import Any, TypeAlias

from gateway.model.codes import Coded, Terms
from gateway.model.event import MemberJoined, PlanCreated, ReportShared, TeamCreated
from gateway.model.known import Known
from gateway.model.people import Organization
from gateway.model.plan import Plan, Schedule, Who
from gateway.model.team import Member, Team
from gateway.pack.draft import team_now
from gateway.pack.parties import coded, profession_label
from gateway.pack.times import french

Section: TypeAlias = dict[str, Any]

_GROUNDS = {
    "structure": "membres d'une même structure (CSP L1110-12, 1°)",
    "recognised-by-patient": "qualité de membre reconnue par le patient (CSP L1110-12, 2°)",
    "formalised": "équipe à l'organisation formalisée (CSP L1110-12, 3°)",
}
_STATUSES = {
    "proposed": "proposé",
    "planned": "prévu",
    "accepted": "accepté",
    "active": "en cours",
    "on-hold": "suspendu",
    "completed": "terminé",
    "cancelled": "annulé",
    "rejected": "refusé",
    "revoked": "révoqué",
    "draft": "projet",
    "unknown": "inconnu",
    "entered-in-error": "saisi par erreur",
    "not-started": "à faire",
    "scheduled": "programmé",
    "in-progress": "en cours",
    "stopped": "arrêté",
}
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


def pairs(heading: str, said: list[tuple[str, str]]) -> list[Section]:
    """A section of names and values; none when nothing is said."""
    told = [(name, value) for name, value in said if value]
    return [{"heading": heading, "pairs": told}] if told else []


def table(heading: str, columns: list[str], widths: list[int], rows: list[list[str | list[str]]]) -> list[Section]:
    """A section with a table; none when it has no row. A cell that is a list shows its first line larger."""
    if not rows:
        return []
    return [{"heading": heading, "columns": columns, "widths": widths, "rows": rows}]


# — teams


def roles_label(roles: tuple[Coded, ...], terms: Terms) -> str:
    """The roles' labels, in the order given."""
    said = (coded(role, terms, "R260", "R259", "J47") for role in roles)
    return ", ".join((code.display or code.code) for code in said)


def _place(organization: Organization | None) -> str:
    return (organization.name or "") if organization else ""


def _who(member: Member, terms: Terms) -> list[str]:
    """A member's name, then profession or kinship, then place of work."""
    related = member.related.relationship if member.related else None
    kinship = coded(related, terms, "R216") if related else None
    what = (kinship.display or kinship.code) if kinship else profession_label(member, terms)
    if member.related and not what:
        what = "Proche du patient"
    place = _place(member.organization) if member.kind == "professional" else ""
    return [member.label, *(part for part in (what, place) if part)]


def told_member(member: Member, terms: Terms) -> Section:
    """Who has just joined."""
    name, *rest = _who(member, terms)
    said = [
        ("Nom", name),
        ("Qualité", rest[0] if rest else ""),
        ("Structure", _place(member.organization) if member.kind == "professional" else ""),
        ("Rôle", roles_label(member.roles, terms)),
        ("Depuis", french(member.since) if member.since else ""),
        ("Fondement", _GROUNDS[member.ground.kind] if member.ground else ""),
        ("Motif", member.reason or ""),
    ]
    return {"heading": "Nouveau membre", "pairs": [(label, value) for label, value in said if value]}


def team_sections(event: TeamCreated | MemberJoined, known: Known, terms: Terms) -> list[Section]:
    """The team as it now stands: what it is, its structures, its members; those who left come last."""
    team = team_now(event, known) or event.team
    present = [member for member in team.members if member.active(event.occurred_at.moment)]
    gone = [member for member in team.members if member not in present]
    heading = "Composition actuelle de l'équipe" if isinstance(event, MemberJoined) else "Membres de l'équipe"
    columns, widths = ["Membre", "Rôle", "Depuis"], [6, 4, 3]
    return [
        *pairs("L'équipe", _team(team, named=isinstance(event, MemberJoined))),
        *table("Structures", ["Structure", "Type", "Identifiant"], [6, 3, 4], _structures(team)),
        *table(heading, columns, widths, [_row(member, terms, left=False) for member in present]),
        *table("Membres qui ne sont plus dans l'équipe", ["Membre", "Rôle", "Période"], widths,
               [_row(member, terms, left=True) for member in gone]),
    ]  # fmt: skip


def _team(team: Team, *, named: bool) -> list[tuple[str, str]]:
    return [
        ("Nom", (team.name or "") if named else ""),
        ("Depuis", french(team.since) if team.since else ""),
        ("Jusqu'au", french(team.until) if team.until else ""),
        ("Fondement", _GROUNDS[team.ground.kind] if team.ground else ""),
    ]


def _structures(team: Team) -> list[list[str | list[str]]]:
    rows: list[list[str | list[str]]] = []
    for structure in team.structures:
        ids = ", ".join(f"{one.scheme.value} {one.value}" for one in structure.identifiers)
        kind = "" if structure.kind == "OTHER" else structure.kind
        rows.append([structure.name or "—", structure.kind_detail or kind, ids])
    return rows


def _row(member: Member, terms: Terms, *, left: bool) -> list[str | list[str]]:
    since = french(member.since) if member.since else ""
    until = french(member.until) if member.until else ""
    period = f"{since} – {until}".strip(" –") if left else since
    return [_who(member, terms), roles_label(member.roles, terms), period]


# — plans


def plan_sections(event: PlanCreated, known: Known, terms: Terms) -> list[Section]:
    """The plan: what it is, problems, goals, who does what and when."""
    plan, team = event.plan, known.team.team if known.team else None
    problems: list[list[str | list[str]]] = [
        [problem.text, _code_label(problem.code, terms)] for problem in plan.problems
    ]
    goals: list[list[str | list[str]]] = [
        [goal.text, french(goal.due) if goal.due else "", _STATUSES.get(goal.status or "", "")] for goal in plan.goals
    ]
    activities: list[list[str | list[str]]] = [
        [one.what, _doer(one.who, team, terms), when_label(one.when), _STATUSES.get(one.status or "", "")]
        for one in plan.activities
    ]
    return [
        *pairs("Le plan", _plan(plan)),
        *table("Problèmes", ["Problème", "Code"], [5, 3], problems),
        *table("Objectifs", ["Objectif", "Échéance", "État"], [7, 3, 2], goals),
        *table("Actions", ["Action", "Qui", "Quand", "État"], [5, 4, 3, 2], activities),
        *pairs(
            "Intervenants", [(profession_label(who, terms) or "Contributeur", who.name) for who in plan.contributors]
        ),
    ]


def _code_label(said: Coded | None, terms: Terms) -> str:
    if said is None:
        return ""
    code = coded(said, terms)
    return " — ".join(part for part in (code.code, code.display) if part)


def _plan(plan: Plan) -> list[tuple[str, str]]:
    agreement = plan.patient_agreement
    said = ""
    if agreement:
        said = ("Donné" if agreement.given else "Non donné") + (f" le {french(agreement.at)}" if agreement.at else "")
    protocol = plan.instantiates.protocol if plan.instantiates else None
    return [
        ("Nature", _KINDS.get(plan.kind or "", "")),
        ("Programme", plan.programme or ""),
        (
            "Protocole",
            " ".join(part for part in (protocol.title or protocol.id, protocol.version) if part) if protocol else "",
        ),
        ("Début", french(plan.since) if plan.since else ""),
        ("Fin", french(plan.until) if plan.until else ""),
        ("État", _STATUSES.get(plan.status or "", "")),
        ("Prochaine revue", french(plan.review_date) if plan.review_date else ""),
        ("Accord du patient", said),
    ]


def _doer(who: Who | None, team: Team | None, terms: Terms) -> str | list[str]:
    if who is None:
        return ""
    member = team.member(who.member) if who.member and team else None
    return _who(member, terms) if member else who.text or who.member or ""


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


# — reports


def report_sections(event: ReportShared, terms: Terms) -> list[Section]:
    """What is known of a report that came without its document: its cover."""
    report = event.report
    kind = terms.find(report.type, "J07")
    setting = terms.find(report.setting, "J04") if report.setting else None
    facility = terms.find(report.facility, "J02") if report.facility else None
    acts = ((act.display or act.code) for act in (coded(one, terms) for one in report.acts))
    signed = report.signed_by
    said = [
        ("Type de document", kind.display if kind else ""),
        ("Établi le", french(report.created_at)),
        ("Auteurs", "\n".join(who.name for who in report.authors if who.name)),
        ("Validé par", f"{signed.professional.name} le {french(signed.at)}" if signed else ""),
        ("Début de l'acte", french(report.service_start) if report.service_start else ""),
        ("Fin de l'acte", french(report.service_end) if report.service_end else ""),
        ("Actes", "\n".join(acts)),
        ("Cadre", setting.display if setting else ""),
        ("Lieu", facility.display if facility else ""),
        ("Version", str(report.version) if report.version else ""),
    ]
    note = "L'émetteur n'a joint aucun document. Cette page reprend ce qu'il a déclaré du compte rendu."
    return [*pairs("Le compte rendu", said), {"heading": "À savoir", "text": note}]
