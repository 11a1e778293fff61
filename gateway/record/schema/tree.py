"""The audit log: its entries, the tree over them, and how far its readers have come."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from gateway.record.columns import Moment, Place
from gateway.record.schema.metadata import metadata

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

cursors = Table(  # how far readers of the audit log have come
    "cursors",
    metadata,
    Column("name", Text, nullable=False),
    Column("seq", Place, nullable=False),
    PrimaryKeyConstraint("name"),
)
