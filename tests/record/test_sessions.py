"""A session opens with a key, ends with it, and its secret is nowhere in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.record import Credential, Silent, Store
from tests.record.conftest import NOW, Clock
from tests.record.rows import entry


def signed_in(store: Store) -> tuple[Credential, str]:
    """A key and a session of it."""
    with store.unit() as unit:
        credential, _ = unit.keys.add("cpts", "logimed", "admin")
        secret = unit.sessions.open(credential)
        unit.audit(entry(kind="signed-in"))
    return credential, secret


def test_a_session_is_found_by_its_secret_alone(store: Store, clock: Clock) -> None:
    credential, secret = signed_in(store)
    with store.glance() as unit:
        session = unit.sessions.find(secret)
        assert session is not None
        assert (session.credential, session.opened_at, session.seen_at) == (credential, NOW, NOW)
        assert unit.sessions.find(secret[:-1]) is None
        assert unit.sessions.find("\udcff") is None


def test_being_seen_keeps_it_and_what_is_forgotten_or_closed_is_gone(store: Store, clock: Clock) -> None:
    _, kept = signed_in(store)
    _, left = signed_in(store)
    _, closed = signed_in(store)
    later = clock.ahead(hours=1)
    with store.unit() as unit:
        unit.sessions.see(kept, later)
        unit.sessions.close(closed, "cpts")
        unit.sessions.forget(opened_before=later - timedelta(hours=10), seen_before=later - timedelta(minutes=30))
        unit.audit(entry(kind="signed-out"))
    with store.glance() as unit:
        assert unit.sessions.find(kept) is not None
        assert unit.sessions.find(left) is unit.sessions.find(closed) is None


def test_a_revoked_key_ends_its_sessions(store: Store) -> None:
    credential, secret = signed_in(store)
    with store.unit() as unit:
        unit.keys.revoke("cpts", credential.id)
        unit.audit(entry(kind="key-revoked"))
    with store.glance() as unit:
        assert unit.sessions.find(secret) is None


def test_nobody_signs_in_or_out_in_silence(store: Store) -> None:
    credential, secret = signed_in(store)
    with pytest.raises(Silent), store.unit() as unit:
        unit.sessions.open(credential)
    with pytest.raises(Silent), store.unit() as unit:
        unit.sessions.close(secret, "cpts")
    with store.glance() as unit:
        assert unit.sessions.find(secret) is not None
