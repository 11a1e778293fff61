"""A hostile body is refused before it costs anything; a large honest one is read."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc

import pytest

from gateway.model.errors import Rejected
from gateway.model.event import ReportShared
from gateway.translate import read_many, read_vendor
from gateway.translate.body import read_json, write_json
from gateway.translate.body.json import pointer
from gateway.translate.path import parse as steps
from tests.translate.dialects import EXAMPLES, dialects
from tests.translate.speech import speak


def refused(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as wrong:
        read_json(body)
    return [(fault.code, fault.pointer) for fault in wrong.value.faults]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        '{"a": "é"}'.encode("latin-1"),
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 9007199254740992}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\\ud800\\ud800"}',
        b'{"a": "\x00"}',
        b'{"a": "unfinished',
        b'{"a": "unfinished\\',
        b'"' * 4_000_001,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_json_in_utf_8_is_refused(body: bytes) -> None:
    assert refused(body) == [("not-json", "")]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null"])
def test_a_body_is_an_object(body: bytes) -> None:
    assert refused(body) == [("wrong-type", "")]


def test_a_key_may_not_come_twice_wherever_it_is() -> None:
    assert refused(b'{"a": [{"b/c": 1, "b/c": 2}], "d": 1, "d": 1}') == [
        ("duplicate-key", "/d"),
        ("duplicate-key", "/a/0/b~1c"),
    ]


def test_a_hundred_levels_are_read_and_one_more_is_not() -> None:
    assert read_json(b'{"a":' + b"[" * 99 + b"]" * 99 + b"}")
    assert refused(b'{"a":' + b"[" * 100 + b"]" * 100 + b"}") == [("too-deep", "")]


def test_brackets_inside_a_text_are_text() -> None:
    assert read_json(json.dumps({"a": '[{"' * 500}).encode()) == {"a": '[{"' * 500}


@pytest.mark.parametrize("deep", [b"[" * 10_000, b'{"a":' * 10_000, b"[" * 20_000_000])
def test_a_deep_body_costs_milliseconds(deep: bytes) -> None:
    started = time.process_time()
    assert refused(deep) == [("too-deep", "")]
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize(
    "body", [b"[" + b"[]," * 500_000 + b"[]]", b'{"a":[' + b"1," * 1_100_000 + b"1]}"], ids=["lists", "numbers"]
)
def test_a_body_of_a_million_pieces_is_refused_without_being_parsed(body: bytes) -> None:
    started = time.process_time()
    assert refused(body) == [("too-many", "")]
    assert time.process_time() - started < 5


def test_escaped_quotes_without_end_are_read_once() -> None:
    started = time.process_time()
    assert refused(b'{"a":"' + b'\\"' * 2_000_000) == [("not-json", "")]
    assert time.process_time() - started < 2


def test_the_largest_number_every_software_holds_is_read() -> None:
    assert read_json(b'{"a": -9007199254740991}') == {"a": -9007199254740991}


def test_a_surrogate_pair_is_one_character() -> None:
    assert read_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


def test_what_is_written_is_read_back() -> None:
    tree = {"é": ["\N{GRINNING FACE}", 1, True, {}], "b": "\n"}
    assert read_json(write_json(tree)) == tree


@pytest.mark.parametrize("text", ["/a~1b/~0/0", "/", "//x"])
def test_a_pointer_and_its_steps_are_one(text: str) -> None:
    assert pointer(steps(text)) == text


@pytest.mark.parametrize("text", ["", "a", "/a~3", "/a~"])
def test_a_path_that_is_no_pointer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a path begins with /"):
        steps(text)


def test_an_event_beside_another_in_a_file_has_its_faults_at_their_column_in_the_file() -> None:
    body = '[{"é": {}}, {"type": "FETE"},\n {"type":\n  "FETE"}]'
    told = []
    for item in read_many(body.encode(), speak("")):
        assert isinstance(item.event, Rejected)
        told += [(fault.pointer, fault.line, fault.column) for fault in item.event.faults]
    assert told == [("/0/type", 1, 2), ("/1/type", 1, 22), ("/2/type", 3, 3)]


def test_a_report_of_20_mb_is_read_within_six_times_its_size() -> None:
    tree = json.loads(next(file for file in EXAMPLES if file.stem == "report.shared").read_bytes())
    pdf = b"%PDF-1.4" + bytes(15_000_000)
    tree["report"]["document"]["data"] = base64.b64encode(pdf).decode()
    body = json.dumps(tree).encode()
    ours = dialects().get("canonical")
    tracemalloc.start()
    event = read_vendor(body, ours)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(event, ReportShared)
    assert event.report.document is not None
    assert event.report.document.data == pdf
    assert peak < 6 * len(body)


def test_a_fault_in_one_line_of_many_values_is_found_in_the_time_of_reading_it() -> None:
    event = json.loads(next(file for file in EXAMPLES if file.stem == "team.created").read_bytes())
    member = event["team"]["members"][0]
    event["team"]["members"] = [{**member, "id": f"M{n}"} for n in range(4000)]
    body = json.dumps(event).encode()
    started = time.process_time()
    with pytest.raises(Rejected) as wrong:
        read_vendor(body, dialects().get("canonical"))
    assert time.process_time() - started < 4
    (fault,) = wrong.value.faults
    assert (fault.code, fault.line, fault.column) == ("too-many", 1, body.index(b'[{"id": "M0"') + 1)
