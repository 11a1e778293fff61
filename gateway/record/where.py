"""A question about exchanges and legs as conditions of SQL, each answered through one index chosen here.

Planners choose by averages, and one state or one partner may hold most of a million legs: chosen by hand, no pair of
conditions reads more than what its narrower one has. What is not looked up by is written `column || ''`, which no
index has. Ids are ordered by time, so a day is a range of ids, and pages go on from the last id shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, TextClause, func, select, text

from gateway.model.exchange import ExchangeState, LegState
from gateway.model.where import Where
from gateway.record.schema import STANDS_OUT, TAKEN_UP, exchanges, legs

Condition = ColumnElement[bool] | TextClause
Conditions = list[Condition]

_SLACK_MS = 2  # ids carry whole milliseconds
_MANY: frozenset[str] = frozenset(
    {LegState.READ, LegState.ARRIVED, LegState.DELIVERED, LegState.HANDED_OVER, LegState.UNREAD}
)
"""Where legs end up: looked up by only when nothing narrower is asked."""


def ids_between(column: ColumnElement[str], since: datetime | None, until: datetime | None) -> Conditions:
    """The ids minted within these moments, and a few beside them: whoever asks compares `accepted_at` too."""
    found: Conditions = []
    if since is not None:
        found.append(column >= first_id(since, -_SLACK_MS))
    if until is not None:
        found.append(column < first_id(until, _SLACK_MS))
    return found


def exchanges_where(
    tenant: str, where: Where, clients: Sequence[str] | None = None, *, itself: bool, new: bool | None = None
) -> Conditions:
    """Conditions on `exchanges`. `itself`: state and reason are the exchange's own; otherwise one leg has all of it.

    clients  whose event may have the id that is asked for, where they are known
    new      True: only what is not taken up yet, False: only the rest; each has an index of its own for patients
    """
    c = exchanges.c
    id = c.id if where.event_id is None else _aside(c.id)  # an event's id has an index of its own
    found: Conditions = [c.tenant == tenant, *ids_between(id, where.since, where.until), *_exact(where)]
    if where.event_id is not None:
        found.append(c.event_id == where.event_id)
    if where.client is not None:
        found.append((c.client if where.event_id else _aside(c.client)) == where.client)
    elif where.event_id is not None and clients is not None:
        found.append(c.client.in_(clients))
    if where.patient is not None:
        found.append((c.patient if new is False else _aside(c.patient)) == where.patient)
    if new:
        found += [text(f"({STANDS_OUT})"), c.state == ExchangeState.ACCEPTED.value]
    elif new is False:
        found.append(text(TAKEN_UP))
    if not itself:
        found.append(_some(legs, legs.c.tries, legs.c.tenant == c.tenant, legs.c.exchange == c.id, *_of_leg(where)))
        return found
    if where.state is not None:
        found.append(_aside(c.state) == where.state.value)
    if where.reason is not None:
        found.append(_aside(c.reason) == where.reason)
    stands_out = where.reason is not None or where.state not in (None, ExchangeState.PREPARED)
    if stands_out and not starts_at_exchange(where):
        found.append(text(f"({STANDS_OUT})"))
    return found


def legs_where(tenant: str, where: Where) -> Conditions:
    """Conditions on `legs` for every part of the question, with the narrowest index first."""
    c = legs.c
    found: Conditions = [
        c.tenant == tenant,
        *ids_between(c.exchange, where.since, where.until),
        *_of_leg(where, "" if starts_at_exchange(where) else _narrowest(where)),
    ]
    e = exchanges.c
    if starts_at_exchange(where):
        own = replace(where, state=None, reason=None)  # they are the leg's
        theirs = exchanges_where(tenant, own, itself=True, new=False if where.event_id is None else None)
        return [*found, c.exchange.in_(select(e.id).where(*theirs))]
    told = _exact(where)
    if where.client is not None:
        told.append(_aside(e.client) == where.client)
    if told:
        found.append(_some(exchanges, e.place, e.tenant == c.tenant, e.id == c.exchange, *told))
    return found


def starts_at_exchange(where: Where) -> bool:
    """True when the exchanges are found first, and their legs looked at after."""
    return where.patient is not None or where.event_id is not None


def _exact(where: Where) -> Conditions:
    found: Conditions = []
    if where.type is not None:
        found.append(_aside(exchanges.c.type) == where.type)
    if where.since is not None:
        found.append(exchanges.c.accepted_at >= where.since)
    if where.until is not None:
        found.append(exchanges.c.accepted_at < where.until)
    return found


def _of_leg(where: Where, looked_up: str = "") -> Conditions:
    wanted = {
        "recipient_id": where.recipient, "recipient_kind": where.recipient_kind, "transport": where.transport,
        "server": where.server, "partner": where.partner, "reason": where.reason,
        "state": where.state.value if where.state else None,
    }  # fmt: skip
    return [
        (legs.c[name] if name == looked_up else _aside(legs.c[name])) == value
        for name, value in wanted.items()
        if value is not None
    ]


def _narrowest(where: Where) -> str:
    """The column to look legs up by; an empty word when none has an index."""
    state = where.state.value if where.state else None
    ranked: Sequence[tuple[str, bool]] = (
        ("recipient_id", where.recipient is not None),
        ("reason", where.reason is not None),
        ("state", state is not None and state not in _MANY),
        ("partner", where.partner is not None),
        ("state", state is not None),
    )
    return next((name for name, asked in ranked if asked), "")


def _aside(column: ColumnElement[str]) -> ColumnElement[str]:
    return column.concat("")


def _some(table: Table, column: ColumnElement[int], *conditions: Condition) -> ColumnElement[bool]:
    """Whether there are such rows: a planner asks it row by row, as it is, which it may not do with a join.

    column  never negative, and in no index of its own: or that index were read whole to spare the rows
    """
    return select(func.max(column)).select_from(table).where(*conditions).scalar_subquery() >= 0


def clients_of(tenant: str) -> Select[tuple[str]]:
    """Every software of a tenant's, each found by one step into the index that starts with them."""
    c = exchanges.c
    first = select(func.min(c.client).label("client")).where(c.tenant == tenant).cte("known", recursive=True)
    later = select(func.min(c.client)).where(c.tenant == tenant, c.client > first.c.client).scalar_subquery()
    known = first.union_all(select(later).where(first.c.client.is_not(None)))
    return select(known.c.client).where(known.c.client.is_not(None))


def first_id(moment: datetime, off_ms: int = 0) -> str:
    """The lowest UUID version 7 of a moment's millisecond (RFC 9562 §5.7), or of one so many before or after it."""
    digits = f"{max(0, int(moment.timestamp() * 1000) + off_ms):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"
