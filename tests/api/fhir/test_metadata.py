"""GET /fhir/metadata: what this door can do, said to anyone, and nothing that is not there."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from gateway import __version__
from gateway.api import Limits
from gateway.model.errors import Broken
from gateway.validate import Validator
from tests.api.conftest import House, served, visit


def test_anyone_may_read_it_and_it_conforms(http: httpx.Client, validator: Validator) -> None:
    answer = http.get("/fhir/metadata", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert [one for one in validator.check(answer.content).findings if one.severity == "error"] == []
    tree = answer.json()
    assert (tree["resourceType"], tree["fhirVersion"], tree["kind"]) == ("CapabilityStatement", "4.0.1", "instance")
    assert tree["software"] == {"name": "Passerelle", "version": __version__}


def test_it_is_there_in_xml(http: httpx.Client) -> None:
    for answer in (
        http.get("/fhir/metadata?_format=xml"),
        http.get("/fhir/metadata", headers={"Accept": "application/fhir+xml"}),
    ):
        assert answer.content.startswith(b"<?xml") or answer.content.startswith(b"<CapabilityStatement")
        assert b"CapabilityStatement" in answer.content


def test_it_names_no_interaction_that_is_not_there(http: httpx.Client) -> None:
    (rest,) = http.get("/fhir/metadata").json()["rest"]
    assert [one["code"] for one in rest["interaction"]] == ["transaction"]
    paths = http.get("/openapi.json").json()["paths"]
    for resource in rest["resource"]:
        type = resource["type"]
        told = {one["code"] for one in resource.get("interaction", ())}
        there = f"/fhir/{type}" in paths and f"/fhir/{type}/{{id}}" in paths
        assert told == ({"read", "search-type"} if there else set()), type
        if there:
            names = {one["name"].partition(":")[0] for one in paths[f"/fhir/{type}"]["get"]["parameters"]}
            by_form = {"entity", "patient"} if type == "AuditEvent" else set()
            assert {one["name"] for one in resource["searchParam"]} <= names | by_form
        else:
            assert http.get(f"/fhir/{type}/1").status_code == 404
        for operation in resource.get("operation", ()):
            answer = http.post(
                f"/fhir/{type}/${operation['name']}",
                json={"resourceType": type},
                headers={"Content-Type": "application/fhir+json"},
            )
            assert answer.status_code == 200, type


def test_every_profile_it_supports_is_one_the_validator_has(http: httpx.Client, validator: Validator) -> None:
    (rest,) = http.get("/fhir/metadata").json()["rest"]
    profiles = [url for resource in rest["resource"] for url in resource.get("supportedProfile", ())]
    assert len(profiles) == 5
    assert all(validator.library.structure_definition(url) for url in profiles)


@pytest.mark.parametrize(("mode", "status"), [("full", 200), ("normative", 200), ("terminology", 422)])
def test_there_is_no_terminology_service(mode: str, status: int, http: httpx.Client) -> None:
    answer = http.get(f"/fhir/metadata?mode={mode}")
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("path", ["/fhir/Patient", "/fhir/Patient/1", "/fhir/nowhere/at/all", "/fhir/"])
def test_what_is_not_there_is_said_as_fhir_says_it(path: str, http: httpx.Client) -> None:
    answer = http.get(path)
    assert answer.status_code in (404, 405)
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_refusal_is_told_even_where_definitions_cannot_be_opened(house: House) -> None:
    def away() -> Validator:
        raise Broken("The definitions cannot be read", advice="Check profiles.packages")

    house.gateway = replace(house.gateway, validator=away)
    with served(house, Limits()) as address, visit(address) as http:
        answer = http.get("/fhir/nowhere", headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"
