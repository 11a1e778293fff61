"""PORT contents: what exchanges and mails hold, sealed; and the keys it is sealed with."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Select, bindparam, delete, insert, select, update

from gateway.record.schema import contents, uploads, vault_keys
from gateway.record.transaction import Transaction
from gateway.record.troubles import Erased, Missing
from gateway.record.vault import Vault

_PUT = insert(contents)
_MAKE = insert(vault_keys)
_KEY = select(vault_keys.c.wrapped).where(*(vault_keys.c[name] == bindparam(name) for name in ("tenant", "owner")))

_GET: Select[Any] = (
    select(contents.c.sealed, vault_keys.c.wrapped)
    .select_from(
        vault_keys.outerjoin(
            contents,
            (contents.c.tenant == vault_keys.c.tenant)
            & (contents.c.owner == vault_keys.c.owner)
            & (contents.c.name == bindparam("name")),
        )
    )
    .where(*(vault_keys.c[name] == bindparam(name) for name in ("tenant", "owner")))
)
# Built once: these are on the way of every event and every leg.


class Keyring:
    """The keys of one unit: each owner's is unwrapped once, made at its first use, dropped with the unit."""

    def __init__(self, transaction: Transaction, vault: Vault) -> None:
        self._transaction, self._vault = transaction, vault
        self._keys: dict[tuple[str, str], bytes] = {}

    def make(self, tenant: str, owner: str) -> None:
        """A key for an owner nobody knew before this unit."""
        key = self._vault.new_key()
        row = {"tenant": tenant, "owner": owner, "wrapped": self._vault.wrap(key, tenant, owner)}
        self._transaction.put_later(_MAKE, [row])
        self._keys[tenant, owner] = key

    def seal(self, tenant: str, owner: str, name: str, data: bytes) -> bytes:
        """Seal under the owner's key, made if there is none. Raises Erased when it was destroyed."""
        return self._vault.seal(self._key(tenant, owner, make=True), data, tenant, owner, name)

    def open(self, tenant: str, owner: str, name: str, sealed: bytes) -> bytes:
        """Open what was sealed there. Raises Erased or Broken."""
        return self._vault.open(self._key(tenant, owner, make=False), sealed, tenant, owner, name)

    def erase(self, tenant: str, owner: str) -> None:
        """Destroy the owner's key for good, with everything kept under it."""
        self._keys.pop((tenant, owner), None)
        row = vault_keys.c.tenant == tenant, vault_keys.c.owner == owner
        gone = update(vault_keys).where(*row).values(wrapped=None, erased_at=self._transaction.clock())
        if self._transaction.write(gone).rowcount == 0:
            raise Missing("content")
        self._transaction.write(delete(contents).where(contents.c.tenant == tenant, contents.c.owner == owner))

    def _key(self, tenant: str, owner: str, *, make: bool) -> bytes:
        if key := self._keys.get((tenant, owner)):
            return key
        if make:
            key = self._vault.new_key()
            row = {"tenant": tenant, "owner": owner, "wrapped": self._vault.wrap(key, tenant, owner)}
            if self._transaction.insert_new(vault_keys, row):
                return self._keys.setdefault((tenant, owner), key)
        found = self._transaction.find(_KEY, {"tenant": tenant, "owner": owner})
        if not found:
            raise Missing("content")
        return self.learn(tenant, owner, found[0][0])

    def learn(self, tenant: str, owner: str, wrapped: bytes | None) -> bytes:
        """The owner's key from its row, read with the value it opens. Raises Erased when it was destroyed."""
        if wrapped is None:
            raise Erased
        return self._keys.setdefault((tenant, owner), self._vault.unwrap(wrapped, tenant, owner))


class Contents:
    """Named values of an exchange: the event as sent, the documents, one mail a leg."""

    def __init__(self, transaction: Transaction, keyring: Keyring) -> None:
        self._transaction, self._keyring = transaction, keyring

    def open(self, tenant: str, exchange: str) -> None:
        """Begin to keep something for an exchange that is opened in this unit."""
        self._keyring.make(tenant, exchange)

    def put(self, tenant: str, exchange: str, name: str, data: bytes) -> None:
        """Keep one value under a new name; at most 140 MB."""
        self.put_all(tenant, exchange, {name: data})

    def put_all(self, tenant: str, exchange: str, values: dict[str, bytes]) -> None:
        """Keep several at once. Raises Taken (`content`) when a name is in use: what is kept never changes."""
        rows = [
            {
                "tenant": tenant,
                "owner": exchange,
                "name": name,
                "sealed": self._keyring.seal(tenant, exchange, name, data),
            }
            for name, data in values.items()
        ]
        if rows:
            self._transaction.put_later(_PUT, rows, "content")

    def put_trees(self, tenant: str, exchange: str, trees: dict[str, Any]) -> None:
        """The same for trees, each kept as JSON."""
        self.put_all(tenant, exchange, {name: orjson.dumps(tree) for name, tree in trees.items()})

    def get(self, tenant: str, exchange: str, name: str) -> bytes:
        """One value. Raises Erased when the exchange's key was destroyed, Missing when it never had that name."""
        self._transaction.settle()
        found = self._transaction.find(_GET, {"tenant": tenant, "owner": exchange, "name": name})
        sealed, wrapped = found[0] if found else (None, None)
        if found and wrapped is None:
            raise Erased
        if sealed is None:
            raise Missing("content")
        self._keyring.learn(tenant, exchange, wrapped)
        return self._keyring.open(tenant, exchange, name, sealed)

    def names(self, tenant: str, exchange: str) -> tuple[str, ...]:
        """What is kept for an exchange; nothing once erased."""
        wanted = select(contents.c.name).where(contents.c.tenant == tenant, contents.c.owner == exchange)
        return tuple(row.name for row in self._transaction.all(wanted.order_by(contents.c.name)))

    def erase(self, tenant: str, exchange: str) -> None:
        """Destroy the exchange's key; needs an audit entry naming the exchange. Raises Missing."""
        self._keyring.erase(tenant, exchange)
        its = uploads.c.tenant == tenant, uploads.c.exchange == exchange
        self._transaction.write(update(uploads).where(*its).values(state="dropped", wrapped=None))
        self._transaction.changed("content erased", tenant, exchange)
