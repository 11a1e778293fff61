"""Every table, once, for both engines. Each row starts with its tenant, and so does each key people's data is under.

Exceptions, each on purpose: `place` and `jobs.id` order rows across tenants; a Message-ID, the secret of an API key or
of a session are what a tenant is found *by*; the audit tree is one for the whole gateway.
The migrations must make exactly this (a test compares them on both engines).
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.record.columns import Moment, Place

REVISION = "0006"
"""The migration this code was written for."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

MAY_BE_TRIED = "state IN ('postponed', 'unknown', 'waiting')"
BLOCKING = "state IN ('attempted', 'postponed', 'unknown', 'waiting')"
LEASED = "state = 'attempted'"
UNREAD = "acknowledged_at IS NULL"
UNANSWERED = "state IN ('delivered', 'handed-over')"
UNCLAIMED = "state = 'waiting'"
"""Conditions of partial indexes: a query uses one only when it says the same, word for word."""

exchanges = Table(
    "exchanges",
    metadata,
    Column("place", Place, primary_key=True),  # the order of acceptance, whatever the clock says
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("dialect", Text, nullable=False),
    Column("patient", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    UniqueConstraint("tenant", "id"),
    UniqueConstraint("tenant", "client", "event_id"),
    Index(None, "tenant", "place"),
)

legs = Table(
    "legs",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("place", Place, nullable=False),
    Column("lane", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("origin", Text),
    Column("destination", Text),
    Column("recipient_kind", Text, nullable=False),
    Column("recipient_id", Text, nullable=False),
    Column("recipient_name", Text, nullable=False),
    Column("chosen_because", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("message_id", Text),
    Column("reason", Text),
    Column("code", Text),
    Column("detail", Text),
    Column("due", Moment),
    Column("give_up", Moment),
    Column("tries", Integer, nullable=False),
    Column("worker", Text),
    Column("lease_until", Moment),
    Column("receipt", Text),
    PrimaryKeyConstraint("tenant", "exchange", "n"),
    ForeignKeyConstraint(["tenant", "exchange"], ["exchanges.tenant", "exchanges.id"]),
    UniqueConstraint("message_id"),
    Index("ix_legs_due", "due", "place", "n", sqlite_where=text(MAY_BE_TRIED), postgresql_where=text(MAY_BE_TRIED)),
    Index("ix_legs_lane", "tenant", "lane", "place", "n", "state"),
    Index("ix_legs_lease", "lease_until", sqlite_where=text(LEASED), postgresql_where=text(LEASED)),
    Index("ix_legs_unanswered", "since", sqlite_where=text(UNANSWERED), postgresql_where=text(UNANSWERED)),
    Index("ix_legs_state", "tenant", "state", "place"),
    Index("ix_legs_recipient", "tenant", "recipient_id", "place"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("leg", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", Text),
    Column("code", Text),
    Column("detail", Text),
    PrimaryKeyConstraint("tenant", "exchange", "leg", "n"),
    ForeignKeyConstraint(["tenant", "exchange", "leg"], ["legs.tenant", "legs.exchange", "legs.n"]),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Place, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("due", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("worker", Text),
    Column("lease_until", Moment),
    Column("reason", Text),
    Index("ix_jobs_due", "kind", "due", "id"),
    Index("ix_jobs_lane", "tenant", "kind", "lane", "id"),
    sqlite_autoincrement=True,  # a finished job's row is gone: its number must not come back
)

answers = Table(
    "answers",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant", "client", "key"),
    ForeignKeyConstraint(["tenant", "exchange"], ["exchanges.tenant", "exchanges.id"]),
)

known = Table(
    "known",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("patient", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "client", "kind", "id"),
    Index("ix_known_patient", "tenant", "client", "patient"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("handle", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "digest"),
)

vault_keys = Table(
    "vault_keys",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("wrapped", LargeBinary),  # NULL once destroyed
    Column("erased_at", Moment),
    PrimaryKeyConstraint("tenant", "owner"),
)

contents = Table(
    "contents",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "owner", "name"),
    ForeignKeyConstraint(["tenant", "owner"], ["vault_keys.tenant", "vault_keys.owner"]),
)

uploads = Table(
    "uploads",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # keyed: whoever reads the table cannot try a document on it
    Column("state", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("size", Integer, nullable=False),
    Column("wrapped", LargeBinary),  # by the settings' key, then by the key of its exchange; NULL once destroyed
    Column("exchange", Text),
    PrimaryKeyConstraint("tenant", "id"),
    Index(
        "ix_uploads_waiting", "tenant", "client", "digest", unique=True,
        sqlite_where=text(UNCLAIMED), postgresql_where=text(UNCLAIMED),
    ),
    Index(None, "state", "at"),
    Index(None, "tenant", "exchange"),
)  # fmt: skip

upload_chunks = Table(
    "upload_chunks",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("upload", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "upload", "n"),
    ForeignKeyConstraint(["tenant", "upload"], ["uploads.tenant", "uploads.id"]),
)

credentials = Table(
    "credentials",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("digest"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("key", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant", "digest"),
    UniqueConstraint("digest"),
    ForeignKeyConstraint(["tenant", "key"], ["credentials.tenant", "credentials.id"]),
)

objections = Table(
    "objections",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("patient", Text, nullable=False),
    Column("recipient", Text),
    Column("category", Text),
    Column("event_type", Text),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    PrimaryKeyConstraint("tenant", "id"),
    Index("ix_objections_patient", "tenant", "patient"),
)

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

cursors = Table(  # how far readers of the audit log have come
    "cursors",
    metadata,
    Column("name", Text, nullable=False),
    Column("seq", Place, nullable=False),
    PrimaryKeyConstraint("name"),
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

entries = Table(
    "entries",
    metadata,
    Column("seq", Place, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("exchange", Text),
    Column("patient", Text),
    Column("record", Text),  # NULL once purged
    Column("leaf", LargeBinary(32), nullable=False),
    Index("ix_entries_tenant", "tenant", "seq"),
    Index("ix_entries_exchange", "tenant", "exchange", "seq"),
    Index("ix_entries_patient", "tenant", "patient", "seq"),
    Index("ix_entries_kind", "kind", "seq"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("level", Integer, nullable=False),
    Column("index", Place, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("level", "index"),
    sqlite_with_rowid=False,
)

tree = Table(
    "tree",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: one row, locked last in a commit
    Column("size", Place, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
