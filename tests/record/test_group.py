"""What is promised of pieces of work that are kept by one commit, on both engines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event
from time import sleep
from typing import Any

import pytest
from sqlalchemy import event

from gateway.model.dossier import Exchange
from gateway.model.errors import Broken, GatewayError, Unreachable
from gateway.record import Silent, Store, Taken, Unit, read_record
from tests.record.conftest import Database
from tests.record.rows import entry, exchange

Work = Callable[[Unit], Any]
LONG_S = 30


def opening(one: Exchange) -> Work:
    """Keeps an exchange and gives its id."""

    def work(unit: Unit) -> str:
        unit.exchanges.open(one)
        unit.audit(entry(one))
        return one.id

    return work


def at_once(one: Exchange) -> Work:
    """The same, with its rows in the database before the piece ends."""

    def work(unit: Unit) -> str:
        opening(one)(unit)
        assert unit.exchanges.get("cpts", one.id) == one
        return one.id

    return work


def raising(one: Exchange, error: BaseException) -> Work:
    """Keeps an exchange, then changes its mind."""

    def work(unit: Unit) -> None:
        at_once(one)(unit)
        raise error

    return work


def kept(store: Store) -> set[str]:
    with store.glance() as unit:
        return {one.id for one in unit.exchanges.search("cpts", limit=500).items}


def whole(store: Store) -> bool:
    """The log is whole, and tells of each exchange there is exactly once and of no other."""
    with store.glance() as unit:
        told = [read_record(one.record).exchange for one in unit.log.every() if one.record]
    return store.verify().whole and sorted(told, key=str) == sorted(kept(store))


@contextmanager
def one_group(store: Store, first: Work, *rest: Work) -> Iterator[list[Future[Any]]]:
    """`first` leads, and has not ended when the others have come: they are of one group, in this order."""
    begun, come = Event(), Event()

    def lead(unit: Unit) -> Any:
        result = first(unit)
        begun.set()
        come.wait(LONG_S)
        return result

    with ThreadPoolExecutor(len(rest) + 1) as pool:
        done = [pool.submit(store.together, lead)]
        assert begun.wait(LONG_S)
        for number, work in enumerate(rest, 1):
            done.append(pool.submit(store.together, work))
            while len(store._group._waiting) < number:
                sleep(0.001)
        assert not any(each.done() for each in done)
        come.set()
        yield done


def test_what_comes_together_is_kept_by_one_commit_and_each_gets_its_own_answer(store: Store) -> None:
    commits: list[object] = []
    event.listen(store._engine, "commit", commits.append)
    ones = [exchange() for _ in range(6)]
    with one_group(store, *map(opening, ones)) as done:
        assert [each.result(LONG_S) for each in done] == [one.id for one in ones]
    assert len(commits) == 1
    assert kept(store) == {one.id for one in ones}
    assert whole(store)


def test_a_later_piece_sees_what_an_earlier_one_did(store: Store) -> None:
    one = exchange()
    with one_group(store, opening(one), lambda unit: unit.exchanges.get("cpts", one.id)) as done:
        assert done[1].result(LONG_S) == one


def test_a_piece_that_raises_is_undone_alone(store: Store) -> None:
    good = [exchange() for _ in range(3)]
    again = exchange(client=good[0].client, event_id=good[0].event_id)
    silent = exchange()
    works = [
        opening(good[0]),
        raising(exchange(), ZeroDivisionError()),
        opening(good[1]),
        at_once(again),
        lambda unit: unit.exchanges.open(silent),
        opening(good[2]),
    ]
    commits: list[object] = []
    event.listen(store._engine, "commit", commits.append)
    with one_group(store, *works) as done:
        errors = [type(each.exception(LONG_S)) for each in done]
    assert len(commits) == 1
    assert errors == [type(None), ZeroDivisionError, type(None), Taken, Silent, type(None)]
    assert kept(store) == {one.id for one in good}
    assert whole(store)


def test_a_piece_none_could_tell_of_harms_nobody_else(store: Store) -> None:
    good, bad = [exchange(), exchange()], exchange()

    def untellable(unit: Unit) -> None:
        unit.exchanges.open(bad)
        unit.audit(entry(bad, facts={"half": "\ud800"}))

    with one_group(store, opening(good[0]), untellable, opening(good[1])) as done:
        assert [type(each.exception(LONG_S)) for each in done] == [type(None), Broken, type(None)]
    assert kept(store) == {one.id for one in good}
    assert whole(store)


def test_when_the_commit_fails_nobody_is_told_that_it_was_kept_not_even_a_refusal(store: Store) -> None:
    def lose(connection: Any) -> None:
        connection.connection.dbapi_connection.close()

    one = exchange()
    event.listen(store._engine, "commit", lose)
    works = opening(one), opening(exchange()), raising(exchange(), ZeroDivisionError()), lambda unit: None
    with one_group(store, *works) as done:
        assert all(isinstance(each.exception(LONG_S), GatewayError) for each in done)
    event.remove(store._engine, "commit", lose)
    assert kept(store) == set()
    assert store.together(opening(one)) == one.id
    assert whole(store)


def test_a_connection_lost_in_the_middle_undoes_all(store: Store) -> None:
    def lose(unit: Unit) -> None:
        connection: Any = unit.exchanges._transaction._connection
        connection.connection.dbapi_connection.close()

    with one_group(store, opening(exchange()), lose, opening(exchange())) as done:
        assert all(isinstance(each.exception(LONG_S), GatewayError) for each in done[:2])
        done[2].exception(LONG_S)  # of the next group, or undone with this one
    assert len(kept(store)) == (done[2].exception() is None)
    assert whole(store)


def test_a_leader_that_is_broken_off_leaves_nobody_waiting(store: Store) -> None:
    ones = [exchange() for _ in range(3)]
    works = [opening(ones[0]), raising(ones[1], KeyboardInterrupt()), opening(ones[2])]
    with one_group(store, *works) as done:
        assert isinstance(done[0].exception(LONG_S), KeyboardInterrupt)  # it ran in the leader's thread
        assert isinstance(done[1].exception(LONG_S), Unreachable)
        assert done[2].result(LONG_S) == ones[2].id
    assert kept(store) == {ones[2].id}


def test_a_database_that_does_not_answer_is_told_to_all(store: Store) -> None:
    def refuse(*_: object) -> None:
        raise Unreachable("No answer", advice="Wait")

    store._engine.dispose()
    event.listen(store._engine, "do_connect", refuse)
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(store.together, opening(exchange())) for _ in range(8)]
        assert all(isinstance(each.exception(LONG_S), Unreachable) for each in done)


def test_pieces_with_one_key_are_tried_each_by_itself_and_the_first_is_kept(store: Store) -> None:
    ones = [exchange(event_id="same") for _ in range(4)]

    def answering(one: Exchange, unit: Unit) -> str:
        if answer := unit.answers.find("cpts", "logimed", "event:same"):
            return answer.exchange
        opening(one)(unit)
        unit.answers.keep("cpts", "logimed", ["event:same"], "d", one.id, b"")
        return one.id

    with one_group(store, opening(exchange()), *(partial(answering, one) for one in ones)) as done:
        assert {each.result(LONG_S) for each in done[1:]} == {ones[0].id}
        assert len(kept(store)) == 2
    assert whole(store)


def test_what_is_left_for_later_is_seen_by_whoever_looks_and_undone_with_its_piece(store: Store) -> None:
    one, undone = exchange(), exchange()

    def keep_content(unit: Unit) -> None:
        opening(one)(unit)
        unit.contents.put("cpts", one.id, "event", b"whole")

    def look_and_fail(unit: Unit) -> None:
        assert unit.contents.get("cpts", one.id, "event") == b"whole"
        opening(undone)(unit)
        raise ZeroDivisionError

    def look(unit: Unit) -> tuple[bytes, tuple[str, ...]]:
        return unit.contents.get("cpts", one.id, "event"), unit.contents.names("cpts", undone.id)

    with one_group(store, keep_content, look_and_fail, look) as done:
        assert isinstance(done[1].exception(LONG_S), ZeroDivisionError)
        assert done[2].result(LONG_S) == (b"whole", ())
    with store.glance() as unit:
        assert unit.contents.get("cpts", one.id, "event") == b"whole"
    assert kept(store) == {one.id}
    assert whole(store)


def test_no_piece_is_brought_from_inside_another(store: Store) -> None:
    with store.unit() as unit:
        unit.jobs.pending("cpts", "x")
        with pytest.raises(Broken):
            store.together(opening(exchange()))
    with pytest.raises(Broken):
        store.together(lambda unit: store.together(opening(exchange())))


def test_two_groups_that_need_what_the_other_holds_are_both_kept(database: Database, store: Store) -> None:
    stores, names = [store, database.open()], [["INS:1"], ["INS:2"]]
    meet = Barrier(2)

    def hold_first(name: list[str], unit: Unit) -> None:
        unit.patients.handle("cpts", name)
        with suppress(BrokenBarrierError):
            meet.wait(0.5)  # SQLite's writer is alone: there the other one cannot come

    def hold_second(name: list[str], one: Exchange, unit: Unit) -> str:
        unit.patients.handle("cpts", name)
        return str(opening(one)(unit))

    ones = [exchange(), exchange()]

    def run(n: int) -> str:
        works = partial(hold_first, names[n]), partial(hold_second, names[1 - n], ones[n])
        with one_group(stores[n], *works) as done:
            done[0].result(LONG_S)
            return str(done[1].result(LONG_S))

    with ThreadPoolExecutor(2) as pool:
        assert [each.result(LONG_S) for each in [pool.submit(run, n) for n in (0, 1)]] == [one.id for one in ones]
    assert whole(store)


KILLED = """
import sys
from concurrent.futures import ThreadPoolExecutor
from tests.record.conftest import Clock, Database
from tests.record.rows import entry, exchange
store = Database(sys.argv[1], Clock(), []).open()
def accept(thread):
    for n in range(10_000):
        one = exchange(id=f"{sys.argv[2]}-{thread}-{n}", event_id=f"{sys.argv[2]}-{thread}-{n}")
        def work(unit):
            unit.exchanges.open(one)
            unit.contents.put("cpts", one.id, "event", bytes(4000))
            unit.audit(entry(one))
        store.together(work)
        sys.stdout.write(one.id + "\\n")
        sys.stdout.flush()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(accept, range(8)))
"""


def test_a_killed_leader_loses_nothing_that_was_acknowledged(database: Database, store: Store) -> None:
    root = Path(__file__).resolve().parents[2]
    acknowledged: set[str] = set()
    for kill in range(4):
        command = [sys.executable, "-c", KILLED, database.url, str(kill)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged |= {process.stdout.readline().strip() for _ in range(20 + 7 * kill)}
            process.kill()
            acknowledged |= {line.strip() for line in process.stdout if line.endswith("\n")}
    assert len(acknowledged) > 4 * 20
    with store.glance() as unit:
        there = {
            one.id
            for n in range(9)
            for one in unit.exchanges.of_many("cpts", sorted(acknowledged)[n * 100 : n * 100 + 100])
        }
        assert all(unit.contents.get("cpts", id, "event") == bytes(4000) for id in there)
        told = {read_record(one.record).exchange for one in unit.log.every() if one.record}
    assert acknowledged <= there
    assert acknowledged <= told
    assert store.verify().whole
