"""PORT objections: what patients have refused (CSP L1110-4 IV), from the commit on that records it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from gateway.model.objection import Objection
from gateway.record.schema import objections
from gateway.record.transaction import Transaction
from gateway.record.troubles import Missing

_ACTIVE: Select[Any] = (
    select(objections)
    .where(
        objections.c.tenant == bindparam("tenant"),
        objections.c.patient == bindparam("patient"),
        objections.c.withdrawn_at.is_(None),
    )
    .order_by(objections.c.at, objections.c.id)
)  # built once: it is on the way of every leg


class Objections:
    """Each change needs an audit entry of the tenant; it counts from its commit on."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, objection: Objection) -> None:
        """Record a refusal. Raises Taken (`objection`) when its id is in use."""
        values = {name: getattr(objection, name) for name in Objection.__dataclass_fields__}
        self._transaction.claim_key(insert(objections), values, "objection")
        self._transaction.changed("objection recorded", objection.tenant)

    def get(self, tenant: str, id: str) -> Objection | None:
        """One refusal, withdrawn or not."""
        row = self._transaction.first(select(objections).where(objections.c.tenant == tenant, objections.c.id == id))
        return _read(row) if row else None

    def withdraw(self, tenant: str, id: str, at: datetime) -> Objection:
        """End it; harmless when it has ended already. Raises Missing."""
        still = objections.c.tenant == tenant, objections.c.id == id, objections.c.withdrawn_at.is_(None)
        if self._transaction.write(update(objections).where(*still).values(withdrawn_at=at)).rowcount:
            self._transaction.changed("objection withdrawn", tenant)
        found = self.get(tenant, id)
        if found is None:
            raise Missing("objection")
        return found

    def active(self, tenant: str, patient: str) -> tuple[Objection, ...]:
        """What stands against sending anything of this patient's, oldest first."""
        rows = self._transaction.find(_ACTIVE, {"tenant": tenant, "patient": patient})
        return tuple(Objection(**dict(zip(objections.c.keys(), row, strict=True))) for row in rows)


def _read(row: Row[tuple[object, ...]]) -> Objection:
    return Objection(**{name: row._mapping[name] for name in Objection.__dataclass_fields__})
