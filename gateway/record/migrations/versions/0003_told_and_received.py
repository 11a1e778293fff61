"""What our clients are told, and what came for them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def moment() -> sa.types.TypeEngine[Any]:
    """A time: timestamptz, or text on SQLite."""
    return sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def place() -> sa.types.TypeEngine[Any]:
    """A number the database gives out."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the three tables. Nobody is told of what the log held before."""
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", place(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
    )
    op.execute("INSERT INTO cursors (name, seq) SELECT 'notices', size FROM tree")
    op.create_table(
        "notices",
        sa.Column("place", place(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=True),
        sa.Column("leg", sa.Integer(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_notices")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_notices_tenant_id")),
    )
    op.create_index("ix_notices_state", "notices", ["tenant", "state", "place"], unique=False)
    op.create_index("ix_notices_exchange", "notices", ["tenant", "exchange", "place"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("place", place(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("acknowledged_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_inbox")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_inbox_tenant_id")),
        sa.UniqueConstraint("tenant", "client", "mail", "n", name=op.f("uq_inbox_tenant_client_mail_n")),
    )
    unread = sa.text("acknowledged_at IS NULL")
    op.create_index(
        "ix_inbox_unread", "inbox", ["tenant", "client", "place"], sqlite_where=unread, postgresql_where=unread
    )
