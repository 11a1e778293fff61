"""PORT servers: those that were found silent lately. Most never have a row; one that answers loses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, select, update

from gateway.record.schema import servers
from gateway.record.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A server that did not answer the last times.

    failures      how often in a row
    since         when the first of them was
    closed_until  nothing is sent to it before then; None: not closed
    code          what its last silence was
    """

    name: str
    failures: int
    since: datetime
    closed_until: datetime | None = None
    code: str | None = None


_ALL: Select[Any] = select(servers).order_by(servers.c.name)  # built once: it is on the way of every leg


class Servers:
    """Closing and opening needs an audit entry without tenant in the same unit: a server is everybody's."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def all(self) -> Mapping[str, Silence]:
        """Every server found silent, by name."""
        found = (Silence(**dict(zip(servers.c.keys(), row, strict=True))) for row in self._transaction.find(_ALL, {}))
        return {silence.name: silence for silence in found}

    def get(self, name: str) -> Silence | None:
        """One of them, held by a writing unit until its end."""
        row = self._transaction.first(self._transaction.locking(select(servers).where(servers.c.name == name)))
        return _read(row) if row else None

    def keep(self, silence: Silence) -> None:
        """It was silent again."""
        closed = silence.closed_until is not None
        self._transaction.replace(
            servers,
            {
                "name": silence.name, "failures": silence.failures, "since": silence.since,
                "closed_until": silence.closed_until, "code": silence.code,
            },
        )  # fmt: skip
        if closed:
            self._transaction.changed("server closed", "")

    def probe(self, silence: Silence, until: datetime) -> bool:
        """Ask it once more, and nobody else before `until`. False when another worker is asking already."""
        same = servers.c.name == silence.name, servers.c.closed_until == silence.closed_until
        return self._transaction.write(update(servers).where(*same).values(closed_until=until)).rowcount == 1

    def forget(self, silence: Silence) -> None:
        """It has answered."""
        self._transaction.write(delete(servers).where(servers.c.name == silence.name))
        if silence.closed_until is not None:
            self._transaction.changed("server opened", "")


def _read(row: Row[tuple[object, ...]]) -> Silence:
    return Silence(**row._mapping)
