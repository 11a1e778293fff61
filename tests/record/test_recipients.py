"""Recipients are counted as their legs stand: whole, by tenant, and quickly, on both engines."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from gateway.journey.minting import mint_id
from gateway.model.exchange import LegState
from gateway.model.where import Where
from gateway.record import Standing, Store
from tests.record.conftest import NOW
from tests.record.rows import entry, exchange, keep, leg, move

ANN, BEA = "RPPS:10100000001", "RPPS:10100000002"


_numbers = itertools.count(1)


def draw(size: int) -> bytes:
    """Chance that never repeats within a test run."""
    return next(_numbers).to_bytes(size, "big")


def sent(store: Store, to: str, days: int = 0, tenant: str = "cpts", **words: Any) -> None:
    """One leg for one recipient, accepted that many days ago."""
    at = NOW - timedelta(days=days)
    made = exchange(id=mint_id(at, draw), accepted_at=at, tenant=tenant)
    keep(store, made, leg(made, recipient_id=to, since=at, **words))


def standing(store: Store, tenant: str = "cpts", days: int = 30) -> list[Standing]:
    """What is counted, in an order of its own."""
    with store.glance() as unit:
        found = unit.recipients.standing(tenant, mint_id(NOW - timedelta(days=days), bytes))
    return sorted(found, key=lambda one: (one.id, one.state))


def test_legs_that_stand_alike_are_one_row_with_their_number_and_their_times(store: Store) -> None:
    for days in (3, 2, 1):
        sent(store, ANN, days, state=LegState.HELD, reason="no-address", destination=None)
    sent(store, BEA, 1)
    ann, bea = standing(store)
    assert (ann.id, ann.state, ann.reason, ann.number) == (ANN, LegState.HELD, "no-address", 3)
    assert (ann.first, ann.last) == (NOW - timedelta(days=3), NOW - timedelta(days=1))
    assert (bea.id, bea.state, bea.number, bea.due) == (BEA, LegState.WAITING, 1, NOW - timedelta(days=1))
    assert bea.place > ann.place


def test_a_leg_that_moves_is_counted_where_it_stands(store: Store) -> None:
    sent(store, ANN)
    with store.unit() as unit:
        (one,) = unit.legs.find("cpts")
        move(unit, unit.legs.start(one, "w", NOW, timedelta(minutes=1)), LegState.FAILED, reason="bounced", code="550")
    (ann,) = standing(store)
    assert (ann.state, ann.reason, ann.code) == (LegState.FAILED, "bounced", "550")


def test_what_is_older_or_another_tenants_is_not_counted(store: Store) -> None:
    sent(store, ANN, days=31)
    sent(store, BEA, tenant="voisine")
    assert standing(store) == []
    assert [one.id for one in standing(store, days=32)] == [ANN]
    assert [one.id for one in standing(store, "voisine")] == [BEA]


def test_exchanges_are_found_by_recipient_and_by_day(store: Store) -> None:
    sent(store, ANN, days=2)
    sent(store, BEA, days=1)
    with store.glance() as unit:
        (anns,) = unit.exchanges.search("cpts", Where(recipient=ANN, recipient_kind="professional")).items
        assert anns.accepted_at == NOW - timedelta(days=2)
        assert unit.exchanges.search("cpts", Where(recipient=ANN, recipient_kind="structure")).items == ()
        assert unit.exchanges.search("voisine", Where(recipient=ANN)).items == ()
        assert unit.exchanges.search("cpts", Where(until=NOW - timedelta(hours=36))).items == (anns,)


def test_thousands_of_legs_are_one_statement_and_few_rows(store: Store) -> None:
    with store.unit() as unit:
        for _ in range(30):
            made = exchange(id=mint_id(NOW, draw))
            unit.exchanges.open(made)
            unit.legs.add([leg(made, n, recipient_id=f"RPPS:{n % 40}") for n in range(1, 101)])
            unit.audit(entry(made))
    found = standing(store)
    assert len(found) == 40
    assert sum(one.number for one in found) == 3000
