"""Bringing a database to the tables this version needs: Alembic, from the first table on."""

from __future__ import annotations

from pathlib import Path

from gateway.record.engine import open_engine


def upgrade(url: str, to: str = "head") -> None:
    """Run the migrations a database lacks, each whole or not at all; harmless when there are none.

    Raises Broken or Unreachable.
    """
    from alembic import command  # slow to import, and only this needs it
    from alembic.config import Config

    engine = open_engine(url)
    try:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        engine.dispose()
