"""Another address for a parcel: those the directory knows are offered, any other is confirmed by who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api import Refused, read_exchange
from gateway.journey.readdress import known_addresses
from gateway.journey.redirect import Barred, UnknownAddress, redirect
from gateway.journey.steer import NotFound, NotNow
from gateway.model.errors import Rejected
from gateway.model.reasons import REASONS
from gateway.model.steering import WHY_FR
from gateway.record import Stale
from gateway.web.steering import Id, Number, leg_of, said_why, seen
from gateway.web.visit import NO_FORM, Here, Visit

router = APIRouter()

_PATH = "/echanges/{id}/plis/{n}/rediriger"
_MOVED = "L'état actuel ne le permet pas : rien n'a été fait."


@router.get(_PATH, name="redirect-leg")
def ask(visit: Here, id: Id, n: Number) -> Response:
    """Where it could go."""
    return _page(visit, id, n)


@router.post(_PATH, name="redirect-leg")
def act(visit: Here, id: Id, n: Number) -> Response:
    """Send it there, if all still stands as the person saw it."""
    form, exchange = visit.form, read_exchange(id, visit.threshold.door, visit.visitor)
    address, why = form.get("autre") or form.get("adresse", ""), said_why(visit)
    if form.get("vu") != seen(exchange, leg_of(exchange, n)):
        moved = "Ce pli a changé d'état depuis que la page a été affichée : rien n'a été fait. Voici l'état actuel."
        return _page(visit, id, n, status=409, refused=moved)
    faults = {} if address else {"autre": "Choisissez une adresse, ou écrivez-la."}
    if why is None:
        faults["motif"] = "Choisissez un motif."
    if faults or why is None:
        return _page(visit, id, n, status=422, faults=faults)
    force = form.get("confirme") == "oui"
    try:
        new = redirect(visit.gateway, visit.visitor.caller, id, n, address, why=why, force=force)
    except UnknownAddress:
        unsure = (
            "L'annuaire ne connaît pas cette adresse pour ce destinataire : vérifiez-la auprès de lui, puis cochez."
        )
        return _page(visit, id, n, status=409, faults={"confirme": unsure})
    except Rejected:
        return _page(visit, id, n, status=422, faults={"autre": "Écrivez une adresse entière : prenom.nom@domaine."})
    except Barred as barred:
        text = REASONS[barred.reason].about("")
        told = f"Le contrôle légal ne le permet pas : rien n'a été fait. {text.fr} {text.remedy_fr}"
        return _page(visit, id, n, status=409, refused=told)
    except NotFound:
        raise Refused(404, "not-found") from None
    except (NotNow, Stale):
        return _page(visit, id, n, status=409, refused=_MOVED)
    return visit.go(f"/echanges/{id}?fait=redirect#pli-{new.n}")


def _page(
    visit: Visit, id: str, n: int, *, status: int = 200, refused: str = "", faults: Mapping[str, str] = NO_FORM
) -> Response:
    exchange: dict[str, Any] = read_exchange(id, visit.threshold.door, visit.visitor)
    leg = leg_of(exchange, n)
    try:
        known: tuple[str, ...] | None = known_addresses(visit.gateway, visit.visitor.caller, id, n)
    except NotFound:
        raise Refused(404, "not-found") from None
    except NotNow:
        known = None
    return visit.show(
        "redirect.html",
        status,
        exchange=exchange,
        leg=leg,
        seen=seen(exchange, leg),
        known=known,
        said=visit.form,
        reasons=WHY_FR.items(),
        refused=refused,
        faults=faults,
    )
