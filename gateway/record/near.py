"""SQLite's line: the file is near, so each statement runs at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.record.ready import Failed, Ready, Rows

SAVE, UNDO = "SAVEPOINT piece", "ROLLBACK TO SAVEPOINT piece"


class Near:
    """The way through the driver's connection. What only reads needs no savepoint, so that is made before a change."""

    def __init__(self, connection: Any) -> None:
        self._cursor = connection.cursor()
        self._words: list[str] = []

    def words(self, sql: str) -> None:
        """See Line."""
        self._words.append(sql)

    def hold(self, keys: Sequence[int]) -> None:
        """Nothing to do: the writer is alone."""

    def ahead(self, statement: Ready, values: Mapping[str, Any]) -> Callable[[], Rows]:
        """See Line: asked when it is called for."""
        return lambda: self._ask(statement, values)

    def put(self, puts: Sequence[tuple[Ready, Sequence[Mapping[str, Any]], str | None]]) -> int:
        """See Line."""
        number = 0
        self.flush()
        for statement, rows, what in puts:
            try:
                if len(rows) == 1:
                    self._cursor.execute(statement.sql, statement.values(rows[0]))
                else:
                    self._cursor.executemany(statement.sql, list(map(statement.values, rows)))
            except Exception as error:
                raise Failed(error, what) from None
            number += self._cursor.rowcount
        return number

    def settle(self) -> None:
        """Nothing to do: all that was said was answered."""

    def flush(self) -> None:
        """See Line."""
        while self._words:
            try:
                self._cursor.execute(self._words[0])
            except Exception as error:
                raise Failed(error) from None
            del self._words[0]

    def save(self) -> None:
        """See Line."""
        self._words = [SAVE]

    def undo(self) -> None:
        """See Line."""
        if SAVE not in self._words:
            self._words = [UNDO]
            self.flush()
        self._words = []

    def _ask(self, statement: Ready, values: Mapping[str, Any]) -> Rows:
        try:
            self._cursor.execute(statement.sql, statement.values(values))
            return statement.read(self._cursor.fetchall())
        except Exception as error:
            raise Failed(error) from None
