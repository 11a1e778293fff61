"""The migrations make exactly the tables the code was written for, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from gateway import record
from gateway.model.errors import Broken, Unreachable
from gateway.record import is_empty, upgrade
from gateway.record.engine import open_engine, passing_engine
from gateway.record.schema import REVISION, metadata
from tests.places.postgresql import PostgreSQL
from tests.record.conftest import Database


def test_the_migrated_tables_are_those_of_the_schema(database: Database) -> None:
    engine = open_engine(database.url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        for table in metadata.sorted_tables:
            there = {index["name"]: index["column_names"] for index in inspect(connection).get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= set(there)
    engine.dispose()


def test_the_code_was_written_for_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(record.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_upgrading_what_is_up_to_date_changes_nothing(database: Database) -> None:
    upgrade(database.url)
    assert not is_empty(database.url)
    assert database.open().current()


def test_a_new_file_is_empty_and_its_folder_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/var/new.db"
    assert is_empty(url)
    upgrade(url)
    assert not is_empty(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/nothing.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.url(server.create())


def test_processes_that_start_together_upgrade_once(nothing: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: is_empty(nothing), range(3))) == [True] * 3
    import subprocess
    import sys

    code = "import sys; from gateway.record import upgrade; upgrade(sys.argv[1])"
    root = Path(__file__).resolve().parents[2]
    started = [subprocess.Popen([sys.executable, "-c", code, nothing], cwd=root) for _ in range(2)]
    assert [each.wait(60) for each in started] == [0, 0]
    assert not is_empty(nothing)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_place_that_keeps_no_record_is_refused(url: str) -> None:
    with pytest.raises(Broken):
        open_engine(url)


def test_a_database_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        is_empty(f"postgresql://nobody@/nothing?host={tmp_path}")


def test_durability_is_what_was_promised(fresh_url: Callable[[str], str]) -> None:
    engine = open_engine(fresh_url("sqlite"))
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }


def test_postgresql_compiles_nothing_before_it_answers_and_keeps_to_what_its_address_asks(
    fresh_url: Callable[[str], str],
) -> None:
    url = fresh_url("postgresql")
    engine = open_engine(f"{url}{'&' if '?' in url else '?'}options=-c%20work_mem%3D3MB")
    for one, commits in ((engine, "on"), (passing_engine(engine), "off")):
        with one.connect() as line:
            asked = [
                line.exec_driver_sql(f"SHOW {name}").scalar() for name in ("jit", "work_mem", "synchronous_commit")
            ]
        one.dispose()
        assert asked == ["off", "3MB", commits]
