"""A hand on the tiller: what a person asks of a leg or an exchange is confirmed first, then done by the journey.

The page says what will happen. When the leg has moved since it was looked at, nothing is done, and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path
from starlette.responses import Response

from gateway.api import Refused, read_exchange
from gateway.journey.steer import NotFound, NotNow, steer_exchange, steer_leg, wishes_of
from gateway.model.exchange import LegState
from gateway.model.steering import WHY_FR, Why
from gateway.record import Stale
from gateway.web.visit import NO_FORM, Here, Visit
from gateway.web.wishes import WISHES, Wished, exchange_wishes

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]


def _for_legs(wished: Wished) -> None:
    def ask(visit: Here, id: Id, n: Number) -> Response:
        exchange = read_exchange(id, visit.threshold.door, visit.visitor)
        return _confirm(visit, wished, exchange, leg_of(exchange, n))

    def act(visit: Here, id: Id, n: Number) -> Response:
        exchange = read_exchange(id, visit.threshold.door, visit.visitor)
        leg = leg_of(exchange, n)
        caller = visit.visitor.caller
        return _do(visit, wished, exchange, leg, lambda why: steer_leg(visit.gateway, caller, id, n, wished.wish, why))

    _offer(f"/echanges/{{id}}/plis/{{n}}/{wished.word}", f"{wished.wish}-leg", ask, act)


def _for_exchanges(wished: Wished) -> None:
    def ask(visit: Here, id: Id) -> Response:
        return _confirm(visit, wished, read_exchange(id, visit.threshold.door, visit.visitor), None)

    def act(visit: Here, id: Id) -> Response:
        exchange = read_exchange(id, visit.threshold.door, visit.visitor)
        caller = visit.visitor.caller
        return _do(
            visit, wished, exchange, None, lambda why: steer_exchange(visit.gateway, caller, id, wished.wish, why)
        )

    _offer(f"/echanges/{{id}}/{wished.word}", f"{wished.wish}-exchange", ask, act)


def _offer(path: str, page: str, ask: Callable[..., Response], act: Callable[..., Response]) -> None:
    router.get(path, name=page)(ask)
    router.post(path, name=page)(act)


for _wished in WISHES.values():
    _for_legs(_wished)
    if _wished.exchange:
        _for_exchanges(_wished)


def leg_of(exchange: Mapping[str, Any], n: int) -> Mapping[str, Any]:
    """One leg of the contract's Exchange. Raises Refused 404."""
    leg = next((leg for leg in exchange["legs"] if leg["n"] == n), None)
    if leg is None:
        raise Refused(404, "not-found")
    return cast(Mapping[str, Any], leg)


def _confirm(
    visit: Visit,
    wished: Wished,
    exchange: Mapping[str, Any],
    leg: Mapping[str, Any] | None,
    *,
    status: int = 200,
    refused: str = "",
    faults: Mapping[str, str] = NO_FORM,
) -> Response:
    can = exchange_wishes(exchange) if leg is None else wishes_of(LegState(leg["state"]))
    return visit.show(
        "confirm.html",
        status,
        wished=wished,
        exchange=exchange,
        leg=leg,
        seen=seen(exchange, leg),
        refused=refused,
        faults=faults,
        reasons=WHY_FR.items(),
        possible=wished.wish in can,
    )


def _do(
    visit: Visit,
    wished: Wished,
    exchange: Mapping[str, Any],
    leg: Mapping[str, Any] | None,
    act: Callable[[Why | None], object],
) -> Response:
    """Do it if all still stands as the person saw it."""
    why = said_why(visit)
    if visit.form.get("vu") != seen(exchange, leg):
        moved = "Cela a changé d'état depuis que la page a été affichée : rien n'a été fait. Voici l'état actuel."
        return _confirm(visit, wished, exchange, leg, status=409, refused=moved)
    if wished.must_say_why and why is None:
        return _confirm(visit, wished, exchange, leg, status=422, faults={"motif": "Choisissez un motif."})
    try:
        act(why)
    except NotFound:
        raise Refused(404, "not-found") from None
    except (NotNow, Stale):
        now = read_exchange(exchange["id"], visit.threshold.door, visit.visitor)
        refused = "L'état actuel ne le permet pas : rien n'a été fait."
        return _confirm(visit, wished, now, leg and leg_of(now, leg["n"]), status=409, refused=refused)
    place = f"#pli-{leg['n']}" if leg else ""
    return visit.go(f"/echanges/{exchange['id']}?fait={wished.wish}{place}")


def said_why(visit: Visit) -> Why | None:
    """The reason chosen in the form; None when none was."""
    word = visit.form.get("motif", "")
    return Why(word) if word in set(Why) else None


def seen(exchange: Mapping[str, Any], leg: Mapping[str, Any] | None) -> str:
    """How things stand, in one word a form can carry."""
    legs = exchange["legs"] if leg is None else [leg]
    return "_".join([exchange["state"], *(f"{one['n']}-{one['state']}-{one['since']}" for one in legs)])
