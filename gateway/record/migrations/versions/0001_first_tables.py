"""The first tables, and the locks on the audit log."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def moment() -> sa.types.TypeEngine[Any]:
    """A time: timestamptz, or text on SQLite."""
    return sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def place() -> sa.types.TypeEngine[Any]:
    """A number the database gives out."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make everything."""
    _events()
    _sealed()
    _people()
    _audit()
    empty = hashlib.sha256(b"").digest()
    tree = sa.table("tree", sa.column("id"), sa.column("size"), sa.column("root"), sa.column("frontier"))
    op.bulk_insert(tree, [{"id": 1, "size": 0, "root": empty, "frontier": b""}])
    _locks()


def _events() -> None:
    op.create_table(
        "exchanges",
        sa.Column("place", place(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("dialect", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted_at", moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("tenant", "client", "event_id", name=op.f("uq_exchanges_tenant_client_event_id")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_exchanges_tenant_id")),
    )
    op.create_index(op.f("ix_exchanges_tenant_place"), "exchanges", ["tenant", "place"], unique=False)
    op.create_table(
        "legs",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("place", place(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("recipient_kind", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("chosen_because", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", moment(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("due", moment(), nullable=True),
        sa.Column("give_up", moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", moment(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "exchange"], ["exchanges.tenant", "exchanges.id"], name=op.f("fk_legs_exchanges")
        ),
        sa.PrimaryKeyConstraint("tenant", "exchange", "n", name=op.f("pk_legs")),
        sa.UniqueConstraint("message_id", name=op.f("uq_legs_message_id")),
    )
    op.create_index(
        "ix_legs_due",
        "legs",
        ["due", "place", "n"],
        unique=False,
        sqlite_where=sa.text("state IN ('postponed', 'unknown', 'waiting')"),
        postgresql_where=sa.text("state IN ('postponed', 'unknown', 'waiting')"),
    )
    op.create_index("ix_legs_lane", "legs", ["tenant", "lane", "place", "n", "state"], unique=False)
    op.create_index(
        "ix_legs_lease",
        "legs",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'attempted'"),
        postgresql_where=sa.text("state = 'attempted'"),
    )
    op.create_index("ix_legs_state", "legs", ["tenant", "state", "place"], unique=False)
    op.create_index(
        "ix_legs_unanswered",
        "legs",
        ["since"],
        unique=False,
        sqlite_where=sa.text("state IN ('delivered', 'handed-over')"),
        postgresql_where=sa.text("state IN ('delivered', 'handed-over')"),
    )
    op.create_table(
        "attempts",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "exchange", "leg"], ["legs.tenant", "legs.exchange", "legs.n"], name=op.f("fk_attempts_legs")
        ),
        sa.PrimaryKeyConstraint("tenant", "exchange", "leg", "n", name=op.f("pk_attempts")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", place(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("due", moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_due", "jobs", ["kind", "due", "id"], unique=False)
    op.create_index("ix_jobs_lane", "jobs", ["tenant", "kind", "lane", "id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "exchange"], ["exchanges.tenant", "exchanges.id"], name=op.f("fk_answers_exchanges")
        ),
        sa.PrimaryKeyConstraint("tenant", "client", "key", name=op.f("pk_answers")),
    )


def _sealed() -> None:
    op.create_table(
        "vault_keys",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "owner", name=op.f("pk_vault_keys")),
    )
    op.create_table(
        "contents",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "owner"], ["vault_keys.tenant", "vault_keys.owner"], name=op.f("fk_contents_vault_keys")
        ),
        sa.PrimaryKeyConstraint("tenant", "owner", "name", name=op.f("pk_contents")),
    )
    op.create_table(
        "known",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "client", "kind", "id", name=op.f("pk_known")),
    )
    op.create_index("ix_known_patient", "known", ["tenant", "client", "patient"], unique=False)
    op.create_table(
        "aliases",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_aliases")),
    )


def _people() -> None:
    op.create_table(
        "credentials",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("revoked_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("digest", name=op.f("uq_credentials_digest")),
    )
    op.create_table(
        "objections",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("event_type", sa.Text(), nullable=True),
        sa.Column("at", moment(), nullable=False),
        sa.Column("withdrawn_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_objections")),
    )
    op.create_index("ix_objections_patient", "objections", ["tenant", "patient"], unique=False)
    op.create_table(
        "mails",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("collected_at", moment(), nullable=False),
        sa.Column("settled_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_mails")),
        sa.UniqueConstraint("tenant", "mailbox", "digest", name=op.f("uq_mails_tenant_mailbox_digest")),
    )
    op.create_index("ix_mails_waiting", "mails", ["state", "collected_at"], unique=False)


def _audit() -> None:
    op.create_table(
        "entries",
        sa.Column("seq", place(), autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=True),
        sa.Column("patient", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_exchange", "entries", ["tenant", "exchange", "seq"], unique=False)
    op.create_index("ix_entries_kind", "entries", ["kind", "seq"], unique=False)
    op.create_index("ix_entries_patient", "entries", ["tenant", "patient", "seq"], unique=False)
    op.create_index("ix_entries_tenant", "entries", ["tenant", "seq"], unique=False)
    op.create_table(
        "nodes",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("index", place(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_nodes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tree",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", place(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tree")),
    )


def _locks() -> None:
    """Refuse every change of the log, save taking a record away: its hash, its place and its time stay."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL_LOCKS:
            op.execute(statement)
        return
    op.execute(
        "CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the audit log stays'); END"
    )
    op.execute(
        "CREATE TRIGGER entries_unchanged BEFORE UPDATE ON entries WHEN NOT ("
        "NEW.record IS NULL AND OLD.record IS NOT NULL AND NEW.seq IS OLD.seq AND NEW.tenant IS OLD.tenant"
        " AND NEW.kind IS OLD.kind AND NEW.at IS OLD.at AND NEW.leaf IS OLD.leaf"
        " AND (NEW.exchange IS OLD.exchange OR NEW.exchange IS NULL)"
        " AND (NEW.patient IS OLD.patient OR NEW.patient IS NULL))"
        " BEGIN SELECT RAISE(ABORT, 'the audit log stays'); END"
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER nodes_{change.lower()} BEFORE {change} ON nodes"
            " BEGIN SELECT RAISE(ABORT, 'the audit log stays'); END"
        )
    op.execute("CREATE TRIGGER tree_stays BEFORE DELETE ON tree BEGIN SELECT RAISE(ABORT, 'the audit log stays'); END")


POSTGRESQL_LOCKS = (
    """
    CREATE FUNCTION the_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'entries' THEN
            IF NEW.record IS NULL AND OLD.record IS NOT NULL AND NEW.seq = OLD.seq AND NEW.tenant = OLD.tenant
               AND NEW.kind = OLD.kind AND NEW.at = OLD.at AND NEW.leaf = OLD.leaf
               AND (NEW.exchange IS NOT DISTINCT FROM OLD.exchange OR NEW.exchange IS NULL)
               AND (NEW.patient IS NOT DISTINCT FROM OLD.patient OR NEW.patient IS NULL) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'the audit log stays';
    END $$
    """,
    "CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION the_log_stays()",
    "CREATE TRIGGER nodes_stay BEFORE UPDATE OR DELETE ON nodes FOR EACH ROW EXECUTE FUNCTION the_log_stays()",
    "CREATE TRIGGER tree_stays BEFORE DELETE ON tree FOR EACH ROW EXECUTE FUNCTION the_log_stays()",
    "CREATE TRIGGER entries_whole BEFORE TRUNCATE ON entries EXECUTE FUNCTION the_log_stays()",
    "CREATE TRIGGER nodes_whole BEFORE TRUNCATE ON nodes EXECUTE FUNCTION the_log_stays()",
)
