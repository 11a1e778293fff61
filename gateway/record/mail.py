"""PORT mail: messages collected from our mailboxes, stored before they are taken away over there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, select, update

from gateway.record.contents import Contents
from gateway.record.schema import mails
from gateway.record.transaction import Transaction
from gateway.record.troubles import Stale

MailState = Literal["collected", "settled", "unmatched", "not-a-receipt", "received", "not-understood"]
"""What is not a receipt is then read as a document: `received` into the inbox, or `not-understood`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A collected message; `handle` names it on the server, `state` says what became of it here."""

    tenant: str
    id: str
    mailbox: str
    handle: str
    state: MailState
    collected_at: datetime


class Mails:
    """Adding one needs an audit entry of the same tenant (`mail-collected`).

    A mailbox may serve several tenants, and whose a message is shows only when it is read: `tenant` is empty until
    mailboxes belong to one.
    """

    def __init__(self, transaction: Transaction, contents: Contents) -> None:
        self._transaction, self._contents = transaction, contents

    def add(self, mailbox: str, handle: str, digest: str, raw: bytes, now: datetime, *, tenant: str = "") -> str | None:
        """Keep a message, sealed; returns our id, None when this mailbox gave us these bytes before.

        digest  SHA-256 of the raw bytes, in hex. Once the unit is committed the server may forget it, in both cases.
        """
        id = str(UUID(bytes=self._transaction.draw(16), version=4))
        values = {
            "tenant": tenant, "id": id, "mailbox": mailbox, "handle": handle, "digest": digest, "state": "collected",
            "collected_at": now,
        }  # fmt: skip
        if not self._transaction.insert_new(mails, values):
            return None
        self._contents.put(tenant, id, "raw", raw)
        self._transaction.changed("mail collected", tenant)
        return id

    def get(self, id: str, *, tenant: str = "") -> StoredMail | None:
        """One message's row; held by a writing unit until its end."""
        wanted = select(mails).where(mails.c.tenant == tenant, mails.c.id == id)
        row = self._transaction.first(self._transaction.locking(wanted))
        return _read(row) if row else None

    def raw(self, id: str, *, tenant: str = "") -> bytes:
        """The message as it came. Raises Missing or Erased."""
        return self._contents.get(tenant, id, "raw")

    def waiting(self, limit: int = 100, *, state: MailState = "collected") -> tuple[StoredMail, ...]:
        """Messages nobody has looked at, oldest first; a writing unit holds them and passes over those held already.

        state  `not-a-receipt` for those nobody has read as a document
        """
        wanted = select(mails).where(mails.c.state == state).order_by(mails.c.collected_at, mails.c.id)
        rows = self._transaction.all(self._transaction.locking(wanted.limit(limit), skip=True))
        return tuple(_read(row) for row in rows)

    def opened(self, id: str, *, tenant: str = "") -> int:
        """Somebody begins to read it; gives how many have, since it stands where it stands."""
        itself = mails.c.tenant == tenant, mails.c.id == id
        self._transaction.write(update(mails).where(*itself).values(opened=mails.c.opened + 1))
        row = self._transaction.first(select(mails.c.opened).where(*itself))
        return row.opened if row else 0

    def put_back(self, id: str, *, tenant: str = "") -> None:
        """It was read, and waits for something else."""
        itself = mails.c.tenant == tenant, mails.c.id == id
        self._transaction.write(update(mails).where(*itself).values(opened=0))

    def settled(self, id: str, outcome: MailState, *, tenant: str = "", before: MailState = "collected") -> None:
        """Say what it was. Raises Stale when somebody has said so already: what they did counts."""
        still = mails.c.tenant == tenant, mails.c.id == id, mails.c.state == before
        values = {"state": outcome, "settled_at": self._transaction.clock(), "opened": 0}
        if self._transaction.write(update(mails).where(*still).values(values)).rowcount == 0:
            raise Stale("mail")

    def tally(self) -> Mapping[tuple[str, str], int]:
        """How many messages there are by tenant and state."""
        by = (mails.c.state, mails.c.tenant)  # in the order of their index
        rows = self._transaction.all(select(*by, func.count().label("number")).group_by(*by))
        return {(row.tenant, row.state): row.number for row in rows}


def _read(row: Row[Any]) -> StoredMail:
    return StoredMail(**{name: row._mapping[name] for name in StoredMail.__dataclass_fields__})
