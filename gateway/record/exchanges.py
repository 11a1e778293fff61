"""PORT exchanges: accepted events, in the order they were accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, func, insert, select, text, update

from gateway.model.dossier import Exchange
from gateway.model.errors import Broken
from gateway.model.exchange import EXCHANGE_MOVES, ExchangeState
from gateway.model.where import EVERYTHING, Where
from gateway.record.schema import STANDS_OUT, exchanges, legs
from gateway.record.transaction import Transaction
from gateway.record.troubles import Missing, WrongMove
from gateway.record.where import clients_of, exchanges_where, legs_where, starts_at_exchange

T = TypeVar("T")

_CURSOR = re.compile("[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list; `next_cursor` asks for what follows, None at the end."""

    items: tuple[T, ...]
    next_cursor: str | None


_OPEN = insert(exchanges)


class Exchanges:
    """Open, look up, move. Every change needs an audit entry naming the exchange, in the same unit."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def open(self, exchange: Exchange) -> None:
        """Keep a new exchange. Raises Taken (`event`) when its id, or the client's event id, is already there."""
        values = {name: getattr(exchange, name) for name in Exchange.__dataclass_fields__}
        values["state"] = exchange.state.value
        self._transaction.put_later(_OPEN, [values], "event")
        self._transaction.changed("exchange opened", exchange.tenant, exchange.id)

    def get(self, tenant: str, id: str) -> Exchange | None:
        """The exchange as it stands; in a writing unit nobody else can move it until the end."""
        wanted = select(exchanges).where(exchanges.c.tenant == tenant, exchanges.c.id == id)
        row = self._transaction.first(self._transaction.locking(wanted))
        return read_row(row) if row else None

    def of_many(self, tenant: str, ids: Sequence[str]) -> tuple[Exchange, ...]:
        """Several exchanges in the order of acceptance; never locked."""
        wanted = select(exchanges).where(exchanges.c.tenant == tenant, exchanges.c.id.in_(ids))
        return tuple(read_row(row) for row in self._transaction.all(wanted.order_by(exchanges.c.place)))

    def by_event(self, tenant: str, client: str, event_id: str) -> Exchange | None:
        """The exchange of a client's own event id."""
        row = self._transaction.first(
            select(exchanges).where(
                exchanges.c.tenant == tenant, exchanges.c.client == client, exchanges.c.event_id == event_id
            )
        )
        return read_row(row) if row else None

    def search(
        self, tenant: str, where: Where = EVERYTHING, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Exchange]:
        """Those that answer the question, the newest first, `limit` at a time (1 to 500).

        Raises Broken for a cursor we did not give.
        """
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise Broken("This cursor is not one of ours", advice="Start again without a cursor")
        limit = max(1, min(limit, 500))
        found: set[str] = set()
        for ids in self._streams(tenant, where):
            column = ids.selected_columns[0]
            order = column.concat("") if starts_at_exchange(where) else column  # few are sorted; many are in order
            if cursor is not None:
                ids = ids.where((column if where.event_id is None else order) < cursor)
            found.update(row[0] for row in self._transaction.all(ids.order_by(order.desc()).limit(limit + 1)))
        shown = sorted(found, reverse=True)[: limit + 1]
        rows = select(exchanges).where(exchanges.c.tenant == tenant, exchanges.c.id.in_(shown[:limit]))
        items = tuple(read_row(row) for row in self._transaction.all(rows.order_by(exchanges.c.id.desc())))
        return Page(items, shown[limit - 1] if len(shown) > limit else None)

    def _streams(self, tenant: str, where: Where) -> Iterator[Select[tuple[str]]]:
        """Ids of the exchanges wanted, of which each stream is read in its own order."""
        clients = None
        if where.event_id is not None and where.client is None:
            clients = [row.client for row in self._transaction.all(clients_of(tenant))]
        parts: tuple[bool | None, ...] = (None,)
        if where.patient is not None and where.event_id is None:
            parts = (False, True)
        ids = select(exchanges.c.id)
        if not where.of_a_leg and (where.state is None or where.state.value in set(ExchangeState)):
            for new in parts:
                yield ids.where(*exchanges_where(tenant, where, clients, itself=True, new=new))
        if (where.state is None and where.reason is None and not where.of_a_leg) or not where.may_be_a_legs:
            return
        if starts_at_exchange(where):
            for new in parts:
                yield ids.where(*exchanges_where(tenant, where, clients, itself=False, new=new))
        else:
            yield select(legs.c.exchange).distinct().where(*legs_where(tenant, where))

    def move(
        self, tenant: str, id: str, to: ExchangeState, reason: str | None = None, detail: str | None = None
    ) -> Exchange:
        """Change its state; `detail` fills the reason's text.

        Raises Missing, or WrongMove when the table of states does not hold that move.
        """
        exchange = self.get(tenant, id)
        if exchange is None:
            raise Missing("exchange")
        if to not in EXCHANGE_MOVES[exchange.state]:
            raise WrongMove("exchange", exchange.state, to)
        self._transaction.write(
            update(exchanges)
            .where(exchanges.c.tenant == tenant, exchanges.c.id == id)
            .values(state=to.value, reason=reason, detail=detail)
        )
        self._transaction.changed("exchange moved", tenant, id)
        moved = self.get(tenant, id)
        assert moved is not None
        return moved

    def tally(self) -> Mapping[tuple[str, str], int]:
        """How many exchanges there are by tenant and state."""
        return count_exchanges(self._transaction)


def count_exchanges(transaction: Transaction, first: str = "") -> Mapping[tuple[str, str], int]:
    """By tenant and state, from that id on. Reads indexes alone: of nearly all exchanges, only that they are there."""
    by, number = (exchanges.c.tenant, exchanges.c.state), func.count().label("number")
    out = select(*by, number).where(text(f"({STANDS_OUT})"), exchanges.c.state != ExchangeState.PREPARED.value)
    found = {}
    for row in transaction.all(out.where(exchanges.c.id >= first).group_by(*by)):
        found[row.tenant, row.state] = row.number
    whole = select(exchanges.c.tenant, number).where(exchanges.c.id >= first).group_by(exchanges.c.tenant)
    for row in transaction.all(whole):
        prepared = row.number - sum(some for (tenant, _), some in found.items() if tenant == row.tenant)
        if prepared:
            found[row.tenant, ExchangeState.PREPARED.value] = prepared
    return found


def read_row(row: Row[Any]) -> Exchange:
    """An exchange from its row."""
    values = {name: row._mapping[name] for name in Exchange.__dataclass_fields__}
    return Exchange(**{**values, "state": ExchangeState(values["state"])})


def read_cursor(cursor: str) -> int:
    """The place a cursor stands for."""
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise Broken("This cursor is not one of ours", advice="Start again without a cursor")
    return int(cursor)
