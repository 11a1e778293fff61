"""The published schemas: every event fits its own, and what a schema refuses the reader refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, Event, read_event, write_event
from gateway.model.schema import schema, schemas
from tests.strategies import events

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
VALIDATORS = {kind: Draft202012Validator(schema(kind)) for kind in KINDS}


def fits(tree: dict[str, Any]) -> bool:
    return VALIDATORS[tree["type"]].is_valid(tree)


def test_every_type_has_a_schema_that_is_itself_valid() -> None:
    assert schemas().keys() == KINDS.keys()
    for one in schemas().values():
        Draft202012Validator.check_schema(one)
        assert one["description"]
        assert one["additionalProperties"] is False


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_example_fits_the_schema_of_its_type(file: Path) -> None:
    tree = json.loads(file.read_text(encoding="utf-8"))
    assert [error.json_path for error in VALIDATORS[tree["type"]].iter_errors(tree)] == []


def test_there_is_an_example_of_every_type_carried() -> None:
    assert {file.stem for file in EXAMPLES} == set(KINDS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events())
def test_every_event_fits_its_schema_in_short_form_and_in_long(event: Event) -> None:
    assert fits(write_event(event))
    assert fits({"type": event.type, **form.write(event, short=False)})


BREAKS = {
    "a field of no type": lambda tree: tree.__setitem__("nonsense", 1),
    "a null": lambda tree: tree.__setitem__("legal", None),
    "no sender": lambda tree: tree.pop("sender"),
    "a patient that is a text": lambda tree: tree.__setitem__("patient", "DUPONT"),
    "an unknown status of identity": lambda tree: tree["patient"].__setitem__("identity_status", "sure"),
    "a date that is a number": lambda tree: tree["patient"].__setitem__("birth_date", 19790328),
    "an instant without zone": lambda tree: tree.__setitem__("occurred_at", "2026-11-20T09:30:00"),
    "a list that is an object": lambda tree: tree.__setitem__("recipients", {}),
    "a flag that is a text": lambda tree: tree["patient"].__setitem__("multiple_birth", "yes"),
    "a rank that is a text": lambda tree: tree["patient"].__setitem__("birth_rank", "1"),
    "a name on two lines": lambda tree: tree["patient"].__setitem__("birth_name", "DUP\r\nONT"),
    "an empty name": lambda tree: tree["patient"].__setitem__("birth_name", ""),
    "a short RPPS": lambda tree: tree["sender"].__setitem__("rpps", "1010001234"),
    "a short INS": lambda tree: tree["patient"].__setitem__("ins", {"number": "279035121518"}),
    "a FINESS of ten": lambda tree: tree["sender"].__setitem__("organization", {"finess": "7500001270"}),
    "too many names": lambda tree: tree["patient"].__setitem__("given_names", ["A"] * 501),
    "an endless name": lambda tree: tree["patient"].__setitem__("birth_name", "A" * 501),
    "an id of 129 characters": lambda tree: tree.__setitem__("id", "x" * 129),
    "a commune of four digits": lambda tree: tree["patient"].__setitem__("birth_place", "5121"),
}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
@pytest.mark.parametrize("what", BREAKS)
def test_a_broken_form_is_refused_by_the_schema_and_by_the_reader(what: str, file: Path) -> None:
    tree = json.loads(file.read_text(encoding="utf-8"))
    BREAKS[what](tree)
    assert not fits(tree)
    with pytest.raises(Rejected):
        read_event(tree)


def _places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(place for key, value in inner for place in _places(value, (*at, key)))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.data(), st.sampled_from(EXAMPLES), st.sampled_from([None, 1, 1.5, True, "", "x", "\n", [], {}, {"x": 1}, ["x"]])
)
def test_whatever_the_schema_refuses_the_reader_refuses(data: st.DataObject, file: Path, junk: Any) -> None:
    tree = json.loads(file.read_text(encoding="utf-8"))
    place = data.draw(st.sampled_from([at for at in _places(tree) if at and at != ("type",)]))
    inner = tree
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = junk
    if not fits(tree):
        with pytest.raises(Rejected):
            read_event(tree)
