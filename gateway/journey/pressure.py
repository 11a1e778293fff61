"""pressure: how full the gateway is, looked at beside the work every second, so that a request only compares numbers.

What comes in is refused, or waits in its folder or mailbox, before memory or disk runs out. When the disk is full all
the same, a reserve of real blocks is given back to it: what is under way is finished, and the log says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from gateway.model.audit import Entry

if TYPE_CHECKING:
    from gateway.journey.gateway import Gateway
    from gateway.record import Unit

MOST_COUNTED = 200_000  # exchanges looked through for whose they are
LOOK_EVERY = timedelta(seconds=1)
COUNT_EVERY = 5.0  # seconds between two counts, and never more than a twentieth of the time
FULL_DISK = 1_000_000  # bytes: less than this, whatever the reserve, is a full disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """How much is taken in. 0: no ceiling.

    rate        requests a second that one software brings something with; it may save up ten seconds' worth
    unprepared  exchanges of one software that wait to be prepared
    legs        legs of all that have not left yet, held ones too
    memory      bytes one process may hold
    disk        bytes that stay free where things are recorded
    """

    rate: float = 0
    unprepared: int = 10_000
    legs: int = 500_000
    memory: int = 0
    disk: int = 0


@dataclass(frozen=True, slots=True)
class Full:
    """Why nothing is taken in now (a code of /v1/errors), and after how many seconds to ask again."""

    code: str
    again_s: int


class Disk(Protocol):
    """Where things are recorded."""

    reserve: int
    """Bytes of the reserve when it is whole."""

    def free(self) -> int:
        """Bytes that may still be written, the reserve not counted."""
        ...

    def give_back(self) -> bool:
        """Let the reserve go; False when there was none."""
        ...

    def hold(self) -> bool:
        """Make the reserve; False when it is there already, or there is no room for it."""
        ...


class Endless:
    """A disk nobody watches."""

    reserve = 0

    def free(self) -> int:
        """More than anybody asks for."""
        return 2**62

    def give_back(self) -> bool:
        """There is none."""
        return False

    def hold(self) -> bool:
        """There is none."""
        return False


class Pressure:
    """What `look` last saw, shared by the threads of a process.

    ticks     seconds that never go back
    resident  bytes this process holds
    """

    def __init__(
        self,
        ceilings: Ceilings = Ceilings(),
        *,
        disk: Disk | None = None,
        ticks: Callable[[], float] = monotonic,
        resident: Callable[[], int] = lambda: 0,
    ) -> None:
        self.ceilings = ceilings
        self.free, self.is_full, self.memory, self.legs = 2**62, False, 0, 0
        self._disk, self._ticks, self._resident = disk or Endless(), ticks, resident
        self._unprepared: Mapping[tuple[str, str], int] = {}
        self._taken: Counter[tuple[str, str]] = Counter()  # since they were counted
        self._saved: dict[tuple[str, str], tuple[float, float]] = {}  # requests saved up, and when
        self._count_at = float("-inf")
        self._told_full: bool | None = None  # as the log says; None before it was asked
        self._looking, self._lock = Lock(), Lock()

    def look(self, gateway: Gateway, actor: str) -> None:
        """Look again; whoever comes while another looks goes on. Raises Unreachable when the database is away."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._look_at_disk(gateway, actor)
            self.memory = self._resident()
            if (began := self._ticks()) >= self._count_at:
                self._count(gateway)
                self._count_at = self._ticks() + max(COUNT_EVERY, 20 * (self._ticks() - began))
        finally:
            self._looking.release()

    def room(self) -> Full | None:
        """Why nothing can be kept now, not even a receipt; None when there is room."""
        if self.is_full or self.free < self.ceilings.disk:
            return Full("storage-full", 30)
        return Full("overloaded", 10) if _beyond(self.memory, self.ceilings.memory) else None

    def everyone(self) -> Full | None:
        """Why nobody's events are taken in now; None when they are."""
        return self.room() or (Full("overloaded", 60) if _beyond(self.legs, self.ceilings.legs) else None)

    def one(self, tenant: str, client: str) -> Full | None:
        """Why nothing is taken from this software now; None when it is, and then it counts."""
        full, whose = self.everyone(), (tenant, client)
        if full:
            return full
        with self._lock:
            waiting = self._unprepared.get(whose, 0) + self._taken[whose]
            if self.ceilings.unprepared and waiting >= self.ceilings.unprepared:
                return Full("too-many-unprepared", 5)
            if self.ceilings.rate and not self._in_time(whose):
                return Full("too-fast", 1)
            self._taken[whose] += 1
        return None

    def _in_time(self, whose: tuple[str, str]) -> bool:
        now, most = self._ticks(), max(1.0, 10 * self.ceilings.rate)
        saved, at = self._saved.get(whose, (most, now))
        saved = min(most, saved + (now - at) * self.ceilings.rate)
        self._saved[whose] = (saved - 1 if saved >= 1 else saved, now)
        return saved >= 1

    def _count(self, gateway: Gateway) -> None:
        before = self._taken.copy()
        with gateway.store.glance() as unit:
            unprepared = unit.load.unprepared(MOST_COUNTED)
            self.legs = unit.load.unsent(self.ceilings.legs + 1 if self.ceilings.legs else MOST_COUNTED)
        with self._lock:
            self._unprepared, self._taken = unprepared, self._taken - before

    def _look_at_disk(self, gateway: Gateway, actor: str) -> None:
        disk = self._disk
        if self._told_full is None:
            self.is_full = self._told_full = _is_full_by_log(gateway)
        self.free = disk.free()
        if self.free < max(FULL_DISK, disk.reserve // 8):
            self.is_full = True
            if disk.give_back():
                self.free = disk.free()
        elif self.free >= self.ceilings.disk + disk.reserve:
            disk.hold()
            self.is_full = False
        if self.is_full is not self._told_full:
            _tell(gateway, "disk-full" if self.is_full else "disk-free", actor, self.free)
            self._told_full = self.is_full


def _beyond(number: int, ceiling: int) -> bool:
    return 0 < ceiling < number


def _is_full_by_log(gateway: Gateway) -> bool:
    """Whether the log last said that the disk is full."""
    with gateway.store.glance() as unit:
        return _last_said_full(unit)


def _last_said_full(unit: Unit) -> bool:
    full, free = unit.log.last_of("disk-full"), unit.log.last_of("disk-free")
    return full is not None and (free is None or free.seq < full.seq)


def _tell(gateway: Gateway, kind: str, actor: str, free: int) -> None:
    """Once, however many processes of this machine see it."""
    with gateway.store.unit() as unit:
        if _last_said_full(unit) is not (kind == "disk-full"):
            facts: dict[str, str | int | bool] = {"free": free}
            unit.audit(Entry(kind=kind, at=gateway.clock(), tenant="", actor=actor, facts=facts))
