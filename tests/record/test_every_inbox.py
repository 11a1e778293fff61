"""What every store promises about notices and the inbox, asked of SQLite and of PostgreSQL alike."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model.audit import Entry
from gateway.record import Item, Missing, Notification, Silent, Stale, Store
from tests.record.conftest import NOW, Clock

LEASE = timedelta(minutes=2)
NOTICE = Notification(tenant="cpts", id="n-1", client="logimed", type="leg.state-changed", at=NOW, exchange="x", leg=1)
ITEM = Item(tenant="cpts", id="i-1", client="logimed", mail="m-1", n=1, type="report.shared", at=NOW)


def said(kind: str, **more: str) -> Entry:
    return Entry(kind=kind, at=NOW, tenant="cpts", actor="test", **more)


def add(store: Store, *notices: Notification) -> None:
    with store.unit() as unit:
        for notice in notices:
            assert unit.notices.add(notice, b"what is told")


# — notices


def test_a_notice_comes_back_as_it_was_kept_with_its_body_sealed(store: Store) -> None:
    add(store, NOTICE)
    with store.glance() as unit:
        assert unit.notices.get("cpts", "n-1") == NOTICE
        assert unit.notices.get("another", "n-1") is None
        assert unit.notices.body(NOTICE) == b"what is told"
        assert unit.notices.find("cpts", state="pending", client="logimed", exchange="x") == (NOTICE,)
        assert unit.notices.find("another") == ()
        assert unit.notices.tally() == {("cpts", "pending"): 1}
        assert unit.jobs.pending("cpts", "n-1")[0].lane == "logimed"


def test_the_same_notice_is_kept_once(store: Store) -> None:
    add(store, NOTICE)
    with store.unit() as unit:
        assert not unit.notices.add(replace(NOTICE, type="exchange.settled"), b"another")
        assert len(unit.jobs.pending("cpts", "n-1")) == 1
    with store.glance() as unit:
        assert unit.notices.body(NOTICE) == b"what is told"


def test_a_client_is_told_in_order_one_at_a_time_and_clients_do_not_wait_for_each_other(
    store: Store, clock: Clock
) -> None:
    add(store, NOTICE, replace(NOTICE, id="n-2"), replace(NOTICE, id="n-3", client="officine"))
    with store.unit() as unit:
        first = unit.jobs.claim("notify", "a", clock(), LEASE)
        other = unit.jobs.claim("notify", "b", clock(), LEASE)
        assert first is not None
        assert other is not None
        assert (first.exchange, other.exchange) == ("n-1", "n-3")
        assert unit.jobs.claim("notify", "c", clock(), LEASE) is None
        unit.jobs.done(first)
        second = unit.jobs.claim("notify", "c", clock(), LEASE)
        assert second is not None
        assert second.exchange == "n-2"


def test_a_line_that_waits_is_not_looked_through_until_its_first_is_due(store: Store, clock: Clock) -> None:
    add(store, NOTICE, replace(NOTICE, id="n-2"))
    later = NOW + timedelta(hours=1)
    with store.unit() as unit:
        first = unit.jobs.claim("notify", "a", clock(), LEASE)
        assert first is not None
        unit.jobs.again(first, later, "away", with_lane=True)
    add(store, replace(NOTICE, id="n-3"), replace(NOTICE, id="n-4", client="officine"))
    with store.glance() as unit:
        dues = {id: unit.jobs.pending("cpts", id)[0].due for id in ("n-1", "n-2", "n-3", "n-4")}
    assert dues == {"n-1": later, "n-2": later, "n-3": later, "n-4": NOW}
    clock.ahead(hours=2)
    with store.unit() as unit:
        again = unit.jobs.claim("notify", "a", clock(), LEASE)
        assert again is not None
        assert again.exchange in ("n-1", "n-4")


def test_how_a_notice_ended_is_told_or_not_kept(store: Store) -> None:
    add(store, NOTICE)
    with store.unit() as unit:
        unit.notices.tried(NOTICE, "pending", 1, "HTTP 503", "away")  # nothing has ended
    with pytest.raises(Silent), store.unit() as unit:
        unit.notices.tried(NOTICE, "sent", 2, "HTTP 204", "")
    with store.unit() as unit:
        unit.notices.tried(NOTICE, "sent", 2, "HTTP 204", "")
        unit.audit(said("notice-sent", exchange="x"))
    with store.glance() as unit:
        ended = unit.notices.get("cpts", "n-1")
        assert ended == replace(NOTICE, state="sent", ended_at=NOW, tries=2, code="HTTP 204", detail="")
        with pytest.raises(Missing):
            unit.notices.body(NOTICE)


def test_of_two_that_read_the_log_one_moves_the_cursor(store: Store) -> None:
    with store.unit() as unit:
        unit.audit(said("gateway-started"), said("gateway-stopped"))
    with store.glance() as unit:
        assert unit.notices.cursor() == 0
        assert [kept.seq for kept in unit.notices.entries(0, 10)] == [0, 1]
        assert [kept.seq for kept in unit.notices.entries(1, 10)] == [1]
    with store.unit() as unit:
        unit.notices.move_cursor(0, 2)
    with pytest.raises(Stale), store.unit() as unit:
        unit.notices.move_cursor(0, 2)
    with store.glance() as unit:
        assert unit.notices.cursor() == 2


def test_readers_of_the_log_at_the_same_time_find_everything_once(store: Store) -> None:
    """Four read while two write: each entry leads to one notice, whatever their timing."""
    over = threading.Event()

    def write(word: str) -> None:
        for _ in range(25):
            with store.unit() as unit:
                unit.audit(said("leg-moved", exchange=word))

    def look() -> bool:
        with store.glance() as unit:
            start = unit.notices.cursor()
            kept = unit.notices.entries(start, 7)
        if not kept:
            return False
        try:
            with store.unit() as unit:
                unit.notices.move_cursor(start, kept[-1].seq + 1)
                for one in kept:
                    assert unit.notices.add(replace(NOTICE, id=f"n-{one.seq}"), b"x")
        except Stale:
            pass
        return True

    def read() -> None:
        while look() or not over.is_set():
            pass

    writers = [threading.Thread(target=write, args=(word,)) for word in "ab"]
    readers = [threading.Thread(target=read) for _ in range(4)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    while look():
        pass
    with store.glance() as unit:
        assert unit.notices.tally() == {("cpts", "pending"): 50}


def test_the_last_word_about_an_exchange_counts_only_the_kinds_asked_for(store: Store) -> None:
    with store.unit() as unit:
        unit.audit(said("leg-moved", exchange="x"), said("leg-moved", exchange="y"), said("notice-sent", exchange="x"))
    with store.glance() as unit:
        assert unit.notices.last_told("cpts", ["x", "y", "z"], ["leg-moved"]) == {"x": 0, "y": 1}
        assert unit.notices.last_told("another", ["x"], ["leg-moved"]) == {}


# — the inbox


def keep(store: Store, *items: Item) -> None:
    with store.unit() as unit:
        for item in items:
            assert unit.inbox.add(item, b"a document")
        unit.audit(said("inbox-received"))


def test_an_item_is_its_clients_own_sealed_and_kept_once(store: Store) -> None:
    keep(store, ITEM)
    with store.unit() as unit:
        assert not unit.inbox.add(replace(ITEM, id="i-2"), b"the same document of the same mail")
        unit.audit(said("inbox-received"))
    with store.glance() as unit:
        assert unit.inbox.get("cpts", "logimed", "i-1") == ITEM
        assert unit.inbox.get("cpts", "officine", "i-1") is None
        assert unit.inbox.get("another", "logimed", "i-1") is None
        assert unit.inbox.body(ITEM) == b"a document"
        assert unit.inbox.unread("cpts", "logimed").items == (ITEM,)
        assert unit.inbox.unread("cpts", "officine").items == ()
        assert unit.inbox.tally() == {"cpts": 1}


def test_an_item_needs_its_entry_and_so_does_its_acknowledgement(store: Store) -> None:
    with pytest.raises(Silent), store.unit() as unit:
        unit.inbox.add(ITEM, b"a document")
    keep(store, ITEM)
    with pytest.raises(Silent), store.unit() as unit:
        unit.inbox.acknowledge(ITEM, NOW)
    with store.glance() as unit:
        assert unit.inbox.unread("cpts", "logimed").items == (ITEM,)


def test_unread_items_come_oldest_first_and_acknowledging_is_harmless_when_repeated(store: Store) -> None:
    items = [replace(ITEM, id=f"i-{n}", n=n) for n in range(1, 6)]
    keep(store, *items)
    with store.unit() as unit:
        assert unit.inbox.acknowledge(items[0], NOW)
        assert not unit.inbox.acknowledge(items[0], NOW)
        unit.audit(said("inbox-acknowledged"))
        with pytest.raises(Missing):
            unit.inbox.acknowledge(replace(ITEM, id="none"), NOW)
    with store.glance() as unit:
        page = unit.inbox.unread("cpts", "logimed", limit=3)
        rest = unit.inbox.unread("cpts", "logimed", cursor=page.next_cursor, limit=3)
    assert [item.id for item in (*page.items, *rest.items)] == ["i-2", "i-3", "i-4", "i-5"]
    assert rest.next_cursor is None
