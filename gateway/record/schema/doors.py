"""Who may come in: credentials, and the sessions of people at the pages."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from gateway.record.columns import Moment
from gateway.record.schema.metadata import metadata

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
