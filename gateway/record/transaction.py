"""One transaction: begun by its first statement, kept whole or not at all, never silent.

A writing one takes SQLite's only writer's place at once (BEGIN IMMEDIATE), so what it reads cannot change under it;
on PostgreSQL `locking` reads do the same row by row. Threads of one process queue on a lock instead of SQLite's
busy timer, which sleeps.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert, Row, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError

from gateway.model.audit import Entry
from gateway.model.errors import Broken, Unreachable
from gateway.record.engine import begin
from gateway.record.ready import Put, ready
from gateway.record.troubles import Held, Silent, Taken

_HELD = ("55P03", "40P01")  # lock_not_available, deadlock_detected

Change = tuple[str, str | None, int | None]
"""Tenant, exchange, leg: what an audit entry must name."""


class Clash(Exception):
    """What several parts left for later does not go in: each has to be tried by itself."""


class Writers:
    """The queue of one process's writers: one at a time on SQLite, any number on PostgreSQL, never one in another."""

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


class Transaction:
    """What the ports of a unit share: the connection, the clock, the entries to write, the changes to answer for."""

    def __init__(
        self, engine: Engine, writers: Writers | None, clock: Callable[[], datetime], draw: Callable[[int], bytes]
    ) -> None:
        self.clock, self.draw = clock, draw
        self.entries: list[Entry] = []
        self._engine, self._writers = engine, writers
        self._changes: dict[Change, str] = {}
        self._connection: Connection | None = None
        self._patience_ms = 0
        self._whole: Transaction | None = None
        self._later: dict[tuple[Put, str | None], list[Mapping[str, Any]]] = {}
        self._joined = False

    @property
    def writing(self) -> bool:
        """False for a transaction that may only read."""
        return self._writers is not None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def begun(self) -> bool:
        """True once a statement has run."""
        return self._connection is not None

    def run(self, statement: Executable, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> Any:
        """Run one statement; a list of rows is one round trip. Raises Unreachable or Broken, without parameters."""
        self.settle()
        try:
            return self._open().execute(statement, rows)
        except (DBAPIError, TimeoutError) as error:
            raise told(error) from None

    def write(
        self, statement: Executable, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement that changes rows. Raises Broken in a reading transaction."""
        if not self.writing:
            raise Broken("This unit may only read", advice="Open it with store.unit()")
        result = self.run(statement, rows)
        assert isinstance(result, CursorResult)
        return result

    def claim_key(
        self, statement: Insert, values: Mapping[str, Any] | Sequence[Mapping[str, Any]], what: str
    ) -> CursorResult[Any]:
        """Insert rows whose keys must be new. Raises Taken; the unit is then good for nothing but rolling back."""
        if not self.writing:
            raise Broken("This unit may only read", advice="Open it with store.unit()")
        self.settle()
        try:
            return self._open().execute(statement, values)
        except IntegrityError:
            raise Taken(what) from None
        except (DBAPIError, TimeoutError) as error:
            raise told(error) from None

    def put(self, statement: Put, rows: Sequence[Mapping[str, Any]], what: str | None = None) -> int:
        """Run a module's own statement, made ready once, with rows of the same columns; returns how many it touched.

        Raises Taken (`what`) when a key is in use, else Unreachable or Broken, as `run` does.
        """
        if not self.writing:
            raise Broken("This unit may only read", advice="Open it with store.unit()")
        try:
            return ready(statement, self._engine.dialect, tuple(rows[0])).run(self._open(), rows)
        except Exception as error:
            raise self._trouble(error, what) from None

    def put_later(self, statement: Put, rows: Sequence[Mapping[str, Any]], what: str | None = None) -> None:
        """The same; in a part, together with the rows of other parts, before the whole is committed.

        Until then `find` does not see them; every other statement does, for it puts them in first.
        """
        if self._whole is None:
            self.put(statement, rows, what)
        else:
            self._later.setdefault((statement, what), []).extend(rows)

    def settle(self) -> None:
        """Put in what was left for later. Raises as `put` does; Clash when it was other parts' and cannot be."""
        if self._whole is not None and self._whole._later and not self._joined:
            try:
                self._put_all(self._whole._later)
            except Broken:
                raise Clash from None
            self._joined = True
        later, self._later = self._later, {}
        self._put_all(later)

    def _put_all(self, later: Mapping[tuple[Put, str | None], list[Mapping[str, Any]]]) -> None:
        for (statement, what), rows in later.items():
            self.put(statement, rows, what)

    def find(self, statement: Select[Any], values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Every row of a module's own select, made ready once, as plain tuples; raises as `run` does."""
        try:
            return ready(statement, self._engine.dialect, tuple(values)).find(self._open(), values)
        except Exception as error:
            raise self._trouble(error) from None

    def _trouble(self, error: Exception, what: str | None = None) -> Exception:
        """What to raise for an error of the driver, of SQLAlchemy, or of neither, which stays as it is."""
        dialect = self._engine.dialect
        driver: Any = dialect.loaded_dbapi
        if isinstance(error, (DBAPIError, TimeoutError)):
            return told(error)
        if not isinstance(error, driver.Error):
            return error
        if what and isinstance(error, driver.IntegrityError):
            return Taken(what)
        line = self._connection
        if line is not None and not line.invalidated:
            lost: Any = line.connection.dbapi_connection
            if dialect.is_disconnect(error, lost, None):
                line.invalidate()  # nothing can be undone on it
        return told(DBAPIError.instance(None, None, error, driver.Error, dialect=dialect))

    def insert_new(self, table: Table, row: Mapping[str, Any]) -> bool:
        """Insert the row if its keys are free; returns whether it went in."""
        return self.put(_insert_new(table, self._engine.dialect.name), [row]) == 1

    def replace(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert the row, or give the one with its primary key these values."""
        self.put(_replace(table, self._engine.dialect.name, tuple(row)), [row])

    def first(self, statement: Select[Any], values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row, or None."""
        row: Row[Any] | None = self.run(statement, values).first()
        return row

    def all(self, statement: Select[Any], values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Every row."""
        rows: Sequence[Row[Any]] = self.run(statement, values).all()
        return rows

    def locking(self, statement: Select[Any], *, skip: bool = False) -> Select[Any]:
        """The same select, holding its rows until the end of a writing transaction; `skip` passes over held ones."""
        return statement.with_for_update(skip_locked=skip, key_share=True) if self.writing else statement

    def hold(self, digests: Sequence[bytes]) -> None:
        """Keep other writing units away from these names until the end, in one order so that none waits for ever.

        SQLite's writer is alone anyhow; PostgreSQL has advisory locks for it, which end with the transaction.
        """
        if self.writing and self._engine.dialect.name == "postgresql":
            keys = sorted(int.from_bytes(digest[:8], "big", signed=True) for digest in digests)
            self.command("SELECT " + ", ".join(["pg_advisory_xact_lock(%s::bigint)"] * len(keys)), keys)

    def changed(self, what: str, tenant: str, exchange: str | None = None, leg: int | None = None) -> None:
        """Remember a change an audit entry of this unit must tell of."""
        self._changes.setdefault((tenant, exchange, leg), what)

    def check_told(self) -> None:
        """Raise Silent for the first change no entry names: same tenant, same exchange, same leg."""
        for (tenant, exchange, leg), what in self._changes.items():
            if not any(
                entry.tenant == tenant and exchange in (None, entry.exchange) and leg in (None, entry.leg)
                for entry in self.entries
            ):
                raise Silent(what)

    def begin(self) -> Transaction:
        """Begin now, not with the first statement."""
        self._open()
        return self

    def part(self) -> Transaction:
        """The same transaction with entries and changes of its own; only the whole is committed and closed."""
        part = Transaction(self._engine, self._writers, self.clock, self.draw)
        part._connection = self._open()
        part._whole = self
        return part

    def join(self, part: Transaction) -> None:
        """A part has ended well: what it tells and what it left for later is the whole's."""
        if part._joined:
            self._later = {}
        self.entries += part.entries
        for (statement, what), rows in part._later.items():
            self._later.setdefault((statement, what), []).extend(rows)

    def command(self, words: str, values: Sequence[int] = ()) -> None:
        """Run words of SQL as they stand."""
        try:
            cursor = self._open().connection.cursor()
            cursor.execute(words, values) if values else cursor.execute(words)
            cursor.close()
        except Exception as error:
            raise self._trouble(error) from None

    def wait_for_locks(self, at_most_ms: int = 0) -> None:
        """How long a statement waits for what another transaction holds before it raises Held; 0: until it gets it.

        Nothing to say to SQLite, whose writer is alone.
        """
        if at_most_ms != self._patience_ms and self._engine.dialect.name == "postgresql":
            self.command(f"SET LOCAL lock_timeout = {at_most_ms:d}")
        self._patience_ms = at_most_ms

    def commit(self) -> None:
        """Keep everything, or raise and keep nothing."""
        if self._connection is None:
            return
        try:
            self._connection.commit()
        except DBAPIError as error:
            raise told(error) from None

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        finally:
            if self._writers:
                self._writers.leave()

    def _open(self) -> Connection:
        if self._connection is not None:
            return self._connection
        if self._writers:
            self._writers.enter()
        try:
            self._connection = self._engine.connect()
            begin(self._connection, writing=self.writing)
        except BaseException:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._writers:
                self._writers.leave()
            raise
        return self._connection


@lru_cache
def _insert_new(table: Table, dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


@lru_cache
def _replace(table: Table, dialect: str, names: tuple[str, ...]) -> Insert:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    rest = {name: insert.excluded[name] for name in names if not table.c[name].primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)


def told(error: DBAPIError | TimeoutError) -> Broken | Unreachable:
    """The database's trouble in our words: its name and code, never a value or a statement."""
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None) or ""
    name = f"{type(original or error).__name__} {code}".strip()
    if code in _HELD:
        return Held(name)
    if isinstance(error, (OperationalError, TimeoutError)) or getattr(error, "connection_invalidated", False):
        return Unreachable(f"The database did not do it ({name})", advice="Check that it runs and has room")
    return Broken(f"The database refused a statement ({name})", advice="Report this fault")
