"""Échanges: what happened to each event, to whom, why, until when; the list, and one page each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from gateway.api import read_exchange, shown_to
from gateway.journey.otherwise import SETTLEABLE
from gateway.journey.readdress import REDIRECTABLE
from gateway.journey.recipients import Recipient, list_recipients
from gateway.journey.steer import wishes_of
from gateway.model.exchange import STATES as STATE_CODES
from gateway.model.exchange import LegState, state_named
from gateway.model.reasons import RECIPIENT_ERRORS
from gateway.model.steering import ANOTHER_LEG, HOW_FR
from gateway.model.where import Where
from gateway.web import words
from gateway.web.moments import day_end, day_start
from gateway.web.recipients import matching
from gateway.web.sentences import actor
from gateway.web.timeline import timeline
from gateway.web.visit import Here, Visit
from gateway.web.wishes import WISHES, exchange_wishes

router = APIRouter()

PAGE = 25
EVERYONE = 365  # days within which a recipient is looked for
MOST_NAMED = 20  # recipients offered when several fit what was typed

Word = Annotated[str, Query(max_length=128)]
Id = Annotated[str, Path(max_length=64)]

DONE: dict[str, str] = {
    "redirect": "Un nouveau pli part à cette adresse, dans les secondes qui viennent.",
    "settle": "C'est noté : ce pli est réglé autrement, et garde son état.",
}
"""What is said once something was done that is no wish."""

FILTERS = ("etat", "type", "destinataire", "depuis", "jusquau", "logiciel", "evenement")
"""What narrows the list, as its address says it; a recipient by its handle."""


@router.get("/echanges", name="list-exchanges")
def show_list(
    visit: Here,
    etat: Word = "",
    type: Word = "",
    destinataire: Word = "",
    depuis: Word = "",
    jusquau: Word = "",
    logiciel: Word = "",
    evenement: Word = "",
    suite: Annotated[str, Query(pattern="^([0-9a-f-]{36})?$")] = "",
) -> Response:
    """The newest first, a page at a time."""
    said = dict(zip(FILTERS, (etat, type, destinataire, depuis, jusquau, logiciel, evenement), strict=True))
    return _list(visit, said, suite)


@router.post("/echanges", name="list-exchanges")
def narrow(visit: Here) -> Response:
    """The filters of the form, as an address that can be kept. A recipient is typed as people say it; the address
    holds a handle instead. When several fit, they are offered.
    """
    said = {name: visit.form.get(name, "")[:128] for name in FILTERS}
    typed = said["destinataire"]
    if typed:
        found = matching(list_recipients(visit.gateway, visit.tenant, EVERYONE), typed)
        if len(found) != 1:
            return _list(visit, {**said, "destinataire": ""}, "", typed=typed, offered=found)
        said["destinataire"] = found[0].handle
    return visit.go(_address(said))


@router.get("/echanges/{id}", name="read-exchange")
def show_one(visit: Here, id: Id, fait: Word = "") -> Response:
    """One exchange whole. `fait` names what a person just did to it."""
    shown = read_exchange(id, visit.threshold.door, visit.visitor)
    legs = [
        {
            **leg,
            "timeline": timeline(leg),
            "wishes": _leg_wishes(visit, leg),
            "redirectable": visit.may("redirect-leg") and may_be_redirected(leg),
            "settleable": visit.may("settle-leg") and not leg["settled"] and leg["state"] in SETTLEABLE,
            "meaning": RECIPIENT_ERRORS.get(leg["code"] or "") if leg["state"] == "refused" else None,
        }
        for leg in shown["legs"]
    ]
    return visit.show(
        "exchange.html",
        exchange=shown,
        legs=legs,
        wishes=[wish for wish in exchange_wishes(shown) if visit.may(f"{wish}-exchange")],
        done=WISHES[fait].done if fait in WISHES else DONE.get(fait),
        WISHES=WISHES,
        HOW_FR=HOW_FR,
        actor=actor,
    )


def _list(
    visit: Visit,
    said: Mapping[str, str],
    cursor: str,
    *,
    typed: str = "",
    offered: Sequence[Recipient] = (),
) -> Response:
    chosen, unknown = recipient_by(visit, said["destinataire"])
    faults = _faults(said, unknown)
    found: dict[str, Any] = {"items": [], "next": None}
    if not faults and not typed:
        found = _search(visit, said, chosen, cursor)
    following = _address({**said, "suite": found["next"]}) if found["next"] else None
    return visit.show(
        "exchanges.html",
        items=found["items"],
        following=following,
        said=said,
        faults=faults,
        typed=typed,
        chosen=chosen,
        offered=[(one, _address({**said, "destinataire": one.handle})) for one in offered[:MOST_NAMED]],
        offered_more=max(0, len(offered) - MOST_NAMED),
        narrowed=bool(typed) or any(said.values()),
        tally=_tally,
        first=not cursor,
    )


def _search(visit: Visit, said: Mapping[str, str], chosen: Recipient | None, cursor: str) -> dict[str, Any]:
    visitor = visit.visitor
    client = visitor.client if visitor.role == "vendor" else said["logiciel"] or None
    with visit.gateway.store.glance() as unit:
        page = unit.exchanges.search(
            visit.tenant,
            Where(
                client=client,
                event_id=said["evenement"] or None,
                state=state_named(said["etat"]) if said["etat"] else None,
                since=day_start(said["depuis"]) if said["depuis"] else None,
                until=day_end(said["jusquau"]) if said["jusquau"] else None,
                type=said["type"] or None,
                recipient=chosen.id if chosen else None,
                recipient_kind=chosen.kind if chosen else None,
            ),
            cursor=cursor or None,
            limit=PAGE,
        )
        legs = unit.legs.of_many(visit.tenant, [exchange.id for exchange in page.items])
    items = [shown_to(visitor, exchange, legs.get(exchange.id, ())) for exchange in page.items]
    return {"items": items, "next": page.next_cursor}


def recipient_by(visit: Visit, handle: str) -> tuple[Recipient | None, bool]:
    """Whose handle it is, and whether it is nobody's."""
    if not handle:
        return None, False
    people = list_recipients(visit.gateway, visit.tenant, EVERYONE)
    one = next((one for one in people if one.handle == handle), None)
    return one, one is None


def _faults(said: Mapping[str, str], unknown: bool) -> dict[str, str]:
    """What of the filters cannot be, by field: each said beside its field."""
    faults = {}
    if said["etat"] and said["etat"] not in STATE_CODES:
        faults["etat"] = "Choisissez un état de la liste."
    if unknown:
        faults["destinataire"] = "Ce destinataire n'a reçu aucun pli depuis un an."
    for name in ("depuis", "jusquau"):
        if said[name] and day_start(said[name]) is None:
            faults[name] = "Écrivez la date ainsi : 21/11/2026."
    return faults


def _address(said: Mapping[str, str]) -> str:
    wanted = {name: value for name, value in said.items() if value}
    return f"/echanges?{urlencode(wanted)}" if wanted else "/echanges"


def _tally(legs: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """How an exchange's legs stand, most urgent first: « 1 en échec », « 3 affichés ou traités »."""
    order = {"bad": 0, "watch": 1, "calm": 2, "good": 3}
    states = Counter(words.leg_state(leg["state"]) for leg in legs)
    ranked = sorted(states.items(), key=lambda one: (order[one[0][1]], one[0][0]))
    return [(f"{number} × {label.lower()}", tone) for (label, tone), number in ranked]


def _leg_wishes(visit: Visit, leg: Mapping[str, Any]) -> list[str]:
    wishes = [wish for wish in wishes_of(LegState(leg["state"])) if visit.may(f"{wish}-leg")]
    return [wish for wish in wishes if not (is_replaced(leg) and wish in ("retry", "repeat"))]


def is_replaced(leg: Mapping[str, Any]) -> bool:
    """True when another leg stands for this one."""
    return bool(leg["settled"]) and leg["settled"]["how"] == ANOTHER_LEG


def may_be_redirected(leg: Mapping[str, Any]) -> bool:
    """Whether its page may offer another address."""
    theirs = leg["recipient"]["kind"] != "patient" and leg["transport"] != "folder"
    return theirs and leg["state"] in REDIRECTABLE and not is_replaced(leg)
