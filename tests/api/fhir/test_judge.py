"""POST /fhir/{type}/$validate: every finding with its place, and nothing kept of what was sent."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any, cast

import httpx
import pytest

from gateway.api import Limits
from gateway.validate import Report, Validator
from tests import foreign
from tests.api.conftest import House, served, visit

JSON = dict[str, Any]
CARE_TEAM = "https://interop.esante.gouv.fr/ig/fhir/cds/StructureDefinition/cds-ihe-careteam"


def judge(http: httpx.Client, resource: Any, type: str = "Patient", query: str = "", **headers: str) -> httpx.Response:
    """The resource as another software posts it."""
    raw = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    headers = {"Content-Type": "application/fhir+json", **headers}
    return http.post(f"/fhir/{type}/$validate{query}", content=raw, headers=headers)


def errors(answer: httpx.Response) -> list[str]:
    """The places of what is wrong."""
    assert answer.status_code == 200, answer.text
    issues = answer.json()["issue"]
    return [next(iter(one.get("expression", [])), "") for one in issues if one["severity"] in ("error", "fatal")]


def test_a_sound_resource_has_no_error(http: httpx.Client) -> None:
    assert errors(judge(http, foreign.patient())) == []


def test_a_fault_is_told_where_it_is(http: httpx.Client) -> None:
    answer = judge(http, {**foreign.patient(), "birthDate": "28/03/1979"})
    assert errors(answer) == ["Patient.birthDate"]
    assert "28/03/1979" not in answer.text


def test_a_profile_may_be_asked_for(http: httpx.Client) -> None:
    bare = {"resourceType": "CareTeam", "status": "active"}
    assert errors(judge(http, bare, "CareTeam")) == []
    assert "CareTeam" in errors(judge(http, bare, "CareTeam", f"?profile={CARE_TEAM}"))


def test_a_profile_nobody_has_is_said(http: httpx.Client) -> None:
    answer = judge(http, foreign.patient(), query="?profile=https://example.org/nowhere")
    assert errors(answer) == [""]
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "profile-not-found"


def test_another_type_than_the_address_names_is_an_error(http: httpx.Client) -> None:
    assert errors(judge(http, foreign.patient(), "CareTeam")) != []


@pytest.mark.parametrize("wrong", [False, True])
def test_parameters_hold_the_resource_its_profile_and_a_mode(wrong: bool, http: httpx.Client) -> None:
    team = {"resourceType": "CareTeam", "status": "active"} if wrong else foreign.care_team()
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "resource", "resource": team},
            {"name": "profile", "valueUri": CARE_TEAM},
            {"name": "mode", "valueCode": "create"},
        ],
    }
    found = errors(judge(http, parameters, "CareTeam"))
    assert bool(found) == wrong
    assert all(place.startswith("CareTeam") for place in found)


@pytest.mark.parametrize(
    ("type", "query", "status"),
    [("Patient", "?mode=delete", 422), ("Patient", "?mode=profile", 422), ("Nothing", "", 404), ("Resource", "", 404)],
)
def test_what_cannot_be_asked_is_said(type: str, query: str, status: int, http: httpx.Client) -> None:
    answer = judge(http, foreign.patient(), type, query)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_what_cannot_be_read_is_a_finding(http: httpx.Client) -> None:
    assert errors(judge(http, b'{"resourceType": "Patient", ')) != []


def test_xml_is_judged_and_answered(http: httpx.Client, validator: Validator) -> None:
    raw = validator.xml_of({**foreign.patient(), "gender": "woman"})
    answer = judge(http, raw, **{"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"})
    assert answer.headers["content-type"].startswith("application/fhir+xml")
    assert b"Patient.gender" in answer.content
    assert b"<location" in answer.content  # the line of it


def test_the_outcome_is_in_the_language_asked_for(http: httpx.Client) -> None:
    resource = {**foreign.patient(), "gender": "woman"}
    french, english = (judge(http, resource, **{"Accept-Language": name}).json() for name in ("fr", "en"))
    assert (french["language"], english["language"]) == ("fr", "en")
    assert french["issue"][0]["details"]["text"] != english["issue"][0]["details"]["text"]


def test_the_outcome_conforms_itself(http: httpx.Client, validator: Validator) -> None:
    answer = judge(http, {**foreign.patient(), "gender": "woman"})
    assert [one for one in validator.check(answer.content).findings if one.severity == "error"] == []


def test_nothing_of_it_is_kept(house: House, http: httpx.Client) -> None:
    judge(http, {**foreign.patient(), "birthDate": "PAT-TROIS"})
    with house.gateway.store.glance() as unit:
        page = unit.log.search("cpts-exemple", limit=1000)
    assert "PAT-TROIS" not in repr([kept.record for kept in page.items]) + repr(house.said)
    assert house.log("event-rejected") == []


def test_parameters_that_hold_no_resource_are_told_what_they_lack(http: httpx.Client) -> None:
    answer = judge(http, {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "create"}]})
    assert answer.status_code == 422
    assert [one["expression"] for one in answer.json()["issue"]] == [["http.resource"]]


class Slow:
    """A validator that takes its time: until it is let go."""

    def __init__(self, validator: Validator) -> None:
        self._validator, self.go = validator, Event()
        self.library, self.structures = validator.library, validator.structures

    def check(self, *asked: Any, **how: Any) -> Report:
        """What the validator says, later."""
        self.go.wait(30)
        return self._validator.check(*asked, **how)


def test_slow_validations_leave_the_door_open(house: House, validator: Validator) -> None:
    slow = Slow(validator)
    house.gateway = replace(house.gateway, validator=lambda: cast("Validator", slow))
    with served(house, Limits(threads=4)) as address, visit(address, house.bearer()) as http:
        with ThreadPoolExecutor(10) as pool:
            judged = [pool.submit(judge, http, foreign.patient()) for _ in range(10)]
            assert http.get("/health/live", timeout=20).status_code == 200
            assert not any(one.done() for one in judged)
            slow.go.set()
        assert {one.result().status_code for one in judged} == {200}


def test_definitions_being_opened_for_a_refusal_in_xml_leave_the_door_open(house: House, validator: Validator) -> None:
    begun, opened = Event(), Event()

    def slow() -> Validator:
        begun.set()
        opened.wait(30)
        return validator

    house.gateway = replace(house.gateway, validator=slow)
    with served(house, Limits()) as address, visit(address, {}) as stranger, ThreadPoolExecutor(1) as pool:
        refused = pool.submit(judge, stranger, foreign.patient(), Accept="application/fhir+xml")
        try:
            assert begun.wait(20)
            assert stranger.get("/health/live", timeout=5).status_code == 200
            assert not refused.done()
        finally:
            opened.set()
        assert refused.result().status_code == 401
        assert b"<OperationOutcome" in refused.result().content
        assert refused.result().headers["www-authenticate"].startswith("Bearer")
