"""A leg ⇄ its row, its attempts' rows, and its receipt's text."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from gateway.model.dossier import Attempt, Leg, ReceiptSeen, Settled
from gateway.model.exchange import LegState
from gateway.record.schema import attempts, legs
from gateway.record.transaction import Transaction

_PLAIN = (
    "tenant", "exchange", "n", "lane", "transport", "origin", "destination", "recipient_kind", "recipient_id",
    "recipient_name", "chosen_because", "since", "message_id", "reason", "code", "detail", "due", "give_up",
    "server", "subject", "stands_for",
)  # fmt: skip


def write_leg(leg: Leg) -> dict[str, Any]:
    """A new leg's row, without its place. A leg to be sent is due at once."""
    row = {name: getattr(leg, name) for name in _PLAIN}
    row["case"] = json.dumps(leg.case, ensure_ascii=False, separators=(",", ":"))
    row["state"], row["tries"], row["partner"] = leg.state.value, 0, leg.partner
    row["receipt"] = write_receipt(leg.receipt) if leg.receipt else None
    if leg.state is LegState.WAITING:
        row["due"] = leg.due or leg.since
    return row


def read_leg(row: Row[Any], tries: Sequence[Attempt]) -> Leg:
    """A leg from its row and its attempts."""
    values = {name: row._mapping[name] for name in _PLAIN}
    return Leg(
        **values,
        case=json.loads(row.case),
        state=LegState(row.state),
        attempts=tuple(tries),
        receipt=read_receipt(row.receipt) if row.receipt else None,
        settled=Settled(row.settled_at, row.settled_by, row.settled_how) if row.settled_at else None,
    )


def read_legs(transaction: Transaction, rows: Sequence[Row[Any]]) -> tuple[Leg, ...]:
    """Legs with all their attempts, in the order of the rows; one more statement for all of them."""
    tries: dict[tuple[str, str, int], list[Attempt]] = defaultdict(list)
    tried = {(row.tenant, row.exchange) for row in rows if row.tries}
    for tenant in {tenant for tenant, _ in tried}:
        wanted: Select[Any] = select(attempts).where(
            attempts.c.tenant == tenant, attempts.c.exchange.in_([one for other, one in tried if other == tenant])
        )
        for row in transaction.all(wanted.order_by(attempts.c.exchange, attempts.c.leg, attempts.c.n)):
            attempt = Attempt(n=row.n, at=row.at, outcome=row.outcome, code=row.code, detail=row.detail)
            tries[row.tenant, row.exchange, row.leg].append(attempt)
    return tuple(read_leg(row, tries[row.tenant, row.exchange, row.n]) for row in rows)


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
    """How many legs there are by tenant, transport and state."""
    by = (legs.c.tenant, legs.c.transport, legs.c.state)
    rows = transaction.all(select(*by, func.count().label("number")).group_by(*by))
    return {(row.tenant, row.transport, row.state): row.number for row in rows}
