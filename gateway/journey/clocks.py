"""clocks: the gateway's time goes on steadily; when the machine's clock jumps, what is due stays as far away as it was.

Between two looks time is counted by the uptime, which nobody sets. Every second it is compared with the clock of the
machine (on PostgreSQL: of the database's machine, which all hosts share). Small differences are followed. A jump is
told in the audit log, and every deadline is moved by as much in the same commit: nothing fires early, nothing is stuck,
and the log goes on in the time the machine gives.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from gateway.model.audit import Entry
from gateway.record import Seen, since_boot

if TYPE_CHECKING:
    from gateway.journey.gateway import Gateway
    from gateway.record import Unit

FOLLOWED = timedelta(seconds=5)
"""A difference up to this is no jump: clocks are disciplined, and a look takes its time."""

KEPT_EVERY = timedelta(minutes=1)
BELIEVED_S = 3.0  # of ticks since the last look
SETTLED_IN = timedelta(minutes=2)
LONGEST_WAIT = timedelta(days=3)
TOLD_FOR = timedelta(hours=1)
AWAY = timedelta(minutes=10)
"""Nobody was awake for so long: receipts and callbacks are waited for that much longer."""

Facts = dict[str, str | int | bool]


class Timekeeper:
    """The clock of one process: call it for the time. `look` keeps it right; without looks it just goes on.

    wall    the machine's clock, which anybody may set
    boot    names this boot of the machine
    uptime  of this boot; `ticks` counts finer, and is believed for a few seconds
    """

    def __init__(
        self,
        wall: Callable[[], datetime],
        *,
        boot: str,
        uptime: Callable[[], timedelta] = since_boot,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._boot, self._uptime, self._ticks = wall, boot, uptime, ticks
        self._held = Seen(wall(), uptime()), ticks()
        self._kept: timedelta | None = None  # at which uptime the row was written; None before the first look
        self._stepped: timedelta | None = None
        self._before: datetime | None = None  # what it was when it last jumped
        self._swept: timedelta | None = None
        self._looking = Lock()

    def __call__(self) -> datetime:
        """Now."""
        held, then = self._held
        since = self._ticks() - then
        if 0 <= since < BELIEVED_S:
            return held.at + timedelta(seconds=since)
        return self._at(self._uptime())

    @property
    def stepped_lately(self) -> bool:
        """Whether the machine's clock jumped within the last hour."""
        return self._stepped is not None and self._uptime() - self._stepped < TOLD_FOR

    @property
    def settling(self) -> bool:
        """True for a while after a jump: steps that asked for the time before it may write after it."""
        return self._stepped is not None and self._uptime() - self._stepped <= SETTLED_IN

    def stands_by(self, now: datetime, unit: Unit) -> bool:
        """Whether it is so late, as far as all processes of this gateway have said."""
        kept = unit.clock.of(self._boot)
        return not self.settling and (kept is None or now - kept.at <= self._uptime() - kept.uptime + FOLLOWED)

    def look(self, gateway: Gateway, actor: str) -> None:
        """Compare with the machine's clock; whoever comes while another looks goes on.

        Raises Unreachable when the database is away.
        """
        if not self._looking.acquire(blocking=False):
            return
        try:
            looked = self._see(gateway)
            if looked is None:
                return
            seen, _ = looked
            if self._kept is None or abs(seen.at - self._at(seen.uptime)) > FOLLOWED:
                before = self._held
                try:
                    self._agree(gateway, looked, actor)
                except BaseException:
                    self._held = before  # nothing was moved: the next look finds the jump again
                    raise
                self._kept = seen.uptime
            self._held = looked
            if self.settling and (self._swept is None or seen.uptime - self._swept >= FOLLOWED):
                self._bring_back(gateway, seen, actor)
            if seen.uptime - self._kept >= KEPT_EVERY:
                with gateway.store.unit(lasting=False) as unit:
                    unit.clock.keep(self._boot, seen)
                self._kept = seen.uptime
        finally:
            self._looking.release()

    def _bring_back(self, gateway: Gateway, seen: Seen, actor: str) -> None:
        self._swept = seen.uptime
        furthest = seen.at + max(2 * sum(gateway.pace.schedule, timedelta()), LONGEST_WAIT)
        with gateway.store.unit() as unit:
            count = unit.clock.bring_back(seen.at, furthest)
            if self._before is not None:
                lately = self._before - SETTLED_IN, self._before + SETTLED_IN
                count += unit.clock.wait_anew(seen.at, seen.at + gateway.pace.receipt_within, lately)
            if count:
                _tell(unit, "deadlines-moved", seen.at, actor, {"deadlines": count})

    def _at(self, uptime: timedelta) -> datetime:
        held, _ = self._held
        return held.at + (uptime - held.uptime)

    def _see(self, gateway: Gateway) -> tuple[Seen, float] | None:
        """What the machine's clock says, and the ticks then; None when the look took too long to say anything."""
        before = self._uptime()
        with gateway.store.glance() as unit:
            at = unit.clock.now()
        if at is None:
            before, at = self._uptime(), self._wall()
        took = self._uptime() - before
        if took > FOLLOWED / 2:
            return None
        return Seen(at, before + took / 2), self._ticks() - took.total_seconds() / 2

    def _agree(self, gateway: Gateway, looked: tuple[Seen, float], actor: str) -> None:
        """With what this machine's processes, or others, last said. One of them tells of a jump, the rest follow."""
        seen, _ = looked
        if self._kept is not None:
            self._stepped, self._before = seen.uptime, self._at(seen.uptime)
        with gateway.store.unit() as unit:
            unit.clock.alone()
            self._held = looked  # whoever asks from now on writes after us
            last, latest = unit.clock.of(self._boot), unit.clock.latest()
            jump = _jump(last, latest, seen)
            if jump:
                self._stepped = seen.uptime
                count = unit.clock.move(jump)
                _tell(unit, "clock-step", seen.at, actor, {"seconds": round(jump.total_seconds()), "deadlines": count})
            away = seen.at - jump - latest if latest else timedelta()
            if away > AWAY and (count := unit.clock.wait_longer(away)):
                facts: Facts = {"seconds": round(away.total_seconds()), "deadlines": count}
                _tell(unit, "deadlines-moved", seen.at, actor, facts)
            unit.clock.keep(self._boot, seen)


def look(gateway: Gateway, actor: str) -> None:
    """What every process looks at each second beside its work: its clock, and how full it is. Raises Unreachable."""
    try:
        gateway.pressure.look(gateway, actor)  # first: without room, nothing can be written of the clock
    finally:
        if isinstance(gateway.clock, Timekeeper):
            gateway.clock.look(gateway, actor)


def is_over(gateway: Gateway, unit: Unit, now: datetime) -> bool:
    """Whether what was found past its time at `now` is: ask in the unit that found it, and end nothing otherwise.

    `now` may have been read before the machine's clock went back, by a process that has not seen it yet; and what was
    written by the older time when it jumped ahead still has to be moved.
    """
    return not isinstance(gateway.clock, Timekeeper) or gateway.clock.stands_by(now, unit)


def _jump(last: Seen | None, latest: datetime | None, seen: Seen) -> timedelta:
    """How far the clock jumped since it was last seen; nothing when it only went on."""
    if last is not None and last.uptime <= seen.uptime:
        jump = seen.at - (last.at + (seen.uptime - last.uptime))
    else:  # another boot: how long that took is not known, only that time does not go back
        jump = min(timedelta(), seen.at - latest) if latest else timedelta()
    return jump if abs(jump) > FOLLOWED else timedelta()


def _tell(unit: Unit, kind: str, at: datetime, actor: str, facts: Facts) -> None:
    unit.audit(Entry(kind=kind, at=at, tenant="", actor=actor, facts=facts))
