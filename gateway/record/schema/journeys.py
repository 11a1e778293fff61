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
from gateway.record.lease import Lease
from gateway.record.schema.metadata import metadata

MAY_BE_TRIED = "state IN ('postponed', 'unknown', 'waiting')"
BLOCKING = "state IN ('attempted', 'postponed', 'unknown', 'waiting')"
OPEN = "state IN ('attempted', 'held', 'postponed', 'unknown', 'waiting')"
READY = f"behind = 0 AND {MAY_BE_TRIED}"
LEASED = "state = 'attempted'"
UNANSWERED = "state IN ('delivered', 'handed-over')"
STANDS_OUT = "state <> 'prepared' OR reason IS NOT NULL"
WITH_REASON = "reason IS NOT NULL"
TOLD_WHOLE = "subject IS NOT NULL"
TAKEN_UP = "state <> 'accepted'"
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
    Index(  # random, so a page of its own for each row: not written while somebody waits for the answer
        "ix_exchanges_patient", "tenant", "patient", "id",
        sqlite_where=text(TAKEN_UP), postgresql_where=text(TAKEN_UP),
    ),
    Index(
        "ix_exchanges_standing_out", "tenant", "id", "state", "reason",
        sqlite_where=text(STANDS_OUT), postgresql_where=text(STANDS_OUT),
    ),
)  # fmt: skip

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
    Column("lease_until", Lease),
    Column("receipt", Text),
    Column("partner", Text, nullable=False, server_default=text("''")),  # mail domain or endpoint of the other side
    Column("server", Text, nullable=False, server_default=text("''")),  # whom we speak to, by name
    Column("behind", Integer, nullable=False, server_default=text("0")),  # 1: not the first of its lane
    Column("subject", Text),  # the team or plan told whole: a newer one in the lane takes this one's place
    Column("stands_for", Integer),  # the leg of the same exchange that was sent to another address
    Column("settled_at", Moment),
    Column("settled_by", Text),
    Column("settled_how", Text),
    PrimaryKeyConstraint("tenant", "exchange", "n"),
    ForeignKeyConstraint(["tenant", "exchange"], ["exchanges.tenant", "exchanges.id"]),
    UniqueConstraint("message_id"),
    Index(
        "ix_legs_ready", "transport", "server", "due", "place", "n",
        sqlite_where=text(READY), postgresql_where=text(READY),
    ),
    Index("ix_legs_lane", "tenant", "lane", "place", "n", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index(
        "ix_legs_subject", "tenant", "lane", "subject", "place",
        sqlite_where=text(TOLD_WHOLE), postgresql_where=text(TOLD_WHOLE),
    ),
    Index("ix_legs_lease", "lease_until", sqlite_where=text(LEASED), postgresql_where=text(LEASED)),
    Index("ix_legs_unanswered", "since", sqlite_where=text(UNANSWERED), postgresql_where=text(UNANSWERED)),
    Index("ix_legs_state", "tenant", "state", "exchange", "partner", "transport"),  # also counted by
    Index("ix_legs_recipient", "tenant", "recipient_id", "exchange"),
    Index("ix_legs_partner", "tenant", "partner", "exchange"),
    Index(
        "ix_legs_reason", "reason", "tenant", "exchange", "partner", "state",
        sqlite_where=text(WITH_REASON), postgresql_where=text(WITH_REASON),
    ),
)  # fmt: skip

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

servers = Table(  # those that did not answer lately: nothing is sent to them for a while
    "servers",
    metadata,
    Column("transport", Text, nullable=False),
    Column("name", Text, nullable=False),  # an operator's and an endpoint's may be the same
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("closed_until", Moment),
    Column("code", Text),
    PrimaryKeyConstraint("transport", "name"),
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
    Column("lost", Integer, nullable=False, server_default=text("0")),  # takes in a row that ended without a word
    Column("worker", Text),
    Column("lease_until", Lease),
    Column("reason", Text),
    Index("ix_jobs_due", "kind", "due", "id"),
    Index("ix_jobs_lane", "kind", "tenant", "lane", "id"),
    sqlite_autoincrement=True,  # a finished job's row is gone: its number must not come back
)

duties = Table(  # what one worker at a time does for all
    "duties",
    metadata,
    Column("name", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("lease_until", Lease, nullable=False),
    PrimaryKeyConstraint("name"),
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
