"""Small honest rows for tests: an exchange, a leg, an entry about them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from gateway.journey.minting import mint_id
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Store, Unit
from tests.record.conftest import NOW

_numbers = itertools.count(1)


def exchange(**changes: Any) -> Exchange:
    """An accepted event, each with an id of its own."""
    number = next(_numbers)
    accepted_at = changes.get("accepted_at", NOW)
    made = Exchange(
        tenant="cpts",
        id=mint_id(accepted_at, lambda count: number.to_bytes(count, "big")),  # ids are ordered by time
        client="logimed",
        type="report.shared",
        event_id=f"E-{number}",
        dialect="canonical",
        patient="a" * 32,
        state=ExchangeState.ACCEPTED,
        accepted_at=NOW,
    )
    return replace(made, **changes)


def leg(of: Exchange, n: int = 1, **changes: Any) -> Leg:
    """A leg waiting to leave by folder."""
    made = Leg(
        tenant=of.tenant,
        exchange=of.id,
        n=n,
        lane=f"lane-{of.id}-{n}",
        transport="folder",
        origin="app@cpts.test",
        destination="luc@b.test",
        recipient_kind="professional",
        recipient_id="RPPS:10100054328",
        recipient_name="Luc DURAND",
        chosen_because="route 1",
        case={"type": of.type, "masks": ["MASQUE_PS"]},
        state=LegState.WAITING,
        since=NOW,
        message_id=f"{of.id}.{n}@cpts.test",
    )
    return replace(made, **changes)


def entry(about: Exchange | Leg | None = None, kind: str = "exchange-moved", **changes: Any) -> Entry:
    """An entry that tells of a change."""
    made = Entry(kind=kind, at=NOW, tenant="cpts", actor="worker:test", facts={"n": 1, "why": "é"})
    if isinstance(about, Leg):
        made = replace(made, kind="leg-moved", tenant=about.tenant, exchange=about.exchange, leg=about.n)
    elif about is not None:
        made = replace(made, tenant=about.tenant, exchange=about.id, patient=about.patient)
    return replace(made, **changes)


def keep(store: Store, one: Exchange, *legs: Leg) -> None:
    """Commit an exchange and its legs, told."""
    with store.unit() as unit:
        unit.exchanges.open(one)
        unit.legs.add(legs)
        unit.audit(entry(one))


def move(unit: Unit, which: Leg, to: LegState, **words: Any) -> Leg:
    """Move a leg and tell of it."""
    unit.audit(entry(which))
    return unit.legs.move(which, to, **words)


def standing_legs(store: Store, of: Exchange) -> tuple[Leg, ...]:
    """The legs of an exchange as they stand."""
    with store.glance() as unit:
        return unit.legs.of(of.tenant, of.id)


def fill(store: Store, number: int, per_unit: int = 1) -> None:
    """That many entries."""
    for start in range(0, number, per_unit):
        with store.unit() as unit:
            unit.audit(*(entry(facts={"n": n}) for n in range(start, min(number, start + per_unit))))
