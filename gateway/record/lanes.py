"""Lanes: what waits for the same place about the same patient leaves in the order of acceptance, one after the other.

The first of a lane is told apart by its own row (`behind` is 0), so that a claim never looks at what stands behind it,
however long the lane. Whoever joins a lane holds the leg before it, and whoever leaves one at its head lets the next
one go: on PostgreSQL, where both may happen at once, neither misses the other. A row that says 0 by mistake costs one
look: the claim asks the lane itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, literal_column, select, text, update
from sqlalchemy.sql.selectable import FromClause

from gateway.model.dossier import Leg
from gateway.record.schema import BLOCKING, OPEN, legs
from gateway.record.transaction import Transaction


def before(place: ColumnElement[int] | int, n: ColumnElement[int] | int, one: FromClause = legs) -> ColumnElement[bool]:
    """True of legs that stand before that place in their lane."""
    return (one.c.place <= place) & ((one.c.place < place) | (one.c.n < n))


_earlier, _own, _follower = legs.alias("earlier"), legs.alias("own"), legs.alias("follower")

BLOCKED = exists().where(
    _earlier.c.tenant == legs.c.tenant,
    _earlier.c.lane == legs.c.lane,
    text(f"earlier.{OPEN}"),
    text(f"earlier.{BLOCKING}"),
    before(legs.c.place, legs.c.n, _earlier),
)
"""True of a leg that has another one before it in its lane."""

_NOT_LEFT = ("cancelled", "denied", "failed", "held", "postponed", "waiting")

_LAST: Select[Any] = (
    select(legs.c.n)
    .where(
        legs.c.tenant == bindparam("tenant"),
        legs.c.lane == bindparam("lane"),
        text(OPEN),
        text(BLOCKING),
        before(bindparam("place"), bindparam("number")),
    )
    .order_by(legs.c.place.desc(), legs.c.n.desc())
    .limit(literal_column("1"))
    .with_for_update(key_share=True)
)
_NEXT: Select[Any] = (
    select(_follower.c.exchange, _follower.c.n, _follower.c.behind)
    .where(
        _own.c.tenant == bindparam("tenant"),
        _own.c.exchange == bindparam("exchange"),
        _own.c.n == bindparam("number"),
        _own.c.behind == literal_column("0"),
        _follower.c.tenant == bindparam("tenant"),
        _follower.c.lane == bindparam("lane"),
        text(f"follower.{OPEN}"),
        text(f"follower.{BLOCKING}"),
        before(_follower.c.place, _follower.c.n, _own),
    )
    .order_by(_follower.c.place, _follower.c.n)
    .limit(literal_column("1"))
)
_GO = (
    update(legs)
    .where(
        legs.c.tenant == bindparam("whose"),
        legs.c.exchange == bindparam("which"),
        legs.c.n == bindparam("number"),
        text(BLOCKING),
    )
    .values(behind=bindparam("first"))
)
_NEWER: Select[Any] = (
    select(_follower.c.exchange)
    .where(
        _own.c.tenant == bindparam("tenant"),
        _own.c.exchange == bindparam("exchange"),
        _own.c.n == bindparam("number"),
        _follower.c.tenant == bindparam("tenant"),
        _follower.c.recipient_id == bindparam("recipient"),
        _follower.c.lane == bindparam("lane"),
        _follower.c.subject == bindparam("subject"),
        _follower.c.place > _own.c.place,
        _follower.c.state.not_in([literal_column(f"'{state}'") for state in _NOT_LEFT]),
    )
    .order_by(_follower.c.place.desc())
    .limit(literal_column("1"))
)
# Built once: these are on the way of every leg.


def joins(transaction: Transaction, leg: Leg, place: int) -> bool:
    """Whether a leg that joins its lane stands behind another one, which stays where it is until the unit ends."""
    asked = {"tenant": leg.tenant, "lane": leg.lane, "place": place, "number": leg.n}
    return bool(transaction.find(_LAST, asked))


def leaves(transaction: Transaction, leg: Leg) -> None:
    """A leg that was the first of its lane, and stands in nobody's way any more, lets the next one go."""
    itself = {"tenant": leg.tenant, "exchange": leg.exchange, "number": leg.n, "lane": leg.lane}
    while after := transaction.find(_NEXT, itself):
        ((exchange, n, behind),) = after
        if not behind:
            return
        if transaction.put(_GO, [{"whose": leg.tenant, "which": exchange, "number": n, "first": 0}]):
            return  # else it has left meanwhile, too: whoever stands behind it


def replaced_by(transaction: Transaction, leg: Leg) -> str | None:
    """The newest exchange that told the same recipient anew, in the same lane, what this leg tells whole, and has left
    or may have; None without one.
    """
    if leg.subject is None:
        return None
    itself = {"tenant": leg.tenant, "exchange": leg.exchange, "number": leg.n, "lane": leg.lane}
    found = transaction.find(_NEWER, {**itself, "recipient": leg.recipient_id, "subject": leg.subject})
    return str(found[0][0]) if found else None
