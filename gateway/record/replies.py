"""PORT replies: what the sender of a received mail is told of it, a receipt or a refusal, until it has left.

One for each stored mail: the first word about it counts. Each has a job (`reply`) of its own, so that none waits for
another. Its bytes are made once and kept with the mail they answer, under the mail's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, select, update

from gateway.record.contents import Contents
from gateway.record.jobs import Jobs
from gateway.record.schema import replies
from gateway.record.transaction import Transaction

JOB = "reply"
NAME = "reply"

ReplyState = Literal["pending", "sent", "failed", "not-sent"]
"""`not-sent`: none was asked for, or none may be sent; `code` says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said of one stored mail, from the mailbox it came to.

    outcome      `processed`, or an error code 900 to 906
    client       whose software said so; None when this gateway did
    destination  the mail address it goes to, once it is written
    code, detail the last answer
    """

    tenant: str
    id: str
    mail: str
    mailbox: str
    outcome: str
    at: datetime
    client: str | None = None
    state: ReplyState = "pending"
    destination: str | None = None
    ended_at: datetime | None = None
    tries: int = 0
    code: str | None = None
    detail: str | None = None


class Replies:
    """Every change needs an audit entry of the tenant."""

    def __init__(self, transaction: Transaction, contents: Contents, jobs: Jobs) -> None:
        self._transaction, self._contents, self._jobs = transaction, contents, jobs

    def add(self, reply: Reply) -> bool:
        """Owe it, due now; False when something is said of that mail already."""
        row = {name: getattr(reply, name) for name in Reply.__dataclass_fields__}
        if not self._transaction.insert_new(replies, row):
            return False
        self._jobs.add(JOB, reply.tenant, reply.id, lane=reply.id, due=reply.at)
        self._transaction.changed("reply owed", reply.tenant)
        return True

    def get(self, tenant: str, id: str) -> Reply | None:
        """One reply."""
        row = self._transaction.first(select(replies).where(replies.c.tenant == tenant, replies.c.id == id))
        return _read(row) if row else None

    def to_mail(self, tenant: str, mail: str) -> Reply | None:
        """What is said of that stored mail, if anything."""
        row = self._transaction.first(select(replies).where(replies.c.tenant == tenant, replies.c.mail == mail))
        return _read(row) if row else None

    def keep(self, reply: Reply, destination: str, body: bytes) -> None:
        """Keep what was written, and to whom. Raises Taken when it has been, Erased with the mail."""
        self._contents.put(reply.tenant, reply.mail, NAME, body)
        self._change(reply, {"destination": destination})

    def body(self, reply: Reply) -> bytes:
        """The mail that leaves. Raises Missing while it is not written, Erased."""
        return self._contents.get(reply.tenant, reply.mail, NAME)

    def tried(self, reply: Reply, state: ReplyState, tries: int, code: str, detail: str) -> None:
        """Write down an answer; `pending` when it is tried again."""
        ended = {} if state == "pending" else {"ended_at": self._transaction.clock()}
        self._change(reply, {"state": state, "tries": tries, "code": code, "detail": detail, **ended})

    def find(self, tenant: str, *, state: ReplyState, limit: int = 100) -> tuple[Reply, ...]:
        """Those in that state, the newest first."""
        wanted = select(replies).where(replies.c.tenant == tenant, replies.c.state == state)
        return tuple(_read(row) for row in self._transaction.all(wanted.order_by(replies.c.place.desc()).limit(limit)))

    def tally(self) -> Mapping[tuple[str, str], int]:
        """How many there are by tenant and state."""
        by = (replies.c.tenant, replies.c.state)
        rows = self._transaction.all(select(*by, func.count().label("number")).group_by(*by))
        return {(row.tenant, row.state): row.number for row in rows}

    def _change(self, reply: Reply, values: dict[str, Any]) -> None:
        itself = replies.c.tenant == reply.tenant, replies.c.id == reply.id
        self._transaction.write(update(replies).where(*itself).values(values))
        self._transaction.changed("reply changed", reply.tenant)


def _read(row: Row[Any]) -> Reply:
    return Reply(**{name: row._mapping[name] for name in Reply.__dataclass_fields__})
