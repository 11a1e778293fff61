"""send: one leg is claimed, its bytes travel with no transaction open, and what the other side said is written down.

Claim is one commit, the result a second. What may have happened in between, when a process dies, is known: the lease
runs out and the leg is `unknown`, never silently sent again as if nothing had left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway import route
from gateway.deliver import DeliveryReport, Outcome
from gateway.journey.backoff import wait_before
from gateway.journey.breaker import PROBE, hear, is_closed, is_silent
from gateway.journey.gateway import Gateway
from gateway.journey.quarantine import why_held
from gateway.journey.turns import Turn
from gateway.journey.withdraw import why_withdrawn
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.errors import Broken, Unreachable
from gateway.model.exchange import LegState
from gateway.model.parcel import Parcel
from gateway.model.reasons import REASONS
from gateway.record import Erased, Missing, Stale

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
        with gateway.store.unit() as unit:
            leg, silence = _next(gateway, unit, turn)
            if leg is None:
                return False
            body = _looked_at(gateway, unit, leg, worker)
            if body is None:
                return True
            if silence and silence.closed_until and not unit.servers.probe(silence, gateway.clock() + PROBE):
                return True  # another worker is asking it already
            begun, parcel = _claim(gateway, unit, leg, body, worker)
        with gateway.claims.keeping(begun):
            report = _carry(gateway, leg, parcel)
            turn.answered(silent=is_silent(report))
            _write_down(gateway, leg, silence, report, worker)
    return True


def _next(gateway: Gateway, unit: Unit, turn: Turn) -> tuple[Leg, Silence | None] | tuple[None, None]:
    """The leg whose turn it is, and what is known against its server; passes over those closed or busy enough."""
    now, transports = gateway.clock(), {*gateway.transports, *route.BY_ENDPOINT}
    fronts, known = unit.legs.fronts(now, transports), unit.servers.all()
    for front in gateway.turns.order(fronts):
        silence = known.get(front.server)
        if is_closed(silence, now, gateway.pace.closed_for[-1] * 2) or not turn.begin(front.server):
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


def _looked_at(gateway: Gateway, unit: Unit, leg: Leg, worker: str) -> bytes | None:
    """The parcel of a leg that may leave; None for one that was moved: what breaks us must not stay the next."""
    try:
        if _may_leave(gateway, unit, leg, worker):
            return unit.contents.get(leg.tenant, leg.exchange, f"parcel/{leg.n}")
    except (Unreachable, Stale):
        raise
    except Exception as defect:
        reason = "no-parcel" if isinstance(defect, (Erased, Missing)) else "broken"
        gateway.notice("leg held", exchange=leg.exchange, leg=leg.n, reason=reason, defect=type(defect).__name__)
        _stay(unit, leg, LegState.HELD, reason, "", gateway.clock(), worker)
    return None


def _may_leave(gateway: Gateway, unit: Unit, leg: Leg, worker: str) -> bool:
    """Ask the gate again, and the sending mailbox; a leg that may not leave is moved and False is given."""
    now = gateway.clock()
    if why := why_held(gateway, leg):
        _stay(unit, leg, LegState.HELD, why, "", now, worker)
        return False
    if leg.message_id is None or leg.destination is None:  # released by a person, but there is still nothing to send
        lost = "no-endpoint" if leg.transport in route.BY_ENDPOINT else "no-address"
        _stay(unit, leg, LegState.HELD, "no-parcel" if leg.destination else lost, "L03", now, worker)
        return False
    case = route.case_from(leg.case)
    memory = unit.memory.of(leg.tenant, case.client or "")
    if case.report_id and (why := why_withdrawn(memory, case.report_id)):
        sent = leg.state is LegState.UNKNOWN  # it may have left already: that cannot be taken back
        _stay(unit, leg, LegState.FAILED if sent else LegState.CANCELLED, why, "L17", now, worker)
        return False
    if case.in_team and case.team and case.client:
        team = memory.team(case.team)
        case = replace(case, in_team=team is not None and route.takes_part(case, team.team, now))
    decision = route.judge(
        case,
        objections=unit.objections.active(leg.tenant, case.patient),
        white_list=gateway.white_list(),
        now=now,
        endpoints=gateway.endpoints,
    )
    sign_in = gateway.transports[leg.transport].ready(leg.origin or "") if decision.permitted else None
    if decision.permitted and sign_in is None:
        return True
    if leg.state is LegState.UNKNOWN:  # it may have left already: only a person may decide now
        to = LegState.HELD
    else:
        to = LegState.DENIED if decision.verdict is route.Verdict.DENY else LegState.HELD
    reason = sign_in if decision.permitted else decision.reason
    _stay(unit, leg, to, reason or "", decision.rule, now, worker)
    return False


def _stay(unit: Unit, leg: Leg, to: LegState, reason: str, rule: str, now: datetime, worker: str) -> None:
    unit.legs.move(leg, to, reason=reason)
    unit.audit(_entry(leg, "leg-moved", now, worker, state=to.value, reason=reason, rule=rule))


def _claim(gateway: Gateway, unit: Unit, leg: Leg, body: bytes, worker: str) -> tuple[Leg, Parcel]:
    now = gateway.clock()
    begun = unit.legs.start(leg, worker, now, gateway.pace.lease)
    repeat = leg.state is LegState.UNKNOWN
    unit.audit(_entry(leg, "attempt-started", now, worker, attempt=len(leg.attempts) + 1, repeat=repeat))
    assert leg.message_id is not None
    assert leg.destination is not None
    return begun, Parcel(leg.message_id, leg.origin or "", leg.destination, body)


def _write_down(gateway: Gateway, leg: Leg, silence: Silence | None, report: DeliveryReport, worker: str) -> None:
    now, attempt = gateway.clock(), len(leg.attempts) + 1
    to, reason, due = _AFTER[report.outcome], _WHY[report.outcome], None
    answer_by = now + gateway.pace.receipt_within if to is LegState.HANDED_OVER else None
    if reason is not None and report.code in REASONS:
        reason = report.code
    if to in (LegState.POSTPONED, LegState.UNKNOWN):
        wait = wait_before(attempt + 1, jitter=gateway.jitter(), schedule=gateway.pace.schedule)
        if wait is None and to is LegState.POSTPONED:
            to, reason = LegState.FAILED, "schedule-used-up"
        due = now + max(wait or gateway.pace.receipt_within, timedelta(seconds=report.wait_s))
    with gateway.store.unit() as unit:
        current = unit.legs.get(leg.tenant, leg.exchange, leg.n)
        if current is None or current.state is not LegState.ATTEMPTED or len(current.attempts) != attempt:
            return  # our lease ran out and the leg went on without us: what it is now was written by others
        hear(gateway, unit, leg.server, silence, report, worker)
        unit.legs.move(
            current,
            to,
            reason=reason,
            code=report.code,
            detail=report.detail,
            due=due,
            give_up=answer_by,
            outcome=report.outcome.value,
        )
        unit.audit(
            _entry(
                current,
                "attempt-result",
                now,
                worker,
                attempt=attempt,
                state=to.value,
                reason=reason or "",
                code=report.code,
                tls=report.tls,
            )
        )


def resume(gateway: Gateway, worker: str) -> int:
    """Let go what waited for a sign-in that has taken place since. Gives how many legs there were."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        waiting = [leg for leg in unit.legs.held("sign-in-needed") if _signed_in(gateway, leg)]
        for leg in waiting:
            unit.legs.move(leg, LegState.WAITING)
            unit.audit(_entry(leg, "leg-moved", now, worker, state=LegState.WAITING.value, reason="signed-in"))
    return len(waiting)


def _signed_in(gateway: Gateway, leg: Leg) -> bool:
    transport = gateway.transports.get(leg.transport)
    return transport is not None and transport.ready(leg.origin or "") is None


def notice_silence(gateway: Gateway, worker: str) -> int:
    """Mark legs whose receipt never came as `unread`. Gives how many there were."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        silent = unit.legs.silent(now - gateway.pace.receipt_within, now)
        for leg in silent:
            unit.legs.move(leg, LegState.UNREAD, reason="no-receipt")
            unit.audit(_entry(leg, "leg-moved", now, worker, state=LegState.UNREAD.value, reason="no-receipt"))
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
