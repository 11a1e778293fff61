"""One transaction: begun by its first statement, kept whole or not at all, never silent.

A writing one takes SQLite's only writer's place at once (BEGIN IMMEDIATE), so what it reads cannot change under it;
on PostgreSQL `locking` reads do the same row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert, Row, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError

from gateway.model.audit import Entry
from gateway.model.errors import Broken
from gateway.record.engine import begin
from gateway.record.far import Far
from gateway.record.later import Later
from gateway.record.near import Near
from gateway.record.ready import Failed, Line, Put, Rows, ready
from gateway.record.told import told, told_by_driver
from gateway.record.troubles import Silent, Taken
from gateway.record.writers import Writers

T = TypeVar("T")

Change = tuple[str, str | None, int | None]
"""Tenant, exchange, leg: what an audit entry must name."""


class Clash(Exception):
    """What several parts left for later does not go in: each has to be tried by itself."""


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
        self._line: Line | None = None
        self._ahead: dict[Any, Callable[[], Rows]] = {}
        self._later, self._joined = Later(), False

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
        self._say(lambda line: line.flush())
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
        self._say(lambda line: line.flush())
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
        return self.put_all([(statement, rows, what)])

    def put_all(self, puts: Sequence[tuple[Put, Sequence[Mapping[str, Any]], str | None]]) -> int:
        """The same for several statements in this order, each with its rows and what it is about."""
        if not self.writing:
            raise Broken("This unit may only read", advice="Open it with store.unit()")
        dialect = self._engine.dialect
        made = [(ready(statement, dialect, tuple(rows[0])), rows, what) for statement, rows, what in puts]
        return self._say(lambda line: line.put(made))

    def put_later(self, statement: Put, rows: Sequence[Mapping[str, Any]], what: str | None = None) -> None:
        """The same; in a part, together with the rows of other parts, before the whole is committed.

        Until then `find` does not see them (see `awaits`); every other statement does, for it puts them in first.
        """
        if self._whole is None:
            self.put(statement, rows, what)
        else:
            self._later.add(statement, rows, what)

    def awaits(self, table: Table, **values: Any) -> bool:
        """Whether a row with these values has been left for later, by this part or one before it."""
        return self._later.holds(table, values) or (self._whole is not None and self._whole.awaits(table, **values))

    def settle(self) -> None:
        """Put in what was left for later. Raises as `put` does; Clash when it was other parts' and cannot be."""
        if self._whole is not None and self._whole._later and not self._joined:
            try:
                self.put_all(self._whole._later.in_order())
            except Broken:
                raise Clash from None
            self._joined = True
        if later := self._later.in_order():
            self._later = Later()
            self.put_all(later)

    def find(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        """Every row of a module's own select, made ready once, as plain tuples; raises as `run` does."""
        asked = self._ahead.pop((statement, *values.values()), None) if self._ahead else None
        if asked is None:
            asked = self._ask(statement, values)
        return self._say(lambda line: asked())

    def ahead(self, statement: Select[Any], values: Mapping[str, Any]) -> None:
        """Say that `find` will be asked this: all that is known before the first answer is asked in one round trip.

        The answer is of now: nothing of it is changed by this unit before it asks.
        """
        if self._engine.dialect.name == "postgresql":
            self._ahead[statement, *values.values()] = self._ask(statement, values)

    def _ask(self, statement: Select[Any], values: Mapping[str, Any]) -> Callable[[], Rows]:
        made = ready(statement, self._engine.dialect, tuple(values))
        return self._say(lambda line: line.ahead(made, values))

    def _say(self, do: Callable[[Line], T]) -> T:
        """Raises Taken, Unreachable or Broken for what the database did not like."""
        connection = self._open()
        assert self._line is not None
        try:
            return do(self._line)
        except Failed as failed:
            raise told_by_driver(failed.error, connection, failed.what) from None

    def insert_new(self, table: Table, row: Mapping[str, Any]) -> bool:
        """Insert the row if its keys are free; returns whether it went in."""
        return self.put(_insert_new(table, self._engine.dialect.name), [row]) == 1

    def replace(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert the row, or give the one with its primary key these values."""
        self.put(_replace(table, self._engine.dialect.name, tuple(row)), [row])

    def replace_later(self, table: Table, row: Mapping[str, Any]) -> None:
        """The same, left for later as `put_later` does."""
        self.put_later(_replace(table, self._engine.dialect.name, tuple(row)), [row])

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
            self._say(lambda line: line.hold(keys))

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
        part._connection, part._line = self._open(), self._line
        part._whole = self
        return part

    def join(self, part: Transaction) -> None:
        """A part has ended well: what it tells and what it left for later is the whole's."""
        if part._joined:
            self._later = Later()
        self.entries += part.entries
        self._later.join(part._later)

    def save(self) -> None:
        """From here on `undo` takes back what was done."""
        self._say(lambda line: line.save())

    def undo(self) -> None:
        """As if nothing had been done since `save`."""
        self._say(lambda line: line.undo())

    def check_answered(self) -> None:
        """Wait for what was only asked for so far, a name to hold say; raises what came of it."""
        self._say(lambda line: line.settle())

    def wait_for_locks(self, at_most_ms: int = 0) -> None:
        """How long a statement waits for what another transaction holds before it raises Held; 0: until it gets it.

        Nothing to say to SQLite, whose writer is alone.
        """
        if at_most_ms != self._patience_ms and self._engine.dialect.name == "postgresql":
            self._say(lambda line: line.words(f"SET LOCAL lock_timeout = {at_most_ms:d}"))
        self._patience_ms = at_most_ms

    def commit(self) -> None:
        """Keep everything, or raise and keep nothing."""
        if self._connection is None:
            return
        self.check_answered()
        try:
            self._connection.commit()
        except DBAPIError as error:
            raise told(error) from None

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        if self._connection is not None:
            self._leave()

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
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
            self._line = _line(self._connection)
        except BaseException as error:
            self._leave()
            if isinstance(error, (DBAPIError, TimeoutError)):
                raise told(error) from None
            raise
        return self._connection


def _line(connection: Connection) -> Line:
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return Near(driver)
    return Far(driver, connection.info.setdefault("ready", {}))


@lru_cache
def _insert_new(table: Table, dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


@lru_cache
def _replace(table: Table, dialect: str, names: tuple[str, ...]) -> Insert:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    rest = {name: insert.excluded[name] for name in names if not table.c[name].primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)
