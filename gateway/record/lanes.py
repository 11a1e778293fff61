"""Lanes: what waits for the same place about the same patient leaves in the order of acceptance, one after the other.

The first of a lane is told apart by its own row (`behind` is 0), so that a claim never looks at what stands behind it,
however long the lane. Whoever joins a lane holds the leg before it, and whoever leaves one at its head lets the next
one go: on PostgreSQL, where both may happen at once, neither misses the other. A row that says 0 by mistake costs one
look: the claim asks the lane itself.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select, text, update
from sqlalchemy.sql.selectable import FromClause

from gateway.model.dossier import Leg
from gateway.record.schema import BLOCKING, OPEN, legs
from gateway.record.transaction import Transaction


def blocked() -> ColumnElement[bool]:
    """True of a leg that has another one before it in its lane."""
    earlier = legs.alias("earlier")
    return exists().where(
        earlier.c.tenant == legs.c.tenant, earlier.c.lane == legs.c.lane,
        text(f"earlier.{OPEN}"), text(f"earlier.{BLOCKING}"), before(legs.c.place, legs.c.n, earlier),
    )  # fmt: skip


def joins(transaction: Transaction, leg: Leg, place: int) -> bool:
    """Whether a leg that joins its lane stands behind another one, which stays where it is until the unit ends."""
    wanted = select(legs.c.n).where(
        legs.c.tenant == leg.tenant, legs.c.lane == leg.lane, text(OPEN), text(BLOCKING), before(place, leg.n)
    )
    last = wanted.order_by(legs.c.place.desc(), legs.c.n.desc()).limit(1)
    return transaction.first(transaction.locking(last)) is not None


def leaves(transaction: Transaction, leg: Leg) -> None:
    """A leg that was the first of its lane, and stands in nobody's way any more, lets the next one go."""
    own, follower = legs.alias("own"), legs.alias("follower")
    wanted = (
        select(follower.c.exchange, follower.c.n, follower.c.behind)
        .where(
            own.c.tenant == leg.tenant, own.c.exchange == leg.exchange, own.c.n == leg.n, own.c.behind == 0,
            follower.c.tenant == leg.tenant, follower.c.lane == leg.lane,
            text(f"follower.{OPEN}"), text(f"follower.{BLOCKING}"), before(follower.c.place, follower.c.n, own),
        )
        .order_by(follower.c.place, follower.c.n)
        .limit(1)
    )  # fmt: skip
    while (after := transaction.first(wanted)) is not None and after.behind:
        itself = legs.c.tenant == leg.tenant, legs.c.exchange == after.exchange, legs.c.n == after.n
        if transaction.write(update(legs).where(*itself, text(BLOCKING)).values(behind=0)).rowcount:
            return  # else it has left meanwhile, too: whoever stands behind it


def before(place: ColumnElement[int] | int, n: ColumnElement[int] | int, one: FromClause = legs) -> ColumnElement[bool]:
    """True of legs that stand before that place in their lane."""
    return (one.c.place <= place) & ((one.c.place < place) | (one.c.n < n))
