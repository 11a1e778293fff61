"""sessions: people sign in to the pages with an API key, and out again; the log tells of both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry

if TYPE_CHECKING:
    from gateway.record import Credential

IDLE = timedelta(minutes=30)
"""Without a page asked for during this long, a session is over."""
LONGEST = timedelta(hours=10)
"""However busy, a session is over after a working day."""
SEEN_EVERY = timedelta(minutes=1)  # a page more often than that writes nothing


def sign_in(gateway: Gateway, key: str) -> str | None:
    """The secret of a new session, for the owner of an API key; None when no key in use has that secret."""
    now = gateway.clock()
    with gateway.store.glance() as unit:
        credential = unit.keys.find(key)
    if credential is None:
        return None
    with gateway.store.unit() as unit:
        unit.sessions.forget(opened_before=now - LONGEST, seen_before=now - IDLE)
        secret = unit.sessions.open(credential)
        unit.audit(
            Entry(
                kind="signed-in",
                at=now,
                tenant=credential.tenant,
                actor=f"key:{credential.id}",
                facts={"role": credential.role, "client": credential.client},
            )
        )
    return secret


def whose_session(gateway: Gateway, secret: str) -> Credential | None:
    """Who is signed in with that secret; None when nobody is, or no longer."""
    now = gateway.clock()
    with gateway.store.glance() as unit:
        session = unit.sessions.find(secret)
    if session is None or now - session.opened_at > LONGEST or now - session.seen_at > IDLE:
        return None
    if now - session.seen_at > SEEN_EVERY:
        with gateway.store.unit() as unit:
            unit.sessions.see(secret, now)
    return session.credential


def sign_out(gateway: Gateway, secret: str) -> None:
    """End a session; harmless when it has ended."""
    credential = whose_session(gateway, secret)
    if credential is None:
        return
    with gateway.store.unit() as unit:
        unit.sessions.close(secret, credential.tenant)
        unit.audit(
            Entry(
                kind="signed-out", at=gateway.clock(), tenant=credential.tenant, actor=f"key:{credential.id}", facts={}
            )
        )
