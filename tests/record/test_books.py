"""What every store tells for the books: on any walk through the states, what the log says is what the tables say."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.model.books import Item
from gateway.model.dossier import Leg
from gateway.model.exchange import EXCHANGE_MOVES, LEG_MOVES, ExchangeState, LegState
from gateway.record import Store, Unit
from tests.record.conftest import NOW
from tests.record.rows import entry, exchange, leg

LEASE = timedelta(seconds=40)
TAMPERED = {
    "exchange": "UPDATE exchanges SET state = CASE state WHEN 'held' THEN 'unrouted' ELSE 'held' END WHERE id = :id",
    "leg": "UPDATE legs SET state = CASE state WHEN 'held' THEN 'read' ELSE 'held' END WHERE exchange = :id AND n = 1",
    "attempt": "DELETE FROM attempts WHERE exchange = :id AND leg = 1",
}


def walk(unit: Unit, chance: random.Random, which: Leg) -> None:
    """One step of a leg to where the table of states allows, told as the journey tells it."""
    if not LEG_MOVES[which.state]:
        return
    to = chance.choice(sorted(LEG_MOVES[which.state]))
    said: dict[str, str | int | bool] = {"from": which.state.value, "state": to.value}
    if to is LegState.ATTEMPTED:
        unit.legs.start(which, "w", NOW, LEASE)
        kind, said = "attempt-started", {"from": which.state.value, "attempt": len(which.attempts) + 1}
    else:
        unit.legs.move(which, to)
        kind = "leg-moved"
        if which.state is LegState.ATTEMPTED and chance.random() < 0.5:  # or its lease ran out: nobody says which
            kind, said = "attempt-result", said | {"attempt": len(which.attempts)}
    unit.audit(replace(entry(which), kind=kind, facts=said))


def journeys(store: Store, chance: random.Random, number: int = 14) -> list[str]:
    """Exchanges on days of their own, each walked some way."""
    made = [exchange(accepted_at=NOW - timedelta(hours=9 * n)) for n in range(number)]
    for one in made:
        legs = [leg(one, n, lane=f"{one.id}-{n}") for n in range(1, chance.randrange(4) + 1)]
        with store.unit() as unit:
            unit.exchanges.open(one)
            unit.audit(entry(one, "event-accepted"))
            unit.legs.add(legs)
            created = {"state": "waiting", "partner": "b.test"}
            unit.audit(*(replace(entry(each), kind="leg-created", facts=created) for each in legs))
        for n in range(1, len(legs) + 1):
            for _ in range(chance.randrange(12)):
                with store.unit() as unit:
                    standing = unit.legs.get(one.tenant, one.id, n)
                    assert standing is not None
                    walk(unit, chance, standing)
        state = ExchangeState.ACCEPTED
        for _ in range(chance.randrange(4)):
            if EXCHANGE_MOVES[state]:
                to = chance.choice(sorted(EXCHANGE_MOVES[state]))
                with store.unit() as unit:
                    unit.exchanges.move(one.tenant, one.id, to)
                    unit.audit(entry(one, facts={"from": state.value, "state": to.value}))
                state = to
    return [one.id for one in made]


def differing(store: Store, at_once: int) -> dict[str, set[Item]]:
    """What differs, exchange by exchange, read so many at a time."""
    found: dict[str, set[Item]] = {}
    after: str | None = ""
    while after is not None:
        with store.glance() as unit:
            pages = unit.books.pages("cpts", after, None, at_once)
        for id in {*pages.told, *pages.standing}:
            told = pages.told[id].standing if id in pages.told else {}
            assert id not in pages.told or not pages.told[id].broken
            if odd := set(told.items()) ^ set(pages.standing.get(id, {}).items()):
                found[id] = {item for item, _ in odd}
        after = pages.last
    return found


def sums(store: Store, at_once: int) -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, str, str], int]]:
    """What the log tells, added up in so many entries at a time, and what the database counts."""
    while True:
        with store.unit(lasting=False) as unit:
            if unit.totals.opened() is None:
                unit.totals.open("")
            start = unit.totals.cursor()
            end, change = unit.totals.ahead(start, at_once, "")
            unit.totals.add(start, end, change)
        if end == start:
            break
    told: Counter[tuple[str, str, str]] = Counter()
    with store.glance() as unit:
        for one, number in unit.totals.told().items():
            told[one.tenant, one.kind, one.state] += number
        return {key: number for key, number in told.items() if number}, dict(unit.totals.counted(""))


@pytest.mark.parametrize("seed", range(2))
def test_on_any_walk_the_log_says_what_the_tables_say(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    journeys(store, chance)
    assert differing(store, 7) == differing(store, 1000) == {}
    told, counted = sums(store, 13)
    assert told == counted
    assert {kind for _, kind, _ in told} == set(TAMPERED)


@pytest.mark.parametrize("what", TAMPERED)
def test_whichever_row_is_changed_is_the_one_that_differs(store: Store, what: str) -> None:
    chance = random.Random(what)
    with_attempt = "SELECT exchange FROM attempts WHERE leg = 1"
    journeys(store, chance)
    with store._engine.begin() as connection:
        id = chance.choice(sorted(set(connection.execute(text(with_attempt)).scalars())))
        connection.execute(text(TAMPERED[what]), {"id": id})
    ((found, items),) = differing(store, 7).items()
    assert found == id
    assert {item.kind for item in items} == {what}
    told, counted = sums(store, 1000)
    assert {kind for (_, kind, _), _ in set(told.items()) ^ set(counted.items())} == {what}


def test_days_are_counted_apart(store: Store) -> None:
    journeys(store, random.Random(3))
    sums(store, 1000)
    with store.glance() as unit:
        told = unit.totals.told()
        days = {one.day for one in told}
        assert len(days) > 4
        for day in days:
            wanted = {(one.kind, one.state): number for one, number in told.items() if one.day == day}
            assert unit.totals.counted_on("cpts", day) == wanted
        first = min(days)
        assert unit.totals.counted(first) == unit.totals.counted("")
