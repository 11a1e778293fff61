"""What Alembic runs: the steps, on the connection it was given, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from gateway.record.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's as well: the connection begins it itself
)
with context.begin_transaction():
    context.run_migrations()
