"""PORT steering: what a person's conditions find, leg by leg, and what people alone write into a leg.

Lists and counts are never locked: who acts on what was found reads it again, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, false, func, literal, or_, select, text, true, update

from gateway.model.dossier import Leg, Settled
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.steering import ANOTHER_LEG
from gateway.model.where import Where
from gateway.record.schema import STANDS_OUT, exchanges, legs
from gateway.record.transaction import Transaction
from gateway.record.troubles import Stale
from gateway.record.where import exchanges_where, legs_where

Spot = tuple[str, int]
"""An exchange's id, and the number of its leg; 0 for the exchange itself. Ids are ordered by time."""

_NOT_TOLD = tuple(map(str, (LegState.CANCELLED, LegState.DENIED, LegState.FAILED, LegState.HELD)))
_UNPREPARED = tuple(map(str, (ExchangeState.ACCEPTED, ExchangeState.HELD, ExchangeState.UNROUTED)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A leg, or an exchange that has no legs yet (`n` is 0), as it stood when it was looked for.

    recipient  kind and id; empty words for an exchange
    tries      attempts begun
    replaced   another leg stands for it
    stands_in  it stands for another leg
    """

    exchange: str
    n: int
    state: str
    reason: str | None
    recipient: tuple[str, str]
    tries: int
    replaced: bool
    stands_in: bool

    @property
    def of_leg(self) -> bool:
        """False for an exchange that has no legs."""
        return self.n > 0

    @property
    def spot(self) -> Spot:
        """Where to go on after it."""
        return self.exchange, self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Targets that stand alike for one recipient, counted."""

    of_leg: bool
    state: str
    reason: str | None
    recipient: tuple[str, str]
    replaced: bool
    stands_in: bool
    number: int


class Steering:
    """Legs, and exchanges without legs, that answer the same conditions."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(
        self, tenant: str, where: Where, *, states: Sequence[str] = (), after: Spot | None = None, limit: int = 100
    ) -> tuple[Target, ...]:
        """What answers the conditions and stands in one of these states (none given: in any), the oldest first.

        after  only what follows that spot
        """
        found: list[Target] = []
        for wanted in _selects(tenant, where):
            id, n, state = (wanted.selected_columns[name] for name in ("exchange", "n", "state"))
            if states:
                wanted = wanted.where(state.in_(sorted(states)))
            if after is not None:
                wanted = wanted.where(id >= after[0], or_(id > after[0], n > after[1]))
            for row in self._transaction.all(wanted.order_by(id, n).limit(limit)):
                target = Target(
                    exchange=row.exchange, n=row.n, state=row.state, reason=row.reason, tries=row.tries,
                    recipient=(row.kind, row.whom), replaced=bool(row.replaced), stands_in=bool(row.stands_in),
                )  # fmt: skip
                found.append(target)
        return tuple(sorted(found, key=lambda one: one.spot)[:limit])

    def tally(self, tenant: str, where: Where) -> tuple[Alike, ...]:
        """The same, counted by state, reason and recipient."""
        counted: list[Alike] = []
        for wanted in _selects(tenant, where):
            rows = wanted.subquery()
            names = ("of_leg", "state", "reason", "kind", "whom", "replaced", "stands_in")
            by = [rows.c[name] for name in names]
            for row in self._transaction.all(select(*by, func.count().label("number")).group_by(*by)):
                alike = Alike(
                    of_leg=bool(row.of_leg), state=row.state, reason=row.reason, recipient=(row.kind, row.whom),
                    replaced=bool(row.replaced), stands_in=bool(row.stands_in), number=row.number,
                )  # fmt: skip
                counted.append(alike)
        return tuple(counted)

    def overtaken(self, leg: Leg) -> bool:
        """True when the same recipient was told, or is about to be, something newer in the place of what it tells."""
        if leg.subject is None:
            return False
        c, mine = legs.c, legs.alias("mine")
        same = mine.c.tenant == leg.tenant, mine.c.exchange == leg.exchange, mine.c.n == leg.n
        place = select(mine.c.place).where(*same).scalar_subquery()
        newer = select(c.n).where(
            c.tenant == leg.tenant, c.recipient_id == leg.recipient_id, c.transport == leg.transport,
            c.subject == leg.subject, c.place > place, c.state.not_in(_NOT_TOLD),
        )  # fmt: skip
        return self._transaction.first(newer.limit(1)) is not None

    def settle(self, leg: Leg, settled: Settled) -> None:
        """Keep how a person saw to it in another way; the state stays. Raises Stale when it has moved since."""
        self._write(leg, settled_at=settled.at, settled_by=settled.by, settled_how=settled.how)
        self._transaction.changed("leg settled", leg.tenant, leg.exchange, leg.n)

    def give_message_id(self, leg: Leg) -> None:
        """Take its Message-ID from a leg: the one that stands for it, added next, leaves under it. Raises Stale."""
        self._write(leg, message_id=None)
        self._transaction.changed("message-id given", leg.tenant, leg.exchange)

    def _write(self, leg: Leg, **values: Any) -> None:
        same = (
            legs.c.tenant == leg.tenant, legs.c.exchange == leg.exchange, legs.c.n == leg.n,
            legs.c.state == leg.state.value, legs.c.tries == len(leg.attempts),
        )  # fmt: skip
        if self._transaction.write(update(legs).where(*same).values(values)).rowcount == 0:
            raise Stale("leg")


def _selects(tenant: str, where: Where) -> list[Select[Any]]:
    """The legs that answer, and the exchanges without legs, when the conditions let either answer."""
    found = [_legs(tenant, where)] if where.may_be_a_legs else []
    return found if where.of_a_leg else [*found, _exchanges(tenant, where)]


def _legs(tenant: str, where: Where) -> Select[Any]:
    c = legs.c
    return select(
        c.exchange, c.n, c.state, c.reason, c.tries, c.recipient_kind.label("kind"), c.recipient_id.label("whom"),
        (func.coalesce(c.settled_how, "") == ANOTHER_LEG).label("replaced"),
        c.stands_for.is_not(None).label("stands_in"), true().label("of_leg"),
    ).where(*legs_where(tenant, where))  # fmt: skip


def _exchanges(tenant: str, where: Where) -> Select[Any]:
    c, none, no_word = exchanges.c, literal(0, Integer), literal("")
    itself = (*exchanges_where(tenant, where, itself=True), text(f"({STANDS_OUT})"))
    return select(
        c.id.label("exchange"), none.label("n"), c.state, c.reason, none.label("tries"), no_word.label("kind"),
        no_word.label("whom"), false().label("replaced"), false().label("stands_in"), false().label("of_leg"),
    ).where(*itself, c.state.in_(_UNPREPARED))  # fmt: skip
