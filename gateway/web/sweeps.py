"""Many parcels at once: the page says what would change, what not and why, before anything does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway.journey.recipients import Recipient, list_recipients
from gateway.journey.sweep import SKIPPED_FR, Swept, preview, sweep
from gateway.journey.where import read_where
from gateway.journey.wish import Wish
from gateway.model.errors import Rejected
from gateway.model.reasons import REASONS
from gateway.model.steering import WHY_FR
from gateway.model.where import Where
from gateway.web.exchanges import EVERYONE, recipient_by
from gateway.web.moments import day_end, day_start
from gateway.web.steering import said_why
from gateway.web.visit import Here, Visit
from gateway.web.wishes import WISHES
from gateway.web.words import recipient_name

router = APIRouter()

AT_ONCE = 1000
"""Parcels moved by one click; the page offers to go on."""

SHOWN_GROUPS = 50

_CONDITIONS: dict[str, str] = {
    "etat": "state", "cause": "reason", "type": "type", "canal": "transport", "serveur": "server",
    "logiciel": "client", "personne": "patient",
}  # fmt: skip
FIELDS = (*_CONDITIONS, "destinataire", "depuis", "jusquau")
"""What narrows the question, as forms and addresses say it; a recipient by its handle."""

Word = Annotated[str, Query(max_length=128)]


@router.get("/plis", name="preview-steering")
def show(
    visit: Here, etat: Word = "", cause: Word = "", destinataire: Word = "", canal: Word = "", serveur: Word = ""
) -> Response:
    """The question, as another page asks it. A patient is never named in an address."""
    named = {"etat": etat, "cause": cause, "destinataire": destinataire, "canal": canal, "serveur": serveur}
    return _page(visit, {**dict.fromkeys(FIELDS, ""), **named}, "retry")


@router.post("/plis", name="preview-steering")
def look(visit: Here) -> Response:
    """What would change; nothing does."""
    return _page(visit, _said(visit), _wish(visit))


@router.post("/plis/faire", name="steer-exchanges")
def do(visit: Here) -> Response:
    """Do it to what still allows it, and say what was left alone."""
    said, wish, why = _said(visit), _wish(visit), said_why(visit)
    where, faults = _where(visit, said)
    if WISHES[wish].must_say_why and why is None:
        faults["motif"] = "Choisissez un motif."
    if where is None or faults:
        return _page(visit, said, wish, status=422, faults=faults)
    did = sweep(visit.gateway, visit.visitor.caller, wish, where, why=why, limit=AT_ONCE)
    return _page(visit, said, wish, did=did)


def _said(visit: Visit) -> dict[str, str]:
    return {name: visit.form.get(name, "")[:128] for name in FIELDS}


def _wish(visit: Visit) -> Wish:
    word = visit.form.get("action", "")
    return WISHES[word].wish if word in WISHES else "retry"


def _where(visit: Visit, said: Mapping[str, str]) -> tuple[Where | None, dict[str, str]]:
    """The question; None when nothing narrows it. What cannot be is told beside its field."""
    faults: dict[str, str] = {}
    since, until = day_start(said["depuis"]), day_end(said["jusquau"])
    for name, moment in (("depuis", since), ("jusquau", until)):
        if said[name] and moment is None:
            faults[name] = "Écrivez la date ainsi : 21/11/2026."
    chosen, unknown = recipient_by(visit, said["destinataire"])
    if unknown:
        faults["destinataire"] = "Ce destinataire n'a reçu aucun pli depuis un an."
    where = Where()
    try:
        where = read_where({word: said[name] for name, word in _CONDITIONS.items() if said[name]})
    except Rejected as wrong:
        fields = {word: name for name, word in _CONDITIONS.items()}
        faults |= {fields[str(fault.at[1])]: fault.text.about("").fr for fault in wrong.faults}
    whom = (chosen.id, chosen.kind) if chosen else (None, None)
    where = replace(where, recipient=whom[0], recipient_kind=whom[1], since=since, until=until)
    return (where if where != Where() else None), faults


def _page(
    visit: Visit,
    said: Mapping[str, str],
    wish: Wish,
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
    did: Swept | None = None,
) -> Response:
    where, wrong = _where(visit, said)
    found = preview(visit.gateway, visit.tenant, wish, where) if where is not None and not wrong else None
    people = {(one.kind, one.id): recipient_name(one.kind, one.name) for one in _everyone(visit)} if found else {}
    chosen, _ = recipient_by(visit, said["destinataire"])
    return visit.show(
        "sweep.html",
        status,
        said=said,
        wished=WISHES[wish],
        WISHES=WISHES,
        found=found,
        did=did,
        groups=found.groups[:SHOWN_GROUPS] if found else (),
        more_groups=max(0, len(found.groups) - SHOWN_GROUPS) + found.more_groups if found else 0,
        people=people,
        chosen=recipient_name(chosen.kind, chosen.name) if chosen else "",
        causes=[(code, text.about("").fr) for code, text in REASONS.items()],
        reasons=WHY_FR.items(),
        REASONS=REASONS,
        SKIPPED=SKIPPED_FR,
        most=AT_ONCE,
        faults={**wrong, **(faults or {})},
    )


def _everyone(visit: Visit) -> tuple[Recipient, ...]:
    return list_recipients(visit.gateway, visit.tenant, EVERYONE)
