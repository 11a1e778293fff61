"""PORT duties: what one worker at a time does for all of them, as reading a mailbox. A dead one's lease runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.record.lease import is_over, lasting
from gateway.record.schema import duties
from gateway.record.transaction import Transaction
from gateway.record.troubles import Stale


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty and who has it; a worker's name is its own."""

    name: str
    worker: str


class Duties:
    """Taking and laying down. Nothing of an exchange changes here: the audit log is not told."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def take(self, name: str, worker: str, lease: timedelta) -> Duty | None:
        """Have it for the length of `lease`; None while another has it."""
        dialect = self._transaction.dialect
        insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(duties)
        held = {"worker": worker, "lease_until": lasting(lease, dialect)}
        free = is_over(duties.c.lease_until, dialect)
        taken = insert.values(name=name, **held).on_conflict_do_update(
            index_elements=[duties.c.name], set_=held, where=free
        )
        return Duty(name, worker) if self._transaction.write(taken.returning(duties.c.name)).first() else None

    def renew(self, duty: Duty, lease: timedelta) -> None:
        """Keep it that long from now (the heartbeat). Raises Stale when another has it."""
        mine = update(duties).where(duties.c.name == duty.name, duties.c.worker == duty.worker)
        until = lasting(lease, self._transaction.dialect)
        if self._transaction.write(mine.values(lease_until=until)).rowcount == 0:
            raise Stale("duty")

    def lay_down(self, duty: Duty) -> None:
        """Whoever comes next may have it at once; harmless when another has it."""
        mine = duties.c.name == duty.name, duties.c.worker == duty.worker
        self._transaction.write(delete(duties).where(*mine))
