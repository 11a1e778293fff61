"""steer: what a person does to a leg or an exchange, checked by the same table and written into the same log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from gateway.journey.gateway import Caller, Gateway
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.model.errors import GatewayError
from gateway.model.exchange import ExchangeState, LegState, may_move

if TYPE_CHECKING:
    from gateway.record import Unit

Wish = Literal["hold", "release", "retry", "cancel"]

_LEG_WISH: dict[Wish, tuple[frozenset[LegState], LegState, str | None]] = {
    "hold": (frozenset({LegState.WAITING, LegState.POSTPONED, LegState.UNKNOWN}), LegState.HELD, "held-by-a-person"),
    "release": (frozenset({LegState.HELD}), LegState.WAITING, None),
    "retry": (frozenset({LegState.FAILED, LegState.REFUSED, LegState.POSTPONED}), LegState.WAITING, None),
    "cancel": (
        frozenset({LegState.WAITING, LegState.POSTPONED, LegState.HELD}),
        LegState.CANCELLED,
        "cancelled-by-a-person",
    ),
}


def wishes_of(state: LegState) -> tuple[Wish, ...]:
    """What a person may ask of a leg that stands there."""
    return tuple(wish for wish, (allowed, _, _) in _LEG_WISH.items() if state in allowed)


class NotFound(GatewayError):
    """No such exchange or leg for this tenant."""

    code = "not-found"

    def __init__(self) -> None:
        super().__init__("No such exchange or leg", advice="Check its id")


class NotNow(GatewayError):
    """The state does not allow this (HTTP 409)."""

    code = "not-now"

    def __init__(self, wish: str, state: str, *may: str) -> None:
        """`may`: what may be asked instead."""
        advice = f"It may be asked to {' or '.join(may)}" if may else "Nothing may be asked of it now"
        super().__init__(f"Cannot {wish} what is {state}", advice=advice)


def steer_leg(gateway: Gateway, caller: Caller, exchange: str, n: int, wish: Wish) -> Leg:
    """Hold, release, retry or cancel one leg. Raises NotFound or NotNow. Gives the leg as it stands after."""
    with gateway.store.unit() as unit:
        leg = unit.legs.get(caller.tenant, exchange, n)
        if leg is None:
            raise NotFound
        _wish_leg(gateway, unit, caller, leg, wish)
        after = unit.legs.get(caller.tenant, exchange, n)
    assert after is not None
    return after


def steer_exchange(gateway: Gateway, caller: Caller, id: str, wish: Literal["retry", "cancel"]) -> Exchange:
    """Retry or cancel a whole exchange: its own state when it has no legs yet, else each leg that allows it.

    Raises NotFound, or NotNow when nothing of it allows it.
    """
    with gateway.store.unit() as unit:
        exchange = unit.exchanges.get(caller.tenant, id)
        if exchange is None:
            raise NotFound
        if exchange.state in (ExchangeState.HELD, ExchangeState.UNROUTED, ExchangeState.ACCEPTED):
            _wish_exchange(gateway, unit, caller, exchange, wish)
        else:
            legs = unit.legs.of(caller.tenant, id)
            willing = [leg for leg in legs if leg.state in _LEG_WISH[wish][0]]
            if not willing:
                states = ", ".join(sorted({leg.state for leg in legs})) or exchange.state
                raise NotNow(wish, states, *sorted({may for leg in legs for may in wishes_of(leg.state)}))
            for leg in willing:
                _wish_leg(gateway, unit, caller, leg, wish)
        after = unit.exchanges.get(caller.tenant, id)
    assert after is not None
    return after


def _wish_leg(gateway: Gateway, unit: Unit, caller: Caller, leg: Leg, wish: Wish) -> None:
    allowed, to, reason = _LEG_WISH[wish]
    now = gateway.clock()
    if wish == "retry" and leg.state is LegState.POSTPONED:
        unit.legs.hasten(leg, now)  # no change of state: only the wait is over
        unit.audit(_entry(leg, now, caller, wish, leg.state, None))
        return
    if leg.state not in allowed or not may_move(leg.state, to):
        raise NotNow(wish, leg.state, *wishes_of(leg.state))
    unit.legs.move(leg, to, reason=reason)
    unit.audit(_entry(leg, now, caller, wish, to, reason))


def _wish_exchange(gateway: Gateway, unit: Unit, caller: Caller, exchange: Exchange, wish: str) -> None:
    now = gateway.clock()
    if wish == "cancel":
        unit.exchanges.move(caller.tenant, exchange.id, ExchangeState.CANCELLED, reason="cancelled-by-a-person")
        unit.jobs.drop(caller.tenant, exchange.id)
    elif exchange.state is ExchangeState.ACCEPTED:
        raise NotNow(wish, exchange.state)
    else:
        unit.exchanges.move(caller.tenant, exchange.id, ExchangeState.ACCEPTED)
        unit.jobs.add("prepare", caller.tenant, exchange.id, lane=f"{caller.tenant}/{exchange.patient}", due=now)
    unit.audit(
        Entry(
            kind="exchange-moved",
            at=now,
            tenant=caller.tenant,
            actor=caller.actor,
            exchange=exchange.id,
            facts={
                "from": exchange.state.value,
                "state": (ExchangeState.CANCELLED if wish == "cancel" else ExchangeState.ACCEPTED).value,
                "wish": wish,
            },
        )
    )


def _entry(leg: Leg, now: datetime, caller: Caller, wish: str, to: LegState, reason: str | None) -> Entry:
    return Entry(
        kind="leg-moved",
        at=now,
        tenant=leg.tenant,
        actor=caller.actor,
        exchange=leg.exchange,
        leg=leg.n,
        facts={"from": leg.state.value, "state": to.value, "wish": wish, "reason": reason or ""},
    )
