from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deliver.wording import LONGEST, one_line


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("250 2.0.0 Ok: queued as 4jX3kg4ZYFz1SCPD", "250 2.0.0 Ok: queued as 4jX3kg4ZYFz1SCPD"),
        ("<279035121518989@patient.mssante.fr>: no", "<***@patient>: no"),
        ("to=279035121518989@PATIENT.mssante.fr", "***@patient"),
        ("rfc822;2790351215189@patient.mssante.fr", "rfc822;***@patient"),
        ("INS 279035121518989.", "INS ***."),
        ("NIR 2790351215189 unknown", "NIR *** unknown"),
        ("2 79 03 51 215 189 89", "***"),
        ("1 87 12 2A 004 123", "***"),
        ("18712 2b004123", "***"),
        ("rpps 10100012342 at a.mssante.test", "rpps 10100012342 at a.mssante.test"),
        ("dr@a.mssante.test", "dr@a.mssante.test"),
        ("a\r\n250 ok\tb\0c\x1b[31m", "a 250 ok b c [31m"),
        ("left\u202eright\u200b\u2028", "left right"),
        (b"caf\xe9", "caf\ufffd"),
        ("", ""),
    ],
)
def test_words_are_kept_without_patients_and_on_one_line(said: str | bytes, kept: str) -> None:
    assert one_line(said) == kept


@settings(max_examples=200)
@given(st.text() | st.binary())
def test_whatever_is_said_fits_a_report(said: str | bytes) -> None:
    kept = one_line(said)
    assert len(kept) <= LONGEST
    assert kept.isprintable()


@settings(max_examples=100)
@given(st.from_regex(r"\A[12]\d{4}(\d\d|2[AB])\d{6}(\d\d)?\Z"), st.sampled_from(["", "<", " ", ": ", "("]))
def test_a_patients_number_never_stays(number: str, before: str) -> None:
    assert number not in one_line(f"550 {before}{number} unknown")
    assert number not in one_line(f"550 {before}{number}@patient.mssante.fr")


def test_a_flood_of_words_takes_no_time() -> None:
    assert len(one_line("1 " * 5_000_000)) == LONGEST
    assert len(one_line("a@" * 5_000_000)) == LONGEST
