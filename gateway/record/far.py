"""PostgreSQL's line: the server is far, so what need not be answered yet goes with what must be, in one round trip.

Statements are prepared once for each connection and go to libpq in its pipeline mode
(postgresql.org/docs/current/libpq-pipeline-mode.html) without the driver's cursor, whose Python costs several times
what the statement does. Values are written and read by the driver's own adapters.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from gateway.record.near import SAVE, UNDO
from gateway.record.ready import Failed, Ready, Rows

HOLD = "SELECT pg_advisory_xact_lock($1::bigint)"
_GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


@dataclass(slots=True, eq=False)
class _Sent:
    """One statement on its way. It is `owed` an answer somebody relies on, which words are not."""

    sql: str
    values: Sequence[Any] = ()
    formats: Sequence[Any] = ()
    what: str | None = None
    owed: bool = True
    result: PGresult | None = None


class Far:
    """The way through libpq. `names` are the prepared statements of this connection, kept with it."""

    def __init__(self, connection: Connection[Any], names: MutableMapping[str, bytes]) -> None:
        self._connection, self._names = connection, names
        self._pg = connection.pgconn
        self._adapt = Transformer(connection)
        self._queue: list[_Sent] = []
        self._saved: _Sent | None = None
        self._poller, self._waits_for = select.poll(), 0

    def words(self, sql: str) -> None:
        """See Line."""
        self._queue.append(_Sent(sql, owed=False))

    def hold(self, keys: Sequence[int]) -> None:
        """See Line."""
        self._queue += [_Sent(HOLD, [str(key).encode()], [Format.TEXT]) for key in keys]

    def ahead(self, statement: Ready, values: Mapping[str, Any]) -> Callable[[], Rows]:
        """See Line."""
        sent = self._made(statement, values, None)
        self._queue.append(sent)

        def rows() -> Rows:
            if sent.result is None:
                self._go()
            assert sent.result is not None
            self._adapt.set_pgresult(sent.result)
            return statement.read(self._adapt.load_rows(0, sent.result.ntuples, tuple))

        return rows

    def put(self, puts: Sequence[tuple[Ready, Sequence[Mapping[str, Any]], str | None]]) -> int:
        """See Line."""
        sent = [self._made(statement, row, what) for statement, rows, what in puts for row in rows]
        self._queue += sent
        self._go()
        return sum(one.result.command_tuples or 0 for one in sent if one.result)

    def settle(self) -> None:
        """See Line."""
        if any(sent.owed for sent in self._queue):
            self._go()

    def flush(self) -> None:
        """See Line."""
        if self._queue:
            self._go()

    def save(self) -> None:
        """See Line."""
        self._saved = _Sent(SAVE, owed=False)
        self._queue.append(self._saved)

    def undo(self) -> None:
        """See Line."""
        if self._saved in self._queue:
            del self._queue[self._queue.index(self._saved) :]
        else:
            self._queue.clear()
            self.words(UNDO)

    def _made(self, statement: Ready, row: Mapping[str, Any], what: str | None) -> _Sent:
        wanted = [PyFormat.BINARY if binary else PyFormat.TEXT for binary in statement.binary]
        try:
            values = self._adapt.dump_sequence(statement.values(row), wanted)
        except Exception as error:
            raise Failed(error, what) from None
        return _Sent(statement.sql, values, self._adapt.formats or (), what)

    def _go(self) -> None:
        """Send all that waits and read every answer; the first that is no good is raised."""
        queue, self._queue = self._queue, []
        if self._pg.transaction_status == TransactionStatus.IDLE:
            level = self._connection.isolation_level
            begin = "BEGIN" if level is None else f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}"
            queue.insert(0, _Sent(begin, owed=False))
        try:
            self._exchange(queue)
        except Failed:
            raise
        except BaseException as error:
            self._connection.close()  # whose answers were not all read
            if isinstance(error, Exception):
                raise Failed(error) from None
            raise

    def _exchange(self, queue: Sequence[_Sent]) -> None:
        pg, awaited = self._pg, list[tuple[_Sent, bool]]()
        pg.enter_pipeline_mode()
        for sent in queue:
            name = self._names.get(sent.sql)
            if name is None:
                name = self._names[sent.sql] = sha256(sent.sql.encode()).hexdigest()[:32].encode()
                pg.send_prepare(name, sent.sql.encode())
                awaited.append((sent, True))
            pg.send_query_prepared(name, sent.values, sent.formats, Format.BINARY)
            awaited.append((sent, False))
        pg.pipeline_sync()
        self._push()
        failed = self._read(awaited)
        if self._next() is None and failed is None:
            failed = Failed(OperationalError("the connection is lost"))
        if pg.status != ConnStatus.OK:
            self._connection.close()
        else:
            pg.exit_pipeline_mode()
        if failed is not None:
            raise failed

    def _read(self, awaited: Sequence[tuple[_Sent, bool]]) -> Failed | None:
        """Each answer to its statement; gives the first that is an error."""
        failed: Failed | None = None
        for sent, prepares in awaited:
            result = self._next()
            if result is None:
                return failed
            self._next()  # the end of its results
            if result.status in _GOOD:
                sent.result = None if prepares else result
                continue
            if prepares:
                del self._names[sent.sql]
            if failed is None:
                failed = Failed(error_from_result(result), sent.what)
        return failed

    def _push(self) -> None:
        while self._pg.flush():
            for _, says in self._poll(select.POLLIN | select.POLLOUT):
                if says & ~select.POLLOUT:
                    self._pg.consume_input()

    def _next(self) -> PGresult | None:
        while self._pg.is_busy():
            self._poll(select.POLLIN)
            self._pg.consume_input()
        return self._pg.get_result()

    def _poll(self, events: int) -> list[tuple[int, int]]:
        """Wait until the server takes or gives something; `select.select` ends at 1,024 files."""
        if self._waits_for != events:
            self._poller.register(self._pg.socket, events)
            self._waits_for = events
        return self._poller.poll()
