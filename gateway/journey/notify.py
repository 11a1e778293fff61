"""notify: what the audit log says of a client's exchanges becomes a notification for that client's software.

The log is read in its own order, after the fact: nothing is missed, nothing is found twice, and the steps that moved a
leg pay nothing for it. Ids, states, codes and reasons only: no name, no health content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from gateway import pack
from gateway.journey.gateway import Gateway
from gateway.journey.view import reason, stamp
from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import AWAITED, ExchangeState, LegState
from gateway.model.reasons import REASONS
from gateway.record import Notification, Stale

if TYPE_CHECKING:
    from gateway.record import Kept

LEG, EXCHANGE, INBOX = "leg.state-changed", "exchange.settled", "inbox.received"
TYPES = (LEG, EXCHANGE, INBOX)
"""What a client's software may be told of."""

AT_ONCE = 500  # entries of one commit
TELLING = frozenset(
    {
        "leg-created",
        "leg-moved",
        "leg-settled",
        "attempt-started",
        "attempt-result",
        "receipt-received",
        "exchange-moved",
    }
)
"""Entries that tell of a change of state of a leg or of an exchange."""
_OVER = frozenset({ExchangeState.CANCELLED, ExchangeState.UNROUTED})

Found = tuple[Notification, bytes]
Dossiers = Mapping[tuple[str, str], tuple[Exchange, Sequence[Leg]]]


@dataclass(frozen=True, slots=True)
class Change:
    """A leg's change of state, as one entry of the log tells it."""

    seq: int
    tenant: str
    exchange: str
    leg: int
    at: datetime
    before: str | None
    state: str
    reason: str | None
    code: str | None


def notify(gateway: Gateway) -> bool:
    """Look through the next entries of the log. True when there were some and somebody is told of such things."""
    if gateway.callbacks is None:
        _pass_over(gateway)
        return False
    with gateway.store.glance() as unit:
        start = unit.notices.cursor()
        kept = unit.notices.entries(start, AT_ONCE)
        if not kept:
            return False
        touched = _touched(kept)
        dossiers: dict[tuple[str, str], tuple[Exchange, Sequence[Leg]]] = {}
        last: dict[str, int] = {}
        for tenant, ids in touched.items():
            ours = [one for one in unit.exchanges.of_many(tenant, ids) if _is_called(gateway, tenant, one.client)]
            legs = unit.legs.of_many(tenant, [one.id for one in ours])
            dossiers |= {(tenant, one.id): (one, legs.get(one.id, ())) for one in ours}
            last |= unit.notices.last_told(tenant, [one.id for one in ours], TELLING) if ours else {}
    end = kept[-1].seq + 1
    found = [*_changes(gateway, kept, dossiers), *_settled(gateway, dossiers, last, end)]
    with gateway.store.unit() as unit:
        try:
            unit.notices.move_cursor(start, end)
        except Stale:
            return False  # another worker was faster, and adds what it found
        for notice, body in found:
            unit.notices.add(notice, body)
    return True


def _pass_over(gateway: Gateway) -> None:
    """Nobody is told: whoever gets an address later is told of what happens from then on."""
    with gateway.store.glance() as unit:
        start, end = unit.notices.cursor(), unit.log.head().size
    if start < end:
        with gateway.store.unit() as unit, suppress(Stale):
            unit.notices.move_cursor(start, end)


def read_change(record: str, seq: int) -> Change | None:
    """The change of a leg's state that an entry tells; None when it tells of none."""
    entry = json.loads(record)
    facts, kind = entry["facts"], entry["kind"]
    before, state = facts.get("from"), facts.get("state")
    if kind == "attempt-started":
        state = LegState.ATTEMPTED.value
    elif kind == "receipt-received":
        state = facts["says"] if facts.get("moved") else None
    if kind not in TELLING or entry.get("leg") is None or state in (None, before):
        return None
    return Change(
        seq=seq,
        tenant=entry["tenant"],
        exchange=entry["exchange"],
        leg=entry["leg"],
        at=datetime.fromisoformat(entry["at"]),
        before=before,
        state=state,
        reason=facts.get("reason") or None,
        code=facts.get("code") or None,
    )


def is_settled(exchange: Exchange, legs: Iterable[Leg]) -> bool:
    """True when nothing more is awaited: of every leg, or because there will be none.

    A person has seen to what is settled otherwise: nobody waits for it, though a success may still come.
    """
    if exchange.state is ExchangeState.PREPARED:
        return all(leg.state not in AWAITED or leg.settled for leg in legs)
    return exchange.state in _OVER


def _touched(kept: Iterable[Kept]) -> dict[str, list[str]]:
    """The exchanges these entries are about, by tenant."""
    found: dict[str, dict[str, None]] = {}
    for one in kept:
        if one.record is not None:
            entry = json.loads(one.record)
            if entry["kind"] in TELLING and entry.get("exchange"):
                found.setdefault(entry["tenant"], {})[entry["exchange"]] = None
    return {tenant: list(ids) for tenant, ids in found.items()}


def _is_called(gateway: Gateway, tenant: str, client: str) -> bool:
    known = gateway.clients.get(tenant, {}).get(client)
    return known is not None and known.is_called


def _changes(gateway: Gateway, kept: Iterable[Kept], dossiers: Dossiers) -> Iterator[Found]:
    for one in kept:
        change = read_change(one.record, one.seq) if one.record is not None else None
        dossier = dossiers.get((change.tenant, change.exchange)) if change else None
        if change is None or dossier is None:
            continue
        exchange, legs = dossier
        leg = next((leg for leg in legs if leg.n == change.leg), None)
        if leg is not None:
            yield _told(gateway, exchange, LEG, change.seq, change.at, _of_leg(exchange, leg, change), leg=leg.n)


def _settled(gateway: Gateway, dossiers: Dossiers, last: Mapping[str, int], end: int) -> Iterator[Found]:
    """Said once, and after the last change: an exchange the log speaks of further on has its turn there."""
    for exchange, legs in dossiers.values():
        if is_settled(exchange, legs) and last.get(exchange.id, 0) < end:
            data = {
                **_of_exchange(exchange),
                "state": exchange.state.value,
                "reason": reason(exchange.reason, exchange.detail),
            }
            data["legs"] = [
                {"leg": leg.n, "recipient": _recipient(leg), "state": leg.state.value, "reason": _reason(leg.reason)}
                for leg in legs
            ]
            yield _told(gateway, exchange, EXCHANGE, 0, gateway.clock(), data)


def _told(
    gateway: Gateway, exchange: Exchange, type: str, seq: int, at: datetime, data: Any, *, leg: int | None = None
) -> Found:
    id = str(uuid5(UUID(exchange.id), f"{type}/{seq}"))  # the same again, should it ever be drawn again
    body = pack.write_cloudevent(
        pack.CloudEvent(
            id=id,
            source=gateway.source(exchange.tenant, exchange.client),
            type=type,
            time=at,
            data=json.dumps(data, ensure_ascii=False).encode("utf-8"),
        )
    )
    notice = Notification(
        tenant=exchange.tenant,
        id=id,
        client=exchange.client,
        type=type,
        at=gateway.clock(),
        exchange=exchange.id,
        leg=leg,
    )
    return notice, body


def _of_exchange(exchange: Exchange) -> dict[str, Any]:
    return {"exchange": exchange.id, "event_id": exchange.event_id, "event_type": exchange.type}


def _of_leg(exchange: Exchange, leg: Leg, change: Change) -> dict[str, Any]:
    return {
        **_of_exchange(exchange),
        "leg": leg.n,
        "recipient": _recipient(leg),
        "transport": leg.transport,
        "from": change.before,
        "state": change.state,
        "since": stamp(change.at),
        "reason": _reason(change.reason),
        "code": change.code,
    }


def _recipient(leg: Leg) -> dict[str, str]:
    return {"kind": leg.recipient_kind, "id": leg.recipient_id}


def _reason(code: str | None) -> Mapping[str, str] | None:
    """Some words of the log are for auditors only (`lease-over`)."""
    return reason(code) if code in REASONS else None
