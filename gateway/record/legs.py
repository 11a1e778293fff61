"""PORT legs: one recipient by one channel. Claim is one commit, its result another.

Every change needs an audit entry naming exchange and leg (for `add`, the exchange), in the same unit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    Update,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
)

from gateway.model.dossier import Attempt, Leg, ReceiptSeen
from gateway.model.exchange import BLOCKS_LANE, LegState, may_move
from gateway.record import lanes, leg_rows
from gateway.record.columns import Moment
from gateway.record.fronts import FIRST, Front, fronts_of, names_of
from gateway.record.lease import is_over, length
from gateway.record.leg_changes import BEGUN, ENDED, HASTENED, MOVED, attempted, ended, renewed, standing, unmoved
from gateway.record.schema import BLOCKING, LEASED, OPEN, READY, UNANSWERED, exchanges, legs
from gateway.record.transaction import Transaction
from gateway.record.troubles import Missing, Stale, WrongMove

_PLACE = select(exchanges.c.place).where(
    exchanges.c.tenant == bindparam("tenant"), exchanges.c.id == bindparam("exchange")
)
_NAMES = ("tenant", "exchange", "n")
_KEY = [legs.c[name] for name in _NAMES]
_ONE: Select[Any] = select(legs).where(*(legs.c[name] == bindparam(name) for name in _NAMES))
_HELD = _ONE.with_for_update(key_share=True)
_MAY_BE_TRIED = (LegState.WAITING, LegState.POSTPONED, LegState.UNKNOWN)


class Legs:
    """In a writing unit what is read here is held until the unit ends: nobody else moves it in between."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, new: Sequence[Leg]) -> None:
        """Keep new legs. Raises Taken (`message-id`) when one is in use; attempts are never added here."""
        places: dict[tuple[str, str], int] = {}
        for leg in new:
            whose = leg.tenant, leg.exchange
            place = places[whose] = places.get(whose) or self._place(*whose)
            behind = leg.state in BLOCKS_LANE and lanes.joins(self._transaction, leg, place)
            row = leg_rows.write_leg(leg) | {"place": place, "behind": int(behind)}
            self._transaction.claim_key(insert(legs).values(row), {}, "message-id")
            self._transaction.changed("leg created", leg.tenant, leg.exchange)

    def of(self, tenant: str, exchange: str) -> tuple[Leg, ...]:
        """Every leg of an exchange, in order."""
        return self.of_many(tenant, [exchange]).get(exchange, ())

    def of_many(self, tenant: str, exchanges: Sequence[str]) -> Mapping[str, tuple[Leg, ...]]:
        """The legs of several exchanges, for a list; never locked."""
        wanted = select(legs).where(legs.c.tenant == tenant, legs.c.exchange.in_(exchanges))
        rows = self._transaction.all(wanted.order_by(legs.c.exchange, legs.c.n))
        found: dict[str, tuple[Leg, ...]] = {}
        for leg in leg_rows.read_legs(self._transaction, rows):
            found[leg.exchange] = (*found.get(leg.exchange, ()), leg)
        return found

    def get(self, tenant: str, exchange: str, n: int) -> Leg | None:
        """One leg as it stands."""
        wanted = _HELD if self._transaction.writing else _ONE
        rows = self._transaction.find(wanted, {"tenant": tenant, "exchange": exchange, "n": n})
        return leg_rows.read_legs(self._transaction, rows)[0] if rows else None

    def by_message_id(self, message_id: str) -> Leg | None:
        """The one leg that left under this Message-ID (without angle brackets), whoever's it is."""
        found = self._read(legs.c.message_id == message_id)
        return found[0] if found else None

    def find(
        self,
        tenant: str,
        *,
        state: LegState | None = None,
        reason: str | None = None,
        transport: str | None = None,
        origin: str | None = None,
        limit: int = 500,
    ) -> tuple[Leg, ...]:
        """Legs that match, in order of acceptance: what a person or a sign-in may release."""
        wanted = [legs.c.tenant == tenant]
        for column, value in (("state", state), ("reason", reason), ("transport", transport), ("origin", origin)):
            if value is not None:
                wanted.append(legs.c[column] == str(value))
        return self._read(*wanted, limit=limit)

    def in_lane(self, tenant: str, lane: str) -> tuple[Leg, ...]:
        """What stands in a lane and blocks what follows, in order."""
        return self._read(legs.c.tenant == tenant, legs.c.lane == lane, text(OPEN), text(BLOCKING))

    def before(self, leg: Leg, limit: int = 500) -> tuple[Leg, ...]:
        """What stands before a leg in its lane and is not done, held ones too; the latest first."""
        place = self._place(leg.tenant, leg.exchange)
        wanted = (legs.c.tenant == leg.tenant, legs.c.lane == leg.lane, text(OPEN), lanes.before(place, leg.n))
        rows = select(legs).where(*wanted).order_by(legs.c.place.desc(), legs.c.n.desc()).limit(limit)
        return leg_rows.read_legs(self._transaction, self._transaction.all(self._transaction.locking(rows)))

    def fronts(self, now: datetime, transports: Collection[str]) -> tuple[Front, ...]:
        """Where a leg is due that may be next, the one whose leg is due longest first.

        As cheap with a million legs as with one: each server's first is looked up, and nothing else.
        """
        names = names_of(tuple(sorted(transports)))
        rows = self._transaction.find(fronts_of(len(names)), names) if names else ()
        due = sorted((due, transport, server) for transport, server, due in rows if due <= now)
        return tuple(Front(transport, server) for _, transport, server in due)

    def first(self, now: datetime, front: Front) -> Leg | None:
        """The leg of a front longest due that nothing in its lane precedes; None when others hold what there is.

        Until the unit ends no other unit gets it: `start` it, or `move` it where the gate says.
        """
        asked = {"transport": front.transport, "server": front.server, "now": now}
        rows = self._transaction.find(FIRST, asked)
        return leg_rows.read_legs(self._transaction, rows)[0] if rows else None

    def next(self, now: datetime, transports: Collection[str]) -> Leg | None:
        """The leg longest due that these transports carry, as `first` gives it; None without one."""
        found = (self.first(now, front) for front in self.fronts(now, transports))
        return next((leg for leg in found if leg), None)

    def start(self, leg: Leg, worker: str, now: datetime, lease: timedelta) -> Leg:
        """Begin an attempt: the leg is `attempted`, held by `worker` as long as `lease`; returns it with its attempt.

        The caller writes the entry `attempt-started`. Raises WrongMove or Stale.
        """
        if not may_move(leg.state, LegState.ATTEMPTED):
            raise WrongMove("leg", leg.state, LegState.ATTEMPTED)
        attempt = Attempt(n=len(leg.attempts) + 1, at=now)
        started = replace(
            leg, state=LegState.ATTEMPTED, since=now, due=None, reason=None, code=None, detail=None,
            attempts=(*leg.attempts, attempt),
        )  # fmt: skip
        dialect = self._transaction.dialect
        held = {"new_worker": worker, "new_tries": attempt.n, "lease": length(lease, dialect)}
        self._change(attempted(dialect), leg, {**standing(started), **held})
        key = {"tenant": leg.tenant, "exchange": leg.exchange, "leg": leg.n}
        self._transaction.put(BEGUN, [{**key, "n": attempt.n, "at": now}])
        self._transaction.changed("attempt started", leg.tenant, leg.exchange, leg.n)
        return started

    def renew(self, leg: Leg, lease: timedelta) -> None:
        """Keep a leg, as `start` gave it, that long from now (the heartbeat). Raises Stale when it is ours no more."""
        dialect = self._transaction.dialect
        self._change(renewed(dialect), leg, {"lease": length(lease, dialect)})

    def hasten(self, leg: Leg, now: datetime) -> None:
        """End the wait of a leg that may be tried: it is due now, its state stays. Raises Stale."""
        self._change(HASTENED, leg, {"new_due": now})
        self._transaction.changed("leg hastened", leg.tenant, leg.exchange, leg.n)

    def move(
        self,
        leg: Leg,
        to: LegState,
        *,
        reason: str | None = None,
        code: str | None = None,
        detail: str | None = None,
        due: datetime | None = None,
        give_up: datetime | None = None,
        receipt: ReceiptSeen | None = None,
        outcome: str | None = None,
        now: datetime | None = None,
    ) -> Leg:
        """Change a leg's state; returns it as it stands then.

        leg      as it was read: Stale when it has moved since, or another worker attempts it now
        reason, code, detail   replace what was there; without them it is cleared
        due      for waiting, postponed, unknown: when it may be tried (default: at once); otherwise nothing is due
        give_up, receipt       kept as they were when None
        outcome  what the open attempt is closed with when leaving `attempted` (default: the new state's name)
        now      since when it stands there (default: the clock)

        Raises WrongMove when the table of states does not hold that move (attempted: see `start`), or Stale.
        """
        if not may_move(leg.state, to) or to is LegState.ATTEMPTED:
            raise WrongMove("leg", leg.state, to)
        now = now or self._transaction.clock()
        moved = replace(
            leg, state=to, since=now, reason=reason, code=code, detail=detail,
            due=(due or now) if to in _MAY_BE_TRIED else None,
            give_up=give_up or leg.give_up, receipt=receipt or leg.receipt,
        )  # fmt: skip
        written, behind = leg_rows.write_receipt(receipt) if receipt else None, None
        joins, leaves = to in BLOCKS_LANE, leg.state in BLOCKS_LANE
        if joins and not leaves:
            behind = int(lanes.joins(self._transaction, leg, self._place(leg.tenant, leg.exchange)))
        rest = {"new_give_up": give_up, "new_receipt": written, "new_behind": behind}
        self._change(MOVED, leg, {**standing(moved), **rest})
        if leaves and not joins:
            lanes.leaves(self._transaction, leg)
        self._transaction.changed("leg moved", leg.tenant, leg.exchange, leg.n)
        if leg.state is not LegState.ATTEMPTED:
            return moved
        closed = replace(leg.attempts[-1], outcome=outcome or to.value, code=code, detail=detail)
        self._transaction.put(ENDED, [ended(leg, closed)])
        return replace(moved, attempts=(*leg.attempts[:-1], closed))

    def expired(self, limit: int = 100) -> tuple[Leg, ...]:
        """Attempted legs whose worker's lease has run out: the bytes may have left, they are `unknown`."""
        over = is_over(legs.c.lease_until, self._transaction.dialect)
        return self._read(text(LEASED), over, limit=limit, skip=True)

    def held(self, reason: str, limit: int = 100) -> tuple[Leg, ...]:
        """Legs of any tenant held for that reason: what may go on once it is gone."""
        wanted = (legs.c.state == LegState.HELD.value, legs.c.reason == reason)
        return self._read(*wanted, limit=limit, skip=True)

    def silent(self, before: datetime, now: datetime, limit: int = 100) -> tuple[Leg, ...]:
        """Legs handed over or delivered that have stood there since `before` or longer: no receipt came.

        Their `give_up` must have passed too: it is moved when the clock was wrong, or nobody was awake to read a
        receipt; alone it counts when `since` lies ahead, because the clock went back.
        """
        long = or_(legs.c.since <= before, legs.c.since > now)
        over = func.coalesce(legs.c.give_up, before, type_=Moment) <= now
        return self._read(text(UNANSWERED), long, over, limit=limit, skip=True)

    def replaced_by(self, leg: Leg) -> str | None:
        """The newest exchange that has left and told the same recipient anew what this leg tells whole, if any."""
        return lanes.replaced_by(self._transaction, leg)

    def overdue(self, front: Front, before: datetime, now: datetime, limit: int = 100) -> tuple[Leg, ...]:
        """Legs that wait for a server past their `give_up`, those due longest first; `before`, nobody touched them yet.

        Of what waits for a server only the first 500 are looked at: what is given up goes, and the next come.
        """
        ready = (text(READY), legs.c.transport == front.transport, legs.c.server == front.server, legs.c.due <= now)
        longest = select(*_KEY).where(*ready).order_by(legs.c.due).limit(500).subquery("longest")
        tried = legs.c.state == LegState.POSTPONED.value
        wanted = select(legs).join(longest, and_(*(legs.c[name] == longest.c[name] for name in _NAMES)))
        wanted = wanted.where(legs.c.give_up <= now, or_(tried, legs.c.since <= before), text(f"legs.{READY}"))
        rows = wanted.order_by(legs.c.place, legs.c.n).limit(limit).with_for_update(of=legs, skip_locked=True)
        return leg_rows.read_legs(self._transaction, self._transaction.all(rows))

    def tally(self) -> Mapping[tuple[str, str, str], int]:
        """How many legs there are by tenant, transport and state."""
        return leg_rows.tally(self._transaction)

    def _place(self, tenant: str, exchange: str) -> int:
        """Where an exchange stands in the order of acceptance. Raises Missing."""
        rows = self._transaction.find(_PLACE, {"tenant": tenant, "exchange": exchange})
        if not rows:
            raise Missing("exchange")
        return int(rows[0][0])

    def _read(
        self, *wanted: ColumnElement[bool] | TextClause, limit: int | None = None, skip: bool = False
    ) -> tuple[Leg, ...]:
        rows: Select[Any] = select(legs).where(*wanted).order_by(legs.c.place, legs.c.n).limit(limit)
        return leg_rows.read_legs(self._transaction, self._transaction.all(self._transaction.locking(rows, skip=skip)))

    def _change(self, change: Update, leg: Leg, values: Mapping[str, Any]) -> None:
        if self._transaction.put(change, [{**unmoved(leg), **values}]) == 0:
            raise Stale("leg")
