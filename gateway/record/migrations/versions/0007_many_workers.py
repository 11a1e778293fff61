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
        sa.Column("partner", sa.Text(), nullable=False, server_default=sa.text("''")),
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
    op.create_table(
        "duties",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("lease_until", moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duties"),
    )
    _name_partners()
    _index_searches()


def _name_partners() -> None:
    """The other side of the legs that are there: what follows the @ of a mailbox, or an endpoint's name."""
    after = "split_part(destination, '@', 2)"
    if op.get_bind().dialect.name == "sqlite":
        after = "substr(destination, instr(destination, '@') + 1)"
    op.execute(
        f"UPDATE legs SET partner = CASE WHEN destination LIKE '%@%' THEN {after} ELSE destination END "  # noqa: S608
        "WHERE destination IS NOT NULL AND transport <> 'folder' AND partner = ''"
    )


def _index_searches() -> None:
    """What a million exchanges are searched by: their ids are ordered by time, so nothing needs their place."""
    stands_out, with_reason = sa.text("state <> 'prepared' OR reason IS NOT NULL"), sa.text("reason IS NOT NULL")
    op.drop_index("ix_exchanges_tenant_place", "exchanges")
    op.create_index("ix_exchanges_patient", "exchanges", ["tenant", "patient", "id"])
    op.create_index(
        "ix_exchanges_standing_out", "exchanges", ["tenant", "id", "state", "reason"],
        sqlite_where=stands_out, postgresql_where=stands_out,
    )  # fmt: skip
    op.drop_index("ix_legs_state", "legs")
    op.drop_index("ix_legs_recipient", "legs")
    op.create_index("ix_legs_state", "legs", ["tenant", "state", "exchange", "partner"])
    op.create_index("ix_legs_recipient", "legs", ["tenant", "recipient_id", "exchange"])
    op.create_index("ix_legs_partner", "legs", ["tenant", "partner", "exchange"])
    op.create_index(
        "ix_legs_reason", "legs", ["reason", "tenant", "exchange", "partner"],
        sqlite_where=with_reason, postgresql_where=with_reason,
    )  # fmt: skip
