"""The Merkle tree of RFC 9162 §2.1 (the same as RFC 6962's), as pure functions over hashes.

A node (level, index) is the root of the perfect subtree over leaves [index·2^level, (index+1)·2^level). Only perfect
subtrees are ever stored: they never change, and every root and proof is made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]
EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees, largest first."""
    if not peaks:
        return EMPTY
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class Frontier:
    """The right edge of a growing tree: all that appending needs, at most 64 hashes."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self._peaks = size, list(peaks)
        if len(self._peaks) != size.bit_count() or any(len(peak) != 32 for peak in self._peaks):
            raise ValueError("a frontier has one 32-byte hash for each bit of its size")

    @classmethod
    def load(cls, size: int, packed: bytes) -> Frontier:
        """From what `packed` gave."""
        return cls(size, (packed[at : at + 32] for at in range(0, len(packed), 32)))

    @property
    def packed(self) -> bytes:
        """Its hashes in a row, largest subtree first."""
        return b"".join(self._peaks)

    @property
    def root(self) -> bytes:
        """The tree's root as it stands."""
        return fold(self._peaks)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; returns the nodes it completed as (level, index, hash), the leaf itself first."""
        made, hash, level = [(0, self.size, leaf)], leaf, 0
        while self.size >> level & 1:
            hash = node_hash(self._peaks.pop(), hash)
            level += 1
            made.append((level, self.size >> level, hash))
        self._peaks.append(hash)
        self.size += 1
        return made


Span = tuple[int, int]
"""Leaves [start, end)."""


def pieces(span: Span) -> list[Node]:
    """The perfect subtrees a span of a proof is made of, largest first."""
    start, end = span
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def hashes(spans: Sequence[Span], nodes: Mapping[Node, bytes]) -> list[bytes]:
    """The hash of each span, from the nodes named by `pieces`."""
    return [fold([nodes[piece] for piece in pieces(span)]) for span in spans]


def _split(start: int, end: int) -> int:
    return start + (1 << ((end - start - 1).bit_length() - 1))


def inclusion(index: int, size: int) -> list[Span]:
    """Spans whose hashes prove that leaf `index` is in the tree of that size, sibling first (RFC 9162 §2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[Span]:
    """Spans whose hashes prove that the tree of size `old` is the beginning of that of size `new` (§2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError("the older tree must not be empty, nor larger")
    start, end, whole, path = 0, new, True, []
    while end != old:
        middle = _split(start, end)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    if not whole:
        path.append((start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """True when the proof leads from the leaf's hash to the root (§2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, hash = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            hash = node_hash(step, hash)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            hash = node_hash(hash, step)
        first, last = first >> 1, last >> 1
    return last == 0 and hash == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """True when the proof shows the old tree to be the beginning of the new one (§2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and old_root == (EMPTY if old == 0 else new_root)
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_hash = new_hash = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_hash, new_hash = node_hash(step, old_hash), node_hash(step, new_hash)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new_hash = node_hash(new_hash, step)
        first, last = first >> 1, last >> 1
    return last == 0 and old_hash == old_root and new_hash == new_root
