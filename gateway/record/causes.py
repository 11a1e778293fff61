"""PORT causes: what is held, grouped by why; a hundred of one cause are one thing to look at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, literal_column, select, text

from gateway.model.exchange import ExchangeState, LegState
from gateway.record.schema import STANDS_OUT, exchanges, legs
from gateway.record.transaction import Transaction

_STUCK = (ExchangeState.HELD.value, ExchangeState.UNROUTED.value)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why exchanges, or legs, wait for a person.

    what     `exchange` or `leg`
    state    `held`, or `unrouted` of an exchange that is for nobody
    reason   its code; `detail` names the cause more closely, where there is a word for it
    number   how many wait; `first` is the exchange of the oldest of them
    """

    what: str
    state: str
    reason: str
    detail: str | None
    number: int
    first: str


class Causes:
    """Reads only."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def of(self, tenant: str) -> tuple[Cause, ...]:
        """Everything of a tenant that is held or leads to nobody, by cause, the most frequent first."""
        own = select(
            literal_column("'exchange'").label("what"), exchanges.c.state, exchanges.c.reason, exchanges.c.detail,
            func.count().label("number"), func.min(exchanges.c.id).label("first"),
        ).where(
            exchanges.c.tenant == tenant, text(f"({STANDS_OUT})"), exchanges.c.state.in_(_STUCK)
        ).group_by(exchanges.c.state, exchanges.c.reason, exchanges.c.detail)  # fmt: skip
        theirs = select(
            literal_column("'leg'").label("what"), legs.c.state, legs.c.reason, literal_column("NULL").label("detail"),
            func.count().label("number"), func.min(legs.c.exchange).label("first"),
        ).where(legs.c.tenant == tenant, legs.c.state == LegState.HELD.value)  # fmt: skip
        theirs = theirs.group_by(legs.c.state, legs.c.reason)
        found = [*self._read(own), *self._read(theirs)]
        return tuple(sorted(found, key=lambda one: (-one.number, one.what, one.reason, one.detail or "")))

    def _read(self, wanted: Select[tuple[str, str, str | None, str | None, int, str]]) -> list[Cause]:
        rows = self._transaction.all(wanted)
        return [Cause(row.what, row.state, row.reason or "", row.detail, row.number, row.first) for row in rows]
