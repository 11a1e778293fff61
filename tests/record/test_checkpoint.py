"""Checkpoints: signed outside the database, and only over a log that continues what was signed before."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.model.errors import Broken
from gateway.record import BadNote, Notary, Signer, Store, read_checkpoint, upgrade
from tests.record.conftest import Clock, Database
from tests.record.rows import fill
from tests.record.test_verify import records, rewrite

SIGNER = Signer("passerelle/test", b"s" * 32)


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    return Notary(tmp_path / "checkpoints", SIGNER)


def test_a_checkpoint_says_origin_size_and_root(store: Store, notary: Notary) -> None:
    fill(store, 3)
    with store.glance() as unit:
        head = unit.log.head()
    note = store.checkpoint(notary)
    assert note.split("\n")[:4] == ["passerelle/test", "3", base64.b64encode(head.root).decode(), ""]
    assert read_checkpoint(note, notary.verifier).root == head.root
    assert notary.latest() == note
    assert notary.all() == [note]


def test_signing_is_told_in_the_log_and_nothing_new_is_not_signed_again(store: Store, notary: Notary) -> None:
    fill(store, 3)
    note = store.checkpoint(notary)
    assert store.checkpoint(notary) == note
    with store.glance() as unit:
        last = unit.log.last_of("checkpoint-signed")
        assert last is not None
        assert (last.seq, unit.log.head().size) == (3, 4)
    fill(store, 1)
    assert read_checkpoint(store.checkpoint(notary), notary.verifier).size == 5
    assert len(notary.all()) == 2


def test_a_log_without_entries_can_be_signed(store: Store, notary: Notary) -> None:
    store.checkpoint(notary)
    fill(store, 2)
    assert read_checkpoint(store.checkpoint(notary), notary.verifier).size == 3


def test_a_shortened_or_rewritten_log_is_never_signed(store: Store, notary: Notary) -> None:
    fill(store, 9)
    note = store.checkpoint(notary)
    whole = records(store)
    forged = [whole[0].replace("worker:test", "worker:else"), *whole[1:]]
    for other in (whole[:7], forged, [*forged, whole[-1]]):
        rewrite(store, other)
        with pytest.raises(Broken, match=r"does not continue|rewritten"):
            store.checkpoint(notary)
        assert notary.all() == [note]


def test_a_lost_folder_of_checkpoints_stops_the_signing(store: Store, notary: Notary, tmp_path: Path) -> None:
    fill(store, 2)
    store.checkpoint(notary)
    fill(store, 2)
    with pytest.raises(Broken, match="missing"):
        store.checkpoint(Notary(tmp_path / "elsewhere", SIGNER))


def test_a_checkpoint_of_another_key_in_the_folder_stops_the_signing(store: Store, notary: Notary) -> None:
    fill(store, 2)
    store.checkpoint(notary)
    fill(store, 2)
    with pytest.raises(BadNote):
        store.checkpoint(Notary(notary._folder, Signer("passerelle/test", b"o" * 32)))


def test_many_who_sign_at_once_sign_one_history(database: Database, store: Store, notary: Notary) -> None:
    stores = [store, database.open()]
    fill(store, 5)

    def sign(number: int) -> None:
        fill(stores[number % 2], 2)
        stores[number % 2].checkpoint(Notary(notary._folder, SIGNER))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sign, range(6)))
    verdict = store.verify(notary.all(), notary.verifier)
    assert (verdict.whole, verdict.tail_checked) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "another/log\n3\n" + "A" * 43 + "=\n",
        "passerelle/test\n03\n" + "A" * 43 + "=\n",
        "passerelle/test\n-3\n" + "A" * 43 + "=\n",
        "passerelle/test\n3\nAAAA\n",
        "passerelle/test\n3\n????\n",
        "passerelle/test\n3\n",
        "passerelle/test\n" + "9" * 30 + "\n" + "A" * 43 + "=\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        read_checkpoint(SIGNER.sign(text), SIGNER.verifier)


def test_a_database_put_back_to_an_older_day_is_noticed(fresh_url: Callable[[str], str], tmp_path: Path) -> None:
    """The whole file replaced by yesterday's copy: consistent in itself, and behind what was signed."""
    url = fresh_url("sqlite")
    upgrade(url)
    notary, file = Notary(tmp_path / "checkpoints", SIGNER), Path(url.removeprefix("sqlite:///"))
    store = Database(url, Clock(), []).open()
    fill(store, 5)
    store.close()
    yesterday = file.read_bytes()
    store = Database(url, Clock(), []).open()
    fill(store, 5)
    note = store.checkpoint(notary)
    store.close()
    for rest in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        rest.unlink(missing_ok=True)
    file.write_bytes(yesterday)
    store = Database(url, Clock(), []).open()
    fill(store, 1)
    with pytest.raises(Broken, match="does not continue"):
        store.checkpoint(notary)
    assert store.verify().whole
    assert store.verify([note], notary.verifier).why == "cut"
    store.close()
