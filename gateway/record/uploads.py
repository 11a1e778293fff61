"""PORT uploads: large contents, sealed piece by piece while they arrive, each under a key of its own.

arriving → waiting (whole, its digest checked) → taken (by one exchange) → dropped (its key destroyed, pieces to remove)

Pieces are committed one by one, so that a slow sender never holds the writer's place; the last commit makes them count.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from gateway.model.errors import Broken
from gateway.record.contents import Keyring
from gateway.record.schema import upload_chunks, uploads
from gateway.record.transaction import Transaction
from gateway.record.troubles import Erased, Missing, Stale
from gateway.record.vault import Vault, bound

CHUNK = 1024 * 1024
"""Bytes of every piece but the last. Pieces are found by it: it never changes."""

REMOVED_AT_ONCE = 8  # pieces in one commit: the database overwrites what it deletes


@dataclass(frozen=True, slots=True)
class Upload:
    """A content that is whole; `size` in bytes."""

    tenant: str
    id: str
    size: int


@dataclass(frozen=True, slots=True)
class Arriving:
    """A content on its way in. Its key lives in this process until the content is whole or given up."""

    tenant: str
    id: str
    key: bytes = field(repr=False)


class Uploads:
    """An upload belongs to (tenant, client) and is found by its digest, which is kept keyed."""

    def __init__(self, transaction: Transaction, keyring: Keyring, vault: Vault, key: bytes) -> None:
        self._transaction, self._keyring, self._vault, self._key = transaction, keyring, vault, key

    def begin(self, tenant: str, client: str, digest: str) -> Arriving:
        """A new upload without any piece yet. `digest` is what its sender says it will be: SHA-256, hex."""
        arriving = Arriving(tenant, str(UUID(bytes=self._transaction.draw(16), version=4)), self._vault.new_key())
        row = {
            "tenant": tenant, "id": arriving.id, "client": client, "digest": self._hash(tenant, client, digest),
            "state": "arriving", "at": self._transaction.clock(), "size": 0,
            "wrapped": self._vault.wrap(arriving.key, tenant, _name(arriving.id)),
        }  # fmt: skip
        self._transaction.write(insert(uploads).values(row))
        return arriving

    def add(self, arriving: Arriving, n: int, data: bytes, *, last: bool) -> None:
        """Keep piece `n` (from 0), bound to its number and to being the end or not.

        It is sealed before the unit's first statement: no other writer waits for that. Raises Taken when there is such
        a piece already, or no such upload any more.
        """
        sealed = self._vault.seal(arriving.key, data, *_place(arriving.tenant, arriving.id, n, last))
        row = {"tenant": arriving.tenant, "upload": arriving.id, "n": n, "sealed": sealed}
        self._transaction.claim_key(insert(upload_chunks), row, "upload")

    def keep(self, arriving: Arriving, size: int) -> bool:
        """It is whole and its digest was checked: it waits for its event. False when it replaces an equal one.

        Needs an audit entry of the tenant. Raises Stale when it was dropped meanwhile.
        """
        row = self._transaction.first(select(uploads).where(*_one(arriving)))
        if row is None:
            raise Stale("upload")
        self._transaction.hold([row.digest])
        same = uploads.c.tenant == arriving.tenant, uploads.c.client == row.client, uploads.c.digest == row.digest
        older = self._drop(*same, uploads.c.state == "waiting")
        now = {"state": "waiting", "size": size, "at": self._transaction.clock()}
        whole = update(uploads).where(*_one(arriving), uploads.c.state == "arriving").values(now)
        if self._transaction.write(whole).rowcount == 0:
            raise Stale("upload")
        self._transaction.changed("upload kept", arriving.tenant)
        return not older

    def drop(self, arriving: Arriving) -> None:
        """It was given up before it was whole: its key is destroyed. Nothing had been promised about it."""
        self._drop(*_one(arriving), uploads.c.state == "arriving")

    def find(self, tenant: str, client: str, digest: str, since: datetime) -> Upload | None:
        """The one that waits under this digest, if that client has put it since then."""
        mine = uploads.c.tenant == tenant, uploads.c.digest == self._hash(tenant, client, digest)
        wanted = select(uploads).where(*mine, uploads.c.state == "waiting", uploads.c.at >= since)
        row = self._transaction.first(wanted)
        return Upload(tenant, row.id, row.size) if row else None

    def waiting(self, tenant: str, client: str) -> int:
        """Bytes of that client's contents that no event has named yet."""
        mine = uploads.c.tenant == tenant, uploads.c.client == client, uploads.c.state == "waiting"
        number: int = self._transaction.run(
            select(func.coalesce(func.sum(uploads.c.size), 0)).where(*mine)
        ).scalar_one()
        return number

    def take(self, upload: Upload, exchange: str) -> None:
        """From now on it is this exchange's content: its key is sealed under the exchange's, and goes with it.

        Needs an audit entry naming the exchange. Raises Stale when another event took it, or it was dropped.
        """
        wanted = select(uploads.c.wrapped).where(*_one(upload), uploads.c.state == "waiting")
        row = self._transaction.first(self._transaction.locking(wanted))
        if row is None:
            raise Stale("upload")
        key = self._vault.unwrap(row.wrapped, upload.tenant, _name(upload.id))
        wrapped = self._keyring.seal(upload.tenant, exchange, _name(upload.id), key)
        taken = {"state": "taken", "exchange": exchange, "wrapped": wrapped}
        self._transaction.write(update(uploads).where(*_one(upload)).values(taken))
        self._transaction.changed("upload taken", upload.tenant, exchange)

    def of(self, tenant: str, exchange: str) -> Upload | None:
        """The content an exchange took, if any; None once erased."""
        mine = uploads.c.tenant == tenant, uploads.c.exchange == exchange, uploads.c.state == "taken"
        row = self._transaction.first(select(uploads).where(*mine))
        return Upload(tenant, row.id, row.size) if row else None

    def chunk(self, upload: Upload, n: int) -> bytes:
        """Piece `n`, opened: CHUNK bytes, fewer at the end. Raises Missing, Erased, or Broken when it was changed."""
        both = (upload_chunks.c.tenant == uploads.c.tenant) & (upload_chunks.c.upload == uploads.c.id)
        wanted = select(uploads.c.wrapped, uploads.c.exchange, upload_chunks.c.sealed).join(upload_chunks, both)
        row = self._transaction.first(wanted.where(*_one(upload), upload_chunks.c.n == n))
        if row is None:
            raise Missing("content")
        if row.wrapped is None:
            raise Erased
        if row.exchange is None:
            key = self._vault.unwrap(row.wrapped, upload.tenant, _name(upload.id))
        else:
            key = self._keyring.open(upload.tenant, row.exchange, _name(upload.id), row.wrapped)
        last = (n + 1) * CHUNK >= upload.size
        data = self._vault.open(key, row.sealed, *_place(upload.tenant, upload.id, n, last))
        if len(data) != min(CHUNK, upload.size - n * CHUNK):
            raise Broken("An upload is not of its size", advice="Its row was changed")
        return data

    def expire(self, *, waiting: datetime, arriving: datetime) -> Mapping[str, int]:
        """Drop what has waited for an event, or has been arriving, since before these moments.

        Returns how many contents that had been promised to be kept were dropped, by tenant: each needs an audit entry.
        """
        late = self._drop(uploads.c.state == "waiting", uploads.c.at < waiting)
        self._drop(uploads.c.state == "arriving", uploads.c.at < arriving)
        for tenant in late:
            self._transaction.changed("upload dropped", tenant)
        return Counter(late)

    def remove(self) -> bool:
        """Take away some pieces of what was dropped; False when there is nothing left to take away."""
        row = self._transaction.first(
            select(uploads.c.tenant, uploads.c.id).where(uploads.c.state == "dropped").limit(1)
        )
        if row is None:
            return False
        its = upload_chunks.c.tenant == row.tenant, upload_chunks.c.upload == row.id
        numbers = [n for (n,) in self._transaction.all(select(upload_chunks.c.n).where(*its).limit(REMOVED_AT_ONCE))]
        if numbers:
            self._transaction.write(delete(upload_chunks).where(*its, upload_chunks.c.n.in_(numbers)))
        else:
            self._transaction.write(delete(uploads).where(uploads.c.tenant == row.tenant, uploads.c.id == row.id))
        return True

    def _drop(self, *which: ColumnElement[bool]) -> list[str]:
        """Destroy their keys; returns the tenant of each."""
        gone = update(uploads).where(*which).values(state="dropped", wrapped=None)
        return [tenant for (tenant,) in self._transaction.write(gone.returning(uploads.c.tenant))]

    def _hash(self, tenant: str, client: str, digest: str) -> bytes:
        return hmac.digest(self._key, bound("upload", tenant, client, digest), "sha256")


def _one(upload: Upload | Arriving) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return uploads.c.tenant == upload.tenant, uploads.c.id == upload.id


def _name(id: str) -> str:
    return f"upload:{id}"


def _place(tenant: str, id: str, n: int, last: bool) -> tuple[str, ...]:
    return tenant, _name(id), str(n), "last" if last else "more"
