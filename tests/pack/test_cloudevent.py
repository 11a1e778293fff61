"""CloudEvents as callbacks and the inbox carry them: what was put in comes out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.pack import CloudEvent, read_cloudevent, write_cloudevent

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def made(data: bytes = b'{"a":1}', media_type: str = "application/json", **more: str) -> CloudEvent:
    return CloudEvent(
        id="E-1", source="passerelle/cpts/logimed", type="team.created", time=NOW, data=data, media_type=media_type,
        extensions=more,
    )  # fmt: skip


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_json_data_stands_as_it_is(value: object) -> None:
    event = made(json.dumps(value).encode(), dialect="canonical")
    written = write_cloudevent(event)
    assert json.loads(written)["data"] == value
    read = read_cloudevent(written)
    assert json.loads(read.data) == value
    assert (read.id, read.source, read.type, read.time, read.extensions) == (
        event.id, event.source, event.type, event.time, {"dialect": "canonical"},
    )  # fmt: skip


@given(st.text(st.characters(codec="windows-1252"), max_size=40))
def test_text_data_is_one_string_whatever_its_encoding_was(text: str) -> None:
    written = write_cloudevent(made(text.encode("windows-1252"), "text/csv; charset=windows-1252"))
    assert json.loads(written)["data"] == text
    assert json.loads(written)["datacontenttype"] == "text/csv"
    assert read_cloudevent(written).data.decode() == text


@pytest.mark.parametrize(
    "media_type", ["text/csv; charset=utf-8", "text/csv; charset=none", "application/xml; charset=latin-1"]
)
def test_what_cannot_be_a_string_without_changing_stays_bytes(media_type: str) -> None:
    data = '<?xml version="1.0" encoding="latin-1"?><é/>'.encode("latin-1")
    written = write_cloudevent(made(data, media_type))
    assert "data" not in json.loads(written)
    read = read_cloudevent(written)
    assert (read.data, read.media_type) == (data, media_type)


def test_the_same_event_is_the_same_bytes() -> None:
    assert write_cloudevent(made()) == write_cloudevent(made())


def test_it_says_the_version_and_a_time_with_its_zone() -> None:
    tree = json.loads(write_cloudevent(made()))
    assert (tree["specversion"], tree["time"]) == ("1.0", "2026-11-20T09:30:00Z")
    with pytest.raises(ValueError, match="aware"):
        CloudEvent(id="1", source="s", type="t", time=NOW.replace(tzinfo=None), data=b"{}")


@pytest.mark.parametrize("name", ["data", "id", "Dialect", "a-b", "é", ""])
def test_an_extension_has_a_name_the_standard_allows(name: str) -> None:
    with pytest.raises(ValueError, match="extension"):
        CloudEvent(id="1", source="s", type="t", time=NOW, data=b"{}", extensions={name: "x"})


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"{}", b'"x"', b"[" * 100_000,
    b'{"specversion":"0.3","id":"1","source":"s","type":"t","time":"x"}',
    b'{"specversion":"1.0","id":1,"source":"s","type":"t","time":"2026-01-01T00:00:00Z"}',
    b'{"specversion":"1.0","id":"1","source":"s","type":"t","time":"yesterday"}',
    b'{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2026-01-01T00:00:00"}',
    b'{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2026-01-01T00:00:00Z","data_base64":"!"}',
])  # fmt: skip
def test_what_is_no_cloudevent_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected):
        read_cloudevent(body)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Rejected) as refused:
        read_cloudevent(b'{"type":"","id":3}')
    assert {(fault.code, fault.at) for fault in refused.value.faults} == {
        ("wrong-type", ("id",)), ("missing-field", ("source",)), ("wrong-type", ("type",)),
        ("missing-field", ("time",)), ("unknown-code", ("specversion",)),
    }  # fmt: skip
