"""Work that comes is heard at once, from whatever process; silence is heard as well."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from gateway.model.errors import Unreachable
from gateway.record import EVERYTHING, Store, Wake
from gateway.record.engine import open_engine
from gateway.record.wake import listen
from tests.places.postgresql import PostgreSQL
from tests.record.conftest import NOW, Database
from tests.record.rows import exchange, keep, leg

LEASE = timedelta(minutes=2)
LONG_S = 20.0


@pytest.fixture
def ear(store: Store) -> Iterator[Wake]:
    """A listener that has heard what was there before."""
    wake = store.listen()
    assert wake.wait(LONG_S) == EVERYTHING, "at first everything is to be looked at"
    while wake.wait(0.2):
        pass
    yield wake
    wake.close()


def heard(ear: Wake, kind: str) -> bool:
    """That kind of work, or everything, within a time no net of looks explains."""
    return bool(ear.wait(LONG_S) & {kind, *EVERYTHING})


def test_silence_is_over_after_the_time_given(ear: Wake) -> None:
    assert ear.wait(0.1) == frozenset()


def test_a_job_added_by_another_process_is_heard(ear: Wake, database: Database) -> None:
    other = database.open()
    with ThreadPoolExecutor(1) as pool:
        listening = pool.submit(ear.wait, LONG_S)
        time.sleep(0.1)
        with other.unit() as unit:
            unit.jobs.add("prepare", "cpts", "1", "lane", NOW)
        assert listening.result() & {"prepare", *EVERYTHING}


def test_a_leg_to_send_is_heard(ear: Wake, store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one))
    assert heard(ear, "send")


def test_a_job_given_back_is_heard(store: Store, ear: Wake) -> None:
    with store.unit() as unit:
        unit.jobs.add("reply", "cpts", "1", "lane", NOW)
    assert heard(ear, "reply")
    with store.unit() as unit:
        job = unit.jobs.claim("reply", "w1", NOW, LEASE)
        assert job is not None
    while ear.wait(0.2):
        pass
    with store.unit() as unit:
        unit.jobs.give_back(job)
    assert heard(ear, "reply")


def test_what_was_undone_wakes_nobody(store: Store, ear: Wake) -> None:
    def add_in_vain() -> None:
        with store.unit() as unit:
            unit.jobs.add("prepare", "cpts", "1", "lane", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_in_vain()
    assert ear.wait(0.2) == frozenset()


def test_a_broken_line_is_made_anew_and_everything_is_looked_at(postgresql: PostgreSQL, database: Database) -> None:
    if not database.url.startswith("postgresql"):
        pytest.skip("a file has no line that breaks")
    engine = open_engine(database.url)
    ear = listen(engine)
    assert ear.wait(LONG_S) == EVERYTHING
    postgresql.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    with pytest.raises(Unreachable) as told:
        ear.wait(LONG_S)
    assert "postgres@" not in str(told.value)
    assert ear.wait(LONG_S) == EVERYTHING
    ear.close()
    engine.dispose()
