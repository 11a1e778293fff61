"""Large contents: uploads and their sealed chunks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def moment() -> sa.types.TypeEngine[Any]:
    """A time: timestamptz, or text on SQLite."""
    return sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the two tables."""
    waiting = sa.text("state = 'waiting'")
    op.create_table(
        "uploads",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("exchange", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_uploads")),
    )
    op.create_index(
        "ix_uploads_waiting",
        "uploads",
        ["tenant", "client", "digest"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(op.f("ix_uploads_state_at"), "uploads", ["state", "at"], unique=False)
    op.create_index(op.f("ix_uploads_tenant_exchange"), "uploads", ["tenant", "exchange"], unique=False)
    op.create_table(
        "upload_chunks",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("upload", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "upload", "n", name=op.f("pk_upload_chunks")),
        sa.ForeignKeyConstraint(
            ["tenant", "upload"], ["uploads.tenant", "uploads.id"], name=op.f("fk_upload_chunks_uploads")
        ),
    )
