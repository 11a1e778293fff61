"""Waiting for work without asking again and again: PostgreSQL tells its listeners, SQLite's file says that it changed.

What is heard says at most what kind of work there may be; whoever hears it looks. A word can be lost with a connection,
so after each new one everything is to be looked at, and listeners look from time to time anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine

from gateway.model.errors import Unreachable
from gateway.record.engine import BUSY_MS, CONNECT_S

CHANNEL = "passerelle"
"""What the triggers of `jobs` and `legs` call; the payload is a job's kind, or `send`."""

LOOK_S = 0.02  # how often SQLite's file is asked
REST_S = 0.05  # between two answers that it changed: a busy file changes at any moment

EVERYTHING: frozenset[str] = frozenset({"*"})


class Wake(Protocol):
    """One listener; one thread."""

    def wait(self, seconds: float) -> frozenset[str]:
        """The kinds of work that may have come, EVERYTHING when it cannot say; empty after so many seconds of silence.

        Raises Unreachable when the database does not answer; the next call tries a new connection.
        """
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


def listen(engine: Engine) -> Wake:
    """A listener to the database of that engine; it connects when it first waits."""
    return OnPostgresql(engine) if engine.dialect.name == "postgresql" else OnSqlite(engine)


class OnPostgresql:
    """LISTEN, on a connection of its own: one of the pool would have to be given back."""

    def __init__(self, engine: Engine) -> None:
        self._address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._line: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float) -> frozenset[str]:
        """See Wake."""
        try:
            if self._line is None:
                self._line = psycopg.connect(self._address, autocommit=True, connect_timeout=CONNECT_S)
                self._line.execute(f"LISTEN {CHANNEL}")
                return EVERYTHING
            return frozenset(heard.payload for heard in self._line.notifies(timeout=seconds, stop_after=1))
        except psycopg.Error as error:
            self.close()
            what = f"The database cannot be listened to ({type(error).__name__})"
            raise Unreachable(what, advice="Check that it runs") from None

    def close(self) -> None:
        """See Wake."""
        line, self._line = self._line, None
        if line is not None:
            line.close()


class OnSqlite:
    """A counter in the file's shared memory, which every commit of another connection moves (PRAGMA data_version)."""

    def __init__(self, engine: Engine, sleep: Callable[[float], object] | None = None) -> None:
        self._driver: Any = engine.dialect.loaded_dbapi
        self._file = engine.url.database
        self._sleep = sleep or Event().wait  # under a clock that is faked, time.sleep may refuse
        self._line: Any = None
        self._seen = -1
        self._rest_s = 0.0

    def wait(self, seconds: float) -> frozenset[str]:
        """See Wake."""
        self._sleep(self._rest_s)
        self._rest_s = 0.0
        for _ in range(max(1, round(seconds / LOOK_S))):
            if (now := self._version()) != self._seen:
                self._seen, self._rest_s = now, REST_S
                return EVERYTHING
            self._sleep(LOOK_S)
        return frozenset()

    def close(self) -> None:
        """See Wake."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _version(self) -> int:
        try:
            if self._line is None:
                self._line = self._driver.connect(self._file, timeout=BUSY_MS / 1000, check_same_thread=False)
            return int(self._line.execute("PRAGMA data_version").fetchone()[0])
        except self._driver.Error as error:
            self.close()
            what = f"The database cannot be read ({type(error).__name__})"
            raise Unreachable(what, advice="Check its file") from None
