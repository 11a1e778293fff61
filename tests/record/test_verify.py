"""Whoever changes the log is found out, and where: rows changed in the database itself, its locks taken off first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gateway.record import WHY, Notary, Signer, Store, Verdict, read_record
from gateway.record.schema import entries, nodes, tree
from gateway.record.tree import Frontier, leaf_hash
from tests.record.conftest import NOW, Database
from tests.record.rows import entry, fill

SIZE = 21
TRIGGERS = ("entries_stay", "entries_unchanged", "nodes_update", "nodes_delete", "tree_stays")
LOCKS = {
    "sqlite": [f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS],
    "postgresql": [f"ALTER TABLE {name} DISABLE TRIGGER ALL" for name in ("entries", "nodes", "tree")],
}


@pytest.fixture
def log(store: Store) -> Store:
    """A log of SIZE entries, some of them in one commit."""
    fill(store, SIZE, per_unit=4)
    return store


def tamper(store: Store, *statements: str) -> None:
    """Take the locks off, then change what is stored."""
    with store._engine.begin() as connection:
        unlock(connection)
        for statement in statements:
            connection.execute(text(statement))


def unlock(connection: Connection) -> None:
    for statement in LOCKS[connection.dialect.name]:
        connection.execute(text(statement))


def rewrite(store: Store, records: Sequence[str]) -> None:
    """Make the database hold exactly these records, with a tree that agrees: the best an intruder can do."""
    with store._engine.begin() as connection:
        unlock(connection)
        kept = {row.seq: row for row in connection.execute(entries.select())}
        for table in (entries, nodes, tree):
            connection.execute(table.delete())
        frontier = Frontier()
        for seq, record in enumerate(records):
            told = read_record(record)
            row = {"seq": seq, "tenant": told.tenant, "kind": told.kind, "at": told.at, "record": record}
            connection.execute(entries.insert(), row | {"leaf": leaf_hash(record.encode())})
            for level, index, hash in frontier.append(leaf_hash(record.encode())):
                connection.execute(nodes.insert(), {"level": level, "index": index, "hash": hash})
        edge = {"id": 1, "size": frontier.size, "root": frontier.root, "frontier": frontier.packed}
        connection.execute(tree.insert(), edge)
        assert kept


def records(store: Store) -> list[str]:
    with store.glance() as unit:
        return [kept.record or "" for kept in unit.log.every()]


def notary(tmp_path: Path) -> Notary:
    return Notary(tmp_path / "checkpoints", Signer("passerelle/test", b"s" * 32))


def test_an_untouched_log_is_whole_and_says_that_its_end_was_not_looked_for(log: Store) -> None:
    assert log.verify() == Verdict(True, SIZE, None, None, tail_checked=False)


def test_an_empty_log_is_whole(store: Store) -> None:
    assert store.verify() == Verdict(True, 0, None, None, tail_checked=False)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET kind = 'other' WHERE seq = 3",
        "UPDATE entries SET record = 'x' WHERE seq = 3",
        "UPDATE entries SET record = NULL, kind = 'other' WHERE seq = 3",
        "UPDATE entries SET record = NULL, patient = 'other' WHERE seq = 3",
        "DELETE FROM entries WHERE seq = 3",
        "DELETE FROM entries",
        "UPDATE nodes SET hash = hash",
        "DELETE FROM nodes WHERE level = 1",
        "DELETE FROM tree",
    ],
)
def test_the_database_itself_refuses_changes_of_the_log(log: Store, change: str) -> None:
    with pytest.raises(DBAPIError, match="the audit log stays"), log._engine.begin() as connection:
        connection.execute(text(change))
    assert log.verify().whole


CHANGES = {
    "a record edited": (["UPDATE entries SET record = replace(record, 'worker', 'Worker') WHERE seq = 5"], 5, "record"),
    "a record and its salt replaced by nonsense": (["UPDATE entries SET record = '{}' WHERE seq = 5"], 5, "record"),
    "a leaf hash flipped": (["UPDATE entries SET leaf = (SELECT root FROM tree) WHERE seq = 5"], 5, "record"),
    "a tenant changed": (["UPDATE entries SET tenant = 'another' WHERE seq = 5"], 5, "columns"),
    "a kind changed": (["UPDATE entries SET kind = 'key-created' WHERE seq = 0"], 0, "columns"),
    "an entry hidden from its exchange": (["UPDATE entries SET exchange = 'x' WHERE seq = 20"], 20, "columns"),
    "an entry deleted": (["DELETE FROM entries WHERE seq = 7"], 7, "missing"),
    "the first entry deleted": (["DELETE FROM entries WHERE seq = 0"], 0, "missing"),
    "the last entry deleted": (["DELETE FROM entries WHERE seq = 20"], 20, "cut"),
    "all entries deleted": (["DELETE FROM entries"], 0, "cut"),
    "two entries exchanged": (
        [
            "UPDATE entries SET seq = 100 WHERE seq = 4",
            "UPDATE entries SET seq = 4 WHERE seq = 9",
            "UPDATE entries SET seq = 9 WHERE seq = 100",
        ],
        4,
        "moved",
    ),
    "an entry inserted at the end": (
        ["INSERT INTO entries SELECT 21, tenant, kind, at, exchange, patient, record, leaf FROM entries WHERE seq = 3"],
        21,
        "moved",
    ),
    "an entry inserted before the first": (
        ["INSERT INTO entries SELECT -1, tenant, kind, at, exchange, patient, record, leaf FROM entries WHERE seq = 3"],
        None,
        "stray",
    ),
    "a record taken away without a purge": (["UPDATE entries SET record = NULL WHERE seq = 6"], 6, "purge"),
    "a leaf of the tree replaced": (
        ["UPDATE nodes SET hash = (SELECT root FROM tree) WHERE level = 0 AND index = 11"], 11, "tree",
    ),
    "a node replaced": (["UPDATE nodes SET hash = (SELECT root FROM tree) WHERE level = 2 AND index = 1"], 4, "tree"),
    "a node deleted": (["DELETE FROM nodes WHERE level = 3 AND index = 1"], 8, "tree"),
    "a node inserted": (["INSERT INTO nodes SELECT 9, 0, root FROM tree"], None, "stray"),
    "the root replaced": (["UPDATE tree SET root = frontier"], None, "head"),
    "the size raised": (["UPDATE tree SET size = 22"], 21, "cut"),
    "the size lowered": (["UPDATE tree SET size = 20"], 20, "stray"),
    "the head deleted": (["DELETE FROM tree"], None, "head"),
}  # fmt: skip


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_every_change_is_found_and_its_first_entry_named(log: Store, change: str) -> None:
    statements, first_wrong, why = CHANGES[change]
    tamper(log, *(statement.replace("index =", '"index" =') for statement in statements))
    verdict = log.verify()
    assert (verdict.whole, verdict.first_wrong, verdict.why) == (False, first_wrong, why)
    assert why in WHY


def test_a_record_and_its_hash_changed_alike_are_found_in_the_tree(log: Store) -> None:
    record = records(log)[5].replace("worker:test", "worker:else")
    with log._engine.begin() as connection:
        unlock(connection)
        forged = {"record": record, "leaf": leaf_hash(record.encode())}
        connection.execute(entries.update().where(entries.c.seq == 5).values(forged))
    assert log.verify() == Verdict(False, SIZE, 5, "tree", tail_checked=False)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # PostgreSQL's columns hold their own kind only
def test_a_row_of_another_kind_is_found_not_stumbled_over(log: Store) -> None:
    for statement, first_wrong in (
        ("UPDATE entries SET at = 'yesterday' WHERE seq = 13", 13),
        ("UPDATE entries SET leaf = 5 WHERE seq = 9", 9),
    ):
        with log._engine.begin() as connection:
            unlock(connection)
            connection.execute(text(statement))
        verdict = log.verify()
        assert (verdict.whole, verdict.first_wrong) == (False, first_wrong)


def test_a_cut_end_is_found_with_a_checkpoint_and_only_with_one(log: Store, tmp_path: Path) -> None:
    note = log.checkpoint(notary(tmp_path))
    rewrite(log, records(log)[: SIZE - 3])
    assert log.verify().whole, "nothing inside the database can show it"
    verdict = log.verify([note], notary(tmp_path).verifier)
    assert verdict == Verdict(False, SIZE - 3, SIZE - 3, "cut", tail_checked=True)


def test_a_rewritten_past_is_found_with_a_checkpoint_and_placed_after_the_last_that_agrees(
    log: Store, tmp_path: Path
) -> None:
    signing, kept = notary(tmp_path), [log.checkpoint(notary(tmp_path))]
    fill(log, 5)
    kept.append(log.checkpoint(signing))
    forged = records(log)
    forged[23] = forged[23].replace("worker:test", "worker:else")
    rewrite(log, forged)
    assert log.verify().whole
    assert log.verify([kept[0]], signing.verifier).whole, "the older checkpoint covers only the untouched part"
    verdict = log.verify(kept[::-1], signing.verifier)
    assert (verdict.whole, verdict.first_wrong, verdict.why) == (False, SIZE, "rewritten")


def test_every_checkpoint_of_a_growing_log_agrees(log: Store, tmp_path: Path) -> None:
    signing = notary(tmp_path)
    for _ in range(3):
        log.checkpoint(signing)
        fill(log, 3)
    notes = signing.all()
    assert len(notes) == 3
    verdict = log.verify(notes, signing.verifier)
    assert (verdict.whole, verdict.tail_checked) == (True, True)


def test_a_checkpoint_nobody_signed_is_no_checkpoint(log: Store, tmp_path: Path) -> None:
    signing = notary(tmp_path)
    note = log.checkpoint(signing)
    forged = note.replace(f"\n{SIZE}\n", "\n20\n")
    for bad, key in ((forged, signing.verifier), ("", signing.verifier), (note, None)):
        assert log.verify([bad], key).why == "signature"
    assert log.verify([note], Signer("passerelle/test", b"o" * 32).verifier).why == "signature"


def test_a_purge_takes_records_away_and_every_older_checkpoint_still_verifies(log: Store, tmp_path: Path) -> None:
    signing = notary(tmp_path)
    note = log.checkpoint(signing)
    with log.unit() as unit:
        unit.audit(entry(at=NOW + timedelta(days=1)))
    with log.unit() as unit:
        assert unit.log.purge(NOW + timedelta(days=1), policy="1y", actor="gateway") == SIZE + 1
    assert [record for record in records(log)[: SIZE + 1] if record] == []
    verdict = log.verify([note], signing.verifier)
    assert (verdict.whole, verdict.entries) == (True, SIZE + 3)
    with log.unit() as unit:
        assert unit.log.purge(NOW + timedelta(days=1), policy="1y", actor="gateway") == 0
    tamper(log, f"UPDATE entries SET record = NULL WHERE seq = {SIZE + 1}")
    assert log.verify() == Verdict(False, SIZE + 3, SIZE + 1, "purge", tail_checked=False)


def test_a_later_purge_may_take_the_earlier_one_away(log: Store, database: Database) -> None:
    for days in (1, 2):
        database.clock.ahead(days=1)
        with log.unit() as unit:
            unit.audit(entry(at=database.clock.now))
        with log.unit() as unit:
            assert unit.log.purge(database.clock.now, policy="1y", actor="gateway") > 0
        assert log.verify().whole, days


def test_the_salt_hides_what_a_purged_entry_said(log: Store) -> None:
    first, second = records(log)[:2]
    same = first.replace('"n":0', '"n":1').replace('"seq":0', '"seq":1')
    assert same != second, "the salts differ"
    assert len({sha256(record.encode()).digest() for record in records(log)}) == SIZE
