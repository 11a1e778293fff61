"""send: one leg is claimed, its bytes travel with no transaction open, and what the other side said is written down.

Claim is one commit, the result a second. What may have happened in between, when a process dies, is known: the lease
runs out and the leg is `unknown`, never silently sent again as if nothing had left.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway import route
from gateway.deliver import DeliveryReport, Outcome, Parcel
from gateway.journey.backoff import wait_before
from gateway.journey.breaker import PROBE, hear, is_closed, is_silent
from gateway.journey.clocks import is_over
from gateway.journey.departure import moved, parcel_of
from gateway.journey.gateway import Gateway
from gateway.journey.insist import insist
from gateway.journey.turns import Turn
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.errors import Broken, Unreachable
from gateway.model.exchange import LegState
from gateway.model.reasons import REASONS
from gateway.record import Front, Stale

if TYPE_CHECKING:
    from gateway.record import Silence, Unit

_AFTER: dict[Outcome, LegState] = {
    Outcome.ARRIVED: LegState.ARRIVED,
    Outcome.HANDED_OVER: LegState.HANDED_OVER,
    Outcome.TRY_LATER: LegState.POSTPONED,
    Outcome.NEVER: LegState.FAILED,
    Outcome.UNKNOWN: LegState.UNKNOWN,
}

_WHY: dict[Outcome, str | None] = {
    Outcome.ARRIVED: None,
    Outcome.HANDED_OVER: None,
    Outcome.TRY_LATER: "try-later",
    Outcome.NEVER: "never",
    Outcome.UNKNOWN: "outcome-unknown",
}


def send(gateway: Gateway, worker: str) -> bool:
    """Try the next leg that is due, if any. True when there was one to look at."""
    with gateway.turns.turn() as turn:
        found = gateway.store.together(lambda unit: _begin(gateway, unit, turn, worker))
        if not isinstance(found, Begun):
            return found
        with gateway.claims.keeping(found.leg):
            report = _carry(gateway, found.leg, found.parcel)
            turn.answered(silent=is_silent(report))
            insist(lambda: _write_down(gateway, found, report, worker), gateway.pace.lease)
    return True


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt under way: the leg with it, its bytes, and what was known against its server."""

    leg: Leg
    parcel: Parcel
    silence: Silence | None


def _begin(gateway: Gateway, unit: Unit, turn: Turn, worker: str) -> Begun | bool:
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
    unit.audit(_entry(leg, "attempt-started", now, worker, attempt=len(leg.attempts) + 1, repeat=repeat))
    assert leg.message_id is not None
    assert leg.destination is not None
    parcel = Parcel(leg.message_id, leg.origin or "", leg.destination, body)
    return Begun(begun, parcel, silence)


def _write_down(gateway: Gateway, begun: Begun, report: DeliveryReport, worker: str) -> None:
    """What became of it, in a commit shared with others; nothing when the leg went on without us."""
    leg, now = begun.leg, gateway.clock()
    attempt = len(leg.attempts)
    to, reason, due = _AFTER[report.outcome], _WHY[report.outcome], None
    answer_by = now + gateway.pace.receipt_within if to is LegState.HANDED_OVER else None
    if reason is not None and report.code in REASONS:
        reason = report.code
    if to in (LegState.POSTPONED, LegState.UNKNOWN):
        wait = wait_before(attempt + 1, jitter=gateway.jitter(), schedule=gateway.pace.schedule)
        if wait is None and to is LegState.POSTPONED:
            to, reason = LegState.FAILED, "schedule-used-up"
        due = now + max(wait or gateway.pace.receipt_within, timedelta(seconds=report.wait_s))
    facts = {"attempt": attempt, "state": to.value, "reason": reason or "", "code": report.code, "tls": report.tls}

    def write(unit: Unit) -> None:
        unit.legs.move(
            leg,
            to,
            reason=reason,
            code=report.code,
            detail=report.detail,
            due=due,
            give_up=answer_by,
            outcome=report.outcome.value,
        )
        hear(gateway, unit, Front(leg.transport, leg.server), begun.silence, report, worker)
        unit.audit(_entry(leg, "attempt-result", now, worker, **facts))

    with suppress(Stale):  # our lease ran out, or it was written already: what the leg is now was written by others
        gateway.store.together(write)


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


def _entry(leg: Leg, kind: str, at: datetime, worker: str, **facts: str | int | bool) -> Entry:
    return Entry(
        kind=kind,
        at=at,
        tenant=leg.tenant,
        actor=f"worker:{worker}",
        exchange=leg.exchange,
        leg=leg.n,
        facts={"from": leg.state.value, "transport": leg.transport, **facts},
    )
