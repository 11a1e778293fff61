"""outcome: what an answer means for its leg, and its writing down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.deliver import DeliveryReport, Outcome
from gateway.journey.backoff import wait_before
from gateway.journey.breaker import hear
from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
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


def outcome(
    gateway: Gateway, leg: Leg, silence: Silence | None, report: DeliveryReport, worker: str
) -> Callable[[Unit], None]:
    """The writing down of an attempt's end, as it is now; nothing is written when the leg went on without us.

    leg      with the attempt under way
    silence  what was known against its server when it began
    """
    now, attempt = gateway.clock(), len(leg.attempts)
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
        try:
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
        except Stale:  # our lease ran out, or it was written already: what the leg is now was written by others
            return
        hear(gateway, unit, Front(leg.transport, leg.server), silence, report, worker)
        unit.audit(attempt_entry(leg, "attempt-result", now, worker, **facts))

    return write


def attempt_entry(leg: Leg, kind: str, at: datetime, worker: str, **facts: str | int | bool) -> Entry:
    """What the log says of an attempt; `leg` as it stood before."""
    return Entry(
        kind=kind,
        at=at,
        tenant=leg.tenant,
        actor=f"worker:{worker}",
        exchange=leg.exchange,
        leg=leg.n,
        facts={"from": leg.state.value, "transport": leg.transport, **facts},
    )
