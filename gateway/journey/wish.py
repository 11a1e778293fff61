"""The five things a person may ask of a leg: hold, release, retry, repeat, cancel; and when each is possible.

A retry sends what did not get there. A repeat sends again what left already: only a person who gives a reason may ask.
"""

from __future__ import annotations

from typing import Literal

from gateway.model.dossier import Leg
from gateway.model.errors import GatewayError
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.steering import ANOTHER_LEG

Wish = Literal["hold", "release", "retry", "repeat", "cancel"]

WISHES: tuple[Wish, ...] = ("hold", "release", "retry", "repeat", "cancel")

_L, _E = LegState, ExchangeState

LEFT: frozenset[LegState] = frozenset({_L.HANDED_OVER, _L.DELIVERED, _L.UNREAD, _L.READ, _L.ARRIVED})
"""States that say that it left; `unknown` says that it may have."""

UNSENT: frozenset[LegState] = frozenset({_L.WAITING, _L.POSTPONED, _L.HELD})
"""States a leg can be withdrawn from."""

ALLOWED: dict[Wish, frozenset[LegState]] = {
    "hold": frozenset({_L.WAITING, _L.POSTPONED, _L.UNKNOWN}),
    "release": frozenset({_L.HELD}),
    "retry": frozenset({_L.FAILED, _L.REFUSED, _L.POSTPONED}),
    "repeat": LEFT | {_L.UNKNOWN},
    "cancel": UNSENT,
}
"""Wish → the states of a leg that allow it."""

OF_EXCHANGE: dict[Wish, frozenset[ExchangeState]] = {
    "hold": frozenset(),
    "release": frozenset(),
    "retry": frozenset({_E.HELD, _E.UNROUTED}),
    "repeat": frozenset(),
    "cancel": frozenset({_E.ACCEPTED, _E.HELD, _E.UNROUTED}),
}
"""The same of an exchange that has no legs yet."""
del _L, _E


def is_replaced(leg: Leg) -> bool:
    """True when another leg stands for this one."""
    return leg.settled is not None and leg.settled.how == ANOTHER_LEG


def wishes_of(state: LegState) -> tuple[Wish, ...]:
    """What a person may ask of a leg that stands there."""
    return tuple(wish for wish in WISHES if state in ALLOWED[wish])


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


class Overtaken(NotNow):
    """Something newer was told in its place: sent now, it would undo that."""

    def __init__(self, wish: str) -> None:
        super().__init__(wish, "replaced by a newer telling of the same team or plan")
