"""exchange balance: the books as an admin reads them, and as a script does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.config import load
from gateway.model.exchange import LegState
from gateway.record import Store
from gateway.wiring import open_gateway
from tests.cli.conftest import Ran
from tests.record.rows import entry, exchange, leg

Passerelle = Callable[..., Ran]
DOMAIN = "cabinet.b.mssante.test"


@pytest.fixture
def store(passerelle: Passerelle, tmp_path: Path) -> Store:
    """The database of first settings, with one exchange accepted and one leg of it that waits."""
    assert passerelle("init", tmp_path).code == 0
    assert passerelle("db", "upgrade").code == 0
    settings = load(tmp_path / "passerelle.yaml")
    (tenant,) = settings.tenants
    store = open_gateway(settings).store
    one = exchange(tenant=tenant)
    first = leg(one, transport="mssante", destination=f"luc.durand@{DOMAIN}")
    with store.unit() as unit:
        unit.exchanges.open(one)
        unit.legs.add([first])
        unit.audit(
            entry(one, kind="event-accepted"),
            entry(first, kind="leg-created", facts={"state": LegState.WAITING.value, "partner": DOMAIN}),
        )
    return store


def test_balanced_books_are_told_in_two_sums(passerelle: Passerelle, store: Store) -> None:
    ran = passerelle("exchange", "balance")
    assert (ran.code, ran.err) == (0, "")
    assert "1 événements acceptés = 1 open" in ran.out
    assert "1 plis créés = 1 waiting" in ran.out
    told = json.loads(passerelle("exchange", "balance", "--json").out)
    assert told["balanced"] is True
    (books,) = told["tenants"]
    assert books["log"] == books["tables"]
    assert books["log"]["exchanges"]["accepted"] == books["log"]["exchanges"]["open"] == 1
    assert [(line["partner"], line["legs"]) for line in books["by_partner"]] == [(DOMAIN, {"created": 1, "waiting": 1})]


def test_books_that_differ_are_exit_2_and_say_which_exchange_and_what_to_do(
    passerelle: Passerelle, store: Store
) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE legs SET state = 'read'"))
        (id,) = connection.execute(text("SELECT id FROM exchanges")).scalars()
    ran = passerelle("exchange", "balance")
    assert ran.code == 2
    assert "INEXACTS" in ran.out
    assert id in ran.out
    assert "que faire" in ran.out
    told = passerelle("exchange", "balance", "--json")
    assert told.code == 2
    ((difference,),) = [books["differences"] for books in json.loads(told.out)["tenants"]]
    assert (difference["log"], difference["table"], difference["partner"]) == ("waiting", "read", DOMAIN)
    assert difference["exchanges"] == [id]


def test_a_day_narrows_it_and_another_tenant_is_refused(passerelle: Passerelle, store: Store) -> None:
    for day, number in (("1900-01-01", 1), ("2026-11-20", 1), ("2026-11-21", 0), ("2999-01-01", 0)):
        told = json.loads(passerelle("exchange", "balance", "--since", day, "--json").out)
        assert told["tenants"][0]["log"]["exchanges"]["accepted"] == number, day
    ran = passerelle("exchange", "balance", "--tenant", "nobody")
    assert (ran.code, ran.out) == (2, "")
    assert "No such tenant" in ran.err
