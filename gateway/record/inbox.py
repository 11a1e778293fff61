"""PORT inbox: events received for our clients' software, until it says that it has them.

Each item is sealed under a key of its own. One mail gives one item for each client and each document in it, never two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text, update

from gateway.record.contents import Contents
from gateway.record.exchanges import Page, read_cursor
from gateway.record.schema import UNREAD, inbox
from gateway.record.transaction import Transaction
from gateway.record.troubles import Missing

NAME = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One event received for one client: the `n`th document of a stored mail. `type` is the event's."""

    tenant: str
    id: str
    client: str
    mail: str
    n: int
    type: str
    at: datetime
    acknowledged_at: datetime | None = None


class Inbox:
    """Adding and acknowledging need an audit entry of the tenant."""

    def __init__(self, transaction: Transaction, contents: Contents) -> None:
        self._transaction, self._contents = transaction, contents

    def add(self, item: Item, body: bytes) -> bool:
        """Keep it and what it holds; False when this client has this document of this mail already."""
        row = {name: getattr(item, name) for name in Item.__dataclass_fields__}
        if not self._transaction.insert_new(inbox, row):
            return False
        self._contents.put(item.tenant, item.id, NAME, body)
        self._transaction.changed("item received", item.tenant)
        return True

    def get(self, tenant: str, client: str, id: str) -> Item | None:
        """One item of that client, held by a writing unit until its end."""
        wanted = select(inbox).where(inbox.c.tenant == tenant, inbox.c.client == client, inbox.c.id == id)
        row = self._transaction.first(self._transaction.locking(wanted))
        return _read(row) if row else None

    def body(self, item: Item) -> bytes:
        """The CloudEvent. Raises Missing or Erased."""
        return self._contents.get(item.tenant, item.id, NAME)

    def unread(self, tenant: str, client: str, *, cursor: str | None = None, limit: int = 50) -> Page[Item]:
        """What that client has not acknowledged, oldest first. Raises Broken for a cursor we did not give."""
        wanted = select(inbox).where(inbox.c.tenant == tenant, inbox.c.client == client, text(UNREAD))
        if cursor is not None:
            wanted = wanted.where(inbox.c.place > read_cursor(cursor))
        rows = self._transaction.all(wanted.order_by(inbox.c.place).limit(limit + 1))
        items = tuple(_read(row) for row in rows[:limit])
        return Page(items, str(rows[limit - 1].place) if len(rows) > limit else None)

    def acknowledge(self, item: Item, now: datetime) -> bool:
        """Their software has it. False when it said so before. Raises Missing when there is no such item."""
        itself = inbox.c.tenant == item.tenant, inbox.c.id == item.id
        if self._transaction.write(update(inbox).where(*itself, text(UNREAD)).values(acknowledged_at=now)).rowcount:
            self._transaction.changed("item acknowledged", item.tenant)
            return True
        if self._transaction.first(select(inbox.c.id).where(*itself)) is None:
            raise Missing("item")
        return False

    def unread_of_mail(self, item: Item) -> bool:
        """True while that client has not acknowledged every document of the mail this one came in."""
        beside = inbox.c.tenant == item.tenant, inbox.c.client == item.client, inbox.c.mail == item.mail
        return self._transaction.first(select(inbox.c.id).where(*beside, text(UNREAD))) is not None

    def tally(self) -> Mapping[str, int]:
        """How many items nobody has acknowledged, by tenant."""
        wanted = select(inbox.c.tenant, func.count().label("number")).where(text(UNREAD)).group_by(inbox.c.tenant)
        return {row.tenant: row.number for row in self._transaction.all(wanted)}


def _read(row: Row[Any]) -> Item:
    return Item(**{name: row._mapping[name] for name in Item.__dataclass_fields__})
