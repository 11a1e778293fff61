"""bookkeeping: the house adds the log up as it grows, and compares the sums with the tables every few minutes.

It reads only what the log has gained since it last did, and lets the database count; what it costs does not grow with
the log. That figures differ is written into the log, and that they agree again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.journey.books import balance
from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.record import Stale

if TYPE_CHECKING:
    from gateway.record import Duty, Total

AT_ONCE = 2000  # entries of one commit
AT_A_TURN = 10  # commits of one turn of the house: the rest waits for the next
DAYS_NAMED = 3  # days whose exchanges are looked through when figures differ
MOST_NAMED = 5  # exchanges an entry names

Figure = tuple[str, str]
"""Kind and state."""


class Bookkeeper:
    """One worker's part in it: whoever has the duty keeps the books, once in `balance_every`, for all workers."""

    def __init__(self, gateway: Gateway, worker: str) -> None:
        self._gateway, self._worker = gateway, worker
        self._duty: Duty | None = None
        self._compared: Duty | None = None
        self._at: datetime | None = None

    def keep_if_due(self) -> bool:
        """A turn, if it is time. True when the books were compared."""
        gateway, now = self._gateway, self._gateway.clock()
        if self._duty is None and self._at is not None and abs(now - self._at) < gateway.pace.balance_every:
            return False
        self._at, self._duty = now, self._have_duty()
        if self._duty is None or not keep_books(gateway, f"worker:{self._worker}"):
            return False
        self._duty, self._compared = None, self._duty  # not laid down: until it runs out nobody need compare again
        return True

    def lay_down(self) -> None:
        """The worker goes home: whoever stays, or comes next, keeps the books from now on."""
        duty = self._duty or self._compared
        if duty is not None:
            with self._gateway.store.unit(lasting=False) as unit:
                unit.duties.lay_down(duty)

    def _have_duty(self) -> Duty | None:
        every = self._gateway.pace.balance_every
        with suppress(Stale), self._gateway.store.unit(lasting=False) as unit:
            if self._duty is None:
                return unit.duties.take("books", self._worker, every)
            unit.duties.renew(self._duty, every)
            return self._duty
        return None


def keep_books(gateway: Gateway, actor: str) -> bool:
    """Add up what the log has gained and compare. False when there was more of it than one turn may read."""
    opened = _opened(gateway)
    for _ in range(AT_A_TURN):
        with gateway.store.glance() as unit:
            start, size = unit.totals.cursor(), unit.log.head().size
            end, change = unit.totals.ahead(start, AT_ONCE, opened)
            if end == size:  # this picture has it all: what is counted in it is of the same moment
                told, counted = _sum(unit.totals.told(), change), unit.totals.counted(opened)
                before = unit.totals.verdicts()
        with suppress(Stale), gateway.store.unit(lasting=False) as unit:
            unit.totals.add(start, end, change)
        if end == size:
            _judge(gateway, told, counted, before, actor)
            return True
    return False


def _opened(gateway: Gateway) -> str:
    """The first day that is counted: all of them, unless the log was purged before anybody counted."""
    with gateway.store.glance() as unit:
        opened, purged = unit.totals.opened(), unit.books.purged_until()
    if opened is None:
        opened = (purged.date() + timedelta(days=1)).isoformat() if purged else ""
        with suppress(Stale), gateway.store.unit(lasting=False) as unit:
            unit.totals.open(opened)
    return opened


def _sum(told: Mapping[Total, int], change: Mapping[Total, int]) -> Counter[Total]:
    whole = Counter(told)
    for total, number in change.items():
        whole[total] += number
    return whole


def _judge(
    gateway: Gateway, told: Mapping[Total, int], counted: Mapping[tuple[str, str, str], int],
    before: Mapping[str, int], actor: str,
) -> None:  # fmt: skip
    for tenant in sorted({one.tenant for one in told} | {whose for whose, _, _ in counted} | set(before)):
        figures: Counter[Figure] = Counter()
        for one, number in told.items():
            if one.tenant == tenant:
                figures[one.kind, one.state] += number
        rows = {(kind, state): number for (whose, kind, state), number in counted.items() if whose == tenant}
        differing = [figure for figure in sorted({*figures, *rows}) if figures[figure] != rows.get(figure, 0)]
        if len(differing) == before.get(tenant, 0):
            continue
        said = [f"{kind} {state}: {figures[kind, state]}/{rows.get((kind, state), 0)}" for kind, state in differing]
        facts: dict[str, str | int | bool] = {"figures": len(differing), "log/tables": ", ".join(said)}
        if differing:
            facts["exchanges"] = ",".join(_named(gateway, tenant, told))
        kind = "books-differ" if differing else "books-agree"
        with gateway.store.unit() as unit:
            unit.totals.judge(tenant, len(differing))
            unit.audit(Entry(kind=kind, at=gateway.clock(), tenant=tenant, actor=actor, facts=facts))


def _named(gateway: Gateway, tenant: str, told: Mapping[Total, int]) -> list[str]:
    """Some exchanges that differ, of the last days on which figures do."""
    days = sorted({one.day for one in told if one.tenant == tenant and one.day}, reverse=True)
    found: list[str] = []
    for day in _differing_days(gateway, tenant, told, days):
        first = date.fromisoformat(day)
        books = balance(gateway, tenant, since=first, until=first + timedelta(days=1))
        found += [id for _, ids in books.differing.values() for id in ids]
    return list(dict.fromkeys(found))[:MOST_NAMED]


def _differing_days(gateway: Gateway, tenant: str, told: Mapping[Total, int], days: Iterable[str]) -> list[str]:
    found: list[str] = []
    for day in days:
        wanted = {(one.kind, one.state): n for one, n in told.items() if (one.tenant, one.day) == (tenant, day) and n}
        with gateway.store.glance() as unit:
            if unit.totals.counted_on(tenant, day) != wanted:
                found.append(day)
        if len(found) == DAYS_NAMED:
            break
    return found
