"""turns: which server the next thread of this process speaks to, so that one that makes us wait keeps nobody else.

Like a stranger, a server is given one thread at first. Each attempt it answers soon earns it twice as many, up to
`per_server`; one that takes long, or stays silent, has one again. Where there are several servers, one thread is always
left to the others; of two with something to send, the one spoken to by fewer threads comes first.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.record import Front

SOON_S = 2.0
"""An answer that takes longer earns no second thread: a server that is merely slow may have one all the time."""


class Turns:
    """Shared by the sender threads of a process.

    per_server  most attempts under way with one server
    threads     how many senders there are
    uptime      gives seconds that only go forward
    """

    def __init__(self, per_server: int = 4, threads: int = 4, *, uptime: Callable[[], float] = time.monotonic) -> None:
        self.uptime = uptime
        self._per_server, self._threads = per_server, threads
        self._under_way: Counter[Front] = Counter()
        self._earned: dict[Front, int] = {}
        self._lock = Lock()

    def order(self, fronts: Sequence[Front]) -> tuple[Front, ...]:
        """Where to look first: at the server fewest threads speak to; otherwise as they come."""
        with self._lock:
            for front in fronts:
                self._earned.setdefault(front, 1)
            return tuple(sorted(fronts, key=self._under_way.__getitem__))

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """One thread's turn, with whichever server it begins; over when the block ends."""
        turn = Turn(self)
        try:
            yield turn
        finally:
            turn.leave()

    def enter(self, server: Front) -> bool:
        """One more attempt with that server, unless it has as many under way as it may have."""
        with self._lock:
            most = min(self._per_server, self._earned.setdefault(server, 1))
            if len(self._earned) > 1:
                most = min(most, max(1, self._threads - 1))
            if self._under_way[server] >= most:
                return False
            self._under_way[server] += 1
            return True

    def leave(self, server: Front) -> None:
        """One attempt less."""
        with self._lock:
            self._under_way[server] -= 1

    def judge(self, server: Front, *, well: bool) -> None:
        """What it earned: `well` when it answered soon."""
        with self._lock:
            self._earned[server] = min(self._per_server, 2 * self._earned.get(server, 1)) if well else 1


class Turn:
    """One thread's place with one server."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._server: Front | None = None
        self._since = 0.0

    def begin(self, server: Front) -> bool:
        """Take a place there; False when it has none left."""
        if not self._turns.enter(server):
            return False
        self._server, self._since = server, self._turns.uptime()
        return True

    def answered(self, *, silent: bool) -> None:
        """How the attempt went."""
        if self._server is not None:
            self._turns.judge(self._server, well=not silent and self._turns.uptime() - self._since <= SOON_S)

    def leave(self) -> None:
        """Give the place up, if it has one."""
        server, self._server = self._server, None
        if server is not None:
            self._turns.leave(server)
