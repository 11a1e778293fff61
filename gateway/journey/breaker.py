"""breaker: a server found silent several times in a row is left alone for a while, then asked once with one leg.

Silent: no line, none in time, or word that it is away. A refusal, of a recipient or of us, is an answer. What waits for
a closed server keeps its state and its due time, and no attempt of its own is used up. All workers share what was
found, in one small table written only when it changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.deliver import DeliveryReport, Outcome
from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.record import Silence

if TYPE_CHECKING:
    from gateway.record import Unit

AWAY = ("unreachable", "421", "HTTP 502", "HTTP 503", "HTTP 504")
"""How the code of an answer begins that says that nobody is there: RFC 5321 §3.8 (421), RFC 9110 §15.6.3 to §15.6.5."""

PROBE = timedelta(minutes=2)
"""How long nobody else asks a closed server again: more than an attempt takes."""


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


def hear(gateway: Gateway, unit: Unit, server: str, known: Silence | None, report: DeliveryReport, worker: str) -> None:
    """Count an attempt's silence, and close the server when it is one too many; an answer opens it.

    known  what was known of it when the attempt began: most servers have nothing to be forgiven, and cost nothing
    """
    silent = is_silent(report)
    if not server or not (silent or known):
        return
    now, before = gateway.clock(), unit.servers.get(server)
    if not silent:
        if before:
            unit.servers.forget(before)
            if before.closed_until:
                unit.audit(_entry("server-opened", server, now, worker, failures=before.failures))
        return
    failures = before.failures + 1 if before else 1
    closed_until = None
    if failures >= gateway.pace.silent_after:
        spans = gateway.pace.closed_for
        span = spans[min(failures - gateway.pace.silent_after, len(spans) - 1)]
        closed_until = now + span * (1 + 0.2 * gateway.jitter())
        until = closed_until.isoformat(timespec="seconds")
        unit.audit(_entry("server-closed", server, now, worker, failures=failures, code=report.code, until=until))
    since = before.since if before else now
    unit.servers.keep(Silence(name=server, failures=failures, since=since, closed_until=closed_until, code=report.code))


def _entry(kind: str, server: str, now: datetime, worker: str, **facts: str | int) -> Entry:
    return Entry(kind=kind, at=now, tenant="", actor=f"worker:{worker}", facts={"server": server, **facts})
