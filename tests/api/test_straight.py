"""An event that comes without parameters goes the straight way, and is answered as on the framework's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from gateway.api import Limits, create_app
from gateway.api.app import know_parameters
from gateway.api.callers import admit
from gateway.api.pressure import have_room
from gateway.api.straight import Straight
from gateway.journey.pressure import Ceilings, Pressure
from tests.api.conftest import House, served, visit
from tests.api.test_events import JSON
from tests.api.test_pressure import Disk, under

Example = Callable[..., dict[str, Any]]
Asked = tuple[bytes, dict[str, str]]
FRAMEWORK = "?dry_run=false"  # a parameter that changes nothing: the framework reads it


def heard(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """What an answer says, but for its own number and hour."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    told = json.loads(answer.content)
    told.pop("request_id", None)
    headers.pop("content-length")  # of a body that holds that number
    return answer.status_code, headers, told


def requests(example: Example, house: House) -> dict[str, Asked]:
    """A request of every kind: to be taken in, and to be refused for each reason in turn."""
    event = json.dumps(example("team.created")).encode()
    wrong = json.dumps(example("team.created", id="other", patient={"ins": {"number": "1"}})).encode()
    other = json.dumps({**example("team.created"), "occurred_at": "2026-11-01T09:00:00+01:00"}).encode()
    return {
        "taken in": (event, JSON),
        "taken in before, with other words": (other, JSON),
        "of a stranger": (event, {**JSON, "Authorization": "Bearer nobody"}),
        "of another role": (event, {**JSON, **house.bearer("auditor")}),
        "too large": (b" " * 350_000, JSON),
        "much too large": (b" " * 900_000, JSON),
        "of another type": (event, {"Content-Type": "text/plain"}),
        "with a bad key": (event, {**JSON, "Idempotency-Key": "x" * 256}),
        "without JSON": (b"{", JSON),
        "without a body": (b"", JSON),
        "with faults": (wrong, JSON),
    }


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/canonical", "/v1/events/klingon"])
def test_both_ways_answer_alike(path: str, house: House, http: httpx.Client, example: Example) -> None:
    statuses = set()
    for what, (body, headers) in requests(example, house).items():
        straight, other = (http.post(path + way, content=body, headers=headers) for way in ("", FRAMEWORK))
        assert heard(straight) == heard(other), what
        statuses.add(straight.status_code)
    assert statuses >= {401, 403, 413, 422}
    assert path.endswith("klingon") or statuses == {202, 400, 401, 403, 409, 413, 415, 422}


@pytest.mark.parametrize("ceilings", [Ceilings(disk=2_000_000), Ceilings(memory=10)])
def test_both_ways_ask_for_room(ceilings: Ceilings, house: House, example: Example) -> None:
    pressed = under(house, Pressure(ceilings, disk=Disk(1_500_000), resident=lambda: 11))
    with served(pressed, Limits()) as address, visit(address, house.bearer()) as http:
        answers = [http.post("/v1/events" + way, json=example("team.created")) for way in ("", FRAMEWORK)]
    assert heard(answers[0]) == heard(answers[1])
    assert answers[0].status_code in (429, 507)


def test_what_the_framework_asks_before_an_endpoint_is_what_the_straight_way_asks(house: House) -> None:
    straight = [one for one in iter_route_contexts(create_app(house.gateway).routes) if _is_straight(one)]
    assert {one.operation_id for one in straight} == {"send-event", "send-event-in-dialect"}
    for one in straight:
        assert [asked.dependency for asked in one.dependencies] == [admit, know_parameters, have_room]


def _is_straight(one: Any) -> bool:
    return isinstance(one.original_route, Straight)
