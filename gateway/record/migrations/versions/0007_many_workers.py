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
        sa.Column("behind", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("stands_for", sa.Integer(), nullable=True),
        sa.Column("settled_at", moment(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
    ):
        op.add_column("legs", column)
    op.add_column("jobs", sa.Column("lost", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.drop_index("ix_jobs_lane", "jobs")
    op.create_index("ix_jobs_lane", "jobs", ["kind", "tenant", "lane", "id"])  # from one lane of a kind to the next
    op.add_column("mails", sa.Column("opened", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "servers",
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", moment(), nullable=False),
        sa.Column("closed_until", moment(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("transport", "name", name="pk_servers"),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("lease_until", moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duties"),
    )
    op.create_table(
        "clocks",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("uptime", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("boot", name="pk_clocks"),
    )
    _wake_workers()
    op.create_table(
        "totals",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "day", "kind", "state", name="pk_totals"),
    )
    _name_partners()
    _index_searches()
    _order_lanes()


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
    taken_up = sa.text("state <> 'accepted'")
    op.create_index(
        "ix_exchanges_patient", "exchanges", ["tenant", "patient", "id"],
        sqlite_where=taken_up, postgresql_where=taken_up,
    )  # fmt: skip
    op.create_index(
        "ix_exchanges_standing_out", "exchanges", ["tenant", "id", "state", "reason"],
        sqlite_where=stands_out, postgresql_where=stands_out,
    )  # fmt: skip
    op.drop_index("ix_legs_state", "legs")
    op.drop_index("ix_legs_recipient", "legs")
    op.create_index("ix_legs_state", "legs", ["tenant", "state", "exchange", "partner", "transport"])
    op.drop_index("ix_mails_waiting", "mails")
    op.create_index("ix_mails_state", "mails", ["state", "tenant", "collected_at"])
    op.create_index("ix_legs_recipient", "legs", ["tenant", "recipient_id", "exchange"])
    op.create_index("ix_legs_partner", "legs", ["tenant", "partner", "exchange"])
    op.create_index(
        "ix_legs_reason", "legs", ["reason", "tenant", "exchange", "partner", "state"],
        sqlite_where=with_reason, postgresql_where=with_reason,
    )  # fmt: skip


def _order_lanes() -> None:
    """Who is first in a lane, and who stands behind another: from then on only the first ones are looked through."""
    to_do = sa.text("state IN ('attempted', 'held', 'postponed', 'unknown', 'waiting')")
    ready = sa.text("behind = 0 AND state IN ('postponed', 'unknown', 'waiting')")
    op.drop_index("ix_legs_due", "legs")
    op.drop_index("ix_legs_lane", "legs")
    op.create_index(
        "ix_legs_lane", "legs", ["tenant", "lane", "place", "n"], sqlite_where=to_do, postgresql_where=to_do
    )
    told_whole = sa.text("subject IS NOT NULL")
    op.create_index(
        "ix_legs_subject", "legs", ["tenant", "lane", "subject", "place"],
        sqlite_where=told_whole, postgresql_where=told_whole,
    )  # fmt: skip
    op.execute(
        "UPDATE legs SET behind = 1 WHERE state IN ('postponed', 'unknown', 'waiting') AND EXISTS ("
        "SELECT 1 FROM legs AS earlier WHERE earlier.tenant = legs.tenant AND earlier.lane = legs.lane "
        "AND earlier.state IN ('attempted', 'held', 'postponed', 'unknown', 'waiting') "
        "AND earlier.state IN ('attempted', 'postponed', 'unknown', 'waiting') AND earlier.place <= legs.place "
        "AND (earlier.place < legs.place OR earlier.n < legs.n))"
    )
    op.create_index(
        "ix_legs_ready", "legs", ["transport", "server", "due", "place", "n"],
        sqlite_where=ready, postgresql_where=ready,
    )  # fmt: skip


def _wake_workers() -> None:
    """Work that anybody may take is told to who listens (`record.wake`); PostgreSQL says the same once a commit."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION passerelle_wake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_notify('passerelle', CASE TG_TABLE_NAME WHEN 'jobs' THEN to_jsonb(NEW) ->> 'kind' ELSE 'send' END);"
        " RETURN NULL; END $$"
    )
    free = {"jobs": "NEW.worker IS NULL", "legs": "NEW.state IN ('waiting', 'postponed', 'unknown')"}
    for table, anybodys in free.items():
        op.execute(
            f"CREATE TRIGGER {table}_wake AFTER INSERT OR UPDATE OF due, worker ON {table} "
            f"FOR EACH ROW WHEN ({anybodys}) EXECUTE FUNCTION passerelle_wake()"
        )
