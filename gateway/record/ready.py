"""Statements made ready once: what SQLAlchemy works out at every execution, worked out the first time only.

For the statements every event and every attempt runs; the text is still SQLAlchemy's, one for both engines. What runs
them is a `Line`: this engine's shortest way to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Dialect, Insert, LargeBinary, Select, Update

Put = Insert | Update
"""A statement that puts values into rows."""

Rows = Sequence[tuple[Any, ...]]


class Ready:
    """One statement compiled for one dialect and one set of columns: its values stand in the order of its places.

    binary  of each place, whether bytes stand there
    """

    def __init__(self, statement: Put | Select[Any], dialect: Dialect, names: tuple[str, ...]) -> None:
        asks = isinstance(statement, Select)
        compiled: Any = statement.compile(dialect=_counting(dialect), column_keys=list(names), for_executemany=not asks)
        self.sql = str(compiled)
        order: list[str] = compiled.positiontup
        binds: dict[str, Any] = {name: bind for bind, name in compiled.bind_names.items()}
        self._fixed = {name: _said(bind) for name, bind in binds.items() if not bind.required}
        if missing := set(binds) - set(names) - set(self._fixed):
            raise ValueError(f"no value for {missing}")
        impls = {name: bind.type.dialect_impl(dialect) for name, bind in binds.items()}
        self._places = [(name, impls[name].bind_processor(dialect)) for name in order]
        self.binary = [isinstance(impls[name], LargeBinary) for name in order]
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._readers = readers if any(readers) else []

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        """What stands in each place."""
        if self._fixed:
            row = {name: said() for name, said in self._fixed.items()} | dict(row)
        return [write(row[name]) if write else row[name] for name, write in self._places]

    def read(self, rows: Rows) -> Rows:
        """The rows a select gave, each value as its column says."""
        if not self._readers:
            return rows
        return [
            tuple(read(value) if read else value for read, value in zip(self._readers, row, strict=True))
            for row in rows
        ]


class Failed(Exception):
    """The driver's own error, and `what` the statement it came from was about."""

    def __init__(self, error: Exception, what: str | None = None) -> None:
        super().__init__()
        self.error, self.what = error, what


class Line(Protocol):
    """One transaction's way to the database for ready statements. Each raises Failed."""

    def words(self, sql: str) -> None:
        """Words that cannot fail and give nothing, said before whatever is put or asked next."""
        ...

    def hold(self, keys: Sequence[int]) -> None:
        """Keep these names from others until the transaction ends, before whatever is asked next."""
        ...

    def ahead(self, statement: Ready, values: Mapping[str, Any]) -> Callable[[], Rows]:
        """Ask, and have the rows when they are called for: what is asked together is one round trip."""
        ...

    def put(self, puts: Sequence[tuple[Ready, Sequence[Mapping[str, Any]], str | None]]) -> int:
        """Put rows in, statement by statement; gives how many went in. The last of each is what it is about."""
        ...

    def settle(self) -> None:
        """Wait for what somebody relies on and has not been answered."""
        ...

    def flush(self) -> None:
        """Say all there is to be said: the next statement goes another way."""
        ...

    def save(self) -> None:
        """From here on all can be undone by `undo`."""
        ...

    def undo(self) -> None:
        """As if nothing had been said since `save`."""
        ...


@lru_cache(maxsize=512)
def ready(statement: Put | Select[Any], dialect: Dialect, names: tuple[str, ...]) -> Ready:
    """The statement made ready; made once for each engine."""
    return Ready(statement, dialect, names)


@lru_cache
def _counting(dialect: Dialect) -> Dialect:
    """The dialect with places by number, as PostgreSQL itself has them; SQLite's are in a row already."""
    kind: Any = type(dialect)
    return kind(paramstyle="numeric_dollar") if dialect.name == "postgresql" else dialect


def _said(bind: Any) -> Callable[[], Any]:
    """What a statement says itself, asked at each run when it says a function."""
    return bind.callable or (lambda: bind.value)
