"""PORT keys: API keys. Of the secret only its SHA-256 is kept; it is 256 random bits, so that is enough."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlalchemy import insert, select, update

from gateway.record.schema import credentials
from gateway.record.transaction import Transaction
from gateway.record.troubles import Missing

Role = Literal["vendor", "admin", "auditor", "dpo"]
PREFIX = "passerelle_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Who a caller is: the tenant comes from here, never from a body. `id` is what audit entries name."""

    tenant: str
    client: str
    role: Role
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySeen:
    """A key as its admin sees it, without its secret."""

    tenant: str
    id: str
    client: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """Adding and revoking need an audit entry of the tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, tenant: str, client: str, role: Role) -> tuple[Credential, str]:
        """A new key and its secret, which is shown once and cannot be read back."""
        secret = PREFIX + base64.b32encode(self._transaction.draw(32)).decode("ascii").rstrip("=").lower()
        credential = Credential(tenant=tenant, client=client, role=role, id=self._transaction.draw(4).hex())
        values = {
            "tenant": tenant, "id": credential.id, "client": client, "role": role,
            "digest": _digest(secret), "created_at": self._transaction.clock(),
        }  # fmt: skip
        self._transaction.claim_key(insert(credentials), values, "key")
        self._transaction.changed("key created", tenant)
        return credential, secret

    def find(self, secret: str) -> Credential | None:
        """Whose secret this is; None when unknown or revoked."""
        row = self._transaction.first(
            select(credentials).where(credentials.c.digest == _digest(secret), credentials.c.revoked_at.is_(None))
        )
        return Credential(tenant=row.tenant, client=row.client, role=row.role, id=row.id) if row else None

    def list(self, tenant: str | None = None) -> tuple[KeySeen, ...]:
        """The keys of a tenant, or of all of them, oldest first."""
        wanted = select(credentials).order_by(credentials.c.tenant, credentials.c.created_at, credentials.c.id)
        if tenant is not None:
            wanted = wanted.where(credentials.c.tenant == tenant)
        names = KeySeen.__dataclass_fields__
        return tuple(KeySeen(**{name: row._mapping[name] for name in names}) for row in self._transaction.all(wanted))

    def revoke(self, tenant: str, id: str) -> None:
        """The key opens nothing from the commit on. Raises Missing when there is no such key in use."""
        change = update(credentials).where(
            credentials.c.tenant == tenant, credentials.c.id == id, credentials.c.revoked_at.is_(None)
        )
        if self._transaction.write(change.values(revoked_at=self._transaction.clock())).rowcount == 0:
            raise Missing("key")
        self._transaction.changed("key revoked", tenant)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
