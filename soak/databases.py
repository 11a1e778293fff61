"""Where a run keeps its record: a SQLite file, or a PostgreSQL of its own that can be stopped without warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from soak.plan import CannotBegin, Engine
from tests.places.postgresql import PostgreSQL, binaries


@dataclass(frozen=True, slots=True)
class Database:
    """`break_down` stops the server as a crash would and starts it again; None where there is no server."""

    url: str
    break_down: Callable[[], None] | None = None


@contextmanager
def open_database(engine: Engine, folder: Path) -> Iterator[Database]:
    """A new empty database. Raises CannotBegin where PostgreSQL is not installed."""
    if engine == "sqlite":
        yield Database(f"sqlite:///{folder / 'passerelle.db'}")
        return
    programs = binaries()
    if programs is None:
        raise CannotBegin("PostgreSQL is not installed: see tests/places/packages.txt")
    with PostgreSQL(programs) as server:

        def break_down() -> None:
            server.stop("immediate")
            server.start()

        yield Database(server.url(server.create()), break_down)
