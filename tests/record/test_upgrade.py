"""Upgrading a gateway whose queue is full: nothing is lost, whenever the upgrade is killed, and old rows are sent."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gateway.model.exchange import LegState
from gateway.record import upgrade
from gateway.record.engine import open_engine
from gateway.record.schema import REVISION
from gateway.record.store import schema_of
from tests.places.postgresql import PostgreSQL
from tests.record.conftest import NOW, Clock, Database
from tests.record.rows import entry

LEGS = 100_000
BEFORE = "0006"
ROOT = Path(__file__).resolve().parents[2]

KILLED_AT = """
import os, signal, sys
from sqlalchemy import Engine, event
from gateway.record import upgrade

left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade(sys.argv[1])
print("done")
"""


def fill(url: str, count: int) -> None:
    """That many exchanges of the version before, each with one leg that waits, and every tenth attempted long ago."""
    engine = open_engine(url)
    at = "2026-11-20T09:00:00.000000Z"
    if engine.dialect.name == "postgresql":
        numbers = f"generate_series(1, {count}) AS k(i)"
    else:
        numbers = f"(WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < {count}) SELECT i FROM k)"
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO exchanges (tenant, id, client, type, event_id, dialect, patient, state, accepted_at) "
            f"SELECT 'cpts', 'x' || i, 'logimed', 'report.shared', 'e' || i, 'canonical', 'p' || i, 'prepared', '{at}' "
            f"FROM {numbers}"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO legs (tenant, exchange, n, place, lane, transport, origin, destination, recipient_kind, "
            'recipient_id, recipient_name, chosen_because, "case", state, since, message_id, due, tries, lease_until) '
            f"SELECT 'cpts', 'x' || i, 1, i, 'l' || i, 'mssante', 'app@a.test', 'luc@b.test', 'professional', "
            f"'RPPS:10100054328', 'Luc', 'r', '{{}}', CASE i % 10 WHEN 0 THEN 'attempted' ELSE 'waiting' END, '{at}', "
            f"'m' || i || '@a.test', CASE i % 10 WHEN 0 THEN NULL ELSE {moment(engine, at)} END, 0, "
            f"CASE i % 10 WHEN 0 THEN {moment(engine, at)} END FROM {numbers}"
        ))  # fmt: skip
    engine.dispose()


def moment(engine: Engine, at: str) -> str:
    """A time as that engine writes it."""
    return f"timestamptz '{at}'" if engine.dialect.name == "postgresql" else f"'{at}'"


@pytest.fixture
def old(fresh_old: Callable[[str], str], request: pytest.FixtureRequest) -> str:
    """A database of the version before, without rows."""
    return fresh_old(request.param)


@pytest.fixture
def fresh_old(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    def make(engine: str) -> str:
        if engine == "sqlite":
            url = f"sqlite:///{tmp_path}/old.db"
        else:
            server: PostgreSQL = request.getfixturevalue("postgresql")
            name = server.create()
            request.addfinalizer(lambda: server.drop(name))
            url = server.url(name)
        upgrade(url, BEFORE)
        return url

    return make


def stands_at(url: str) -> str | None:
    engine = open_engine(url)
    try:
        return schema_of(engine)
    finally:
        engine.dispose()


@pytest.mark.parametrize("old", ["sqlite", "postgresql"], indirect=True)
def test_with_a_hundred_thousand_legs_queued_each_is_still_there_and_sent(old: str) -> None:
    fill(old, LEGS)
    upgrade(old)
    store = Database(old, Clock(), []).open()
    with store.glance() as unit:
        assert unit.legs.tally() == {
            ("cpts", "mssante", "waiting"): LEGS * 9 // 10,
            ("cpts", "mssante", "attempted"): LEGS // 10,
        }
    with store.unit() as unit:
        leg = unit.legs.next(NOW, ["mssante"])
        assert leg is not None
        assert (leg.exchange, leg.server) == ("x1", "")
        begun = unit.legs.start(leg, "w", NOW, timedelta(minutes=1))
        unit.audit(entry(begun))
        unit.legs.move(begun, LegState.HANDED_OVER)
        (lost,) = unit.legs.expired(limit=1)
        assert lost.exchange == "x10", "what the version before had begun is found as lost"
    store.close()


@pytest.mark.parametrize("old", ["sqlite", "postgresql"], indirect=True)
def test_killed_before_any_of_its_statements_it_is_done_whole_when_started_again(old: str) -> None:
    fill(old, 200)
    killed = 0
    for statements in (3, 11, 17, 25):
        ran = subprocess.run(
            [sys.executable, "-c", KILLED_AT, old, str(statements)], cwd=ROOT, check=False, capture_output=True
        )
        if ran.returncode == 0:
            break
        assert ran.returncode == -signal.SIGKILL, ran.stderr.decode()
        assert stands_at(old) == BEFORE, "half of it is none of it"
        killed += 1
    assert killed >= 3
    upgrade(old)
    assert stands_at(old) == REVISION
    engine = open_engine(old)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM legs WHERE server = ''")).scalar() == 200
    engine.dispose()
