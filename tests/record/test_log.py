"""An entry's text is RFC 8785, by whichever way it was written, and tells the entry back."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.audit import Entry
from gateway.model.errors import Broken
from gateway.record import read_record
from gateway.record.log import write_record
from tests.record.conftest import NOW
from tests.record.rows import entry

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)


@settings(max_examples=100, deadline=None)
@given(
    facts=st.dictionaries(WORDS, st.one_of(WORDS, NUMBERS, st.booleans()), max_size=6),
    exchange=st.none() | WORDS,
    leg=st.none() | st.integers(1, 500),
    seq=st.integers(0, 2**40),
)
def test_a_record_is_canonical_and_tells_the_entry_back(
    facts: dict[str, str | int | bool], exchange: str | None, leg: int | None, seq: int
) -> None:
    one: Entry = entry(facts=facts, exchange=exchange, leg=leg)
    record = write_record(one, seq, b"s" * 32)
    tree = json.loads(record)
    assert record == rfc8785.dumps(tree)
    assert (tree["v"], tree["seq"], tree["salt"]) == (1, seq, "73" * 32)
    assert read_record(record.decode()) == one


@pytest.mark.parametrize("facts", [{"n": 2**53}, {"n": -(2**60)}, {"half": "\ud800"}, {"\ud800": 1}, {"x": 1.5j}])
def test_a_fact_that_has_no_canonical_form_is_refused(facts: dict[str, str | int | bool]) -> None:
    with pytest.raises(Broken):
        write_record(entry(facts=facts, at=NOW), 0, b"s" * 32)
