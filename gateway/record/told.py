"""The database's trouble in our words: its name and code, never a value or a statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

from gateway.model.errors import Broken, Unreachable
from gateway.record.troubles import Held, Taken

_HELD = ("55P03", "40P01")  # lock_not_available, deadlock_detected


def told(error: DBAPIError | TimeoutError) -> Broken | Unreachable:
    """What to raise for an error of SQLAlchemy."""
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None) or ""
    name = f"{type(original or error).__name__} {code}".strip()
    if code in _HELD:
        return Held(name)
    if isinstance(error, (OperationalError, TimeoutError)) or getattr(error, "connection_invalidated", False):
        return Unreachable(f"The database did not do it ({name})", advice="Check that it runs and has room")
    return Broken(f"The database refused a statement ({name})", advice="Report this fault")


def told_by_driver(error: Exception, connection: Connection, what: str | None = None) -> Exception:
    """What to raise for an error of the driver itself, which leaves a lost connection invalid; another stays as it is.

    what  is Taken when it was a key in use
    """
    dialect = connection.dialect
    driver: Any = dialect.loaded_dbapi
    if isinstance(error, (DBAPIError, TimeoutError)):
        return told(error)
    if isinstance(error, UnicodeError):
        return Broken("A value holds half a character", advice="Report this fault")
    if not isinstance(error, driver.Error):
        return error
    if what and isinstance(error, driver.IntegrityError):
        return Taken(what)
    if not connection.invalidated:
        line: Any = connection.connection.dbapi_connection
        if dialect.is_disconnect(error, line, None):
            connection.invalidate()  # nothing can be undone on it
    lost = connection.invalidated
    return told(DBAPIError.instance(None, None, error, driver.Error, connection_invalidated=lost, dialect=dialect))
