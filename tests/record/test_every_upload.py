"""Uploads on both engines: whole or not there, one client's, one exchange's, and gone with their key."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from gateway.model.dossier import Exchange
from gateway.model.errors import Broken
from gateway.record import CHUNK, Arriving, Silent, Stale, Store, Taken, Upload
from gateway.record.schema import upload_chunks, uploads
from gateway.record.store import Unit
from tests.record.conftest import NOW, Clock, Database
from tests.record.rows import entry, exchange

DIGEST = "ab" * 32
LONG_AGO = NOW - timedelta(days=1)
DATA = os.urandom(2 * CHUNK + 7)


def begin(store: Store, client: str = "logimed", digest: str = DIGEST) -> Arriving:
    with store.unit() as unit:
        return unit.uploads.begin("cpts", client, digest)


def bring(store: Store, arriving: Arriving, data: bytes) -> None:
    """Every piece, each in a commit of its own."""
    pieces = [data[at : at + CHUNK] for at in range(0, max(len(data), 1), CHUNK)]
    for n, piece in enumerate(pieces):
        with store.unit(lasting=False) as unit:
            unit.uploads.add(arriving, n, piece, last=n == len(pieces) - 1)


def keep(store: Store, arriving: Arriving, size: int) -> bool:
    with store.unit() as unit:
        unit.audit(entry(kind="content-uploaded"))
        return unit.uploads.keep(arriving, size)


def put(store: Store, data: bytes = DATA, client: str = "logimed", digest: str = DIGEST) -> bool:
    arriving = begin(store, client, digest)
    bring(store, arriving, data)
    return keep(store, arriving, len(data))


def find(store: Store, client: str = "logimed", digest: str = DIGEST, tenant: str = "cpts") -> Upload | None:
    with store.glance() as unit:
        return unit.uploads.find(tenant, client, digest, LONG_AGO)


def found(store: Store) -> Upload:
    upload = find(store)
    assert upload is not None
    return upload


def take(store: Store, upload: Upload, by: Exchange, *, told: bool = True) -> None:
    """An event that names it is accepted."""
    with store.unit() as unit:
        unit.uploads.take(upload, by.id)
        unit.audit(entry(by if told else None))


def read(store: Store, upload: Upload) -> bytes:
    with store.glance() as unit:
        return b"".join(unit.uploads.chunk(upload, n) for n in range(max(1, -(-upload.size // CHUNK))))


def rows(store: Store) -> tuple[int, int]:
    """Uploads and pieces there are."""
    with store.glance() as unit:
        every = unit.uploads._transaction.all
        return len(every(select(uploads.c.id))), len(every(select(upload_chunks.c.n)))


def clear(store: Store) -> int:
    """Take away everything dropped; how many commits it took."""
    commits = 0
    while True:
        with store.unit() as unit:
            if not unit.uploads.remove():
                return commits
        commits += 1


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_what_was_put_is_read_back_whole(size: int, store: Store) -> None:
    assert put(store, DATA[:size])
    upload = found(store)
    assert (upload.size, read(store, upload)) == (size, DATA[:size])


def test_an_upload_does_not_exist_before_its_last_commit(store: Store) -> None:
    arriving = begin(store)
    bring(store, arriving, DATA)
    assert find(store) is None
    keep(store, arriving, len(DATA))
    assert find(store) is not None


def test_a_piece_does_not_wait_for_the_disk_and_the_commit_that_makes_it_count_does(store: Store) -> None:
    def waits(unit: Unit) -> object:
        sqlite = store._engine.dialect.name == "sqlite"
        asked = text("PRAGMA synchronous" if sqlite else "SHOW synchronous_commit")
        return {1: False, 2: True, "off": False, "on": True}[unit.uploads._transaction.run(asked).scalar_one()]

    for _ in range(2):  # neither kind's connections are ever the other's
        with store.unit(lasting=False) as unit:
            assert not waits(unit)
        with store.unit() as unit:
            assert waits(unit)


def test_what_may_be_lost_promises_nothing(store: Store) -> None:
    arriving = begin(store)
    bring(store, arriving, b"x")
    with pytest.raises(Broken), store.unit(lasting=False) as unit:
        unit.audit(entry(kind="content-uploaded"))
    with pytest.raises(Silent), store.unit(lasting=False) as unit:
        unit.uploads.keep(arriving, 1)
    assert find(store) is None


def test_it_belongs_to_one_software_of_one_tenant(store: Store) -> None:
    put(store)
    assert find(store, client="autrelog") is None
    assert find(store, tenant="msp") is None
    assert find(store, digest="cd" * 32) is None


def test_keeping_it_in_silence_is_refused_and_keeps_nothing(store: Store) -> None:
    arriving = begin(store)
    bring(store, arriving, b"x")
    with pytest.raises(Silent), store.unit() as unit:
        unit.uploads.keep(arriving, 1)
    assert find(store) is None


def test_putting_it_again_replaces_it_and_its_time_begins_anew(store: Store, clock: Clock) -> None:
    assert put(store, b"first")
    clock.ahead(hours=20)
    assert not put(store, b"again")
    clock.ahead(hours=20)
    with store.glance() as unit:
        upload = unit.uploads.find("cpts", "logimed", DIGEST, clock() - timedelta(hours=24))
    assert upload is not None
    assert read(store, upload) == b"again"
    clear(store)
    assert rows(store) == (1, 1)


def test_one_given_up_half_way_leaves_nothing(store: Store) -> None:
    arriving = begin(store)
    bring(store, arriving, DATA)
    with store.unit() as unit:
        unit.uploads.drop(arriving)
    with pytest.raises(Stale):
        keep(store, arriving, len(DATA))
    assert clear(store) >= 2
    assert rows(store) == (0, 0)
    with pytest.raises(Taken), store.unit() as unit:
        unit.uploads.add(arriving, 3, b"late", last=True)


def test_two_pieces_never_take_one_place(store: Store) -> None:
    arriving = begin(store)
    bring(store, arriving, b"x")
    with pytest.raises(Taken), store.unit() as unit:
        unit.uploads.add(arriving, 0, b"y", last=True)


def test_an_exchange_takes_it_and_no_other_can(store: Store) -> None:
    put(store)
    upload, ours, theirs = found(store), exchange(), exchange()
    take(store, upload, ours)
    assert find(store) is None
    with pytest.raises(Stale):
        take(store, upload, theirs)
    with store.glance() as unit:
        assert unit.uploads.of("cpts", ours.id) == upload
        assert unit.uploads.of("cpts", theirs.id) is None
        assert unit.uploads.of("msp", ours.id) is None
    assert read(store, upload) == DATA
    assert put(store)  # the digest is free again: a second event needs a second upload


def test_taking_it_needs_an_entry_about_the_exchange(store: Store) -> None:
    put(store)
    with pytest.raises(Silent):
        take(store, found(store), exchange(), told=False)
    assert find(store) is not None


def test_erasing_the_exchange_erases_its_upload(store: Store) -> None:
    put(store)
    upload, ours = found(store), exchange()
    take(store, upload, ours)
    with store.glance() as unit:
        wrapped = unit.uploads._transaction.first(select(uploads.c.wrapped))
    assert wrapped is not None
    with pytest.raises(Broken):  # the settings' key alone opens it no more: only with the exchange's
        store._vault.unwrap(wrapped[0], "cpts", f"upload:{upload.id}")
    with store.unit() as unit:
        unit.contents.erase("cpts", ours.id)
        unit.audit(entry(ours))
    with store.glance() as unit:
        assert unit.uploads.of("cpts", ours.id) is None
    with pytest.raises(Broken):
        read(store, upload)
    clear(store)
    assert rows(store) == (0, 0)


def test_what_nobody_named_goes_after_its_time_and_what_stopped_arriving_as_well(store: Store, clock: Clock) -> None:
    put(store)
    put(store, client="autrelog")
    bring(store, begin(store, digest="cd" * 32), b"dead")
    clock.ahead(hours=1)
    begin(store, digest="ef" * 32)

    def expire(hours: float) -> dict[str, int]:
        with store.unit() as unit:
            gone = unit.uploads.expire(
                waiting=clock() - timedelta(hours=hours), arriving=clock() - timedelta(minutes=30)
            )
            if gone:
                unit.audit(entry(kind="content-expired"))
            return dict(gone)

    assert expire(24) == {}
    clear(store)
    assert rows(store) == (3, 6)
    assert expire(0.5) == {"cpts": 2}
    clear(store)
    assert rows(store) == (1, 0)


def test_dropping_what_was_promised_needs_an_entry(store: Store) -> None:
    put(store, b"x")
    with pytest.raises(Silent), store.unit() as unit:
        unit.uploads.expire(waiting=NOW + timedelta(days=1), arriving=NOW)


def test_an_old_one_is_not_found_even_before_it_is_swept(store: Store, clock: Clock) -> None:
    put(store, b"x")
    with store.glance() as unit:
        assert unit.uploads.find("cpts", "logimed", DIGEST, clock.ahead(seconds=1)) is None


def test_the_bytes_that_wait_are_counted_for_each_client(store: Store) -> None:
    put(store, b"12345")
    put(store, b"123", digest="cd" * 32)
    put(store, b"1", client="autrelog")
    with store.glance() as unit:
        assert unit.uploads.waiting("cpts", "logimed") == 8
        assert unit.uploads.waiting("cpts", "nobody") == 0


@pytest.mark.parametrize(
    "change",
    [
        update(uploads).values(size=2 * CHUNK),  # an end cut off
        update(uploads).values(size=3 * CHUNK),
        update(upload_chunks).where(upload_chunks.c.n < 2).values(n=1 - upload_chunks.c.n + 10),  # pieces exchanged
    ],
)
def test_pieces_cut_off_or_moved_do_not_open(change: object, store: Store) -> None:
    put(store)
    with store.unit() as unit:
        unit.uploads._transaction.write(change)  # type: ignore[arg-type]
        unit.uploads._transaction.write(
            update(upload_chunks).where(upload_chunks.c.n >= 10).values(n=upload_chunks.c.n - 10)
        )
    with pytest.raises(Broken):
        read(store, found(store))


def test_nothing_of_it_stands_in_clear(store: Store, database: Database) -> None:
    put(store, b"PLAIN WORDS " * 1000)
    with store.glance() as unit:
        row = unit.uploads._transaction.first(select(uploads))
        (piece,) = unit.uploads._transaction.all(select(upload_chunks.c.sealed))
    assert row is not None
    assert DIGEST not in repr(row)
    assert bytes.fromhex(DIGEST) not in bytes(row.digest)
    assert b"PLAIN" not in bytes(piece.sealed)
