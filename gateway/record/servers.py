"""PORT servers: those that were found silent lately. Most never have a row; one that answers loses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select, update

from gateway.record.fronts import Front
from gateway.record.schema import servers
from gateway.record.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A server that did not answer the last times.

    transport     by which we speak to it: an operator and an endpoint of one name are two
    failures      how often in a row
    since         when the first of them was
    closed_until  nothing is sent to it before then; None: not closed
    code          what its last silence was
    """

    transport: str
    name: str
    failures: int
    since: datetime
    closed_until: datetime | None = None
    code: str | None = None

    @property
    def front(self) -> Front:
        """Whose silence it is."""
        return Front(self.transport, self.name)


_ALL: Select[Any] = select(servers).order_by(servers.c.name, servers.c.transport)  # built once


class Servers:
    """Closing and opening needs an audit entry without tenant in the same unit: a server is everybody's."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def all(self) -> Mapping[Front, Silence]:
        """Every server found silent, in the order of their names."""
        found = (Silence(**dict(zip(servers.c.keys(), row, strict=True))) for row in self._transaction.find(_ALL, {}))
        return {silence.front: silence for silence in found}

    def get(self, front: Front) -> Silence | None:
        """One of them, held by a writing unit until its end."""
        wanted = select(servers).where(*_is(front))
        row = self._transaction.first(self._transaction.locking(wanted))
        return _read(row) if row else None

    def keep(self, silence: Silence) -> None:
        """It was silent again."""
        closed = silence.closed_until is not None
        self._transaction.replace(
            servers,
            {
                "transport": silence.transport, "name": silence.name, "failures": silence.failures,
                "since": silence.since, "closed_until": silence.closed_until, "code": silence.code,
            },
        )  # fmt: skip
        if closed:
            self._transaction.changed("server closed", "")

    def probe(self, silence: Silence, until: datetime) -> bool:
        """Ask it once more, and nobody else before `until`. False when another worker is asking already."""
        same = *_is(silence.front), servers.c.closed_until == silence.closed_until
        return self._transaction.write(update(servers).where(*same).values(closed_until=until)).rowcount == 1

    def forget(self, silence: Silence) -> None:
        """It has answered."""
        self._transaction.write(delete(servers).where(*_is(silence.front)))
        if silence.closed_until is not None:
            self._transaction.changed("server opened", "")


def _is(front: Front) -> tuple[ColumnElement[bool], ...]:
    return servers.c.transport == front.transport, servers.c.name == front.server


def _read(row: Row[tuple[object, ...]]) -> Silence:
    return Silence(**row._mapping)
