"""The vault: what it seals opens in its own place, under its own key, unchanged, and nowhere else."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import Broken
from gateway.record import Vault
from gateway.record.vault import bound

VAULT = Vault(b"k" * 32, draw=os.urandom)
KEY = b"o" * 32


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=300), where=st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_what_is_sealed_opens_as_it_was(data: bytes, where: list[str]) -> None:
    sealed = VAULT.seal(KEY, data, *where)
    assert VAULT.open(KEY, sealed, *where) == data
    assert len(sealed) == len(data) + 28
    assert VAULT.unwrap(VAULT.wrap(KEY, *where), *where) == KEY


def test_one_changed_byte_another_place_or_another_key_and_nothing_opens() -> None:
    sealed = VAULT.seal(KEY, b"data", "t", "x", "event")
    for at in range(len(sealed)):
        bad = bytearray(sealed)
        bad[at] ^= 1
        with pytest.raises(Broken):
            VAULT.open(KEY, bytes(bad), "t", "x", "event")
    for key, where in ((b"p" * 32, ("t", "x", "event")), (KEY, ("t", "x", "event2")), (KEY, ("tx", "", "event"))):
        with pytest.raises(Broken):
            VAULT.open(key, sealed, *where)
    with pytest.raises(Broken):
        VAULT.open(KEY, b"", "t", "x", "event")


def test_a_wrapped_key_opens_for_its_owner_only_and_is_no_content() -> None:
    wrapped = VAULT.wrap(KEY, "t", "x")
    with pytest.raises(Broken):
        VAULT.unwrap(wrapped, "t", "y")
    with pytest.raises(Broken):
        Vault(b"n" * 32, draw=os.urandom).unwrap(wrapped, "t", "x")
    assert Vault(b"n" * 32, draw=os.urandom, old=[b"k" * 32]).unwrap(wrapped, "t", "x") == KEY


@given(first=st.lists(st.text(max_size=4), max_size=3), second=st.lists(st.text(max_size=4), max_size=3))
def test_no_two_places_are_bound_alike(first: list[str], second: list[str]) -> None:
    assert (bound(*first) == bound(*second)) == (first == second)


def test_a_key_of_another_length_is_refused() -> None:
    for kek, old in ((b"short", []), (b"k" * 32, [b"short"])):
        with pytest.raises(Broken, match="32 bytes"):
            Vault(kek, draw=os.urandom, old=old)
