"""`passerelle exchange stuck`: what waits for a person, by cause, and servers that do not answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config import load
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Silence, Store
from gateway.wiring import open_gateway
from tests.cli.conftest import Ran
from tests.record.conftest import NOW
from tests.record.rows import entry, exchange, keep, leg

Passerelle = Callable[..., Ran]


@pytest.fixture
def store(passerelle: Passerelle, tmp_path: Path) -> Store:
    """The database of first settings."""
    assert passerelle("init", tmp_path).code == 0
    assert passerelle("db", "upgrade").code == 0
    return open_gateway(load(tmp_path / "passerelle.yaml")).store


def test_nothing_stuck_is_one_line(passerelle: Passerelle, store: Store) -> None:
    ran = passerelle("exchange", "stuck")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Rien n'est retenu, et tous les serveurs répondent.\n"


def test_what_is_held_is_grouped_by_cause_and_a_silent_server_is_named_with_advice(
    passerelle: Passerelle, store: Store, tmp_path: Path
) -> None:
    (tenant,) = load(tmp_path / "passerelle.yaml").tenants
    made = [exchange(tenant=tenant) for _ in range(3)]
    for one in made:
        keep(store, one, leg(one, state=LegState.HELD, reason="no-address"))
    for one, reason, detail in zip(made, ("poison", "poison", "broken"), ("a", "a", "KeyError"), strict=True):
        with store.unit() as unit:
            unit.exchanges.move(tenant, one.id, ExchangeState.HELD, reason=reason, detail=detail)
            unit.audit(entry(one))
    silence = Silence(
        transport="mssante",
        name="operateur-b",
        failures=4,
        since=NOW,
        closed_until=NOW + timedelta(minutes=1),
        code="421",
    )
    with store.unit() as unit:
        unit.servers.keep(silence)
        unit.audit(replace(entry(kind="server-closed"), tenant=""))
    told = json.loads(passerelle("exchange", "stuck", "--json").out)
    assert [(one["what"], one["reason"], one["detail"], one["number"]) for one in told["held"][tenant]] == [
        ("leg", "no-address", None, 3), ("exchange", "poison", "a", 2), ("exchange", "broken", "KeyError", 1),
    ]  # fmt: skip
    assert told["held"][tenant][1]["first"] == made[0].id
    assert [(one["name"], one["failures"], one["code"]) for one in told["servers"]] == [("operateur-b", 4, "421")]
    said = passerelle("exchange", "stuck").out
    assert "2 échange(s) retenu(s), poison. Mis à l'écart" in said
    assert "Serveur operateur-b : muet 4 fois de suite" in said
    assert "Vérifiez le réseau" in said
