"""PORT books: what the audit log tells beside what the tables say, exchange by exchange. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from gateway.model.books import TELLING, Account, Item, Kind, answer_of
from gateway.record.schema import attempts, entries, exchanges, legs
from gateway.record.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Pages:
    """Some exchanges, in the order of their ids, as told and as they stand. `last`: the last one's id, or the end."""

    told: Mapping[str, Account]
    standing: Mapping[str, Mapping[Item, str]]
    partners: Mapping[str, Mapping[int, str]]
    last: str | None


class Books:
    """Every exchange is read whole, with all the log tells of it, in one moment's picture."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def pages(self, tenant: str, after: str, until: str | None, limit: int) -> Pages:
        """The next `limit` exchanges of the table after that id and before `until`, and all the log tells of between.

        What the log tells of and the table lacks is among them.
        """
        wanted = select(exchanges.c.id).where(exchanges.c.tenant == tenant, exchanges.c.id > after)
        if until is not None:
            wanted = wanted.where(exchanges.c.id < until)
        ids = [row.id for row in self._transaction.all(wanted.order_by(exchanges.c.id).limit(limit))]
        last = ids[-1] if len(ids) == limit else None

        def between(column: Any) -> Any:
            above = column > after
            if last is not None:
                return above & (column <= last)
            return above if until is None else above & (column < until)

        return Pages(
            self._told(tenant, between(entries.c.exchange)),
            *self._standing(tenant, between(exchanges.c.id), between(legs.c.exchange), between(attempts.c.exchange)),
            last,
        )

    def _told(self, tenant: str, between: Any) -> Mapping[str, Account]:
        wanted = select(entries.c.exchange, entries.c.record).where(
            entries.c.tenant == tenant, between, entries.c.kind.in_(sorted(TELLING)), entries.c.record.is_not(None)
        )
        told: dict[str, Account] = {}
        for row in self._transaction.all(wanted.order_by(entries.c.exchange, entries.c.seq)):
            record = orjson.loads(row.record)
            account = told.setdefault(record["exchange"], Account())
            account.tell(record["kind"], record.get("leg"), record["facts"])
        return told

    def _standing(
        self, tenant: str, own: Any, theirs: Any, tried: Any
    ) -> tuple[Mapping[str, Mapping[Item, str]], Mapping[str, Mapping[int, str]]]:
        standing: dict[str, dict[Item, str]] = {}
        partners: dict[str, dict[int, str]] = {}
        run = self._transaction.all
        for row in run(select(exchanges.c.id, exchanges.c.state).where(exchanges.c.tenant == tenant, own)):
            standing[row.id] = {Item(Kind.EXCHANGE): row.state}
        of_legs = select(legs.c.exchange, legs.c.n, legs.c.state, legs.c.partner).where(legs.c.tenant == tenant, theirs)
        for row in run(of_legs):
            standing.setdefault(row.exchange, {})[Item(Kind.LEG, row.n)] = row.state
            partners.setdefault(row.exchange, {})[row.n] = row.partner
        of_tries = select(attempts.c.exchange, attempts.c.leg, attempts.c.n, attempts.c.outcome)
        for row in run(of_tries.where(attempts.c.tenant == tenant, tried)):
            standing.setdefault(row.exchange, {})[Item(Kind.ATTEMPT, row.leg, row.n)] = answer_of(row.outcome)
        return standing, partners

    def purged_until(self) -> datetime | None:
        """When the last entry was made whose record was taken away; None while the log is whole."""
        wanted = select(entries.c.record).where(entries.c.kind == "records-purged").order_by(entries.c.seq.desc())
        row = self._transaction.first(wanted.limit(1))
        if row is None or row.record is None:
            return None
        last = orjson.loads(row.record)["facts"]["last"]
        gone = self._transaction.first(select(entries.c.at).where(entries.c.seq == last))
        return gone.at if gone else None
