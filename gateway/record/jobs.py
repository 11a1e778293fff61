"""PORT jobs: work to be done for hours if need be: a row with a due time, a lease, and the reason of the last failure.

Jobs of one kind and lane are done in the order they were added. A job whose worker died comes back by itself when its
lease ends; `tries` says how often it was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from gateway.record.heads import next_of
from gateway.record.lease import lasting
from gateway.record.schema import jobs
from gateway.record.transaction import Transaction
from gateway.record.troubles import Stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work. `exchange` is what it is about (an exchange's or a mail's id), `about` a word more.

    lost  how many workers in a row took it before and never said a word again
    """

    id: int
    tenant: str
    kind: str
    exchange: str
    lane: str
    about: str
    due: datetime
    tries: int
    reason: str | None
    lost: int


_ADD = insert(jobs)


class Jobs:
    """Add with the change that makes the work needed, in one unit; finish with the change that does it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(
        self, kind: str, tenant: str, exchange: str, lane: str, due: datetime, about: str = "", *, behind: bool = False
    ) -> None:
        """One more job at the end of its lane; `behind`: not due before the one it stands behind."""
        if behind:
            due = max(due, self._last_due(kind, tenant, lane) or due)
        values = {
            "kind": kind, "tenant": tenant, "exchange": exchange, "lane": lane, "due": due, "about": about, "tries": 0,
        }  # fmt: skip
        self._transaction.put_later(_ADD, [values])

    def claim(self, kind: str, worker: str, now: datetime, lease: timedelta) -> Job | None:
        """Take the job that is due at `now` for the longest time, for the length of `lease`; None without one.

        Passed over: jobs behind an unfinished one of their lane, jobs another worker holds.
        """
        asked = {"kind": kind, "now": now}
        among_few, among_heads = next_of(self._transaction.dialect)
        row = self._transaction.first(among_few, asked) or self._transaction.first(among_heads, asked)
        if row is None:
            return None
        lost = row.lost + 1 if row.worker is not None else 0
        taken = {"worker": worker, "lease_until": self._lasting(lease), "tries": row.tries + 1, "lost": lost}
        self._transaction.write(update(jobs).where(jobs.c.id == row.id).values(taken))
        return _read(row, row.tries + 1, lost)

    def renew(self, job: Job, lease: timedelta) -> None:
        """Keep it that long from now (the worker's heartbeat). Raises Stale when another worker took the job."""
        self._change(job, update(jobs).values(lease_until=self._lasting(lease)))

    def give_back(self, job: Job) -> None:
        """Whoever comes next may have it at once: nothing was done. Raises Stale."""
        self._change(job, update(jobs).values(worker=None, lease_until=None))

    def done(self, job: Job) -> None:
        """The work is done, or dropped meanwhile. Raises Stale when another worker has the job: theirs counts."""
        mine = jobs.c.id == job.id, jobs.c.tries == job.tries
        if self._transaction.write(delete(jobs).where(*mine)).rowcount:
            return
        if self._transaction.first(select(jobs.c.id).where(jobs.c.id == job.id)):
            raise Stale("job")

    def again(self, job: Job, due: datetime, reason: str, *, with_lane: bool = False) -> None:
        """Try later, and say why; the lane waits for it. Raises Stale.

        with_lane  all of the lane is due no sooner: a long one is then not looked through again and again
        """
        self._change(job, update(jobs).values(due=due, reason=reason, worker=None, lease_until=None))
        if with_lane:
            lane = jobs.c.tenant == job.tenant, jobs.c.kind == job.kind, jobs.c.lane == job.lane
            self._transaction.write(update(jobs).where(*lane, jobs.c.due < due).values(due=due))

    def drop(self, tenant: str, exchange: str) -> None:
        """Nothing more is to be done about an exchange: it was cancelled."""
        self._transaction.write(delete(jobs).where(jobs.c.tenant == tenant, jobs.c.exchange == exchange))

    def pending(self, tenant: str, exchange: str) -> tuple[Job, ...]:
        """What is still to be done about an exchange."""
        wanted = select(jobs).where(jobs.c.tenant == tenant, jobs.c.exchange == exchange).order_by(jobs.c.id)
        return tuple(_read(row, row.tries, row.lost) for row in self._transaction.all(wanted))

    def _last_due(self, kind: str, tenant: str, lane: str) -> datetime | None:
        last = select(jobs.c.due).where(jobs.c.tenant == tenant, jobs.c.kind == kind, jobs.c.lane == lane)
        row = self._transaction.first(last.order_by(jobs.c.id.desc()).limit(1))
        return row.due if row else None

    def _lasting(self, lease: timedelta) -> ColumnElement[Any]:
        return lasting(lease, self._transaction.dialect)

    def _change(self, job: Job, change: Any) -> None:
        mine = change.where(jobs.c.id == job.id, jobs.c.tries == job.tries)
        if self._transaction.write(mine).rowcount == 0:
            raise Stale("job")


def _read(row: Row[Any], tries: int, lost: int) -> Job:
    values = {name: row._mapping[name] for name in Job.__dataclass_fields__}
    return Job(**{**values, "tries": tries, "lost": lost})
