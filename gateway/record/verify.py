"""Verifying: the whole log recomputed from its records, and everything stored compared with what comes out.

Whoever can rewrite the database can rewrite all of it alike: only checkpoints kept elsewhere show that, and only they
show that the end is missing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from gateway.record.checkpoint import Checkpoint, read_checkpoint
from gateway.record.log import read_record
from gateway.record.note import BadNote, Verifier
from gateway.record.schema import entries, nodes, tree
from gateway.record.transaction import Transaction
from gateway.record.tree import Frontier, Node, leaf_hash

AT_ONCE = 4096  # entries

WHY = {
    "missing": "an entry is missing",
    "record": "the record is not what was hashed",
    "moved": "the record belongs to another place",
    "columns": "what the entry is found by is not what its record says",
    "tree": "the tree's stored hashes are not those of the entries",
    "stray": "there is something the log did not write",
    "head": "the head is not that of the entries",
    "cut": "the end is missing",
    "purge": "a record was taken away and no entry says so",
    "rewritten": "the entries are not those a checkpoint was signed over; the first wrong one is this or a later one",
    "signature": "a checkpoint is not signed by the log's key",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found.

    entries       how many there are
    first_wrong   the first entry that is wrong, where one can be named
    why           a word of WHY, None when whole
    tail_checked  False when no checkpoint was given: then nobody has looked whether the end was cut off
    """

    whole: bool
    entries: int
    first_wrong: int | None
    why: str | None
    tail_checked: bool


class Wrong(Exception):
    """Internal: what is wrong, and with which entry."""

    def __init__(self, why: str, seq: int | None) -> None:
        super().__init__(why)
        self.why, self.seq = why, seq


def verify(transaction: Transaction, notes: Sequence[str], verifier: Verifier | None) -> Verdict:
    """Recompute the log and compare; `notes` are signed checkpoints kept elsewhere, `verifier` the key they need."""
    walk = _Walk(transaction)
    try:
        walk.expect(_signed(notes, verifier))
        walk.entries()
        walk.end()
    except Wrong as wrong:
        return Verdict(False, walk.count(), wrong.seq, wrong.why, bool(notes))
    except (ValueError, TypeError, AttributeError):  # a row that holds another kind of thing than its column should
        return Verdict(False, walk.count(), walk.frontier.size, "columns", bool(notes))
    return Verdict(True, walk.frontier.size, None, None, bool(notes))


def _signed(notes: Sequence[str], verifier: Verifier | None) -> list[Checkpoint]:
    try:
        return sorted(
            (read_checkpoint(note, _needed(verifier)) for note in notes), key=lambda checkpoint: checkpoint.size
        )
    except BadNote:
        raise Wrong("signature", None) from None


def _needed(verifier: Verifier | None) -> Verifier:
    if verifier is None:
        raise BadNote("A checkpoint needs the log's key")
    return verifier


class _Walk:
    """One pass from the first entry to the last."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.frontier = Frontier()
        self._checkpoints: list[Checkpoint] = []
        self._agreed = 0  # size of the last checkpoint that was right
        self._purged: list[list[int]] = []  # ranges of entries without record
        self._told: list[tuple[int, int]] = []  # ranges a kept entry says were purged

    def expect(self, checkpoints: list[Checkpoint]) -> None:
        """Checkpoints to meet on the way, smallest first."""
        self._checkpoints = checkpoints

    def count(self) -> int:
        """How many entries there are, right or wrong."""
        number: int = self._transaction.run(select(func.count()).select_from(entries)).scalar_one()
        return number

    def entries(self) -> None:
        """Every entry in order, with the tree's nodes it completes."""
        self._meet()
        while rows := self._rows(AT_ONCE):
            start, made = self.frontier.size, {}
            for row in rows:
                self._entry(row)
                for level, index, hash in self.frontier.append(bytes(row.leaf)):
                    made[level, index] = hash
                self._meet()
            self._compare(made, self._stored(start, self.frontier.size))

    def end(self) -> None:
        """The head, nothing beyond it, purges accounted for, checkpoints all met."""
        size = self.frontier.size
        if self._checkpoints:
            raise Wrong("cut", size)
        head = self._transaction.first(select(tree))
        if head is None:
            raise Wrong("head", None)
        if head.size < size:
            raise Wrong("stray", head.size)
        if head.size > size:
            raise Wrong("cut", size)
        if (bytes(head.root), bytes(head.frontier)) != (self.frontier.root, self.frontier.packed):
            raise Wrong("head", None)
        below = self._transaction.run(select(func.count()).select_from(entries).where(entries.c.seq < 0)).scalar_one()
        stored = self._transaction.run(select(func.count()).select_from(nodes)).scalar_one()
        if below or stored != sum(size >> level for level in range(size.bit_length())):
            raise Wrong("stray", None)
        for first, last in self._purged:
            self._purge_told(first, last)

    def _rows(self, limit: int) -> Sequence[Row[Any]]:
        start = self.frontier.size
        wanted = select(entries).where(entries.c.seq >= start).order_by(entries.c.seq)
        try:
            return self._transaction.all(wanted.limit(limit))
        except (ValueError, TypeError):  # a column that holds no time: come closer until it stands alone
            if limit == 1:
                raise Wrong("columns", start) from None
            return self._rows(limit // 2)

    def _entry(self, row: Row[Any]) -> None:
        seq = self.frontier.size
        if row.seq != seq:
            raise Wrong("missing", seq)
        if row.record is None:
            if self._purged and self._purged[-1][1] == seq - 1:
                self._purged[-1][1] = seq
            else:
                self._purged.append([seq, seq])
            return
        if leaf_hash(row.record.encode()) != bytes(row.leaf):
            raise Wrong("record", seq)
        try:
            if json.loads(row.record)["seq"] != seq:
                raise Wrong("moved", seq)
            entry = read_record(row.record)
        except (ValueError, LookupError, TypeError):
            raise Wrong("record", seq) from None
        said = (entry.tenant, entry.kind, entry.at, entry.exchange, entry.patient)
        if said != (row.tenant, row.kind, row.at, row.exchange, row.patient):
            raise Wrong("columns", seq)
        first, last = entry.facts.get("first"), entry.facts.get("last")
        if entry.kind == "records-purged" and isinstance(first, int) and isinstance(last, int):
            self._told.append((first, last))

    def _meet(self) -> None:
        while self._checkpoints and self._checkpoints[0].size == self.frontier.size:
            if self._checkpoints[0].root != self.frontier.root:
                raise Wrong("rewritten", self._agreed)
            self._agreed = self._checkpoints.pop(0).size

    def _stored(self, start: int, end: int) -> dict[Node, bytes]:
        ranges = [
            and_(nodes.c.level == level, nodes.c.index >= start >> level, nodes.c.index < end >> level)
            for level in range(end.bit_length())
            if start >> level < end >> level
        ]
        rows = self._transaction.run(select(nodes.c.level, nodes.c.index, nodes.c.hash).where(or_(*ranges)))
        return {(level, index): bytes(hash) for level, index, hash in rows}

    def _compare(self, made: dict[Node, bytes], stored: dict[Node, bytes]) -> None:
        if made == stored:
            return
        wrong = [node for node, hash in made.items() if stored.get(node) != hash]
        if not wrong:
            raise Wrong("stray", None)
        level, index = min(wrong)  # the deepest wrong node first: its leaves are the entries in question
        raise Wrong("tree", index << level)

    def _purge_told(self, first: int, last: int) -> None:
        for start, end in sorted(self._told):
            if start <= first <= end:
                first = end + 1
        if first <= last:
            raise Wrong("purge", first)
