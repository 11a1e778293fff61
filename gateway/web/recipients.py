"""Destinataires: who does not receive, and what to do. The admin's first page."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.api import Refused
from gateway.journey.recipients import NEED_ACTION, RECEIVE, Group, Recipient, list_recipients
from gateway.model.reasons import REASONS, RECIPIENT_ERRORS
from gateway.web.causes import held
from gateway.web.visit import Here, Visit
from gateway.web.words import WHO, recipient_name

router = APIRouter()

PERIODS: dict[int, str] = {90: "3 mois", 180: "6 mois", 365: "1 an"}
USUAL = 180  # days: long enough to notice who has been silent for ninety
MOST_SHOWN = 100  # recipients of one cause in one table

TITLES: dict[Group, tuple[str, str, str]] = {
    Group.NO_ADDRESS: (
        "Sans adresse", "bad", "Aucune boîte ni aucun logiciel n'est connu pour eux : rien ne peut partir.",
    ),
    Group.FAILED: (
        "En échec", "bad", "Leur opérateur ou leur système n'a pas pris le dernier pli, et ne le prendra plus.",
    ),
    Group.REFUSED: (
        "Refusé par leur logiciel", "bad", "Le pli est arrivé ; leur logiciel a répondu par un code d'erreur.",
    ),
    Group.HELD: ("Retenu ici", "bad", "Des plis attendent une action avant de partir."),
    Group.SILENT: (
        "Silencieux depuis plus de 90 jours", "bad",
        "Les plis sont partis, aucun accusé n'est revenu : la boîte n'est peut-être plus ouverte.",
    ),
    Group.MISSED: (
        "Reçoivent de nouveau, mais un pli n'est pas passé", "watch",
        "Un pli plus récent est bien arrivé ; un plus ancien manque encore.",
    ),
    Group.UNREAD: (
        "Sans accusé de réception", "watch",
        "Le pli est parti et n'est pas revenu ; aucun accusé n'est venu dans le délai. Ce n'est pas un refus.",
    ),
    Group.PENDING: ("En cours d'envoi", "calm", "Rien à faire : la passerelle s'en occupe."),
    Group.SETTLED: (
        "Réglé autrement", "calm", "Une personne s'en est chargée, par téléphone ou sur papier : rien à faire.",
    ),
    Group.DENIED: (
        "Non permis", "calm", "Le contrôle légal a dit non : rien n'est parti. Ce n'est pas une panne.",
    ),
    Group.RECEIVING: ("Reçoivent", "good", "Leur dernier pli est arrivé."),
}  # fmt: skip
"""Group → its title, its tone, one sentence."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Recipients who do not receive for the same reason: said once, with its remedy.

    steered  where all their parcels of that state and reason may be acted on; empty where nothing is to be done
    """

    sentence: str
    remedy: str
    who: str
    people: Sequence[Recipient]
    more: int
    steered: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One group of the page."""

    group: Group
    title: str
    tone: str
    about: str
    number: int
    causes: Sequence[Cause]
    open: bool


@router.get("/destinataires", name="list-recipients")
def show(visit: Here, days: Annotated[int, Query(alias="jours")] = USUAL) -> Response:
    """Everyone a parcel was made for lately, worst first."""
    if days not in PERIODS:
        raise Refused(404, "not-found")
    return _page(visit, days, "")


@router.post("/destinataires", name="list-recipients")
def look_for(visit: Here) -> Response:
    """Only those whose name, number or address holds what was typed; by POST, so that no address bar keeps it."""
    days = visit.form.get("jours", "")
    return _page(visit, int(days) if days in map(str, PERIODS) else USUAL, visit.form.get("recherche", "")[:100])


def matching(people: Iterable[Recipient], typed: str) -> list[Recipient]:
    """Those whose name, number or address holds every word typed, whatever its case and accents."""
    words = _plain(typed).split()
    return [
        one
        for one in people
        if all(
            word in _plain(f"{recipient_name(one.kind, one.name)} {one.id} {shown_address(one) or ''}")
            for word in words
        )
    ]


def concerned(one: Recipient) -> str:
    """Where the exchanges the group is about are listed: those of a recipient whose trouble has a state of its own."""
    troubled = one.group not in (Group.RECEIVING, Group.PENDING)
    return f"/echanges?{f'etat={one.state}&' if troubled else ''}destinataire={one.handle}"


def shown_address(one: Recipient) -> str | None:
    """Where their parcels go; a patient's address holds the matricule, of no use to an admin."""
    return None if one.kind == "patient" else one.address


def summary(people: Sequence[Recipient]) -> str:
    """The page in one line: « 12 destinataires sur 14 reçoivent ; 2 demandent une action »."""
    groups = Counter(one.group for one in people)

    def of(wanted: Iterable[Group]) -> int:
        return sum(groups[group] for group in wanted)

    receive, act, total = of(RECEIVE), of(NEED_ACTION), len(people)
    said = [
        f"{receive} {'destinataires' if total > 1 else 'destinataire'} sur {total} "
        f"{'reçoivent' if receive > 1 else 'reçoit'}",
        f"{act} {'demandent' if act > 1 else 'demande'} une action" if act else "rien à faire",
    ]
    if groups[Group.PENDING]:
        said.append(f"{groups[Group.PENDING]} en cours d'envoi")
    if groups[Group.SETTLED]:
        said.append(f"{groups[Group.SETTLED]} réglé{'s' if groups[Group.SETTLED] > 1 else ''} autrement")
    if groups[Group.DENIED]:
        said.append(f"{groups[Group.DENIED]} non permis")
    return " ; ".join(said) + "."


def _page(visit: Visit, days: int, typed: str) -> Response:
    people = list_recipients(visit.gateway, visit.tenant, days)
    found = matching(people, typed) if typed else people
    with visit.gateway.store.glance() as unit:
        untold = len(unit.notices.find(visit.tenant, state="failed", limit=MOST_SHOWN))
        causes = () if typed else unit.causes.of(visit.tenant)
    return visit.show(
        "recipients.html",
        summary=summary(people) if people else "",
        untold=untold,
        held=held(causes),
        worst=any(one.group in NEED_ACTION for one in people),
        sections=_sections(found),
        days=days,
        periods=PERIODS,
        typed=typed,
        found=len(found),
        name_of=recipient_name,
        address_of=shown_address,
        concerned=concerned,
    )


def _sections(people: Sequence[Recipient]) -> list[Section]:
    made = []
    for group in Group:
        inside = [one for one in people if one.group is group]
        if inside:
            title, tone, about = TITLES[group]
            open = group in NEED_ACTION or tone == "watch"
            made.append(Section(group, title, tone, about, len(inside), _causes(group, inside), open))
    return made


def _causes(group: Group, people: Sequence[Recipient]) -> list[Cause]:
    """The same reasons together, the most frequent first."""
    alike: dict[tuple[str | None, str | None], list[Recipient]] = {}
    for one in people:
        quiet = group in (Group.RECEIVING, Group.PENDING, Group.SETTLED, Group.DENIED) and one.reason is None
        code = one.code if one.reason == "refused-by-software" else None
        alike.setdefault((None, None) if quiet else (one.reason, code), []).append(one)
    return [
        _cause(group, reason, code, some) for (reason, code), some in sorted(alike.items(), key=lambda it: -len(it[1]))
    ]


def _cause(group: Group, reason: str | None, code: str | None, people: Sequence[Recipient]) -> Cause:
    shown, more = people[:MOST_SHOWN], max(0, len(people) - MOST_SHOWN)
    if not reason or group is Group.RECEIVING:
        return Cause("", "", "", shown, more)
    text = REASONS[reason].about("")
    sentence, remedy = text.fr, text.remedy_fr
    if group is Group.MISSED:
        return Cause(sentence, "Ouvrez le pli : relancez-le s'il est encore utile.", WHO["admin"], shown, more)
    if code:
        meaning = RECIPIENT_ERRORS.get(code, "code inconnu")
        sentence = f"Le logiciel du destinataire a répondu {code} : {meaning}."
        remedy = "Voyez ce point avec le destinataire, corrigez, puis relancez."
    steered = f"/plis?etat={people[0].state}&cause={reason}" if group in NEED_ACTION else ""
    return Cause(sentence, remedy, WHO[text.who], shown, more, steered)


def _plain(text: str) -> str:
    """Without accents or case."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()
