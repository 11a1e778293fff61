"""Proofs: one small text, checked without the gateway, by our code and by anybody's."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from gateway.record import BadNote, Missing, Notary, Signer, Store, export_lines, read_record, verify_proof, write_proof
from tests.record.rows import entry, exchange, fill, keep

SIGNER = Signer("passerelle/test", b"s" * 32)
SIZE = 19


@pytest.fixture
def signed(store: Store, tmp_path: Path) -> tuple[Store, str]:
    """A log of SIZE entries and its checkpoint."""
    fill(store, SIZE, per_unit=3)
    return store, store.checkpoint(Notary(tmp_path / "checkpoints", SIGNER))


def proof_of(store: Store, note: str, seq: int) -> str:
    with store.glance() as unit:
        return write_proof(unit.log, seq, note, SIGNER.verifier)


def test_every_entry_under_a_checkpoint_is_proven_by_a_small_text(signed: tuple[Store, str]) -> None:
    store, note = signed
    for seq in range(SIZE):
        text = proof_of(store, note, seq)
        proven = verify_proof(text, SIGNER.verifier)
        assert (proven.seq, proven.checkpoint.size) == (seq, SIZE)
        assert read_record(proven.record).facts == {"n": seq}
        assert len(text) < 2048


def test_a_proof_is_checked_by_thirty_lines_of_anybodys_code(signed: tuple[Store, str]) -> None:
    store, note = signed
    for seq in range(SIZE):
        proof, _, checkpoint = proof_of(store, note, seq).partition("\n\n")
        first, extra, index, *path = proof.split("\n")
        assert first == "c2sp.org/tlog-proof@v1"
        size, root = checkpoint.split("\n")[1:3]
        hash = hashlib.sha256(b"\0" + base64.b64decode(extra.removeprefix("extra "))).digest()
        at, last = int(index.removeprefix("index ")), int(size) - 1
        for step in map(base64.b64decode, path):
            while not at & 1 and at == last:  # a level where our subtree has no sibling
                at, last = at >> 1, last >> 1
            hash = hashlib.sha256(b"\1" + (step + hash if at & 1 else hash + step)).digest()
            at, last = at >> 1, last >> 1
        assert base64.b64encode(hash).decode() == root


def test_a_proof_holds_for_nothing_else(signed: tuple[Store, str]) -> None:
    store, note = signed
    text = proof_of(store, note, 4)
    lines = text.split("\n")
    for bad in (
        text.replace("index 4", "index 5"),
        text.replace("index 4", "index 04"),
        text.replace("index 4", "index -4"),
        text.replace("@v1", "@v2"),
        text.replace(f"\n{SIZE}\n", "\n18\n"),
        text.replace(lines[1], "extra " + base64.b64encode(b"{}").decode()),
        text.replace(lines[3], lines[4]),
        text.replace(lines[3] + "\n", ""),
        text.replace(lines[3], "?"),
        text.replace("\n\n", "\n"),
        text.replace(lines[1] + "\n", ""),
        "",
        "x" * 300_000,
    ):
        with pytest.raises(BadNote):
            verify_proof(bad, SIGNER.verifier)
    with pytest.raises(BadNote):
        verify_proof(text, Signer("passerelle/test", b"o" * 32).verifier)
    with pytest.raises(BadNote):
        verify_proof(text, SIGNER.verifier, record="another")


def test_what_a_checkpoint_does_not_cover_cannot_be_proven_by_it(signed: tuple[Store, str]) -> None:
    store, note = signed
    fill(store, 1)
    for seq in (SIZE, SIZE + 1, 999):
        with pytest.raises(Missing):
            proof_of(store, note, seq)


def test_an_old_proof_holds_after_the_record_was_purged(signed: tuple[Store, str]) -> None:
    store, note = signed
    before = proof_of(store, note, 7)
    record = verify_proof(before, SIGNER.verifier).record
    with store.unit() as unit:
        from tests.record.conftest import NOW

        assert unit.log.purge(NOW.replace(year=2030), policy="1y", actor="gateway") == SIZE + 1
    after = proof_of(store, note, 7)
    assert verify_proof(before, SIGNER.verifier).seq == 7
    assert verify_proof(after, SIGNER.verifier, record=record).seq == 7
    with pytest.raises(BadNote, match="lacks"):
        verify_proof(after, SIGNER.verifier)


def test_an_export_is_enough_to_recompute_the_whole_log(signed: tuple[Store, str]) -> None:
    store, note = signed
    with store.glance() as unit:
        lines = [json.loads(line) for line in export_lines(unit.log.every())][:SIZE]

    def root(leaves: list[bytes]) -> bytes:  # RFC 9162 §2.1.1, word for word
        if len(leaves) == 1:
            return leaves[0]
        k = 1 << (len(leaves) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()

    leaves = [hashlib.sha256(b"\0" + line["record"].encode()).digest() for line in lines]
    assert [leaf.hex() for leaf in leaves] == [line["leaf"] for line in lines]
    assert base64.b64encode(root(leaves)).decode() == note.split("\n")[2]


def test_an_export_of_one_tenant_holds_nobody_elses_entries(store: Store) -> None:
    keep(store, exchange())
    keep(store, exchange(tenant="another"))
    with store.unit() as unit:
        unit.audit(entry(tenant="another", kind="audit-exported"))
    with store.glance() as unit:
        assert [kept.seq for kept in unit.log.every("another")] == [1, 2]
        assert [kept.seq for kept in unit.log.every("another", start=2)] == [2]
