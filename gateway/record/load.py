"""PORT load: how much waits, counted far enough to know whether it is too much."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, text

from gateway.record.schema import OPEN, exchanges, jobs, legs
from gateway.record.transaction import Transaction


class Load:
    """Counts beside the work; both stop at `most`, so that a full gateway does not spend its time counting."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def unprepared(self, most: int) -> Mapping[tuple[str, str], int]:
        """(tenant, client) → how many of its exchanges wait to be prepared, among the first `most` of all."""
        waiting = select(jobs.c.tenant, jobs.c.exchange).where(jobs.c.kind == "prepare").limit(most).subquery()
        itself = (exchanges.c.tenant == waiting.c.tenant) & (exchanges.c.id == waiting.c.exchange)
        wanted = select(exchanges.c.tenant, exchanges.c.client, func.count().label("number"))
        rows = self._transaction.all(
            wanted.select_from(waiting.join(exchanges, itself)).group_by(exchanges.c.tenant, exchanges.c.client)
        )
        return {(row.tenant, row.client): row.number for row in rows}

    def unsent(self, most: int) -> int:
        """How many legs have not left yet, held ones too: `most` at most."""
        some = select(legs.c.n).where(text(OPEN)).limit(most).subquery()
        number: int = self._transaction.run(select(func.count()).select_from(some)).scalar_one()
        return number
