"""Many workers: whom a leg is handed to, what it tells whole, and how a person settled it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def moment() -> sa.types.TypeEngine[Any]:
    """A time: timestamptz, or text on SQLite."""
    return sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Give legs what order, fairness and steering ask of them; remember servers that do not answer."""
    for column in (
        sa.Column("server", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("stands_for", sa.Integer(), nullable=True),
        sa.Column("settled_at", moment(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
    ):
        op.add_column("legs", column)
    op.create_table(
        "servers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", moment(), nullable=False),
        sa.Column("closed_until", moment(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_servers"),
    )
