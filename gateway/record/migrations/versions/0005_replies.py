"""What the senders of received mails are told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def moment() -> sa.types.TypeEngine[Any]:
    """A time: timestamptz, or text on SQLite."""
    return sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def place() -> sa.types.TypeEngine[Any]:
    """A number the database gives out."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table. What was acknowledged before is not answered any more."""
    op.create_table(
        "replies",
        sa.Column("place", place(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_replies")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_replies_tenant_id")),
        sa.UniqueConstraint("tenant", "mail", name=op.f("uq_replies_tenant_mail")),
    )
    op.create_index("ix_replies_state", "replies", ["tenant", "state", "place"], unique=False)
