"""Signed notes, as others write and read them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import Broken
from gateway.record import BadNote, Signer, Verifier
from gateway.record.note import LARGEST

# The example in the documentation of golang.org/x/mod/sumdb/note, whose format became c2sp.org/signed-note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Signer("passerelle/test", b"s" * 32)


def test_a_note_signed_by_another_implementation_is_read() -> None:
    assert Verifier.read(GO_KEY).open(GO_NOTE) == GO_TEXT
    assert Verifier.read(GO_KEY).line == GO_KEY


@settings(max_examples=30, deadline=None)
@given(lines=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_what_is_signed_is_what_is_read(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    assert SIGNER.verifier.open(SIGNER.sign(text)) == text


def test_other_peoples_signatures_are_ignored_beside_ours() -> None:
    other = Signer("witness.example", b"w" * 32).sign("hello\n").split("\n\n")[1]
    note = SIGNER.sign("hello\n") + other
    assert SIGNER.verifier.open(note) == "hello\n"
    assert Signer("witness.example", b"w" * 32).verifier.open(note) == "hello\n"


NOTE = SIGNER.sign("hello\n")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "hello\n",
        "\n\n",
        NOTE.replace("hello", "hullo"),
        NOTE.removesuffix("\n"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("passerelle/test", "passerelle/else"),
        NOTE.replace("hello\n", "hello\r\n"),
        NOTE + "— x !!!\n",
        NOTE + f"— passerelle/test {base64.b64encode(SIGNER.verifier.id + bytes(64)).decode()}\n",
        "x" * LARGEST + NOTE,
    ],
)
def test_a_note_that_is_malformed_or_not_ours_is_refused(bad: str) -> None:
    with pytest.raises(BadNote):
        SIGNER.verifier.open(bad)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "name",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY[:-4],
        GO_KEY.replace("+AR", "+BR"),
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
    ],
)
def test_a_key_line_that_is_not_one_is_refused(line: str) -> None:
    with pytest.raises(BadNote):
        Verifier.read(line)


def test_a_seed_of_another_length_and_a_text_that_cannot_be_a_note_are_refused() -> None:
    with pytest.raises(Broken):
        Signer("x", b"short")
    for text in ("no newline", "two\n\n"):
        with pytest.raises(ValueError, match="one newline"):
            SIGNER.sign(text)
