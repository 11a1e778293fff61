"""Rows that can wait until the commit: those of several pieces of work go in together, by a statement a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from gateway.record.ready import Put
from gateway.record.schema import metadata

Rows = list[Mapping[str, Any]]


class Later:
    """What waits, by statement; empty is false."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Put, str | None], Rows] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, statement: Put, rows: Sequence[Mapping[str, Any]], what: str | None) -> None:
        """These wait too."""
        self._rows.setdefault((statement, what), []).extend(rows)

    def join(self, other: Later) -> None:
        """What waits there waits here, after what does already."""
        for (statement, what), rows in other._rows.items():
            self.add(statement, rows, what)

    def holds(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Whether a row of that table with these values waits."""
        return any(
            statement.table is table and any(values.items() <= row.items() for row in rows)
            for (statement, _), rows in self._rows.items()
        )

    def in_order(self) -> list[tuple[Put, Rows, str | None]]:
        """Each statement with its rows, those first that others refer to."""
        each = [(statement, rows, what) for (statement, what), rows in self._rows.items()]
        return sorted(each, key=lambda one: _places().get(one[0].table, 0))


@lru_cache
def _places() -> dict[Any, int]:
    return {table: place for place, table in enumerate(metadata.sorted_tables)}
