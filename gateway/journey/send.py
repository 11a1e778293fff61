"""send: one leg is claimed, its bytes travel with no transaction open, and what the other side said is written down.

Claim is one commit, the result another, which begins the next leg too when there is more to do. What may have happened
in between, when a process dies, is known: the lease runs out and the leg is `unknown`, never silently sent again as if
nothing had left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gateway import route
from gateway.deliver import DeliveryReport, Outcome, Parcel
from gateway.journey.breaker import PROBE, is_closed, is_silent
from gateway.journey.clocks import is_over
from gateway.journey.departure import moved, parcel_of
from gateway.journey.gateway import Gateway
from gateway.journey.insist import insist
from gateway.journey.outcome import attempt_entry, outcome
from gateway.journey.turns import Turn
from gateway.model.dossier import Leg
from gateway.model.errors import Broken, Unreachable
from gateway.model.exchange import LegState

if TYPE_CHECKING:
    from gateway.record import Silence, Unit


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt under way: the leg with it, its bytes, and what was known against its server."""

    leg: Leg
    parcel: Parcel
    silence: Silence | None


Start = Callable[["Unit"], Begun | bool]
"""Begins the next attempt, if any; else whether there was a leg to look at."""


def send(gateway: Gateway, worker: str, more: Callable[[], bool] = lambda: False) -> bool:
    """Try the next leg that is due, if any; then the next one, as long as there is `more` to do for this thread.

    True when there was one to look at.
    """
    with gateway.turns.turn() as turn:
        begin = partial(_begin, gateway, turn, worker)
        found = gateway.store.together(begin)
        looked = found is not False
        while isinstance(found, Begun):
            found = _attempt(gateway, found, turn, worker, begin, more)
    return looked


def _attempt(
    gateway: Gateway, begun: Begun, turn: Turn, worker: str, begin: Start, more: Callable[[], bool]
) -> Begun | bool:
    """Carry a leg and write down what became of it; gives the next one when there is more to do."""
    with gateway.claims.keeping(begun.leg):
        report = _carry(gateway, begun.leg, begun.parcel)
        turn.answered(silent=is_silent(report))
        write = outcome(gateway, begun.leg, begun.silence, report, worker)
        follows = begin if more() else _nothing
        return insist(lambda: _conclude(gateway, write, follows), gateway.pace.lease)


def _conclude(gateway: Gateway, write: Callable[[Unit], None], begin: Start) -> Begun | bool:
    """Both in one commit, shared with other threads."""

    def both(unit: Unit) -> Begun | bool:
        write(unit)
        return begin(unit)

    try:
        return gateway.store.together(both)
    except Unreachable:
        raise
    except Exception:  # what is wrong with the next one must not lose what became of this one; it will tell by itself
        gateway.store.together(write)
        return False


def _nothing(_: Unit) -> bool:
    return False


def _begin(gateway: Gateway, turn: Turn, worker: str, unit: Unit) -> Begun | bool:
    """Claim the next leg; else whether there was one to look at. May be run again: the turn begins anew."""
    turn.leave()
    leg, silence = _next(gateway, unit, turn)
    if leg is None:
        return False
    body = parcel_of(gateway, unit, leg, worker)
    if body is None:
        return True
    if silence and silence.closed_until and not unit.servers.probe(silence, gateway.clock() + PROBE):
        return True  # another worker is asking it already
    return _claim(gateway, unit, leg, silence, body, worker)


def _next(gateway: Gateway, unit: Unit, turn: Turn) -> tuple[Leg, Silence | None] | tuple[None, None]:
    """The leg whose turn it is, and what is known against its server; passes over those closed or busy enough."""
    now, transports = gateway.clock(), {*gateway.transports, *route.BY_ENDPOINT}
    fronts, known = unit.legs.fronts(now, transports), unit.servers.all()
    for front in gateway.turns.order(fronts):
        silence = known.get(front)
        if is_closed(silence, now, gateway.pace.closed_for[-1] * 2) or not turn.begin(front):
            continue
        leg = unit.legs.first(now, front)
        if leg is not None:
            return leg, silence
        turn.leave()
    return None, None


def _carry(gateway: Gateway, leg: Leg, parcel: Parcel) -> DeliveryReport:
    try:
        return gateway.transports[leg.transport].send(parcel)
    except Unreachable as error:
        return DeliveryReport(Outcome.TRY_LATER, code=error.code, detail=error.what)
    except Broken as error:  # our parcel or our settings: trying again would not help, a person must look
        return DeliveryReport(Outcome.NEVER, code=error.code, detail=error.what)


def _claim(gateway: Gateway, unit: Unit, leg: Leg, silence: Silence | None, body: bytes, worker: str) -> Begun:
    now = gateway.clock()
    begun = unit.legs.start(leg, worker, now, gateway.pace.lease)
    repeat = leg.state is LegState.UNKNOWN
    unit.audit(attempt_entry(leg, "attempt-started", now, worker, attempt=len(leg.attempts) + 1, repeat=repeat))
    assert leg.message_id is not None
    assert leg.destination is not None
    parcel = Parcel(leg.message_id, leg.origin or "", leg.destination, body)
    return Begun(begun, parcel, silence)


def resume(gateway: Gateway, worker: str) -> int:
    """Let go what waited for a sign-in that has taken place since. Gives how many legs there were."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        waiting = [leg for leg in unit.legs.held("sign-in-needed") if _signed_in(gateway, leg)]
        for leg in waiting:
            unit.legs.move(leg, LegState.WAITING)
            unit.audit(moved(leg, LegState.WAITING, "signed-in", now, worker))
    return len(waiting)


def _signed_in(gateway: Gateway, leg: Leg) -> bool:
    transport = gateway.transports.get(leg.transport)
    return transport is not None and transport.ready(leg.origin or "") is None


def notice_silence(gateway: Gateway, worker: str) -> int:
    """Mark legs whose receipt never came as `unread`. Gives how many there were."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        silent = unit.legs.silent(now - gateway.pace.receipt_within, now)
        if silent and not is_over(gateway, unit, now):
            return 0
        for leg in silent:
            unit.legs.move(leg, LegState.UNREAD, reason="no-receipt")
            unit.audit(moved(leg, LegState.UNREAD, "no-receipt", now, worker))
    return len(silent)
