"""breaker: a server found silent several times in a row is left alone for a while, then asked once with one leg.

Silent: no line, none in time, or word that it is away. A refusal, of a recipient or of us, is an answer. What waits for
a closed server keeps its state and its due time, and no attempt of its own is used up. All workers share what was
found, in one small table written only when it changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.deliver import DeliveryReport, Outcome
from gateway.journey.clocks import is_over
from gateway.journey.departure import moved
from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.model.exchange import LegState
from gateway.record import Silence

if TYPE_CHECKING:
    from gateway.record import Front, Unit

AWAY = ("unreachable", "421", "HTTP 502", "HTTP 503", "HTTP 504")
"""How the code of an answer begins that says that nobody is there: RFC 5321 §3.8 (421), RFC 9110 §15.6.3 to §15.6.5."""

PROBE = timedelta(minutes=2)
"""How long nobody else asks a closed server again: more than an attempt takes."""


_END = {
    LegState.POSTPONED: (LegState.FAILED, "schedule-used-up"),
    LegState.WAITING: (LegState.HELD, "server-away"),
    LegState.UNKNOWN: (LegState.HELD, "outcome-unknown"),
}
"""What becomes of a leg that waited for a silent server too long."""


def is_silent(report: DeliveryReport) -> bool:
    """True when an attempt found nobody, or lost the line before the last answer."""
    if report.outcome is Outcome.UNKNOWN:
        return True
    return report.outcome is Outcome.TRY_LATER and report.code.startswith(AWAY)


def is_closed(silence: Silence | None, now: datetime, longest: timedelta) -> bool:
    """True while nothing is sent there; never longer than that from now, whatever a clock once said."""
    if silence is None or silence.closed_until is None:
        return False
    return now < silence.closed_until <= now + max(longest, PROBE)


def hear(
    gateway: Gateway, unit: Unit, front: Front, known: Silence | None, report: DeliveryReport, worker: str
) -> None:
    """Count an attempt's silence, and close the server when it is one too many; an answer opens it.

    known  what was known of it when the attempt began: most servers have nothing to be forgiven, and cost nothing
    """
    silent = is_silent(report)
    if not front.server or not (silent or known):
        return
    now, before = gateway.clock(), unit.servers.get(front)
    if not silent:
        if before:
            unit.servers.forget(before)
            if before.closed_until:
                unit.audit(_entry("server-opened", front, now, worker, failures=before.failures))
        return
    failures = before.failures + 1 if before else 1
    closed_until = None
    if failures >= gateway.pace.silent_after:
        spans = gateway.pace.closed_for
        span = spans[min(failures - gateway.pace.silent_after, len(spans) - 1)]
        closed_until = now + span * (1 + 0.2 * gateway.jitter())
        until = closed_until.isoformat(timespec="seconds")
        unit.audit(_entry("server-closed", front, now, worker, failures=failures, code=report.code, until=until))
    since = before.since if before else now
    unit.servers.keep(
        Silence(
            transport=front.transport, name=front.server, failures=failures, since=since, closed_until=closed_until,
            code=report.code,
        )
    )  # fmt: skip


def give_up(gateway: Gateway, worker: str) -> int:
    """End what has waited for a silent server longer than it is tried for. Gives how many there were.

    Tried once at least, it has failed; never tried, or with an unknown outcome, a person must look at it.
    """
    now, tried_for = gateway.clock(), sum(gateway.pace.schedule, timedelta())
    ended = 0
    with gateway.store.unit() as unit:
        for silence in unit.servers.all().values():
            if silence.closed_until is None:
                continue
            overdue = unit.legs.overdue(silence.front, now - tried_for, now)
            if overdue and not is_over(gateway, unit, now):
                return ended
            for leg in overdue:
                to, reason = _END[leg.state]
                unit.legs.move(leg, to, reason=reason, code=silence.code)
                unit.audit(moved(leg, to, reason, now, worker))
                ended += 1
    return ended


def _entry(kind: str, front: Front, now: datetime, worker: str, **facts: str | int) -> Entry:
    which = {"server": front.server, "transport": front.transport}
    return Entry(kind=kind, at=now, tenant="", actor=f"worker:{worker}", facts={**which, **facts})
