"""PORT recipients: what a tenant's legs say of the people and structures they are for. Reads only.

A recipient is known by kind and id, as legs keep them; their name and address are those of the newest leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from gateway.model.exchange import LegState
from gateway.record.schema import legs
from gateway.record.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Legs of one recipient that stand alike, counted.

    number  how many
    first, last  since when the first and the last of them have stood there
    place   the newest one's place in the order of acceptance
    due     when the next of them may be tried; None when nothing is due
    settled a person saw to them in another way, or another leg stands for them
    """

    kind: str
    id: str
    name: str
    address: str | None
    transport: str
    state: LegState
    reason: str | None
    code: str | None
    number: int
    first: datetime
    last: datetime
    place: int
    due: datetime | None
    settled: bool = False


class Recipients:
    """Counted by the database, so that a page of them costs one statement."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def standing(self, tenant: str, first_id: str) -> tuple[Standing, ...]:
        """Every recipient of the legs whose exchange has this id or a later one, by how their legs stand.

        first_id  the lowest id of a moment: ids are ordered by time, and legs found by them
        """
        settled = legs.c.settled_at.is_not(None).label("settled")
        alike = (
            legs.c.recipient_kind, legs.c.recipient_id, legs.c.recipient_name, legs.c.destination, legs.c.transport,
            legs.c.state, legs.c.reason, legs.c.code, settled,
        )  # fmt: skip
        wanted = select(
            *alike,
            func.count().label("number"),
            func.min(legs.c.since).label("first"),
            func.max(legs.c.since).label("last"),
            func.max(legs.c.place).label("place"),
            func.min(legs.c.due).label("due"),
        ).where(legs.c.tenant == tenant, legs.c.exchange >= first_id)
        return tuple(
            Standing(
                kind=row.recipient_kind,
                id=row.recipient_id,
                name=row.recipient_name,
                address=row.destination,
                transport=row.transport,
                state=LegState(row.state),
                reason=row.reason,
                code=row.code,
                number=row.number,
                first=row.first,
                last=row.last,
                place=row.place,
                due=row.due,
                settled=bool(row.settled),
            )
            for row in self._transaction.all(wanted.group_by(*alike))
        )
