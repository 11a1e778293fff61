"""The Merkle tree: published roots, an independent implementation, and every small proof."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.record.tree import (
    EMPTY,
    Frontier,
    consistency,
    hashes,
    inclusion,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves and nine roots published with Certificate Transparency, whose trees RFC 6962 and 9162 describe.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Grown:
    """A tree kept as the store keeps it."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [EMPTY]
        self.frontier = Frontier()
        for leaf in leaves:
            for level, index, hash in self.frontier.append(leaf_hash(leaf)):
                self.nodes[level, index] = hash
            self.roots.append(self.frontier.root)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return hashes(inclusion(index, size), self.nodes)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return hashes(consistency(old, new), self.nodes)


def numbered(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


def test_roots_are_the_published_ones() -> None:
    assert [root.hex() for root in Grown(LEAVES).roots] == ROOTS


def test_the_published_proofs_come_out() -> None:
    tree = Grown(LEAVES)
    # PATH(0, D[8]) and PROOF(6, D[8]) of the same published set
    assert [hash.hex() for hash in tree.inclusion(0, 8)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [hash.hex() for hash in tree.consistency(6, 8)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_proof_of_every_small_tree_is_good_and_only_for_its_own_leaf() -> None:
    leaves = numbered(40)
    tree = Grown(leaves)
    for size in range(1, 41):
        for index in range(size):
            proof = tree.inclusion(index, size)
            assert verify_inclusion(leaf_hash(leaves[index]), index, size, proof, tree.roots[size])
            assert not verify_inclusion(leaf_hash(b"another"), index, size, proof, tree.roots[size])
            assert not verify_inclusion(leaf_hash(leaves[index]), (index + 1) % (size + 1), size, proof, b"")
            if proof:
                assert not verify_inclusion(leaf_hash(leaves[index]), index, size, proof[:-1], tree.roots[size])
            assert not verify_inclusion(leaf_hash(leaves[index]), index, size, [*proof, EMPTY], tree.roots[size])


def test_every_small_tree_is_the_beginning_of_every_larger_one() -> None:
    tree = Grown(numbered(40))
    for new in range(1, 41):
        for old in range(1, new + 1):
            proof = tree.consistency(old, new)
            assert verify_consistency(old, new, tree.roots[old], tree.roots[new], proof)
            assert not verify_consistency(old, new, EMPTY, tree.roots[new], proof)
            assert not verify_consistency(old, new, tree.roots[old], EMPTY, proof)
            if old < new:
                assert not verify_consistency(old, new, tree.roots[old], tree.roots[new], [*proof, EMPTY])
                assert not verify_consistency(old, new, tree.roots[old], tree.roots[new], proof[:-1])


def test_the_empty_tree_begins_every_other() -> None:
    assert verify_consistency(0, 5, EMPTY, sha256(b"any").digest(), [])
    assert not verify_consistency(0, 5, sha256(b"x").digest(), sha256(b"any").digest(), [])
    assert not verify_consistency(5, 4, EMPTY, EMPTY, [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(index, size)
    assert not verify_inclusion(EMPTY, index, size, [], EMPTY)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 2)])
def test_no_consistency_is_proved_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="older tree"):
        consistency(old, new)


def test_a_frontier_is_kept_and_taken_up_again() -> None:
    tree = Grown(numbered(37))
    again = Frontier.load(37, tree.frontier.packed)
    assert again.root == tree.roots[37]
    with pytest.raises(ValueError, match="one 32-byte hash"):
        Frontier.load(36, tree.frontier.packed)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 300), seed=st.integers(0, 2**32))
def test_an_independent_implementation_agrees(count: int, seed: int) -> None:
    pymerkle = pytest.importorskip("pymerkle", reason="the oracle is a development dependency")
    drawn = random.Random(seed)
    leaves = [drawn.randbytes(drawn.randrange(40)) for _ in range(count)]
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        oracle.append_entry(leaf)
    tree = Grown(leaves)
    assert oracle.get_root() == tree.roots[count]
    index, old = drawn.randrange(count), drawn.randrange(1, count + 1)
    assert oracle.get_root(old) == tree.roots[old]
    theirs = [bytes.fromhex(hash) for hash in oracle.prove_inclusion(index + 1, count).serialize()["path"]]
    assert sorted(theirs) == sorted([leaf_hash(leaves[index]), *tree.inclusion(index, count)])
