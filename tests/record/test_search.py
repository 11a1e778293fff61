"""What every store finds for a question: what a person going through all of it by hand would find, page by page."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.where import Where
from gateway.record import Store
from tests.record.conftest import NOW
from tests.record.rows import entry, exchange, leg

CLIENTS, TYPES, PATIENTS = ("logimed", "medicab"), ("report.shared", "plan.created"), ("a" * 32, "b" * 32)
PARTNERS, REASONS = ("a.test", "b.test", "logiciel"), (None, "bounced", "no-route")
EDGES = tuple(NOW + timedelta(hours=hours) for hours in (-30, 0, 20))
WORDS: dict[str, Sequence[Any]] = {
    "client": CLIENTS,
    "type": TYPES,
    "event_id": ("E-3", "E-4", "nobody's"),
    "patient": PATIENTS,
    "since": EDGES,
    "until": EDGES,
    "recipient": ("RPPS:1", "RPPS:2"),
    "recipient_kind": ("professional", "structure"),
    "transport": ("folder", "mssante"),
    "server": ("operator-a", ""),
    "partner": PARTNERS,
    "state": (*ExchangeState, LegState.HELD, LegState.READ, LegState.CANCELLED, LegState.FAILED),
    "reason": REASONS[1:],
}

OF_LEG = ("state", "reason", "recipient", "recipient_kind", "transport", "server", "partner")

Kept = list[tuple[Exchange, list[Leg]]]


def fill(store: Store, chance: random.Random, number: int = 120) -> Kept:
    """Exchanges of all kinds, some accepted before those that came in before them: clocks differ."""
    made: Kept = []
    edges = [edge + timedelta(microseconds=off) for edge in EDGES for off in (-1000, -1, 0, 1, 999, 1000)]
    for n in range(number):
        one = exchange(
            client=chance.choice(CLIENTS), type=chance.choice(TYPES), event_id=f"E-{n}",
            patient=chance.choice(PATIENTS),
            accepted_at=chance.choice(edges) if n % 2 else NOW + timedelta(hours=chance.uniform(-48, 48)),
            tenant="cpts" if n % 10 else "another",
            state=chance.choice([*ExchangeState, *[ExchangeState.PREPARED] * 6]),
            reason=chance.choice(REASONS),
        )  # fmt: skip
        legs = [
            leg(
                one, m, transport=chance.choice(("folder", "mssante")), server=chance.choice(("operator-a", "")),
                destination=chance.choice((None, "x@a.test", "y@b.test", "logiciel")),
                recipient_id=chance.choice(("RPPS:1", "RPPS:2")),
                recipient_kind=chance.choice(("professional", "structure")),
                state=chance.choice((LegState.HELD, LegState.READ, LegState.CANCELLED, LegState.FAILED)),
                reason=chance.choice(REASONS),
            )
            for m in range(1, chance.randrange(3) + 1)
        ]  # fmt: skip
        made.append((one, legs))
    with store.unit() as unit:
        for one, legs in made:
            unit.exchanges.open(one)
            unit.legs.add(legs)
            unit.audit(entry(one))
    return made


def answers(one: Exchange, legs: list[Leg], where: Where) -> bool:
    """The question as a person reads it."""
    if where.since is not None and one.accepted_at < where.since:
        return False
    if where.until is not None and one.accepted_at >= where.until:
        return False
    if not all(
        getattr(where, name) in (None, getattr(one, name)) for name in ("client", "type", "event_id", "patient")
    ):
        return False
    itself = not where.of_a_leg and stands(one, where)
    return itself or any(of_leg(leg, where) and stands(leg, where) for leg in legs)


def of_leg(leg: Leg, where: Where) -> bool:
    return (
        where.recipient in (None, leg.recipient_id)
        and where.recipient_kind in (None, leg.recipient_kind)
        and where.transport in (None, leg.transport)
        and where.server in (None, leg.server)
        and where.partner in (None, leg.partner)
    )


def stands(what: Exchange | Leg, where: Where) -> bool:
    return (where.state is None or where.state.value == what.state.value) and where.reason in (None, what.reason)


def questions(chance: random.Random) -> Iterator[Where]:
    """Every condition alone, every pair, and some of three and more."""
    assert set(WORDS) == {one.name for one in fields(Where)}
    for size in (1, 2, 3, 5):
        for _ in range(30):
            names = chance.sample(sorted(WORDS), size)
            yield Where(**{name: chance.choice(WORDS[name]) for name in names})
    for name, words in WORDS.items():
        yield from (Where(**{name: word}) for word in words)


def test_every_question_is_answered_as_by_hand_page_by_page_newest_first(store: Store) -> None:
    chance = random.Random(8)
    made = [(one, legs) for one, legs in fill(store, chance) if one.tenant == "cpts"]
    newest_first = sorted(made, key=lambda kept: kept[0].id, reverse=True)
    found_some = 0
    with store.glance() as unit:
        for where in (Where(), *questions(chance)):
            wanted = [one for one, legs in newest_first if answers(one, legs, where)]
            found: list[Exchange] = []
            cursor, limit = None, chance.choice((3, 50, 500))
            while True:
                page = unit.exchanges.search("cpts", where, cursor=cursor, limit=limit)
                assert len(page.items) <= limit
                found += page.items
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert found == wanted, where
            found_some += bool(found)
    assert found_some > 90, "most questions find something"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # its planner knows nothing of how many rows there are
def test_an_events_own_id_is_looked_up_as_such_however_deep_the_page(store: Store) -> None:
    asked: list[tuple[str, Any]] = []

    def heard(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        asked.append((statement, values))

    made = fill(store, random.Random(9), 20)
    event.listen(store._engine, "before_cursor_execute", heard)
    with store.glance() as unit:
        for more in ({}, {"since": NOW, "until": NOW}, {"reason": "bounced"}, {"state": LegState.HELD}):
            unit.exchanges.search("cpts", Where(event_id="E-3", **more), cursor=made[-1][0].id)
    event.remove(store._engine, "before_cursor_execute", heard)
    looked = [one for one in asked if "event_id = ?" in one[0]]
    assert len(looked) == 6
    with store._engine.connect() as line:
        for statement, values in looked:
            plan = [row[-1] for row in line.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert "client=? AND event_id=?" in plan[0], (statement, plan)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("asked", "seek"), [("patient", "patient=?"), ("event_id", "event_id=?")])
def test_a_sweep_by_patient_or_event_reads_their_exchanges_alone(store: Store, asked: str, seek: str) -> None:
    heard: list[tuple[str, Any]] = []
    fill(store, random.Random(10), 20)

    def hear(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        heard.append((statement, values))

    event.listen(store._engine, "before_cursor_execute", hear)
    with store.glance() as unit:
        unit.steering.find("cpts", Where(client="logimed", state=LegState.HELD, **{asked: WORDS[asked][0]}))
    event.remove(store._engine, "before_cursor_execute", hear)
    (statement, values) = next(one for one in heard if "FROM legs" in one[0])
    with store._engine.connect() as line:
        plan = [row[-1] for row in line.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert any("legs" in step and "tenant=? AND exchange=?" in step for step in plan), plan
    assert any("exchanges" in step and seek in step for step in plan), plan


def test_a_sweep_finds_the_legs_a_person_would_find_by_hand(store: Store) -> None:
    chance = random.Random(14)
    made = [(one, legs) for one, legs in fill(store, chance) if one.tenant == "cpts"]
    found_some = 0
    with store.glance() as unit:
        for where in questions(chance):
            if not where.may_be_a_legs:
                continue
            own = replace(where, **dict.fromkeys(OF_LEG))
            wanted = {
                (one.id, leg.n)
                for one, legs in made
                for leg in legs
                if one.state is not ExchangeState.ACCEPTED and answers(one, [], own)  # it has no legs yet
                if of_leg(leg, where) and stands(leg, where)
            }
            accepted = {one.id for one, _ in made if one.state is ExchangeState.ACCEPTED}
            found = {one.spot for one in unit.steering.find("cpts", where, limit=1000) if one.of_leg}
            assert {spot for spot in found if spot[0] not in accepted} == wanted, where
            found_some += bool(wanted)
    assert found_some > 30, "many questions find something"
