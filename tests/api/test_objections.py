"""A patient says no: recorded, obeyed at once, taken back; and never a number that bars nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.journey.prepare import prepare
from tests.api.conftest import House
from tests.api.test_events import JSON, problem

Example = Callable[..., dict[str, Any]]
INS = {"number": "279035121518989", "kind": "NIR-TEST"}


def verdicts(house: House, http: httpx.Client, event: dict[str, Any]) -> set[tuple[str, str | None]]:
    """What becomes of each leg of an event: (state, reason)."""
    id = http.post("/v1/events", json=event).json()["id"]
    assert prepare(house.gateway, "test")
    legs = http.get(f"/v1/exchanges/{id}").json()["legs"]
    assert legs
    return {(leg["state"], leg["reason"]["code"] if leg["reason"] else None) for leg in legs}


@pytest.mark.parametrize("patient", [{"ins": INS}, {"ins": INS, "identity_status": "qualified"}, None])
def test_what_a_patient_objects_to_is_denied_until_it_is_taken_back(
    patient: dict[str, Any] | None, house: House, http: httpx.Client, example: Example
) -> None:
    patient = patient or {"local_id": example("team.created")["patient"]["local_id"]}
    before = verdicts(house, http, example("team.created", id="before"))
    answer = http.post("/v1/objections", json={"patient": patient, "event_type": "team"})
    assert answer.status_code == 201, answer.text
    assert {state for state, _ in verdicts(house, http, example("team.created", id="during"))} == {"denied"}
    assert http.post(f"/v1/objections/{answer.json()['id']}/withdraw").status_code == 200
    assert http.post(f"/v1/objections/{answer.json()['id']}/withdraw").status_code == 200  # harmless twice
    assert verdicts(house, http, example("team.created", id="after")) == before
    (recorded,) = house.log("objection-recorded")
    (withdrawn,) = house.log("objection-withdrawn")
    assert recorded["patient"] == withdrawn["patient"]
    assert INS["number"] not in json.dumps(recorded)


@pytest.mark.parametrize(
    ("recipient", "kept"),
    [
        ("RPPS:10100054328", "RPPS:10100054328"),
        ({"rpps": "10100054328"}, "RPPS:10100054328"),
        ({"finess": "750000127"}, "FINESS:750000127"),
        ({"ids": [{"scheme": "LOCAL", "system": "1.2.3", "value": "7"}]}, "LOCAL:1.2.3:7"),
        ("LOCAL:https://x.example:8/a:7", "LOCAL:https://x.example:8/a:7"),
        ("Luc.Durand@A.mssante.test", "luc.durand@a.mssante.test"),
        ({"mss": "Luc.Durand@A.mssante.test"}, "luc.durand@a.mssante.test"),
    ],
)
def test_a_recipient_is_kept_as_the_gate_compares_it(
    recipient: Any, kept: str, house: House, http: httpx.Client
) -> None:
    assert http.post("/v1/objections", json={"patient": {"ins": INS}, "recipient": recipient}).status_code == 201
    assert [entry["facts"]["recipient"] for entry in house.log("objection-recorded")] == [kept]


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({}, {("missing-field", "/patient")}),
        ({"patient": {}}, {("no-patient-identifier", "/patient")}),
        ({"patient": {"ins": {"number": "279035121518900"}}}, {("ins-key", "/patient/ins/number")}),
        ({"patient": {"ins": INS}, "recipient": "RPPS:1010005432"}, {("rpps-form", "/recipient")}),
        ({"patient": {"ins": INS}, "recipient": "RPS:10100054328"}, {("recipient-kind", "/recipient")}),
        ({"patient": {"ins": INS}, "recipient": {}}, {("recipient-kind", "/recipient")}),
        ({"patient": {"ins": INS}, "category": "3"}, {("unknown-code", "/category")}),
        ({"patient": {"ins": INS}, "event_type": "reports"}, {("unknown-type", "/event_type")}),
        (
            {"patient": {"ins": INS}, "why": "x", "category": 1},
            {("unknown-field", "/why"), ("unknown-code", "/category")},
        ),
        ([], {("wrong-type", "")}),
    ],
)
def test_an_objection_that_would_bar_nobody_is_refused(
    said: Any, faults: set[tuple[str, str]], house: House, http: httpx.Client
) -> None:
    told = problem(http.post("/v1/objections", json=said), 422, "rejected")
    assert {(error.code, error.pointer) for error in told.errors} == faults
    assert house.log("objection-recorded") == []


def test_a_thousand_faults_are_listed_and_the_rest_counted(http: httpx.Client) -> None:
    said = {"patient": {"ins": INS}, **dict.fromkeys(map(str, range(1500)), 1)}
    told = problem(http.post("/v1/objections", json=said), 422, "rejected")
    assert (len(told.errors), told.errors_omitted) == (1000, 500)


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "not-json"), (b"{", "not-json"), (b"[" * 9000, "too-deep"), (b'{"a":1,"a":1}', "duplicate-key")],
)
def test_a_body_that_is_not_json_is_refused(body: bytes, code: str, http: httpx.Client) -> None:
    told = problem(http.post("/v1/objections", content=body, headers=JSON), 422, "rejected")
    assert [error.code for error in told.errors] == [code]
    answer = http.post("/v1/objections", content=body, headers={"Content-Type": "text/plain"})
    problem(answer, 415, "unsupported-media-type")


def test_a_dpo_names_the_software_whose_number_it_is_and_a_vendor_may_not_name_another(
    house: House, http: httpx.Client, example: Example
) -> None:
    said = {"patient": {"local_id": example("team.created")["patient"]["local_id"]}, "client": "logimed"}
    assert http.post("/v1/objections", json=said, headers=house.bearer("dpo", client="office")).status_code == 201
    assert {state for state, _ in verdicts(house, http, example("team.created"))} == {"denied"}
    problem(http.post("/v1/objections", json={**said, "client": "autrelog"}), 403, "forbidden")
