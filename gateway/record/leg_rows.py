"""A leg ⇄ its row, its attempts' rows, and its receipt's text."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from gateway.model.dossier import Attempt, Leg, ReceiptSeen, Settled
from gateway.model.exchange import TRANSPORTS, LegState
from gateway.record.schema import attempts, legs
from gateway.record.transaction import Transaction

_PLAIN = (
    "tenant", "exchange", "n", "lane", "transport", "origin", "destination", "recipient_kind", "recipient_id",
    "recipient_name", "chosen_because", "since", "message_id", "reason", "code", "detail", "due", "give_up",
    "server", "subject", "stands_for",
)  # fmt: skip

_AT = {column.name: at for at, column in enumerate(legs.c)}
_PLAINLY = tuple((name, _AT[name]) for name in _PLAIN)

_Key = tuple[str, str, int]

_TRIES: Select[Any] = (
    select(attempts)
    .where(*(attempts.c[name] == bindparam(name) for name in ("tenant", "exchange", "leg")))
    .order_by(attempts.c.n)
)


def write_leg(leg: Leg) -> dict[str, Any]:
    """A new leg's row, without its place. A leg to be sent is due at once."""
    row = {name: getattr(leg, name) for name in _PLAIN}
    row["case"] = json.dumps(leg.case, ensure_ascii=False, separators=(",", ":"))
    row["state"], row["tries"], row["partner"] = leg.state.value, 0, leg.partner
    row["receipt"] = write_receipt(leg.receipt) if leg.receipt else None
    if leg.state is LegState.WAITING:
        row["due"] = leg.due or leg.since
    return row


def read_leg(row: Sequence[Any], tries: Sequence[Attempt]) -> Leg:
    """A leg from its row, in the order of the table's columns, and its attempts."""
    receipt, settled_at = row[_AT["receipt"]], row[_AT["settled_at"]]
    return Leg(
        **{name: row[at] for name, at in _PLAINLY},
        case=json.loads(row[_AT["case"]]),
        state=LegState(row[_AT["state"]]),
        attempts=tuple(tries),
        receipt=read_receipt(receipt) if receipt else None,
        settled=Settled(settled_at, row[_AT["settled_by"]], row[_AT["settled_how"]]) if settled_at else None,
    )


def read_legs(transaction: Transaction, rows: Sequence[Sequence[Any]]) -> tuple[Leg, ...]:
    """Legs with all their attempts, in the order of the rows; one more statement for all of them."""
    tries: dict[_Key, list[Attempt]] = defaultdict(list)
    tried = [_key(row) for row in rows if row[_AT["tries"]]]
    if len(tried) == 1:
        _add(tries, transaction.find(_TRIES, dict(zip(("tenant", "exchange", "leg"), tried[0], strict=True))))
    else:
        for tenant in {tenant for tenant, _, _ in tried}:
            wanted: Select[Any] = select(attempts).where(
                attempts.c.tenant == tenant,
                attempts.c.exchange.in_({one for other, one, _ in tried if other == tenant}),
            )
            _add(tries, transaction.all(wanted.order_by(attempts.c.exchange, attempts.c.leg, attempts.c.n)))
    return tuple(read_leg(row, tries[_key(row)]) for row in rows)


def _key(row: Sequence[Any]) -> _Key:
    """What tells a leg from every other."""
    return row[_AT["tenant"]], row[_AT["exchange"]], row[_AT["n"]]


def _add(tries: dict[_Key, list[Attempt]], rows: Sequence[Sequence[Any]]) -> None:
    for tenant, exchange, leg, n, at, outcome, code, detail in rows:
        tries[tenant, exchange, leg].append(Attempt(n=n, at=at, outcome=outcome, code=code, detail=detail))


def write_receipt(receipt: ReceiptSeen) -> str:
    """The receipt as JSON."""
    return json.dumps(
        {
            "kind": receipt.kind,
            "disposition": receipt.disposition,
            "action": receipt.action,
            "at": receipt.at.isoformat(),
        }
    )


def read_receipt(text: str) -> ReceiptSeen:
    """The receipt from its JSON."""
    tree = json.loads(text)
    return ReceiptSeen(**{**tree, "at": datetime.fromisoformat(tree["at"])})


def tally(transaction: Transaction) -> Mapping[tuple[str, str, str], int]:
    """How many legs there are by tenant, transport and state. Reads `ix_legs_state` alone, in its own order."""
    by = (legs.c.tenant, legs.c.state)
    each = [func.count().filter(legs.c.transport == one).label(one) for one in TRANSPORTS]
    rows = transaction.all(select(*by, func.count().label("whole"), *each).group_by(*by))
    found: dict[tuple[str, str, str], int] = {}
    for row in rows:
        numbers = {one: row._mapping[one] for one in TRANSPORTS}
        for transport, number in (*numbers.items(), ("", row.whole - sum(numbers.values()))):
            if number:
                found[row.tenant, transport, row.state] = number
    return found
