"""What every store promises about the answers to senders, asked of SQLite and of PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model.audit import Entry
from gateway.record import Missing, Reply, Silent, Store, Taken
from tests.record.conftest import NOW

REPLY = Reply(tenant="cpts", id="r-1", mail="m-1", mailbox="app@a.test", outcome="902", at=NOW, client="logimed")
TO = "sophie@b.test"


def said(kind: str) -> Entry:
    return Entry(kind=kind, at=NOW, tenant="cpts", actor="test")


def owe(store: Store, *owed: Reply) -> None:
    with store.unit() as unit:
        for one in owed:
            assert unit.replies.add(one)
        unit.audit(said("reply-owed"))


def test_one_thing_is_said_of_a_mail_and_it_has_its_own_job(store: Store) -> None:
    owe(store, REPLY, replace(REPLY, id="r-2", mail="m-2"))
    with store.unit() as unit:
        assert not unit.replies.add(replace(REPLY, id="r-3", outcome="processed"))
        assert unit.jobs.pending("cpts", "r-3") == ()
    with store.glance() as unit:
        assert unit.replies.get("cpts", "r-1") == unit.replies.to_mail("cpts", "m-1") == REPLY
        assert unit.replies.get("another", "r-1") is unit.replies.to_mail("another", "m-1") is None
        assert [unit.jobs.pending("cpts", id)[0].lane for id in ("r-1", "r-2")] == ["r-1", "r-2"]
        assert [one.id for one in unit.replies.find("cpts", state="pending")] == ["r-2", "r-1"]
        assert unit.replies.find("another", state="pending") == ()
        assert unit.replies.tally() == {("cpts", "pending"): 2}


def test_what_is_written_is_kept_once_and_sealed(store: Store) -> None:
    owe(store, REPLY)
    with store.glance() as unit, pytest.raises(Missing):
        unit.replies.body(REPLY)
    with store.unit() as unit:
        unit.replies.keep(REPLY, TO, b"a receipt")
        unit.audit(said("reply-started"))
    with pytest.raises(Taken), store.unit() as unit:
        unit.replies.keep(REPLY, TO, b"another")
    with store.glance() as unit:
        assert unit.replies.body(REPLY) == b"a receipt"
        assert unit.replies.get("cpts", "r-1") == replace(REPLY, destination=TO)


def test_nothing_of_it_changes_in_silence(store: Store) -> None:
    with pytest.raises(Silent), store.unit() as unit:
        unit.replies.add(REPLY)
    owe(store, REPLY)
    with pytest.raises(Silent), store.unit() as unit:
        unit.replies.keep(REPLY, TO, b"a receipt")
    with pytest.raises(Silent), store.unit() as unit:
        unit.replies.tried(REPLY, "pending", 1, "451", "away")
    with store.unit() as unit:
        unit.replies.tried(REPLY, "failed", 2, "550", "no")
        unit.audit(said("reply-tried"))
    with store.glance() as unit:
        (failed,) = unit.replies.find("cpts", state="failed")
    assert failed == replace(REPLY, state="failed", ended_at=NOW, tries=2, code="550", detail="no")
