"""What every store counts for `/metrics`: what stands there, and from indexes alone, however much that is."""

from __future__ import annotations

import random
import typing
from collections import Counter

from sqlalchemy import event, text

from gateway.model.exchange import TRANSPORTS
from gateway.record import Store, Unit
from gateway.route.grammar import Transport
from tests.record.test_search import fill


def test_every_way_a_parcel_leaves_by_is_counted() -> None:
    assert set(TRANSPORTS) == set(typing.get_args(Transport))


def test_what_is_counted_is_what_stands_there(store: Store) -> None:
    kept = fill(store, random.Random(11))
    with store.glance() as unit:
        exchanges, legs, rows = unit.exchanges.tally(), unit.legs.tally(), unit.totals.counted("")
    one_by_one = Counter((one.tenant, one.state.value) for one, _ in kept)
    assert dict(exchanges) == one_by_one
    assert {(tenant, state): n for (tenant, kind, state), n in rows.items() if kind == "exchange"} == one_by_one
    assert dict(legs) == Counter((one.tenant, leg.transport, leg.state.value) for one, legs in kept for leg in legs)


def test_a_way_nobody_knows_is_counted_all_the_same(store: Store) -> None:
    kept = fill(store, random.Random(12), 20)
    with store._engine.begin() as line:
        line.execute(text("UPDATE legs SET transport = 'pigeon' WHERE transport = 'folder'"))
    with store.glance() as unit:
        assert sum(unit.legs.tally().values()) == sum(len(legs) for _, legs in kept)


def test_nothing_is_counted_row_by_row(store: Store) -> None:
    fill(store, random.Random(13), 40)
    lite = store._engine.dialect.name == "sqlite"
    asked: list[tuple[str, typing.Any]] = []

    def heard(_: object, __: object, statement: str, values: typing.Any, *___: object) -> None:
        asked.append((statement, values))

    def everything(unit: Unit) -> None:
        for one in (unit.exchanges, unit.legs, unit.mail, unit.notices, unit.replies):
            one.tally()

    event.listen(store._engine, "before_cursor_execute", heard)
    with store.glance() as unit:
        everything(unit)
    event.remove(store._engine, "before_cursor_execute", heard)
    counting = [(statement, values) for statement, values in asked if "count(" in statement.lower()]
    assert len(counting) == 6
    with store._engine.begin() as line:
        if not lite:
            line.exec_driver_sql("SET enable_seqscan = off")
            line.exec_driver_sql("SET enable_bitmapscan = off")
        for statement, values in counting:
            plan = line.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if lite else ''}{statement}", values)
            told = "\n".join(str(row[-1]) for row in plan)
            assert ("COVERING INDEX" if lite else "Index Only Scan") in told, (statement, told)
