"""What the sections of a page are made of, in French: pairs, tables, who someone is, how far something is."""

from __future__ import annotations

from typing import Any, TypeAlias

from gateway.model.codes import Coded, Terms
from gateway.model.people import Organization
from gateway.model.team import Member
from gateway.pack.parties import coded, profession_label

Section: TypeAlias = dict[str, Any]
Pairs: TypeAlias = list[tuple[str, str]]
Row: TypeAlias = list[str | list[str]]

STATUSES = {
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


INS_LABELS = {
    "NIR": "INS-NIR",
    "NIA": "INS-NIA",
    "NIR-TEST": "INS-NIR de test",
    "NIR-DEMO": "INS-NIR de démonstration",
}
SEXES = {"F": "Féminin", "M": "Masculin", "U": "Indéterminé"}


def told(*said: tuple[str, str]) -> Pairs:
    """The names and values of which something is said."""
    return [(name, value) for name, value in said if value]


def pairs(heading: str, said: Pairs) -> list[Section]:
    """A section of names and values; none when nothing is said."""
    kept = told(*said)
    return [{"heading": heading, "pairs": kept}] if kept else []


def table(heading: str, columns: list[str], widths: list[int], rows: list[Row]) -> list[Section]:
    """A section with a table; none when it has no row. A cell that is a list shows its first line larger."""
    if not rows:
        return []
    return [{"heading": heading, "columns": columns, "widths": widths, "rows": rows}]


def note(heading: str, text: str) -> Section:
    """A section of plain words."""
    return {"heading": heading, "text": text}


def roles_label(roles: tuple[Coded, ...], terms: Terms) -> str:
    """The roles' labels, in the order given."""
    said = (coded(role, terms, "R260", "R259", "J47") for role in roles)
    return ", ".join((code.display or code.code) for code in said)


def place_label(organization: Organization | None) -> str:
    """Where someone works."""
    return (organization.name or "") if organization else ""


def who_label(member: Member, terms: Terms) -> list[str]:
    """A member's name, then profession or kinship, then place of work."""
    related = member.related.relationship if member.related else None
    kinship = coded(related, terms, "R216") if related else None
    what = (kinship.display or kinship.code) if kinship else profession_label(member, terms)
    if member.related and not what:
        what = "Proche du patient"
    place = place_label(member.organization) if member.kind == "professional" else ""
    return [member.label, *(part for part in (what, place) if part)]
