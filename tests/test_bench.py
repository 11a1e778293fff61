"""The bench compares what can be compared."""

from __future__ import annotations

import re

from bench.__main__ import HERE, MEASURES
from bench.ccda import ccda, french
from bench.memory import measure
from bench.pack import packed_with
from gateway.pack import as_event, read_cda

SAME = 100_000


def test_every_measure_of_the_bench_is_a_file_and_no_file_is_forgotten() -> None:
    runs = {file.name for file in HERE.glob("*.py") if "json.dumps" in file.read_text("utf-8")}
    assert set(MEASURES.values()) == runs - {"__main__.py", "peers.py", "validate_peer.py"}


def test_readers_are_compared_on_documents_of_one_size_with_one_body() -> None:
    ours, theirs = french(packed_with(1_000).cda, SAME), ccda(SAME).encode()
    assert abs(len(ours) - len(theirs)) < 0.06 * SAME
    first = [re.search(rb"<entry .*?</entry>", one) for one in (ours, theirs)]
    assert [re.sub(rb" xmlns:xsi=\S+", b"", found[0]) for found in first if found] == [first[1][0]] * 2  # type: ignore[index]


def test_what_the_bench_reads_becomes_an_event_with_its_document_unchanged() -> None:
    document = french(packed_with(1_000).cda, SAME)
    event, notices = as_event(read_cda(document))
    assert notices == ()
    assert event.report.document.data == document  # type: ignore[attr-defined]


def test_packing_holds_less_than_three_times_a_large_document() -> None:
    assert measure("allocated", 8_000_000) < 3
