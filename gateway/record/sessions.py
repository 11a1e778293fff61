"""PORT sessions: people signed in to the pages by an API key. Of the session's secret only its SHA-256 is kept."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, insert, or_, select, update

from gateway.record.keys import Credential
from gateway.record.schema import credentials, sessions
from gateway.record.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is signed in, by which key, since when, and when they were last seen."""

    credential: Credential
    opened_at: datetime
    seen_at: datetime


class Sessions:
    """Opening and closing need an audit entry of the tenant; being seen does not."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def open(self, credential: Credential) -> str:
        """A new session and its secret: 256 random bits, kept by the browser alone."""
        secret = base64.b32encode(self._transaction.draw(32)).decode("ascii").rstrip("=").lower()
        now = self._transaction.clock()
        values = {
            "tenant": credential.tenant, "digest": _digest(secret), "key": credential.id, "opened_at": now,
            "seen_at": now,
        }  # fmt: skip
        self._transaction.claim_key(insert(sessions), values, "session")
        self._transaction.changed("session opened", credential.tenant)
        return secret

    def find(self, secret: str) -> Session | None:
        """The session of that secret; None when it is closed, or its key was revoked."""
        itself = sessions.c.tenant == credentials.c.tenant, sessions.c.key == credentials.c.id
        row = self._transaction.first(
            select(credentials, sessions.c.opened_at, sessions.c.seen_at).where(
                sessions.c.digest == _digest(secret), *itself, credentials.c.revoked_at.is_(None)
            )
        )
        if row is None:
            return None
        credential = Credential(tenant=row.tenant, client=row.client, role=row.role, id=row.id)
        return Session(credential=credential, opened_at=row.opened_at, seen_at=row.seen_at)

    def see(self, secret: str, now: datetime) -> None:
        """They are here; without this a session ends by itself."""
        self._transaction.write(update(sessions).where(sessions.c.digest == _digest(secret)).values(seen_at=now))

    def close(self, secret: str, tenant: str) -> None:
        """It opens nothing from the commit on; harmless when it is closed already."""
        self._transaction.write(delete(sessions).where(sessions.c.digest == _digest(secret)))
        self._transaction.changed("session closed", tenant)

    def forget(self, *, opened_before: datetime, seen_before: datetime) -> None:
        """Take away what ended by itself; nobody can use it any more."""
        over = or_(sessions.c.opened_at < opened_before, sessions.c.seen_at < seen_before)
        self._transaction.write(delete(sessions).where(over))


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()
