"""Bells: threads of one kind of work sleep until there may be some, and then one of them looks.

A thread that found something rings for the next one before it goes on: so many wake as there is work for, and work for
nobody wakes one.
"""

from __future__ import annotations

from collections.abc import Collection
from threading import Condition


class Bell:
    """For one kind of work. A ring that nobody waited for is kept for the next who does."""

    def __init__(self) -> None:
        self._rung, self._over = False, False
        self._condition = Condition()

    def ring(self) -> None:
        """Wake one."""
        with self._condition:
            self._rung = True
            self._condition.notify()

    def wait(self) -> None:
        """Sleep until it rings, or the day is over."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung or self._over)
            self._rung = False

    def end_the_day(self) -> None:
        """Wake all, now and for ever."""
        with self._condition:
            self._over = True
            self._condition.notify_all()


class Bells:
    """One for each kind of work."""

    def __init__(self, kinds: Collection[str]) -> None:
        self._bells = {kind: Bell() for kind in kinds}

    def of(self, kind: str) -> Bell:
        """The bell of that kind of work."""
        return self._bells[kind]

    def ring(self, kinds: Collection[str]) -> None:
        """Ring for those kinds; for one nobody here works on, nothing is heard."""
        for kind in kinds:
            if bell := self._bells.get(kind):
                bell.ring()

    def ring_all(self) -> None:
        """Ring for every kind."""
        self.ring(self._bells)

    def end_the_day(self) -> None:
        """Nobody waits any more."""
        for bell in self._bells.values():
            bell.end_the_day()
