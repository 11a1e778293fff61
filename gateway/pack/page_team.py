"""What a page says of a team, in French: what happened to it, and the team as it now stands."""

from __future__ import annotations

from gateway.model.codes import Terms
from gateway.model.event import MemberJoined, MemberLeft, RoleChanged, TeamClosed
from gateway.model.known import Known
from gateway.model.team import Member, Team
from gateway.model.when import When
from gateway.pack.matter import MemberEvent, TeamEvent, member_now, role_before, team_now
from gateway.pack.page_parts import Pairs, Row, Section, pairs, place_label, roles_label, table, who_label
from gateway.pack.times import french

_GROUNDS = {
    "structure": "membres d'une même structure (CSP L1110-12, 1°)",
    "recognised-by-patient": "qualité de membre reconnue par le patient (CSP L1110-12, 2°)",
    "formalised": "équipe à l'organisation formalisée (CSP L1110-12, 3°)",
}
_CLOSED = {
    "death": "décès du patient",
    "objection": "opposition du patient",
    "moved": "déménagement du patient",
    "institution": "entrée du patient en établissement",
    "goal-reached": "objectifs atteints",
    "error": "équipe créée par erreur",
    "other": "autre motif",
}
_HEADINGS = {
    MemberJoined.type: "Nouveau membre",
    MemberLeft.type: "Départ",
    RoleChanged.type: "Changement de rôle",
}
_COLUMNS, _WIDTHS = ["Membre", "Rôle", "Depuis"], [6, 4, 3]


def team_subtitle(event: TeamEvent, known: Known) -> str:
    """What happened, in one line."""
    day, team = french(event.occurred_at), team_now(event, known)
    which = f"l'équipe « {team.name} »" if team and team.name else "l'équipe"
    match event:
        case MemberJoined(member=member):
            return f"{member.label} rejoint {which} ({french(member.since) if member.since else day})"
        case MemberLeft(member=told) if told.reason == "error":
            return f"{_name(event, known)} : participation saisie par erreur"
        case MemberLeft(member=told):
            return f"{_name(event, known)} quitte {which} ({french(told.until) if told.until else day})"
        case RoleChanged(member=told):
            return f"{_name(event, known)} change de rôle dans {which} ({french(told.since) if told.since else day})"
    return (team.name if team else None) or ""


def team_sections(event: TeamEvent, known: Known, terms: Terms) -> list[Section]:
    """What happened, then the team: what it is, its structures, its members; participations that ended come last."""
    team = team_now(event, known) or event.team
    changed = event.type != "team.created"
    present = [member for member in team.members if _present(member, team, event)]
    gone = [member for member in team.members if member not in present]
    heading = "Composition actuelle de l'équipe" if isinstance(event, MemberEvent) else "Membres de l'équipe"
    return [
        *_told(event, team, known, terms),
        *pairs("L'équipe", _team(team, named=changed)),
        *table("Structures", ["Structure", "Type", "Identifiant"], [6, 3, 4], _structures(team)),
        *table(heading, _COLUMNS, _WIDTHS, [_row(member, terms, left=False) for member in present]),
        *table("Participations terminées", ["Membre", "Rôle", "Période"], _WIDTHS,
               [_row(member, terms, left=True) for member in gone]),
    ]  # fmt: skip


def _present(member: Member, team: Team, event: TeamEvent) -> bool:
    """Someone of the team on the day of the event; of a team that ends, someone in it until then."""
    if isinstance(event, TeamClosed):
        return team.member(member.id) is member and member.until in (None, team.until)
    ended_today = isinstance(event, MemberLeft | RoleChanged) and member.until == When(event.occurred_at.text[:10])
    return not ended_today and member.active(event.occurred_at.moment)


def _name(event: MemberEvent, known: Known) -> str:
    return member_now(event, known).label


def _told(event: TeamEvent, team: Team, known: Known, terms: Terms) -> list[Section]:
    """What has just happened; nothing for a team that begins: it is told whole below."""
    if isinstance(event, TeamClosed):
        end = french(team.until) if team.until else french(event.occurred_at)
        return pairs("Fin de l'équipe", [("Date", end), ("Motif", _CLOSED.get(team.closed_reason or "", ""))])
    if isinstance(event, MemberEvent):
        return pairs(_HEADINGS[event.type], _member(event, known, terms))
    return []


def _member(event: MemberEvent, known: Known, terms: Terms) -> Pairs:
    member, told = member_now(event, known), event.member
    name, *rest = who_label(member, terms)
    mistaken = isinstance(event, MemberLeft) and told.reason == "error"
    before = role_before(event, known) if isinstance(event, RoleChanged) else ()
    return [
        ("Nom", name),
        ("Qualité", rest[0] if rest else ""),
        ("Structure", place_label(member.organization) if member.kind == "professional" else ""),
        ("Ancien rôle", roles_label(before, terms)),
        ("Nouveau rôle" if before else "Rôle", "" if mistaken else roles_label(member.roles, terms)),
        ("Depuis", french(member.since) if member.since and not mistaken else ""),
        ("Jusqu'au", french(member.until) if member.until and not mistaken else ""),
        ("Fondement", _GROUNDS[member.ground.kind] if member.ground else ""),
        ("Motif", "saisie par erreur : cette participation est retirée" if mistaken else told.reason or ""),
    ]


def _team(team: Team, *, named: bool) -> list[tuple[str, str]]:
    return [
        ("Nom", (team.name or "") if named else ""),
        ("Depuis", french(team.since) if team.since else ""),
        ("Jusqu'au", french(team.until) if team.until else ""),
        ("Fondement", _GROUNDS[team.ground.kind] if team.ground else ""),
    ]


def _structures(team: Team) -> list[Row]:
    rows: list[Row] = []
    for structure in team.structures:
        ids = ", ".join(f"{one.scheme.value} {one.value}" for one in structure.identifiers)
        kind = "" if structure.kind == "OTHER" else structure.kind
        rows.append([structure.name or "—", structure.kind_detail or kind, ids])
    return rows


def _row(member: Member, terms: Terms, *, left: bool) -> Row:
    since = french(member.since) if member.since else ""
    until = french(member.until) if member.until else ""
    period = f"{since} – {until}".strip(" –") if left else since
    return [who_label(member, terms), roles_label(member.roles, terms), period]
