"""Where legs are due, server by server, without looking through the legs: an index skipped from name to name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, literal_column, select, text, union_all

from gateway.record import lanes
from gateway.record.columns import Moment
from gateway.record.schema import READY, legs


class Front(NamedTuple):
    """A server that legs wait for, by the transport that speaks to it."""

    transport: str
    server: str


FIRST: Select[Any] = (
    select(legs)
    .where(
        text(READY),
        legs.c.transport == bindparam("transport"),
        legs.c.server == bindparam("server"),
        legs.c.due <= bindparam("now", type_=Moment),
        ~lanes.BLOCKED,
    )
    .order_by(legs.c.due, legs.c.place, legs.c.n)
    .limit(literal_column("1"))
    .with_for_update(skip_locked=True, key_share=True)
)
"""The leg of a front that is due longest, held."""


def names_of(transports: tuple[str, ...]) -> Mapping[str, str]:
    """The values of `fronts_of` for those transports."""
    return {f"transport_{number}": name for number, name in enumerate(transports)}


@lru_cache
def fronts_of(number: int) -> Select[Any]:
    """Each server that many transports have a leg for, and when the first that may be tried is due."""
    each = (bindparam(f"transport_{n}", type_=legs.c.transport.type).label("transport") for n in range(number))
    names = union_all(*(select(name) for name in each)).subquery("names")
    seeds = select(names.c.transport, _first("server", names.c.transport).label("server"))
    known = seeds.cte("known", recursive=True)
    further = _first("server", known.c.transport, legs.c.server > known.c.server)
    known = known.union_all(select(known.c.transport, further).where(known.c.server.is_not(None)))
    due = _first("due", known.c.transport, legs.c.server == known.c.server)
    return select(known.c.transport, known.c.server, due.label("due")).where(known.c.server.is_not(None))


def _first(column: str, transport: ColumnElement[str], *also: ColumnElement[bool]) -> ScalarSelect[Any]:
    wanted = select(legs.c[column]).where(text(READY), legs.c.transport == transport, *also)
    return wanted.order_by(legs.c[column]).limit(literal_column("1")).scalar_subquery()
