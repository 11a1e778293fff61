"""Every value of an event can be asked where it came from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.translate import read_vendor, split, trace
from tests.translate.dialects import EXAMPLES, dialects
from tests.translate.speech import BODY, WRITTEN, speak, written


def leaves(tree: object, at: str = "") -> set[str]:
    if isinstance(tree, dict):
        return {place for name, one in tree.items() for place in leaves(one, f"{at}/{name}")}
    if isinstance(tree, list):
        return {place for index, one in enumerate(tree) for place in leaves(one, f"{at}/{index}")}
    return {at}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_value_of_our_own_dialect_is_traced_to_itself(file: Path) -> None:
    ours = dialects().get("canonical")
    body = file.read_bytes()
    told = trace(body, ours)
    event = read_vendor(body, ours)
    found = {one.at for one in told}
    missing = {at for at in leaves(form.write(event, short=False)) if not any(at.startswith(one) for one in found)}
    assert missing == set()
    assert all(one.pointer.startswith(one.at) or one.at.startswith(one.pointer) for one in told)
    lines = body.decode().splitlines()
    assert all(one.body_line <= len(lines) and one.body_column <= len(lines[one.body_line - 1]) + 1 for one in told)


@pytest.mark.parametrize(("name", "file"), [("cabinetx", "creation.xml"), ("tableur", "lot.csv")])
def test_a_value_is_traced_to_its_line_in_the_table_and_in_the_body(name: str, file: str) -> None:
    theirs = written(name)
    body = split((WRITTEN / file).read_bytes(), theirs)[0].body
    lines = Path(theirs.file).read_text("utf-8").splitlines()
    for one in trace(body, theirs):
        last = one.at.rpartition("/")[2]
        assert one.how == "when" or last.isdecimal() or last in lines[one.line - 1], one
        assert (one.how in ("read", "when")) is bool(one.pointer)
        assert (one.how in ("read", "when")) is (one.body_line > 0 < one.body_column)
    written_there = {one.at: one for one in trace(body, theirs)}
    assert written_there["/team/members/0/rpps"].verb == "rpps"
    at = written_there["/team/members/0/rpps"]
    line = body.decode(theirs.encoding).splitlines()[at.body_line - 1]
    assert "10100054328" in line[at.body_column - 1 :][:25]


def test_constants_and_defaults_say_so() -> None:
    theirs = speak("patient.multiple_birth: {path: /jumeau, verb: flag, yes: O, no: N, default: N}")
    told = {one.at: (one.how, one.pointer) for one in trace(json.dumps(BODY).encode(), theirs)}
    assert told["/patient/multiple_birth"] == ("default", "")
    assert told["/sender/rpps"] == ("constant", "")
    assert told["/type"] == ("when", "/type")
    assert told["/id"] == ("read", "/id")


def test_a_trace_holds_no_value() -> None:
    theirs = speak("patient.birth_name: {path: /nom, verb: text}")
    assert "SECRET" not in repr(trace(json.dumps({**BODY, "nom": "SECRET"}).encode(), theirs))


def test_a_body_with_faults_has_no_trace() -> None:
    with pytest.raises(Rejected):
        trace(json.dumps({**BODY, "x": 1}).encode(), speak(""))
