"""Bringing a database to the tables this version needs: Alembic, from the first table on."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from gateway.record.engine import begin, open_engine
from gateway.record.told import told

UPGRADING = 0x0ACCE55  # any number, the same in every version


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
        with engine.connect() as connection:
            begin(connection, writing=True)
            if engine.dialect.name == "postgresql":  # two processes starting at once: the second finds it done
                connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            connection.commit()
    except DBAPIError as error:
        raise told(error) from None
    finally:
        engine.dispose()
