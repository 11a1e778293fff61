"""The queue of one process's writers."""

from __future__ import annotations

import threading

from gateway.model.errors import Broken


class Writers:
    """One at a time on SQLite, any number on PostgreSQL, never one in another.

    Threads of one process queue on a lock instead of SQLite's busy timer, which sleeps.
    """

    def __init__(self, *, alone: bool) -> None:
        self._lock = threading.Lock() if alone else None
        self._busy = threading.local()

    def check_outside(self) -> None:
        """Raise Broken when this thread already has a writer's place."""
        if getattr(self._busy, "now", False):
            raise Broken("A unit was opened inside another one", advice="Pass the open unit on")

    def enter(self) -> None:
        """Wait for the writer's place. Raises Broken when this thread already has one."""
        self.check_outside()
        if self._lock:
            self._lock.acquire()
        self._busy.now = True

    def leave(self) -> None:
        """Let the next one in."""
        self._busy.now = False
        if self._lock:
            self._lock.release()
