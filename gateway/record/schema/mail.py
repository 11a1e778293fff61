"""What arrives and what is told: received mails, items for software to take, notices to it, answers to senders."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, UniqueConstraint, text

from gateway.record.columns import Moment, Place
from gateway.record.schema.metadata import metadata

UNREAD = "acknowledged_at IS NULL"
"""The condition of a partial index: a query uses it only when it says the same, word for word."""

mails = Table(
    "mails",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("collected_at", Moment, nullable=False),
    Column("settled_at", Moment),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "mailbox", "digest"),
    Index("ix_mails_waiting", "state", "collected_at"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("place", Place, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    UniqueConstraint("tenant", "id"),
    UniqueConstraint("tenant", "client", "mail", "n"),
    Index("ix_inbox_unread", "tenant", "client", "place", sqlite_where=text(UNREAD), postgresql_where=text(UNREAD)),
)

notices = Table(
    "notices",
    metadata,
    Column("place", Place, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("exchange", Text),
    Column("leg", Integer),
    Column("item", Text),
    Column("state", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("tries", Integer, nullable=False),
    Column("code", Text),
    Column("detail", Text),
    Column("sealed", LargeBinary),  # NULL once it has ended, and for an item of the inbox, which holds it
    UniqueConstraint("tenant", "id"),
    Index("ix_notices_state", "tenant", "state", "place"),
    Index("ix_notices_exchange", "tenant", "exchange", "place"),
)

replies = Table(
    "replies",
    metadata,
    Column("place", Place, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("client", Text),
    Column("destination", Text),
    Column("state", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("tries", Integer, nullable=False),
    Column("code", Text),
    Column("detail", Text),
    UniqueConstraint("tenant", "id"),
    UniqueConstraint("tenant", "mail"),
    Index("ix_replies_state", "tenant", "state", "place"),
)
