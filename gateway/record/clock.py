"""PORT clock: what the machines of this gateway last said of the time, and the deadlines that hang on it.

Each boot of a machine has a row: the time it gave, and its uptime then, which nobody sets. When deadlines are moved the
times of all rows are, so that two hosts that see one jump move them once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Interval, Table, func, literal, or_, select, text, update

from gateway.record.schema import OPEN, UNANSWERED, UNCLAIMED, clocks, jobs, legs, notices, uploads
from gateway.record.transaction import Transaction

MICROSECOND = timedelta(microseconds=1)
_NAME = b"clocks  "  # of the lock


@dataclass(frozen=True, slots=True)
class Seen:
    """At that uptime of its boot it was that time."""

    at: datetime
    uptime: timedelta


class Clock:
    """The caller tells what it does here: a jump is in the audit log in the same unit."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def now(self) -> datetime | None:
        """The time of the database's machine, which all hosts share; None when it is this machine's."""
        if self._transaction.dialect != "postgresql":
            return None
        now: datetime = self._transaction.run(select(func.clock_timestamp())).scalar_one()
        return now

    def alone(self) -> None:
        """Nobody else compares clocks until the unit ends."""
        self._transaction.hold([_NAME])

    def of(self, boot: str) -> Seen | None:
        """What that boot last said."""
        row = self._transaction.first(select(clocks.c.at, clocks.c.uptime).where(clocks.c.boot == boot))
        return Seen(row.at, row.uptime * MICROSECOND) if row else None

    def latest(self) -> datetime | None:
        """The latest time any boot said."""
        row = self._transaction.first(select(clocks.c.at).order_by(clocks.c.at.desc()).limit(1))
        return row.at if row else None

    def keep(self, boot: str, seen: Seen) -> None:
        """This boot says so now."""
        self._transaction.replace(clocks, {"boot": boot, "at": seen.at, "uptime": seen.uptime // MICROSECOND})

    def move(self, by: timedelta) -> int:
        """Move every deadline, so that it stays as far away as it was; returns how many there were."""
        self._move(clocks.c.at, by)
        return (
            self._move(legs.c.due, by, text(OPEN), legs.c.due.is_not(None))
            + self._move(legs.c.give_up, by, or_(text(OPEN), text(UNANSWERED)), legs.c.give_up.is_not(None))
            + self._move(jobs.c.due, by)
            + self._move(notices.c.at, by, notices.c.state == "pending")
            + self._move(uploads.c.at, by, text(UNCLAIMED))
        )

    def bring_back(self, now: datetime, furthest: datetime) -> int:
        """Make due now what a step wrote by the older time after deadlines were moved; returns how many there were.

        What was never tried is due at once, so none of it lies ahead; of the rest, nothing is due after `furthest`.
        """
        untried = (legs.c.state == "waiting") & (legs.c.due > now)
        late = text(OPEN), or_(untried, legs.c.due > furthest)
        waiting = (jobs.c.kind == "prepare") & jobs.c.reason.is_(None) & (jobs.c.due > now)
        write = self._transaction.write
        return (
            write(update(legs).where(*late).values(due=now)).rowcount
            + write(update(jobs).where(or_(waiting, jobs.c.due > furthest)).values(due=now)).rowcount
        )

    def wait_anew(self, now: datetime, until: datetime, since: tuple[datetime, datetime]) -> int:
        """Wait until then for receipts of what left around a jump, by whoever had not seen it: their time is over."""
        lately = legs.c.since.between(*since), legs.c.give_up <= now
        return self._transaction.write(update(legs).where(text(UNANSWERED), *lately).values(give_up=until)).rowcount

    def wait_longer(self, by: timedelta) -> int:
        """Wait that much longer for what nobody could take in meanwhile: receipts, events of uploads, callbacks."""
        return (
            self._move(legs.c.give_up, by, text(UNANSWERED), legs.c.give_up.is_not(None))
            + self._move(notices.c.at, by, notices.c.state == "pending")
            + self._move(uploads.c.at, by, text(UNCLAIMED))
        )

    def _move(self, column: Column[Any], by: timedelta, *which: ColumnElement[bool] | Any) -> int:
        assert isinstance(column.table, Table)
        moved = later(column, by, self._transaction.dialect)
        return self._transaction.write(update(column.table).where(*which).values({column.name: moved})).rowcount


def later(column: ColumnElement[Any], by: timedelta, dialect: str) -> ColumnElement[Any]:
    """A moment of a row, moved; on SQLite to the millisecond."""
    if dialect == "postgresql":
        return column + literal(by, Interval)
    moved = func.strftime("%Y-%m-%dT%H:%M:%f", func.substr(column, 1, 26), f"{by.total_seconds():+.3f} seconds")
    return moved.concat("000Z")
