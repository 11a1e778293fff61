"""What is promised of the short way to the database, on both engines: what goes together is not confused."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import insert, text

from gateway.model.dossier import Exchange
from gateway.model.known import Known, KnownTeam
from gateway.model.team import Team
from gateway.model.when import Instant
from gateway.record import Store, Taken, Unit
from gateway.record.later import Later
from gateway.record.schema import answers, contents, exchanges, vault_keys
from tests.record.conftest import Database
from tests.record.rows import entry, exchange
from tests.record.test_group import kept, one_group, opening, whole

HANDLE = "a" * 32


def team(id: str, name: str) -> Known:
    as_of = Instant("2026-11-20T09:30:00+01:00")
    return Known(team=KnownTeam(team=Team(id=id, name=name), patient=HANDLE, as_of=as_of))


def remember(what: Known, unit: Unit) -> None:
    unit.memory.remember("cpts", "logimed", what)


def test_what_is_asked_ahead_is_what_is_found(store: Store) -> None:
    one = exchange()
    names = ["INS:1", "LOCAL:1"]

    def keep(unit: Unit) -> str:
        unit.exchanges.open(one)
        unit.answers.keep("cpts", "logimed", ["event:1"], "d", one.id, b"yes")
        unit.audit(entry(one))
        return unit.patients.handle("cpts", names)

    handle = store.together(keep)
    remember_a = partial(remember, team("T", "A"))
    store.together(remember_a)

    def ask(unit: Unit) -> tuple[bytes, str, str]:
        memory = unit.memory.of("cpts", "logimed")
        unit.answers.ahead("cpts", "logimed", "key:1", "event:1")
        unit.patients.ahead("cpts", names)
        memory.ahead("team", "T")
        memory.ahead("plan", "none")
        answer, known = unit.answers.find("cpts", "logimed", "key:1", "event:1"), memory.team("T")
        assert memory.plan("none") is None
        assert answer
        assert known
        return answer.body, unit.patients.handle("cpts", names), known.team.name or ""

    assert store.together(ask) == (b"yes", handle, "A")
    with one_group(store, opening(exchange()), ask, ask) as done:
        assert [each.result(30) for each in done[1:]] == [(b"yes", handle, "A")] * 2


@pytest.mark.parametrize("ahead", [True, False])
def test_a_piece_knows_what_the_piece_before_it_remembered(store: Store, ahead: bool) -> None:
    def look(unit: Unit) -> tuple[str | None, int]:
        memory = unit.memory.of("cpts", "logimed")
        if ahead:
            memory.ahead("team", "T")
        known = memory.team("T")
        return known.team.name if known else None, len(memory.teams_of(HANDLE))

    def forget(unit: Unit) -> None:
        remember(team("T", "C"), unit)
        raise ZeroDivisionError

    works = look, partial(remember, team("T", "A")), look, partial(remember, team("T", "B")), forget, look
    with one_group(store, opening(exchange()), *works) as done:
        assert [done[at].result(30) for at in (1, 3, 6)] == [(None, 0), ("A", 1), ("B", 1)]
    with store.glance() as unit:
        known = unit.memory.of("cpts", "logimed").team("T")
    assert known
    assert known.team.name == "B"


def test_a_refused_statement_undoes_its_piece_and_the_line_goes_on(store: Store) -> None:
    one, two = exchange(), exchange()
    again = insert(exchanges)

    def refused(unit: Unit) -> None:
        unit.patients.ahead("cpts", ["INS:9"])
        unit.answers.ahead("cpts", "logimed", "nobody's")
        row = {name: getattr(two, name) for name in Exchange.__dataclass_fields__} | {"state": "accepted"}
        unit.exchanges._transaction.put(again, [row, row], "event")

    with one_group(store, opening(one), refused, opening(two)) as done:
        assert isinstance(done[1].exception(30), Taken)
        assert done[2].result(30) == two.id
    assert kept(store) == {one.id, two.id}
    assert whole(store)


def test_what_cannot_be_written_down_harms_nobody_else(store: Store) -> None:
    one, bad, two = exchange(), exchange(event_id="half \ud800"), exchange()
    with one_group(store, opening(one), opening(bad), opening(two)) as done:
        assert [each.exception(30) is None for each in done] == [True, False, True]
    assert kept(store) == {one.id, two.id}
    assert whole(store)


def test_a_line_the_server_has_closed_is_not_used_again(database: Database, store: Store) -> None:
    if store._engine.dialect.name == "sqlite":
        pytest.skip("a file has no server")
    for one in (exchange(), exchange()):
        assert store.together(opening(one)) == one.id
        other = database.open()
        with other._engine.begin() as connection:
            others = "pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
            connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"))
    assert len(kept(store)) == 2
    assert whole(store)


def test_rows_that_wait_go_in_before_those_that_refer_to_them() -> None:
    later, more = Later(), Later()
    put, make, open, keep = insert(contents), insert(vault_keys), insert(exchanges), insert(answers)
    later.add(keep, [{"key": "1"}], "answer")
    later.add(put, [{"name": "event"}], None)
    more.add(open, [{"id": "x"}], "event")
    more.add(make, [{"owner": "x"}], None)
    more.add(put, [{"name": "known"}], None)
    later.join(more)
    order = [statement for statement, _, _ in later.in_order()]
    assert order.index(open) < order.index(keep)
    assert order.index(make) < order.index(put)
    assert [rows for statement, rows, _ in later.in_order() if statement is put] == [
        [{"name": "event"}, {"name": "known"}]
    ]
    assert later.holds(contents, {"name": "known"})
    assert not later.holds(contents, {"name": "mail"})
