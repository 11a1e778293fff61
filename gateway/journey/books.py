"""books: what the audit log tells is counted again and compared with the tables, whole when a person asks.

Exchange by exchange, each with all the log tells of it, in one moment's picture: it may be done while the gateway
works, and costs the same memory for a million exchanges as for one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from gateway.journey.gateway import Gateway
from gateway.journey.minting import mint_id
from gateway.model.books import Account, Item, Kind, day_of

if TYPE_CHECKING:
    from gateway.record import Pages

AT_ONCE = 500  # exchanges read together
MOST_NAMED = 20  # exchanges named of one difference

_EPOCH = date(1970, 1, 1)  # ids begin there


class Differs(NamedTuple):
    """Where the log and the tables part: what, of which day and partner, what one says and what the other.

    why        `table`: the row is not where the log says; `silent`: an entry says it stood where none had put it
    told       where the log says it stands; empty when it tells of no such thing
    stands     where the row stands, or where the entry says it stood; empty when there is no such row
    """

    kind: Kind
    day: str
    partner: str
    why: str
    told: str
    stands: str


@dataclass(slots=True)
class Balance:
    """One tenant's books.

    told, stands   how many of what stand where: as the log tells it, and as the tables say
    by_partner     legs and answers by day and the other side, as the log tells them
    differing      how many items differ in the same way, and the first exchanges of them
    older          exchanges whose first entries were purged: of them only what is still told was compared
    """

    tenant: str
    told: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    stands: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    by_partner: dict[tuple[str, str], Counter[tuple[Kind, str]]] = field(default_factory=lambda: defaultdict(Counter))
    differing: dict[Differs, tuple[int, list[str]]] = field(default_factory=dict)
    older: int = 0

    @property
    def balanced(self) -> bool:
        """True when the log and the tables say the same of everything that could be counted."""
        return not self.differing

    def of(self, kind: Kind) -> Mapping[str, tuple[int, int]]:
        """State → how many the log tells of, and how many rows stand there."""
        states = sorted({state for which, state in (*self.told, *self.stands) if which is kind})
        return {state: (self.told[kind, state], self.stands[kind, state]) for state in states}

    def count(self, exchange: str, told: Account, stands: Mapping[Item, str], partners: Mapping[int, str]) -> None:
        """One exchange more."""
        day = day_of(exchange)
        for item, state in told.standing.items():
            self.told[item.kind, state] += 1
            if item.kind is not Kind.EXCHANGE:
                partner = told.partners.get(item.leg, partners.get(item.leg, ""))
                self.by_partner[day, partner][item.kind, state] += 1
        for item, state in stands.items():
            self.stands[item.kind, state] += 1
        for item, why, one, other in _differing(told, stands):
            partner = told.partners.get(item.leg, partners.get(item.leg, ""))
            found = Differs(item.kind, day, partner, why, one, other)
            number, named = self.differing.get(found, (0, []))
            self.differing[found] = number + 1, list(dict.fromkeys([*named, exchange]))[:MOST_NAMED]


def balance(gateway: Gateway, tenant: str, *, since: date | None = None, until: date | None = None) -> Balance:
    """A tenant's books, of the exchanges accepted from one day on, and before another (UTC)."""
    made = Balance(tenant)
    with gateway.store.glance() as unit:
        purged = unit.books.purged_until()
    after, end = _first(since), _first(until) if until else None
    while True:
        with gateway.store.glance() as unit:
            pages = unit.books.pages(tenant, after, end, AT_ONCE)
        _count(made, pages, purged)
        if pages.last is None:
            return made
        after = pages.last


def _count(made: Balance, pages: Pages, purged: datetime | None) -> None:
    for exchange in sorted({*pages.told, *pages.standing}):
        told = pages.told.get(exchange, Account())
        stands, partners = pages.standing.get(exchange, {}), pages.partners.get(exchange, {})
        if not told.whole and purged is not None and day_of(exchange) <= purged.date().isoformat():
            made.older += 1
            stands = {item: state for item, state in stands.items() if item in told.standing}
        elif not told.standing and not stands:
            continue  # entries that move nothing
        made.count(exchange, told, stands, partners)


def _differing(told: Account, stands: Mapping[Item, str]) -> Iterator[tuple[Item, str, str, str]]:
    for item in sorted({*told.standing, *stands}):
        one, other = told.standing.get(item, ""), stands.get(item, "")
        if one != other:
            yield item, "table", one, other
        elif item in told.broken:
            yield item, "silent", *told.broken[item]


def _first(day: date | None) -> str:
    """The lowest id of that day; an empty word, which sorts before all, for none."""
    if day is None:
        return ""
    return mint_id(datetime.combine(max(day, _EPOCH), time(), UTC), bytes)
