"""Statements made ready once: what SQLAlchemy works out at every execution, worked out the first time only.

For the few statements every accepted event runs; the text is still SQLAlchemy's, one for both engines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Update

Put = Insert | Update
"""A statement that puts values into rows."""


class Ready:
    """One statement compiled for one dialect and one set of columns."""

    def __init__(self, statement: Put | Select[Any], dialect: Dialect, names: tuple[str, ...]) -> None:
        asks = isinstance(statement, Select)
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names), for_executemany=not asks)
        self._sql = str(compiled)
        order: list[str] | None = compiled.positiontup
        binds: dict[str, Any] = {name: bind for bind, name in compiled.bind_names.items()}
        self._fixed = {name: bind.effective_value for name, bind in binds.items() if not bind.required} or None
        if missing := set(binds) - set(names) - set(self._fixed or ()):
            raise ValueError(f"no value for {missing}")
        writers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        self._in_a_row = order is not None
        self._places = [(name, writers[name]) for name in order or writers]
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._readers = readers if any(readers) else []

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

    def find(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Every row of a select, its values in the order of its columns. Raises the driver's own errors."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, self._values(values))
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        finally:
            cursor.close()
        if not self._readers:
            return rows
        return [
            tuple(read(value) if read else value for read, value in zip(self._readers, row, strict=True))
            for row in rows
        ]

    def _values(self, row: Mapping[str, Any]) -> Any:
        if self._fixed:
            row = {**self._fixed, **row}
        if self._in_a_row:
            return [write(row[name]) if write else row[name] for name, write in self._places]
        return {name: write(row[name]) if write else row[name] for name, write in self._places}


@lru_cache(maxsize=512)
def ready(statement: Put | Select[Any], dialect: Dialect, names: tuple[str, ...]) -> Ready:
    """The statement made ready; made once for each engine."""
    return Ready(statement, dialect, names)
