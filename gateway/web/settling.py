"""Settled otherwise: a person says how the recipient was told. A choice, never a note: no word of care is kept here."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api import Refused, read_exchange
from gateway.journey.otherwise import SETTLEABLE, settle_otherwise
from gateway.journey.steer import NotFound, NotNow
from gateway.model.steering import HOW_FR, How
from gateway.record import Stale
from gateway.web.steering import Id, Number, leg_of, seen
from gateway.web.visit import Here, Visit

router = APIRouter()

_PATH = "/echanges/{id}/plis/{n}/regler"


@router.get(_PATH, name="settle-leg")
def ask(visit: Here, id: Id, n: Number) -> Response:
    """How was it done?"""
    return _page(visit, id, n)


@router.post(_PATH, name="settle-leg")
def act(visit: Here, id: Id, n: Number) -> Response:
    """Write it down, if all still stands as the person saw it."""
    exchange, how = read_exchange(id, visit.threshold.door, visit.visitor), visit.form.get("comment", "")
    if visit.form.get("vu") != seen(exchange, leg_of(exchange, n)):
        moved = "Ce pli a changé d'état depuis que la page a été affichée : rien n'a été fait. Voici l'état actuel."
        return _page(visit, id, n, status=409, refused=moved)
    if how not in set(How):
        return _page(visit, id, n, status=422, fault="Choisissez comment.")
    try:
        settle_otherwise(visit.gateway, visit.visitor.caller, id, n, How(how))
    except NotFound:
        raise Refused(404, "not-found") from None
    except (NotNow, Stale):
        return _page(visit, id, n, status=409, refused="L'état actuel ne le permet pas : rien n'a été fait.")
    return visit.go(f"/echanges/{id}?fait=settle#pli-{n}")


def _page(visit: Visit, id: str, n: int, *, status: int = 200, refused: str = "", fault: str = "") -> Response:
    exchange = read_exchange(id, visit.threshold.door, visit.visitor)
    leg = leg_of(exchange, n)
    return visit.show(
        "settle.html",
        status,
        exchange=exchange,
        leg=leg,
        seen=seen(exchange, leg),
        possible=leg["state"] in SETTLEABLE and not leg["settled"],
        ways=[(how.value, HOW_FR[how]) for how in How],
        refused=refused,
        fault=fault,
    )
