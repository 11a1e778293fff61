"""One engine per database, set up so that a commit means: on disk."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from select import POLLIN, poll
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError

from gateway.model.errors import Broken

BUSY_MS = 10_000  # how long another process's writer is waited for
CONNECT_S = 10  # how long a server is given to answer at all
CONNECTIONS = 40  # per process, made when needed
QUIET_S = 5  # not used for so long, a line is asked whether it still is one
PASSING = 4  # the same, for units that need not last
WAL_PAGES = 8_000  # 32 MB of log between two checkpoints: an accepted event writes some 40 pages


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`; parameters never appear in its errors.

    Raises Broken for another kind of database, or for SQLite in memory: a record is kept.
    """
    place = make_url(url)
    match place.get_backend_name():
        case "sqlite":
            return _sqlite(place)
        case "postgresql":
            return _postgresql(place.set(drivername="postgresql+psycopg"))
    raise Broken("This kind of database is not known", advice="Write sqlite:///path or postgresql://…")


def passing_engine(engine: Engine) -> Engine:
    """The same database without waiting for the disk: a commit is whole and seen at once, and lasts from the next
    commit of the lasting engine on, which carries to the disk all that stands before it in the database's log
    (sqlite.org/pragma.html#pragma_synchronous, NORMAL; postgresql.org/docs/current/wal-async-commit.html).
    """
    if engine.dialect.name == "postgresql":
        return _postgresql(engine.url, pool_size=PASSING, setting="-c synchronous_commit=off")
    passing = _sqlite(engine.url, pool_size=PASSING)
    event.listen(passing, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=NORMAL").close())
    return passing


def begin(connection: Connection, *, writing: bool) -> None:
    """Begin a transaction; on SQLite a writing one takes the only writer's place at once.

    Called by hand and not by an event, which would slow every statement down.
    """
    connection.begin()
    if connection.dialect.name == "sqlite":
        line: Any = connection.connection
        driver: Any = connection.dialect.loaded_dbapi
        try:
            line.execute("BEGIN IMMEDIATE" if writing else "BEGIN").close()
        except driver.Error as error:
            raise DBAPIError.instance("BEGIN", None, error, driver.Error, dialect=connection.dialect) from None


def _postgresql(place: URL, *, pool_size: int = CONNECTIONS, setting: str = "") -> Engine:
    # rare conditions over large tables look dear to the planner: it would compile for seconds what runs in a moment
    options = " ".join(filter(None, (str(place.query.get("options", "")), "-c jit=off", setting)))
    engine = create_engine(
        place,
        pool_size=pool_size,
        hide_parameters=True,
        # what the driver prepares it forgets, with all prepared statements of the line, at each rollback
        connect_args={"connect_timeout": CONNECT_S, "prepare_threshold": None, "options": options},
    )
    event.listen(engine, "checkin", lambda _, record: record.info.update(used=monotonic()))
    event.listen(engine, "checkout", lambda line, record, _: _check_alive(engine.dialect, line, record))
    return engine


def _check_alive(dialect: Dialect, line: Any, record: Any) -> None:
    """Ask the server whether it is there, if there is a sign that it is not: that costs as much as a statement.

    A line it has closed has something to be read; one not used for long may have been cut on the way unnoticed.
    Raises InvalidatePoolError, upon which another connection is made.
    """
    used = record.info.get("used")
    if used is None:
        return
    signs = poll()
    signs.register(line.fileno(), POLLIN)
    if monotonic() - used < QUIET_S and not signs.poll(0):
        return
    try:
        dialect.do_ping(line)
    except dialect.loaded_dbapi.Error:
        raise InvalidatePoolError from None


def _sqlite(place: URL, *, pool_size: int = CONNECTIONS) -> Engine:
    if not place.database or place.database == ":memory:":
        raise Broken("The database has no file", advice="Write sqlite:///path/to/file.db")
    Path(place.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        place.set(drivername="sqlite"),
        module=import_module("pysqlite3.dbapi2"),  # the system's SQLite may lack the WAL-reset fix of 3.51.3
        pool_size=pool_size,
        pool_use_lifo=True,  # the last writer's page cache is still true; another connection's must be read again
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )
    event.listen(engine, "connect", _settle_connection)
    return engine


def _settle_connection(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # no BEGIN but ours
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # a destroyed key leaves no copy in free pages
        "trusted_schema=OFF",
        f"wal_autocheckpoint={WAL_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
