"""An event comes in: once, whole, or refused with every reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from gateway.api.events import AcceptedEvent, Foreseen
from gateway.api.problem import Problem
from tests.api.conftest import House

Example = Callable[..., dict[str, Any]]
JSON = {"Content-Type": "application/json"}


def problem(answer: httpx.Response, status: int, code: str) -> Problem:
    """The problem an answer tells, after checking its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = Problem.model_validate_json(answer.content)
    assert (told.status, told.code) == (status, code)
    assert told.title
    assert told.fr
    assert (told.en, bool(told.remedy), bool(told.remedy_en)) == (told.title, True, True)
    return told


def test_an_event_is_accepted_and_its_exchange_can_be_read_at_location(http: httpx.Client, example: Example) -> None:
    answer = http.post("/v1/events", json=example("team.created"))
    assert answer.status_code == 202, answer.text
    accepted = AcceptedEvent.model_validate_json(answer.content)
    assert accepted.state == "accepted"
    exchange = http.get(answer.headers["location"]).json()
    assert (exchange["id"], exchange["state"]) == (accepted.id, "accepted")
    assert exchange["event_id"] == example("team.created")["id"]


def test_a_dialect_is_named_in_the_address(http: httpx.Client, example: Example) -> None:
    assert http.post("/v1/events/canonical", json=example("team.created")).status_code == 202
    told = problem(http.post("/v1/events/klingon", json=example("team.created")), 422, "rejected")
    assert [error.code for error in told.errors] == ["unknown-dialect"]


@pytest.mark.parametrize("name", ["dryrun", "dry-run", "DRY_RUN"])
def test_a_misspelt_dry_run_is_refused_and_sends_nothing(name: str, http: httpx.Client, example: Example) -> None:
    told = problem(http.post(f"/v1/events?{name}=true", json=example("team.created")), 422, "unknown-parameter")
    assert [error.pointer for error in told.errors] == [f"?{name}"]
    assert http.get("/v1/exchanges").json()["items"] == []


def test_the_parameters_of_a_probe_do_no_harm(http: httpx.Client) -> None:
    assert http.get("/health/live?at=1").status_code == 200


def test_a_warning_says_what_and_where(http: httpx.Client, example: Example) -> None:
    http.post("/v1/events", json=example("team.created"))
    again = example("team.created", id="again", occurred_at="2020-01-01T00:00:00Z")
    warnings = http.post("/v1/events", json=again).json()["warnings"]
    assert {warning["code"] for warning in warnings} >= {"late-event", "older-than-known"}
    assert "/occurred_at" in [warning.get("pointer") for warning in warnings]
    assert all(warning["fr"] and warning["en"] for warning in warnings)


def test_the_same_body_again_gets_the_first_answer_again(http: httpx.Client, example: Example) -> None:
    http.post("/v1/events", json=example("team.created"))
    body = example("team.created", id="again", occurred_at="2020-01-01T00:00:00Z")
    first = http.post("/v1/events", json=body)
    reordered = json.dumps(dict(reversed(body.items())), indent=3)
    again = http.post("/v1/events", content=reordered, headers=JSON)
    assert first.json()["warnings"]
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == first.headers["location"]


def test_the_same_id_with_another_body_is_a_conflict(http: httpx.Client, example: Example) -> None:
    first = http.post("/v1/events", json=example("team.created"))
    answer = http.post("/v1/events", json=example("team.created", occurred_at="2026-11-02T10:00:00+01:00"))
    problem(answer, 409, "duplicate-event")
    assert answer.headers["location"] == first.headers["location"]


def test_an_idempotency_key_counts_before_all_else(http: httpx.Client, example: Example) -> None:
    key = {"Idempotency-Key": "order-7", "ce-source": "urn:a", "ce-id": "1"}
    first = http.post("/v1/events", json=example("team.created"), headers=key)
    assert http.post("/v1/events", json=example("team.created"), headers=key).json() == first.json()
    other = http.post("/v1/events", json=example("team.created", id="other"), headers={"Idempotency-Key": "order-7"})
    problem(other, 409, "duplicate-event")
    unused = {"ce-source": "urn:a", "ce-id": "1"}  # it came with a header that outranked it
    assert http.post("/v1/events", json=example("team.created", id="third"), headers=unused).status_code == 202


def test_an_event_id_is_unique_whatever_the_key_says(http: httpx.Client, example: Example) -> None:
    http.post("/v1/events", json=example("team.created"), headers={"Idempotency-Key": "a"})
    changed = example("team.created", occurred_at="2026-11-02T10:00:00+01:00")
    problem(http.post("/v1/events", json=changed, headers={"Idempotency-Key": "b"}), 409, "duplicate-event")


@pytest.mark.parametrize(
    "headers",
    [
        [("Idempotency-Key", "")],
        [("Idempotency-Key", "x" * 256)],
        [("Idempotency-Key", "a\tb")],
        [("Idempotency-Key", "a"), ("Idempotency-Key", "b")],
        [("ce-id", "1")],
        [("ce-source", "urn:a")],
    ],
)
def test_a_key_that_cannot_be_read_is_refused(
    headers: list[tuple[str, str]], http: httpx.Client, example: Example
) -> None:
    body = json.dumps(example("team.created")).encode()
    problem(http.post("/v1/events", content=body, headers=[*JSON.items(), *headers]), 400, "bad-header")


def cloud_event(event: Any, **other: Any) -> bytes:
    return json.dumps(
        {"specversion": "1.0", "source": "urn:logimed", "id": "7", "type": "x", "data": event, **other}
    ).encode()


def test_cloudevents_binary_and_structured_mean_the_same(http: httpx.Client, example: Example) -> None:
    binary = {"ce-specversion": "1.0", "ce-source": "urn:logimed", "ce-id": "7", "ce-type": "x"}
    first = http.post("/v1/events", json=example("team.created"), headers=binary)
    structured = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
    again = http.post("/v1/events", content=cloud_event(example("team.created")), headers=structured)
    assert first.status_code == 202, first.text
    assert again.json() == first.json()
    other = http.post("/v1/events", content=cloud_event(example("team.created", id="other")), headers=structured)
    problem(other, 409, "duplicate-event")


def test_faults_inside_a_cloudevent_point_into_the_whole_body(http: httpx.Client, example: Example) -> None:
    body = cloud_event(example("team.created", occurred_at="yesterday"))
    answer = http.post("/v1/events", content=body, headers={"Content-Type": "application/cloudevents+json"})
    (error,) = problem(answer, 422, "rejected").errors
    assert (error.code, error.pointer, error.at) == ("bad-instant", "/data/occurred_at", "/occurred_at")


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"{}", {"missing-field"}),
        (b"[]", {"not-json"}),
        (b'{"specversion":"1.0","id":"1","source":"s","data":{},}', {"not-json"}),
        (b'{"specversion":"1.0","id":"1","source":"s","data":{}} x', {"not-json"}),
        (b'{"specversion":"0.3","id":"1","source":"s","data":{}}', {"unknown-code"}),
        (b'{"specversion":"1.0","id":1,"source":"","data":{}}', {"wrong-type"}),
        (b'{"specversion":"1.0","id":"1","id":"2","source":"s","data":{}}', {"duplicate-key"}),
        (b'{"specversion":"1.0","id":"1","source":"s","data":{"a":1,"a":2}}', {"duplicate-key"}),
        (b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", {"too-deep"}),
        (b'{"data":"\xff"}', {"not-json"}),
    ],
)
def test_a_malformed_cloudevent_is_refused_by_its_code_and_audited(
    body: bytes, codes: set[str], house: House, http: httpx.Client
) -> None:
    answer = http.post("/v1/events", content=body, headers={"Content-Type": "application/cloudevents+json"})
    assert {error.code for error in problem(answer, 422, "rejected").errors} == codes
    assert [entry["facts"]["codes"] for entry in house.log("event-rejected")] == [",".join(codes)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/cloudevents-batch+json"},
        {"Content-Type": "application/json; charset=iso-8859-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_another_content_type_is_refused(headers: dict[str, str], http: httpx.Client, example: Example) -> None:
    body = json.dumps(example("team.created")).encode()
    for path in ("/v1/events", "/v1/events/canonical"):
        answer = http.post(path, content=body, headers=headers)
        problem(answer, 415, "unsupported-media-type")
        assert "application/json" in answer.headers["accept-post"]


def test_every_fault_is_told_at_once_with_its_place_and_never_its_value(
    house: House, http: httpx.Client, example: Example
) -> None:
    body = example("team.created", occurred_at="SECRET-A", nonsense="SECRET-B")
    body["patient"]["ins"]["number"] = "279035121518900"
    body["sender"]["rpps"] = "10100012340"
    told = problem(http.post("/v1/events", json=body), 422, "rejected")
    assert {(error.code, error.pointer) for error in told.errors} >= {
        ("bad-instant", "/occurred_at"),
        ("unknown-field", "/nonsense"),
        ("ins-key", "/patient/ins/number"),
        ("rpps-key", "/sender/rpps"),
    }
    assert all(error.fr and error.en and error.remedy and error.remedy_en for error in told.errors)
    text = told.model_dump_json() + repr(house.said) + json.dumps(house.log("event-rejected"))
    assert not any(value in text for value in ("SECRET", "279035121518900", "10100012340"))


def test_a_rejection_uses_up_no_id_and_no_key(http: httpx.Client, example: Example) -> None:
    key = {"Idempotency-Key": "one"}
    assert http.post("/v1/events", json=example("team.created", occurred_at="no"), headers=key).status_code == 422
    assert http.post("/v1/events", json=example("team.created"), headers=key).status_code == 202


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(house: House, http: httpx.Client, example: Example) -> None:
    params = {"dry_run": "true"}
    answer = http.post("/v1/events", json=example("team.created"), params=params, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 200, answer.text
    foreseen = Foreseen.model_validate_json(answer.content)
    assert (foreseen.type, foreseen.event_id) == ("team.created", example("team.created")["id"])
    assert foreseen.legs
    problem(http.post("/v1/events", json=example("team.created", type="no"), params=params), 422, "rejected")
    assert http.get("/v1/exchanges").json()["items"] == []
    assert house.log("event-accepted") == house.log("event-rejected") == []
    other = example("team.created", id="another")
    assert http.post("/v1/events", json=other, headers={"Idempotency-Key": "k"}).status_code == 202


def test_sixteen_at_once_with_one_id_make_one_exchange(http: httpx.Client, example: Example) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: http.post("/v1/events", json=example("team.created")), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len(http.get("/v1/exchanges").json()["items"]) == 1
