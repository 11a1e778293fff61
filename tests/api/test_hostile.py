"""Whatever is sent, the answer is a refusal with a reason: never a defect of ours, never what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.api import Limits
from tests.api.conftest import ROLES, House, served, visit
from tests.api.test_callers import ask, operations
from tests.api.test_events import JSON, problem

Example = Callable[..., dict[str, Any]]

PATHS = ("/v1/events", "/v1/objections", "/v1/audit/search")
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    ["id", "type", "sender", "patient", "team", "ins", "local_id", "exchange", "kind", "cursor", "limit"]
)
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def every(house: House) -> Iterator[Callable[[str, bytes], httpx.Response]]:
    """Posts a body to a path with a key that may."""
    headers = {path: house.bearer(role) for path, role in zip(PATHS, ("vendor", "dpo", "auditor"), strict=True)}
    with served(house, Limits()) as address, visit(address) as http:
        yield lambda path, body: http.post(path, content=body, headers={**JSON, **headers[path]})


@QUIET
@given(body=st.binary(max_size=60), path=st.sampled_from(PATHS))
def test_random_bytes_are_refused(body: bytes, path: str, every: Callable[[str, bytes], httpx.Response]) -> None:
    assert every(path, body).status_code in (200, 422)  # `{}` asks the log for everything


@QUIET
@given(tree=st.dictionaries(WORDS, TREES, max_size=6) | TREES, path=st.sampled_from(PATHS))
def test_random_json_is_refused(tree: Any, path: str, every: Callable[[str, bytes], httpx.Response]) -> None:
    assert every(path, json.dumps(tree).encode()).status_code in (200, 422)


def spoil(draw: st.DrawFn, tree: Any) -> Any:
    """The same tree with something else in one place."""
    if isinstance(tree, dict) and tree and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(tree)))
        return {**tree, key: spoil(draw, tree[key])}
    if isinstance(tree, list) and tree and draw(st.integers(0, 5)):
        index = draw(st.integers(0, len(tree) - 1))
        return [*tree[:index], spoil(draw, tree[index]), *tree[index + 1 :]]
    return draw(TREES)


@QUIET
@given(data=st.data(), type=st.sampled_from(["team.created", "plan.created", "report.shared"]))
def test_an_event_spoilt_anywhere_is_accepted_or_refused(
    data: st.DataObject, type: str, every: Callable[[str, bytes], httpx.Response], example: Example
) -> None:
    tree = data.draw(st.composite(spoil)(example(type)))  # type: ignore[arg-type]
    assert every("/v1/events", json.dumps(tree).encode()).status_code in (202, 409, 422)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 10_000 + b"]" * 10_000, "too-deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too-deep"),
        (b'\xef\xbb\xbf{"id":"1"}', "not-json"),
        (b'{"id":"\xff"}', "not-json"),
        (b'{"id":NaN}', "not-json"),
        (b'{"id":' + b"9" * 10_000 + b"}", "not-json"),
        (b'{"id":"1","id":"2"}', "duplicate-key"),
        (b'{"id":"\\ud800"}', "not-json"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_json_no_one_means_to_send_is_refused_by_name(
    body: bytes, code: str, path: str, every: Callable[[str, bytes], httpx.Response]
) -> None:
    told = problem(every(path, body), 422, "rejected")
    assert [error.code for error in told.errors] == [code]


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"patient.ins.number": "279035121518900"}, "ins-key"),
        ({"sender.rpps": "10100012341"}, "rpps-key"),
        ({"sender.organization.ids.0.value": "750000128"}, "finess-key"),
        ({"type": "team.exploded"}, "unknown-type"),
        ({"type": "team.snapshot"}, "unsupported-type"),
        ({"colour": "blue"}, "unknown-field"),
        ({"occurred_at": "2026-11-20T09:30:00"}, "bad-instant"),
        ({"patient.birth_name": "PAT\r\nBcc: x@y.z"}, "control-character"),
        ({"patient.birth_name": None}, "null-field"),
        ({"id": "x" * 129}, "text-too-long"),
    ],
)
def test_each_bad_input_of_an_event_has_its_code_and_place(
    spoilt: dict[str, Any], code: str, http: httpx.Client, example: Example
) -> None:
    event: Any = example("team.created")
    ((path, value),) = spoilt.items()
    *above, last = path.split(".")
    inner = event
    for step in above:
        inner = inner[int(step)] if step.isdecimal() else inner[step]
    inner[last] = value
    told = problem(http.post("/v1/events", json=event), 422, "rejected")
    place = "/" + path.replace(".", "/")
    assert (code, place) in {(error.code, error.pointer) for error in told.errors}


def test_ten_thousand_members_are_refused(house: House, example: Example) -> None:
    event = example("team.created")
    member = event["team"]["members"][0]
    event["team"]["members"] = [{**member, "id": f"M{n}"} for n in range(10_000)]
    with served(house, Limits()) as address, visit(address, house.bearer()) as http:
        told = problem(http.post("/v1/events", json=event), 422, "rejected")
    assert [(error.code, error.pointer) for error in told.errors] == [("too-many", "/team/members")]


def test_a_member_of_an_unknown_team_is_refused(http: httpx.Client, example: Example) -> None:
    told = problem(http.post("/v1/events", json=example("team.member-joined")), 422, "rejected")
    assert [(error.code, error.pointer) for error in told.errors] == [("unknown-team", "/team/id")]


@pytest.mark.parametrize("role", ROLES)
def test_no_operation_answers_a_weird_query_with_a_defect(role: str, house: House, http: httpx.Client) -> None:
    for operation, method, path in operations(http):
        answer = ask(http, method, path + "?x=%00&dry_run=perhaps&limit=%FF&cursor[]=1", house.bearer(role))
        assert answer.status_code < 500 or answer.status_code == 501, (operation, answer.text)  # 501: has no validator
