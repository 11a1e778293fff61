"""Proofs an auditor checks alone (c2sp.org/tlog-proof@v1): entry, path and signed checkpoint in one small text.

The entry itself travels in the `extra` line; only its hash is vouched for, so nothing is believed before it is hashed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.record.checkpoint import Checkpoint, read_checkpoint
from gateway.record.log import Kept
from gateway.record.note import BadNote, Verifier
from gateway.record.tree import Span, inclusion, leaf_hash, verify_inclusion
from gateway.record.troubles import Missing

FIRST = "c2sp.org/tlog-proof@v1"
LARGEST = 256 * 1024  # characters


class Log(Protocol):
    """What proving asks of a log."""

    def get(self, seq: int) -> Kept | None:
        """An entry."""
        ...

    def hashes(self, spans: Sequence[Span]) -> list[bytes]:
        """Hashes of spans of leaves."""
        ...


@dataclass(frozen=True, slots=True)
class Proven:
    """What a good proof shows: this record is entry number `seq` of the log the checkpoint speaks of."""

    seq: int
    record: str
    checkpoint: Checkpoint


def write_proof(log: Log, seq: int, note: str, verifier: Verifier) -> str:
    """The proof that entry `seq` is under a signed checkpoint. A purged entry's proof goes without its text.

    Raises Missing when there is no such entry, or the checkpoint is older than it; BadNote.
    """
    kept, checkpoint = log.get(seq), read_checkpoint(note, verifier)
    if kept is None or seq >= checkpoint.size:
        raise Missing("entry under this checkpoint")
    extra = [f"extra {_text(kept.record.encode())}"] if kept.record is not None else []
    path = [_text(hash) for hash in log.hashes(inclusion(seq, checkpoint.size))]
    return "\n".join([FIRST, *extra, f"index {seq}", *path, "", note])


def verify_proof(text: str, verifier: Verifier, record: str | None = None) -> Proven:
    """Check a proof with the log's public key alone.

    record  the entry's exact text, where it was kept elsewhere; otherwise the one that came with the proof

    Raises BadNote, saying what is wrong.
    """
    if len(text) > LARGEST:
        raise BadNote("This proof is too large")
    proof, blank, note = text.partition("\n\n")
    lines = proof.split("\n")
    if not blank or lines.pop(0) != FIRST:
        raise BadNote("This is not a proof")
    if lines and lines[0].startswith("extra "):
        extra = _bytes(lines.pop(0).removeprefix("extra "))
        record = extra.decode("utf-8", "replace") if record is None else record
    if not lines or not lines[0].startswith("index ") or record is None:
        raise BadNote("The proof lacks its index or its entry")
    index = lines.pop(0).removeprefix("index ")
    if not (index.isascii() and index.isdecimal() and len(index) < 19 and str(int(index)) == index):
        raise BadNote("The proof's index is malformed")
    checkpoint, path = read_checkpoint(note, verifier), [_bytes(line) for line in lines]
    leaf = leaf_hash(record.encode())
    if len(path) > 63 or not verify_inclusion(leaf, int(index), checkpoint.size, path, checkpoint.root):
        raise BadNote("The entry is not in the log at this place")
    return Proven(int(index), record, checkpoint)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("The proof holds something that is not base64") from None
