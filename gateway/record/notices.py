"""PORT notices: what a client's software is told of its exchanges, drawn from the audit log in its order.

The cursor says how far the log was read; it moves in the commit that adds what was found, so nothing is missed and
nothing is found twice. Each notice has a job (`notify`) in the lane of its client: told in order, one at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, select, update

from gateway.record.contents import Keyring
from gateway.record.jobs import Jobs
from gateway.record.log import Kept
from gateway.record.schema import cursors, entries, notices
from gateway.record.transaction import Transaction
from gateway.record.troubles import Missing, Stale

JOB = "notify"
CURSOR = "notices"

NoticeState = Literal["pending", "sent", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One thing to tell one software of a tenant. `id` is the CloudEvent's, the same at every attempt.

    exchange, leg  what it is about
    item           the inbox item it is about, which then holds what is told
    code, detail   the last answer
    """

    tenant: str
    id: str
    client: str
    type: str
    at: datetime
    exchange: str | None = None
    leg: int | None = None
    item: str | None = None
    state: NoticeState = "pending"
    ended_at: datetime | None = None
    tries: int = 0
    code: str | None = None
    detail: str | None = None


class Notices:
    """Adding needs no audit entry: a notice says what the log says. How it ended does, of its tenant."""

    def __init__(self, transaction: Transaction, keyring: Keyring, jobs: Jobs) -> None:
        self._transaction, self._keyring, self._jobs = transaction, keyring, jobs

    def cursor(self) -> int:
        """The place of the first entry of the log that was not looked at."""
        row = self._transaction.first(select(cursors.c.seq).where(cursors.c.name == CURSOR))
        return int(row.seq) if row else 0

    def entries(self, start: int, limit: int) -> tuple[Kept, ...]:
        """The log from `start` on, whoever's it is."""
        wanted = select(entries.c.seq, entries.c.record, entries.c.leaf).where(entries.c.seq >= start)
        rows = self._transaction.all(wanted.order_by(entries.c.seq).limit(limit))
        return tuple(Kept(row.seq, row.record, bytes(row.leaf)) for row in rows)

    def last_told(self, tenant: str, exchanges: Sequence[str], kinds: Collection[str]) -> Mapping[str, int]:
        """The place of the last entry of these kinds about each of these exchanges."""
        wanted = select(entries.c.exchange, func.max(entries.c.seq).label("seq")).where(
            entries.c.tenant == tenant, entries.c.exchange.in_(exchanges), entries.c.kind.in_(sorted(kinds))
        )
        return {row.exchange: row.seq for row in self._transaction.all(wanted.group_by(entries.c.exchange))}

    def move_cursor(self, start: int, to: int) -> None:
        """The log was looked at up to `to`. Raises Stale when another worker did so."""
        mine = update(cursors).where(cursors.c.name == CURSOR, cursors.c.seq == start).values(seq=to)
        if self._transaction.write(mine).rowcount == 0:
            raise Stale("cursor")

    def add(self, notice: Notification, body: bytes | None) -> bool:
        """Keep it, due now; False when there is one of that id. `body` is None for what an inbox item holds."""
        sealed = self._keyring.seal(notice.tenant, _owner(notice.client), notice.id, body) if body else None
        row = {name: getattr(notice, name) for name in Notification.__dataclass_fields__}
        if not self._transaction.insert_new(notices, {**row, "sealed": sealed}):
            return False
        self._jobs.add(JOB, notice.tenant, notice.id, lane=notice.client, due=notice.at, behind=True)
        return True

    def get(self, tenant: str, id: str) -> Notification | None:
        """One notice."""
        row = self._transaction.first(select(notices).where(notices.c.tenant == tenant, notices.c.id == id))
        return _read(row) if row else None

    def body(self, notice: Notification) -> bytes:
        """What is told. Raises Missing once it has ended, Erased."""
        wanted = select(notices.c.sealed).where(notices.c.tenant == notice.tenant, notices.c.id == notice.id)
        row = self._transaction.first(wanted)
        if row is None or row.sealed is None:
            raise Missing("content")
        return self._keyring.open(notice.tenant, _owner(notice.client), notice.id, row.sealed)

    def tried(self, notice: Notification, state: NoticeState, tries: int, code: str, detail: str) -> None:
        """Write down an answer; `pending` when it is tried again. What has ended holds no body any more."""
        ended = {} if state == "pending" else {"ended_at": self._transaction.clock(), "sealed": None}
        itself = notices.c.tenant == notice.tenant, notices.c.id == notice.id
        values = {"state": state, "tries": tries, "code": code, "detail": detail, **ended}
        self._transaction.write(update(notices).where(*itself).values(values))
        if state != "pending":
            self._transaction.changed("notice ended", notice.tenant, notice.exchange)

    def find(
        self,
        tenant: str,
        *,
        state: NoticeState | None = None,
        client: str | None = None,
        exchange: str | None = None,
        limit: int = 100,
    ) -> tuple[Notification, ...]:
        """Notices that match, the newest first."""
        wanted = select(notices).where(notices.c.tenant == tenant)
        for column, value in (("state", state), ("client", client), ("exchange", exchange)):
            if value is not None:
                wanted = wanted.where(notices.c[column] == value)
        return tuple(_read(row) for row in self._transaction.all(wanted.order_by(notices.c.place.desc()).limit(limit)))

    def tally(self) -> Mapping[tuple[str, str], int]:
        """How many notices there are by tenant and state."""
        by = (notices.c.tenant, notices.c.state)
        rows = self._transaction.all(select(*by, func.count().label("number")).group_by(*by))
        return {(row.tenant, row.state): row.number for row in rows}


def _owner(client: str) -> str:
    """Whose vault key seals them: one for each client."""
    return f"notices/{client}"


def _read(row: Row[Any]) -> Notification:
    return Notification(**{name: row._mapping[name] for name in Notification.__dataclass_fields__})
