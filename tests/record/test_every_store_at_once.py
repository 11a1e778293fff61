"""What every store promises when many ask at once, and when one dies in the middle."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest

from gateway.model.errors import GatewayError
from gateway.model.exchange import LegState
from gateway.record import Store, Taken
from tests.record.conftest import NOW, Database
from tests.record.rows import entry, exchange, fill, keep, leg, move

T = TypeVar("T")
LEASE = timedelta(minutes=2)
THREADS = 6


def at_once(acts: list[Callable[[], T]]) -> list[T]:
    """Run all of them, each in its thread, let go together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(run, act) for act in acts]]


def test_of_many_accepting_the_same_key_one_wins_and_all_read_its_answer(store: Store) -> None:
    def accept(number: int) -> str:
        one = exchange(event_id="same")
        try:
            with store.unit() as unit:
                if answer := unit.answers.find("cpts", "logimed", "key"):
                    return answer.exchange
                unit.exchanges.open(one)
                unit.answers.keep("cpts", "logimed", ["event:same", "key"], "d", one.id, b"%d" % number)
                unit.audit(entry(one))
        except Taken:
            with store.glance() as unit:
                answer = unit.answers.find("cpts", "logimed", "key")
                assert answer is not None
                return answer.exchange
        return one.id

    assert len(set(at_once([partial(accept, n) for n in range(THREADS)]))) == 1
    with store.glance() as unit:
        assert len(unit.exchanges.search("cpts").items) == 1
        assert unit.log.head().size == 1


def test_no_two_workers_get_the_same_leg_and_a_lane_never_has_two_under_way(database: Database, store: Store) -> None:
    lanes = {}
    for number in range(18):
        one = exchange()
        lanes[one.id] = f"lane-{number % 4}"
        keep(store, one, leg(one, lane=lanes[one.id]))
    under_way: dict[str, str] = {}
    taken: list[str] = []

    def work(own: Store, worker: str) -> None:
        misses = 0
        while misses < 3:
            with own.unit() as unit:
                found = unit.legs.next(NOW, ("folder",))
                if found is not None:
                    started = unit.legs.start(found, worker, NOW, LEASE)
                    unit.audit(entry(started))
            if found is None:
                misses += 1
                continue
            assert under_way.setdefault(found.lane, found.exchange) == found.exchange
            taken.append(found.exchange)
            del under_way[found.lane]
            with own.unit() as unit:
                move(unit, started, LegState.HANDED_OVER)

    stores = [store, database.open()]
    at_once([partial(work, stores[n % 2], f"w{n}") for n in range(THREADS)])
    while True:  # whatever the last looks missed
        with store.unit() as unit:
            rest = unit.legs.next(NOW, ("folder",))
            if rest is None:
                break
            taken.append(rest.exchange)
            move(unit, rest, LegState.CANCELLED)
    assert sorted(taken) == sorted(lanes)
    for lane in set(lanes.values()):
        mine = [id for id in taken if lanes[id] == lane]
        assert mine == [id for id in lanes if lanes[id] == lane], "acceptance order within the lane"


def test_no_two_workers_get_the_same_job(database: Database, store: Store) -> None:
    with store.unit() as unit:
        for number in range(24):
            unit.jobs.add("prepare", "cpts", str(number), f"lane-{number % 5}", NOW)
    done: list[str] = []

    def work(own: Store, worker: str) -> None:
        misses = 0
        while misses < 3:
            with own.unit() as unit:
                job = unit.jobs.claim("prepare", worker, NOW, LEASE)
            if job is None:
                misses += 1
                continue
            done.append(job.exchange)
            with own.unit() as unit:
                unit.jobs.done(job)

    stores = [store, database.open()]
    at_once([partial(work, stores[n % 2], f"w{n}") for n in range(THREADS)])
    work(store, "last")
    assert sorted(done, key=int) == [str(number) for number in range(24)]
    for lane in range(5):
        assert [int(one) for one in done if int(one) % 5 == lane] == [n for n in range(24) if n % 5 == lane]


def test_one_patient_met_by_many_at_once_gets_one_handle(database: Database, store: Store) -> None:
    stores = [store, database.open()]

    def meet(own: Store, names: list[str]) -> str:
        with own.unit() as unit:
            return unit.patients.handle("cpts", names)

    names = [["INS:1", "LOCAL:1"], ["LOCAL:1", "INS:1"], ["INS:1"], ["LOCAL:1", "INS:1", "x"]]
    for turn in range(5):
        acts = [partial(meet, stores[n % 2], [f"{turn}{name}" for name in each]) for n, each in enumerate(names)]
        handles = at_once(acts)
        assert len(set(handles)) == 1


def test_entries_written_by_many_at_once_stand_in_one_whole_log(database: Database, store: Store) -> None:
    stores = [store, database.open()]
    at_once([partial(fill, stores[n % 2], 10, per_unit=2) for n in range(THREADS)])
    verdict = store.verify()
    assert (verdict.whole, verdict.entries) == (True, 10 * THREADS)


def test_events_of_one_patient_are_counted_one_after_the_other(database: Database, store: Store) -> None:
    """Read, count, remember: no count is lost, though every unit reads what it then replaces."""
    stores = [store, database.open()]
    with store.unit() as unit:
        unit.patients.handle("cpts", ["INS:1"])
        unit.contents.put("cpts", "count-0", "n", b"")

    def count(own: Store) -> None:
        with own.unit() as unit:
            unit.patients.handle("cpts", ["INS:1"])
            number = sum(1 for n in range(20) if unit.contents.names("cpts", f"count-{n}"))
            unit.contents.put("cpts", f"count-{number}", "n", b"")

    at_once([partial(count, stores[n % 2]) for n in range(THREADS)])
    with store.glance() as unit:
        assert [n for n in range(20) if unit.contents.names("cpts", f"count-{n}")] == list(range(THREADS + 1))


def test_a_reader_waits_for_no_writer(store: Store) -> None:
    keep(store, exchange())
    with store.unit() as writing:
        writing.exchanges.open(exchange())
        with store.glance() as reading:
            assert len(reading.exchanges.search("cpts").items) == 1
        writing.audit(*(entry(one) for one in writing.exchanges.search("cpts").items))


def test_a_dropped_connection_leaves_nothing_of_its_unit(store: Store) -> None:
    one = exchange()

    def cut() -> None:
        with store.unit() as unit:
            unit.exchanges.open(one)
            unit.audit(entry(one))
            connection: Any = unit.exchanges._transaction._connection
            connection.connection.dbapi_connection.close()

    with pytest.raises(GatewayError):
        cut()
    with store.glance() as unit:
        assert unit.exchanges.get("cpts", one.id) is None
        assert unit.log.head().size == 0
    keep(store, one)
    assert store.verify().whole


KILLED = """
import os, sys
from tests.record.conftest import Clock, Database
from tests.record.rows import entry, exchange
store = Database(sys.argv[1], Clock(), []).open()
with store.unit() as unit:
    one = exchange(event_id="kept")
    unit.exchanges.open(one)
    unit.audit(entry(one))
with store.unit() as unit:
    two = exchange(event_id="lost")
    unit.exchanges.open(two)
    unit.contents.put("cpts", two.id, "event", bytes(3_000_000))
    unit.audit(entry(two))
    os.kill(os.getpid(), 9)
"""


def test_a_killed_process_leaves_whole_units_only(database: Database, store: Store) -> None:
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, database.url], cwd=root, check=False, timeout=60)
    assert killed.returncode == -9
    with store.glance() as unit:
        assert [one.event_id for one in unit.exchanges.search("cpts").items] == ["kept"]
    assert store.verify().whole
    keep(store, exchange(event_id="lost"))
