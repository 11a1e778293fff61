"""What is encrypted: keys, contents, and documents uploaded before the event that names them."""

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
    text,
)

from gateway.record.columns import Moment
from gateway.record.schema.metadata import metadata

UNCLAIMED = "state = 'waiting'"
"""The condition of a partial index: a query uses it only when it says the same, word for word."""

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
