"""A tenant with something of everything: recipients in every group, an exchange in every state, a log that tells it.

People, numbers and addresses are invented.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gateway.journey.minting import mint_id
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg, ReceiptSeen
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Unit
from tests.api.conftest import CLIENT, OURS, Clock, House

DAY = timedelta(days=1)
L = LegState


@dataclass(frozen=True)
class Person:
    """Someone parcels are for."""

    name: str
    id: str
    address: str | None
    kind: str = "professional"


LUC = Person("Luc DURAND", "RPPS:10100054328", "luc.durand@infirmiers.mssante.test")
ANNE = Person("Anne LEROY", "RPPS:10100000017", None)
PAUL = Person("Paul GARNIER", "RPPS:10100000025", "paul.garnier@kine.mssante.test")
SOFIA = Person("Sofia BEN AMOR", "RPPS:10100000033", "sofia.ben-amor@medecins.mssante.test")
HUGO = Person("Hugo PETIT", "RPPS:10100000041", "hugo.petit@pharma.mssante.test")
INES = Person("Inès MOREAU", "RPPS:10100000058", "ines.moreau@medecins.mssante.test")
CLINIC = Person("Clinique des Deux Ponts", "FINESS:750000002", "secretariat@clinique.mssante.test", "structure")
LEA = Person("Léa FONTAINE", "RPPS:10100000066", "lea.fontaine@medecins.mssante.test")
OMAR = Person("Omar HADDAD", "RPPS:10100000074", "omar.haddad@infirmiers.mssante.test")
PATIENT = Person("Dominique PAT-TROIS", "patient", "279035121518989@patient.mssante.fr", "patient")

_STEPS: dict[LegState, tuple[tuple[LegState, dict[str, Any]], ...]] = {
    L.WAITING: (),
    L.HANDED_OVER: ((L.HANDED_OVER, {"code": "250", "detail": "2.0.0 Ok: queued as 4F1C2"}),),
    L.ARRIVED: ((L.ARRIVED, {"code": "HTTP 201"}),),
    L.UNKNOWN: ((L.UNKNOWN, {"reason": "outcome-unknown"}),),
    L.POSTPONED: ((L.POSTPONED, {"reason": "unreachable", "code": "unreachable", "detail": "No answer in 10 s"}),),
}
_THEN: dict[LegState, dict[str, Any]] = {
    L.DELIVERED: {"receipt": ("dsn", None, "delivered")},
    L.READ: {"receipt": ("mdn", "displayed", None)},
    L.UNREAD: {"reason": "no-receipt"},
    L.FAILED: {"reason": "bounced", "code": "5.1.1", "receipt": ("dsn", None, "failed")},
    L.REFUSED: {"reason": "refused-by-software", "code": "902", "receipt": ("mdn", "processed", None)},
}


def tell(house: House, tenant: str = OURS) -> dict[str, str]:
    """The whole story. Gives an exchange's id by a word."""
    with past(house, 110 * DAY):
        send(house, tenant, (HUGO, L.UNREAD))
    with past(house, 20 * DAY):
        send(house, tenant, (LEA, L.FAILED), (OMAR, L.UNREAD))
    with past(house, 3 * DAY):
        send(house, tenant, (LUC, L.READ), (PAUL, L.READ), (LEA, L.READ), (CLINIC, L.ARRIVED), type="plan.created")
    with past(house, 2 * DAY):
        held = send(house, tenant, (ANNE, L.HELD, "no-address"), (LUC, L.READ))
        bounced = send(house, tenant, (PAUL, L.FAILED), (SOFIA, L.REFUSED), type="report.shared")
    waiting = send(house, tenant, (INES, L.POSTPONED), (LUC, L.DELIVERED), type="team.member-joined")
    send(house, tenant, (PATIENT, L.DENIED, "masked-to-patient"), (CLINIC, L.HANDED_OVER), type="report.shared")
    unrouted = send(house, tenant, type="plan.revised")
    return {"held": held, "bounced": bounced, "waiting": waiting, "unrouted": unrouted}


@contextmanager
def past(house: House, ago: timedelta) -> Iterator[None]:
    """Some time ago."""
    clock = house.gateway.clock
    assert isinstance(clock, Clock)
    millis = int(ago.total_seconds() * 1000)
    clock.millis -= millis
    yield
    clock.millis += millis


def send(house: House, tenant: str, *ends: tuple[Any, ...], type: str = "team.created", client: str = CLIENT) -> str:
    """One exchange whose legs came to these ends: (who, state) or (who, state, reason)."""
    now = house.gateway.clock()
    exchange = Exchange(
        tenant=tenant, id=mint_id(now, os.urandom), client=client, type=type, event_id=f"2026-{os.urandom(3).hex()}",
        dialect="canonical", patient="5f" * 16, state=ExchangeState.ACCEPTED, accepted_at=now,
    )  # fmt: skip
    with house.gateway.store.unit() as unit:
        unit.exchanges.open(exchange)
        legs = [_leg(exchange, n, *end) for n, end in enumerate(ends, start=1)]
        unit.legs.add(legs)
        facts = {"type": type, "client": client, "notices": ""}
        unit.audit(_entry(house, exchange.id, tenant, "event-accepted", None, facts, actor="key:0000aaaa"))
        for leg, end in zip(legs, ends, strict=True):
            facts = {"recipient": leg.recipient_id, "transport": "mssante", "state": leg.state, "rule": "L01"}
            unit.audit(_entry(house, exchange.id, tenant, "leg-created", leg.n, facts))
            _walk(house, unit, leg, end[1])
        state = ExchangeState.PREPARED if ends else ExchangeState.UNROUTED
        unit.exchanges.move(tenant, exchange.id, state, None if ends else "no-route")
        unit.audit(_entry(house, exchange.id, tenant, "exchange-moved", None, {"from": "accepted", "state": state}))
    return exchange.id


def _leg(of: Exchange, n: int, who: Person, end: LegState, reason: str | None = None) -> Leg:
    still = end in (L.HELD, L.DENIED)
    return Leg(
        tenant=of.tenant, exchange=of.id, n=n, lane=f"{of.id}/{n}", transport="mssante",
        origin="app@cpts.mssante.test", destination=who.address, recipient_kind=who.kind, recipient_id=who.id,
        recipient_name=who.name, chosen_because="Chaque changement d'équipe va à la boîte de chaque membre",
        case={"type": of.type}, state=end if still else L.WAITING, since=of.accepted_at, reason=reason,
        message_id=f"{of.id}.{n}@cpts.mssante.test",
    )  # fmt: skip


def _walk(house: House, unit: Unit, leg: Leg, end: LegState) -> None:
    if end in (L.HELD, L.DENIED, L.WAITING):
        return
    clock = house.gateway.clock
    leg = unit.legs.start(leg, "test", clock(), timedelta(minutes=2))
    unit.audit(_entry(house, leg.exchange, leg.tenant, "attempt-started", leg.n, {"attempt": 1, "repeat": False}))
    steps = [*_STEPS.get(end, _STEPS[L.HANDED_OVER])]
    if end in _THEN:
        steps.append((end, _THEN[end]))
    for to, words in steps:
        now, before = clock(), leg.state
        made = dict(words)
        if made.get("receipt"):
            kind, disposition, action = made["receipt"]
            made["receipt"] = ReceiptSeen(kind=kind, disposition=disposition, action=action, at=now)
        if to in (L.HANDED_OVER, L.POSTPONED):
            made["give_up"] = now + timedelta(hours=72)
        if to is L.POSTPONED:
            made["due"] = now + timedelta(minutes=5)
        leg = unit.legs.move(leg, to, now=now, **made)
        facts = {"from": before, "state": to, "reason": made.get("reason") or "", "code": made.get("code") or ""}
        unit.audit(_entry(house, leg.exchange, leg.tenant, "leg-moved", leg.n, facts))


def _entry(
    house: House, exchange: str, tenant: str, kind: str, leg: int | None, facts: Any, actor: str = "worker:test"
) -> Entry:
    plain = {name: str(value) if isinstance(value, str) else value for name, value in facts.items()}
    made = Entry(kind=kind, at=house.gateway.clock(), tenant=tenant, actor=actor, exchange=exchange, facts=plain)
    return made if leg is None else replace(made, leg=leg)
