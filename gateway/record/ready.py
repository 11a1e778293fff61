"""Statements made ready once: what SQLAlchemy works out at every execution, worked out the first time only.

For the few statements every accepted event runs; the text is still SQLAlchemy's, one for both engines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update

Put = Insert | Update
"""A statement that puts values into rows."""


class Ready:
    """One statement compiled for one dialect and one set of columns."""

    def __init__(self, statement: Put, dialect: Dialect, names: tuple[str, ...]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names), for_executemany=True)
        self._sql = str(compiled)
        self._order: list[str] | None = compiled.positiontup
        self._writers = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
        }
        if missing := set(self._writers) - set(names):
            raise ValueError(f"no value for {missing}")

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Put these rows in; returns how many went in. Raises the driver's own errors."""
        cursor = connection.connection.cursor()
        try:
            values = [self._values(row) for row in rows]
            if len(values) == 1:
                cursor.execute(self._sql, values[0])
            else:
                cursor.executemany(self._sql, values)
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def _values(self, row: Mapping[str, Any]) -> Any:
        written = {name: write(row[name]) if write else row[name] for name, write in self._writers.items()}
        return tuple(written[name] for name in self._order) if self._order is not None else written


@lru_cache(maxsize=64)
def ready(statement: Put, dialect: Dialect, names: tuple[str, ...]) -> Ready:
    """The statement made ready; made once for each engine."""
    return Ready(statement, dialect, names)
