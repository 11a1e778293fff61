"""What defines others must agree with what it builds on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.validate import Validator, open_library
from gateway.validate.rules import MATTERS

TYPES = "http://hl7.org/fhir/StructureDefinition/"
NAME = {
    "resourceType": "SearchParameter",
    "url": "https://demo.example.org/fhir/SearchParameter/name",
    "version": "1.0",
    "name": "Name",
    "status": "active",
    "description": "By name",
    "code": "name",
    "base": ["Patient"],
    "type": "string",
    "expression": "Patient.name",
}


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    file: Path = tmp_path_factory.mktemp("definitions") / "name.json"
    file.write_text(json.dumps(NAME))
    return Validator(open_library(packages=[], definitions=[file]))


def said(validator: Validator, resource: dict[str, Any]) -> set[tuple[str, str]]:
    findings = validator.check_tree(resource).findings
    return {(one.path, one.rule) for one in findings if one.rule in MATTERS["definitions"]}


def profile(*elements: dict[str, Any], base: str = "Patient") -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "url": "https://demo.example.org/fhir/StructureDefinition/demo",
        "name": "Demo",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "baseDefinition": TYPES + base,
        "derivation": "constraint",
        "differential": {"element": list(elements)},
    }


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("Patient", True),
        ("Patient.name.given", True),
        ("Patient.contact.name.given.extension", True),
        ("Patient.deceased[x]", True),
        ("Patient.deceasedBoolean", True),
        ("Patient.deceasedQuantity", False),
        ("Patient.nickname", False),
        ("Patient.name.nickname", False),
        ("Patient.contained.anything", True),
        ("Observation.status", False),
    ],
)
def test_a_differential_speaks_of_elements_its_base_has(validator: Validator, path: str, there: bool) -> None:
    found = said(validator, profile({"id": path, "path": path}))
    at = "StructureDefinition.differential.element[0].path"
    assert found == (set() if there else {(at, "element-not-in-base")})


def test_the_base_must_be_there_to_be_judged_by(validator: Validator) -> None:
    found = said(validator, profile(base="Nothing"))
    assert found == {("StructureDefinition.baseDefinition", "base-unknown")}


def test_the_profile_of_a_type_is_one_of_that_type(validator: Validator) -> None:
    def typed(canonical: str) -> dict[str, Any]:
        return {"id": "Patient.name", "path": "Patient.name", "type": [{"code": "HumanName", "profile": [canonical]}]}

    assert said(validator, profile(typed(TYPES + "HumanName"))) == set()
    assert said(validator, profile(typed(TYPES + "Address"))) == {
        ("StructureDefinition.differential.element[0].type[0].profile[0]", "type-profile")
    }


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, set()),
        ({"type": "token"}, {("SearchParameter.type", "search-derived-type")}),
        ({"base": ["Patient", "Person"]}, {("SearchParameter.base", "search-derived-base")}),
    ],
)
def test_a_derived_search_parameter_keeps_the_type_and_narrows_the_base(
    validator: Validator, change: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    derived = NAME | {"url": "https://demo.example.org/fhir/SearchParameter/mine", "derivedFrom": NAME["url"]}
    assert said(validator, derived | change) == found


def test_a_composite_search_parameter_has_components(validator: Validator) -> None:
    assert said(validator, NAME | {"type": "composite"}) == {("SearchParameter", "search-composite")}


def test_a_server_says_the_type_a_search_parameter_has(validator: Validator) -> None:
    def server(kind: str) -> dict[str, Any]:
        asked = {"name": "name", "definition": NAME["url"], "type": kind}
        rest = [{"mode": "server", "resource": [{"type": "Patient", "searchParam": [asked]}]}]
        return {"resourceType": "CapabilityStatement", "rest": rest}

    assert said(validator, server("string")) == set()
    assert said(validator, server("token")) == {
        ("CapabilityStatement.rest[0].resource[0].searchParam[0].type", "search-parameter-type")
    }
