"""PORT answers: what was answered to each idempotency key, so that the same question gets the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, or_, select

from gateway.record.schema import answers
from gateway.record.transaction import Transaction

# Built once: this is on the way of every event.
_FIND = select(answers.c.key, answers.c.digest, answers.c.exchange, answers.c.body).where(
    *(answers.c[name] == bindparam(name) for name in ("tenant", "client")),
    or_(answers.c.key == bindparam("first"), answers.c.key == bindparam("second")),
)
_KEEP = insert(answers)


@dataclass(frozen=True, slots=True)
class Answer:
    """digest  of what was asked, in hex: another digest under the same key is a conflict."""

    digest: str
    exchange: str
    body: bytes


class Answers:
    """Keys belong to (tenant, client)."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def ahead(self, tenant: str, client: str, key: str, else_key: str | None = None) -> None:
        """Say that `find` will be asked this (Transaction.ahead)."""
        self._transaction.ahead(_FIND, _wanted(tenant, client, key, else_key))

    def find(self, tenant: str, client: str, key: str, else_key: str | None = None) -> Answer | None:
        """The answer kept under that key; if there is none, the one under `else_key`."""
        wanted = _wanted(tenant, client, key, else_key)
        found = {row[0]: row[1:] for row in self._transaction.find(_FIND, wanted)}
        row = found.get(key) or found.get(wanted["second"])
        return Answer(*row) if row else None

    def keep(self, tenant: str, client: str, keys: Sequence[str], digest: str, exchange: str, body: bytes) -> None:
        """Keep one answer under each of these keys, for good.

        Raises Taken (`answer`) when another unit answered one of them first: read that answer in a new unit.
        """
        now = self._transaction.clock()
        rows = [
            {
                "tenant": tenant, "client": client, "key": key, "digest": digest, "exchange": exchange,
                "body": body, "at": now,
            }
            for key in keys
        ]  # fmt: skip
        self._transaction.put_later(_KEEP, rows, "answer")


def _wanted(tenant: str, client: str, key: str, else_key: str | None) -> dict[str, str]:
    return {"tenant": tenant, "client": client, "first": key, "second": else_key or key}
