"""What walks down the stairs: exchanges, their legs and attempts, jobs, and the answers their senders were given."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.record.columns import Moment, Place
from gateway.record.schema.metadata import metadata

MAY_BE_TRIED = "state IN ('postponed', 'unknown', 'waiting')"
BLOCKING = "state IN ('attempted', 'postponed', 'unknown', 'waiting')"
LEASED = "state = 'attempted'"
UNANSWERED = "state IN ('delivered', 'handed-over')"
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
