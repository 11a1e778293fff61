"""PORT patients: a random handle for each patient of a tenant, the only form in which they appear in the record."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, insert, or_, select

from gateway.record.schema import aliases
from gateway.record.transaction import Transaction
from gateway.record.vault import bound

HANDLE_BYTES = 16


# Built once: this is on the way of every event.
_GIVE = insert(aliases)


@lru_cache
def _known(number: int) -> Select[Any]:
    same = (aliases.c.digest == bindparam(f"digest{index}") for index in range(number))
    return select(aliases.c.digest, aliases.c.handle).where(aliases.c.tenant == bindparam("tenant"), or_(*same))


class Patients:
    """Finds handles by keyed hash: without the key, held outside the database, an alias cannot be tried out."""

    def __init__(self, transaction: Transaction, key: bytes) -> None:
        self._transaction, self._key = transaction, key
        self._held: list[bytes] = []

    def known(self, tenant: str, names: Sequence[str]) -> str | None:
        """The handle the first of these aliases to have one leads to; gives out none."""
        digests = [self._hash(tenant, name) for name in names]
        return self._first(digests, self._known(tenant, digests))

    def ahead(self, tenant: str, names: Sequence[str]) -> None:
        """Say that the handle of these aliases will be asked for; they are held from here on (Transaction.ahead)."""
        digests = self._digests(tenant, names)
        if digests:
            self._transaction.hold(digests)
            self._held = digests
            self._transaction.ahead(_known(len(digests)), _wanted(tenant, digests))

    def handle(self, tenant: str, names: Sequence[str]) -> str:
        """The patient's handle, given now if none of their aliases has one.

        names  aliases, surest first (qualified INS, then client|system|local id). All are kept; when two already lead
               to different handles, the first one's is returned and nothing is merged.

        From here to the end of the unit no other unit can accept anything about this patient.
        Raises ValueError without any alias.
        """
        digests = self._digests(tenant, names)
        if not digests:
            raise ValueError("a patient needs an alias")
        if digests != self._held:
            self._transaction.hold(digests)
        found = self._known(tenant, digests)
        handle = self._first(digests, found) or self._transaction.draw(HANDLE_BYTES).hex()
        missing = [digest for digest in digests if digest not in found]
        if missing:
            rows = [{"tenant": tenant, "digest": digest, "handle": handle} for digest in missing]
            self._transaction.put(_GIVE, rows)
        return handle

    def _known(self, tenant: str, digests: Sequence[bytes]) -> dict[bytes, str]:
        if not digests:
            return {}
        return dict(self._transaction.find(_known(len(digests)), _wanted(tenant, digests)))

    def _digests(self, tenant: str, names: Sequence[str]) -> list[bytes]:
        return list(dict.fromkeys(self._hash(tenant, name) for name in names))

    def _first(self, digests: Sequence[bytes], found: dict[bytes, str]) -> str | None:
        return next((found[digest] for digest in digests if digest in found), None)

    def _hash(self, tenant: str, name: str) -> bytes:
        return hmac.digest(self._key, bound("alias", tenant, name), "sha256")


def _wanted(tenant: str, digests: Sequence[bytes]) -> dict[str, Any]:
    return {"tenant": tenant, **{f"digest{index}": digest for index, digest in enumerate(digests)}}
