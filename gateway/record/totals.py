"""PORT totals: how many of what stand where, by day, added up from the audit log alone.

From where the last count stopped, in the log's order: a few rows for each day. What they are compared with is counted
by the database. The days are those of the exchanges' acceptance, UTC, as their ids say it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.model.books import TELLING, Answer, Kind, answer_of, day_of, read_moves
from gateway.model.exchange import LegState
from gateway.record.exchanges import count_exchanges
from gateway.record.schema import attempts, cursors, entries, exchanges, legs, totals
from gateway.record.transaction import Transaction
from gateway.record.troubles import Stale
from gateway.record.where import first_id

CURSOR = "books"
OPENED, VERDICT = "opened", "verdict"
_NOTES = (OPENED, VERDICT)


class Total(NamedTuple):
    """What one figure counts: a tenant's exchanges, legs or attempts of a day in a state."""

    tenant: str
    day: str
    kind: str
    state: str


class Totals:
    """Kept by one worker at a time: the others come too late (Stale)."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def cursor(self) -> int:
        """The place of the first entry that is not in the totals."""
        row = self._transaction.first(select(cursors.c.seq).where(cursors.c.name == CURSOR))
        return int(row.seq) if row else 0

    def opened(self) -> str | None:
        """The first day that is counted; an empty word for all, None before the first count."""
        row = self._transaction.first(select(totals.c.day).where(totals.c.kind == OPENED))
        return row.day if row else None

    def open(self, day: str) -> None:
        """Begin to count with that day: the log of those before it is not whole. Raises Stale when begun already."""
        note = {"tenant": "", "day": day, "kind": OPENED, "state": "", "number": 0}
        if not self._transaction.insert_new(cursors, {"name": CURSOR, "seq": 0}):
            raise Stale("cursor")
        self._transaction.insert_new(totals, note)

    def ahead(self, start: int, limit: int, opened: str) -> tuple[int, Mapping[Total, int]]:
        """What the next entries change: the place after the last one looked at, and what to add to the totals."""
        wanted = select(entries.c.seq, entries.c.record).where(entries.c.seq >= start, entries.c.seq < start + limit)
        change: Counter[Total] = Counter()
        end = start
        for row in self._transaction.all(wanted.order_by(entries.c.seq)):
            end = row.seq + 1
            if row.record is not None:
                for total, number in _changes(orjson.loads(row.record), opened):
                    change[total] += number
        return end, {total: number for total, number in change.items() if number}

    def add(self, start: int, end: int, change: Mapping[Total, int]) -> None:
        """Put it into the totals. Raises Stale when another worker did."""
        mine = update(cursors).where(cursors.c.name == CURSOR, cursors.c.seq == start).values(seq=end)
        if self._transaction.write(mine).rowcount == 0:
            raise Stale("cursor")
        if not change:
            return
        adding = (postgresql.insert if self._transaction.dialect == "postgresql" else sqlite.insert)(totals)
        added = adding.on_conflict_do_update(
            index_elements=list(totals.primary_key), set_={"number": totals.c.number + adding.excluded.number}
        )
        self._transaction.write(added, [{**total._asdict(), "number": change[total]} for total in sorted(change)])

    def told(self) -> Mapping[Total, int]:
        """Every figure, as the log told it."""
        wanted = select(totals).where(totals.c.kind.not_in(_NOTES), totals.c.number != 0)
        return {Total(row.tenant, row.day, row.kind, row.state): row.number for row in self._transaction.all(wanted)}

    def sums(self, tenant: str) -> Mapping[tuple[str, str], int]:
        """One tenant's figures by kind and state, whatever the day."""
        by = (totals.c.kind, totals.c.state)
        wanted = select(*by, func.sum(totals.c.number).label("number"))
        wanted = wanted.where(totals.c.tenant == tenant, totals.c.kind.not_in(_NOTES)).group_by(*by)
        return {(row.kind, row.state): int(row.number) for row in self._transaction.all(wanted) if row.number}

    def counted(self, opened: str) -> Mapping[tuple[str, str, str], int]:
        """How many rows there are by tenant, kind and state, of the days from `opened` on."""
        first = first_id(_midnight(opened)) if opened else ""
        own = count_exchanges(self._transaction, first)
        found = {(tenant, Kind.EXCHANGE.value, state): number for (tenant, state), number in own.items()}
        for kind, table, id, state in _TABLES[1:]:
            rows = select(table.c.tenant, state.label("state"), func.count().label("number"))
            if first:
                rows = rows.where(id >= first)
            for row in self._transaction.all(rows.group_by(table.c.tenant, state)):
                found[row.tenant, kind.value, row.state] = row.number
        return found

    def counted_on(self, tenant: str, day: str) -> Mapping[tuple[str, str], int]:
        """The same of one tenant's exchanges of one day, by kind and state."""
        start = _midnight(day)
        low, high = first_id(start), first_id(start + timedelta(days=1))
        found: dict[tuple[str, str], int] = {}
        for kind, table, id, state in _TABLES:
            rows = select(state.label("state"), func.count().label("number"))
            rows = rows.where(table.c.tenant == tenant, id >= low, id < high)
            for row in self._transaction.all(rows.group_by(state)):
                found[kind.value, row.state] = row.number
        return found

    def verdicts(self) -> Mapping[str, int]:
        """How many figures of the last count differ, by tenant; those of whom none does are not named."""
        wanted = select(totals.c.tenant, totals.c.number).where(totals.c.kind == VERDICT, totals.c.number != 0)
        return {row.tenant: row.number for row in self._transaction.all(wanted)}

    def judge(self, tenant: str, differing: int) -> None:
        """Keep what the last count found. Needs an entry of the tenant's in the same unit."""
        row = {"tenant": tenant, "day": "", "kind": VERDICT, "state": "", "number": differing}
        self._transaction.replace(totals, row)
        self._transaction.changed("books judged", tenant)


def _changes(record: Mapping[str, Any], opened: str) -> Iterator[tuple[Total, int]]:
    if record["kind"] not in TELLING or "exchange" not in record:
        return
    day = day_of(record["exchange"])
    if day < opened:
        return
    for (kind, _, _), before, state in read_moves(record["kind"], record.get("leg"), record["facts"]):
        if before is not None:
            yield Total(record["tenant"], day, kind, before), -1
        yield Total(record["tenant"], day, kind, state), 1


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _answer() -> Any:
    """`answer_of` in SQL."""
    positive = [state.value for state in LegState if answer_of(state) is Answer.POSITIVE]
    outcome = attempts.c.outcome
    return case(
        (outcome.is_(None), Answer.AWAITED.value),
        (outcome.in_(positive), Answer.POSITIVE.value),
        (outcome == LegState.UNKNOWN.value, Answer.UNKNOWN.value),
        else_=Answer.NEGATIVE.value,
    )


_TABLES = (
    (Kind.EXCHANGE, exchanges, exchanges.c.id, exchanges.c.state),
    (Kind.LEG, legs, legs.c.exchange, legs.c.state),
    (Kind.ATTEMPT, attempts, attempts.c.exchange, _answer()),
)
