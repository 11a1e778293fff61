"""steer: what a person does to a leg or an exchange, checked by the same table and written into the same log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.journey.again import send_again
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.wish import ALLOWED, OF_EXCHANGE, NotFound, NotNow, Overtaken, Wish, is_replaced, wishes_of
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import ExchangeState, LegState, may_move
from gateway.model.steering import Why

if TYPE_CHECKING:
    from gateway.record import Unit

__all__ = ["NotFound", "NotNow", "Wish", "grant", "grant_whole", "steer_exchange", "steer_leg", "wishes_of"]

_TO: dict[Wish, tuple[LegState, str | None]] = {
    "hold": (LegState.HELD, "held-by-a-person"),
    "release": (LegState.WAITING, None),
    "retry": (LegState.WAITING, None),
    "cancel": (LegState.CANCELLED, "cancelled-by-a-person"),
}


def steer_leg(gateway: Gateway, caller: Caller, exchange: str, n: int, wish: Wish, why: Why | None = None) -> Leg:
    """One wish for one leg. Raises NotFound or NotNow. Gives the leg as it stands after.

    why  kept in the log; a repeat needs one, and gives the leg that carries it
    """
    with gateway.store.unit() as unit:
        if wish == "repeat":
            unit.exchanges.get(caller.tenant, exchange)  # it will have a leg more: held first, as everywhere
        leg = unit.legs.get(caller.tenant, exchange, n)
        if leg is None:
            raise NotFound
        moved = grant(gateway, unit, caller, leg, wish, why)
        after = unit.legs.get(caller.tenant, exchange, moved.n)
    assert after is not None
    return after


def steer_exchange(gateway: Gateway, caller: Caller, id: str, wish: Wish, why: Why | None = None) -> Exchange:
    """One wish for a whole exchange: for itself when it has no legs yet, else for each leg that allows it.

    Raises NotFound, or NotNow when nothing of it allows it.
    """
    with gateway.store.unit() as unit:
        exchange = unit.exchanges.get(caller.tenant, id)
        if exchange is None:
            raise NotFound
        if exchange.state in (ExchangeState.HELD, ExchangeState.UNROUTED, ExchangeState.ACCEPTED):
            grant_whole(gateway, unit, caller, exchange, wish, why)
        else:
            legs = unit.legs.of(caller.tenant, id)
            willing = [leg for leg in legs if leg.state in ALLOWED[wish] and not is_replaced(leg)]
            if not willing:
                states = ", ".join(sorted({leg.state for leg in legs})) or exchange.state
                raise NotNow(wish, states, *sorted({may for leg in legs for may in wishes_of(leg.state)}))
            for leg in willing:
                grant(gateway, unit, caller, leg, wish, why)
        after = unit.exchanges.get(caller.tenant, id)
    assert after is not None
    return after


def grant(gateway: Gateway, unit: Unit, caller: Caller, leg: Leg, wish: Wish, why: Why | None) -> Leg:
    """Do to one leg, held by the unit, what a person wishes; gives the leg that moved. Raises NotNow."""
    if leg.state not in ALLOWED[wish]:
        raise NotNow(wish, leg.state, *wishes_of(leg.state))
    if wish == "repeat":
        if why is None:
            raise NotNow(wish, f"{leg.state} without a reason")
        return send_again(gateway, unit, caller, leg, why)
    if wish == "retry" and unit.steering.overtaken(leg):
        raise Overtaken(wish)
    if wish == "retry" and leg.state is LegState.POSTPONED:
        now = gateway.clock()
        unit.legs.hasten(leg, now)  # no change of state: only the wait is over
        unit.audit(_entry(gateway, caller, leg, wish, leg.state, None, why))
        return leg
    if wish == "retry" and is_replaced(leg):
        raise NotNow(wish, "replaced by another leg")
    to, reason = _TO[wish]
    if not may_move(leg.state, to):
        raise NotNow(wish, leg.state, *wishes_of(leg.state))
    moved = unit.legs.move(leg, to, reason=reason, now=gateway.clock())
    unit.audit(_entry(gateway, caller, leg, wish, to, reason, why))
    return moved


def grant_whole(gateway: Gateway, unit: Unit, caller: Caller, exchange: Exchange, wish: Wish, why: Why | None) -> None:
    """The same to an exchange without legs: it is prepared anew, or never. Raises NotNow."""
    if exchange.state not in OF_EXCHANGE[wish]:
        may = [other for other, states in OF_EXCHANGE.items() if exchange.state in states]
        raise NotNow(wish, exchange.state, *may)
    now = gateway.clock()
    to = ExchangeState.CANCELLED if wish == "cancel" else ExchangeState.ACCEPTED
    if wish == "cancel":
        unit.exchanges.move(caller.tenant, exchange.id, to, reason="cancelled-by-a-person")
        unit.jobs.drop(caller.tenant, exchange.id)
    else:
        unit.exchanges.move(caller.tenant, exchange.id, to)
        unit.jobs.add("prepare", caller.tenant, exchange.id, lane=f"{caller.tenant}/{exchange.patient}", due=now)
    facts: dict[str, str | int | bool] = {"from": exchange.state.value, "state": to.value, "wish": wish}
    unit.audit(
        Entry(
            kind="exchange-moved",
            at=now,
            tenant=caller.tenant,
            actor=caller.actor,
            exchange=exchange.id,
            facts=facts | ({"why": why.value} if why else {}),
        )
    )


def _entry(
    gateway: Gateway, caller: Caller, leg: Leg, wish: Wish, to: LegState, reason: str | None, why: Why | None
) -> Entry:
    facts: dict[str, str | int | bool] = {
        "from": leg.state.value, "state": to.value, "wish": wish, "reason": reason or "",
    }  # fmt: skip
    return Entry(
        kind="leg-moved",
        at=gateway.clock(),
        tenant=leg.tenant,
        actor=caller.actor,
        exchange=leg.exchange,
        leg=leg.n,
        facts=facts | ({"why": why.value} if why else {}),
    )
