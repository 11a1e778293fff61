"""What is remembered of patients: their names in hashes, what is known of their care, to what they object."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from gateway.record.columns import Moment
from gateway.record.schema.metadata import metadata

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
