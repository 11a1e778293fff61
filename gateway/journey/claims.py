"""claims: what the threads of this process have under way. A worker's heartbeat renews exactly these, and no other.

A thread that is done with a claim, in whatever way, has it renewed no more: when it could not write down how it ended,
the lease runs out and the work goes to whoever comes next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.model.dossier import Leg
    from gateway.record import Duty, Job

    Claim = Leg | Job | Duty

LONGEST = timedelta(minutes=15)
"""A step that has not ended by then is renewed no more: a thread that hangs must not keep its work for ever."""


class Claims:
    """Shared by all threads of a process. `uptime` gives seconds that only go forward."""

    def __init__(self, uptime: Callable[[], float] = time.monotonic) -> None:
        self._uptime = uptime
        self._held: dict[int, tuple[Claim, float]] = {}
        self._lock = Lock()

    @contextmanager
    def keeping(self, claim: Claim) -> Iterator[None]:
        """The claim is under way until the block ends."""
        key = id(claim)
        with self._lock:
            self._held[key] = claim, self._uptime()
        try:
            yield
        finally:
            with self._lock:
                del self._held[key]

    def under_way(self) -> tuple[Claim, ...]:
        """Those to be renewed."""
        oldest = self._uptime() - LONGEST.total_seconds()
        with self._lock:
            return tuple(claim for claim, since in self._held.values() if since > oldest)
