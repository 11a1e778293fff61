"""The base pass: what any resource of a type must be, whatever it claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.validate.check.made import Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(Path(tmp_path_factory.mktemp("none")))


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"foo": 1}, "Patient.foo", "unknown-element"),
    ({"_active": {"foo": 1}}, "Patient.active.foo", "unknown-element"),
    ({"_contact": {}}, "Patient._contact", "unknown-element"),
    ({"name": {"family": "x"}}, "Patient.name", "not-a-list"),
    ({"_name": [None]}, "Patient._name", "unknown-element"),
    ({"name": ["x"]}, "Patient.name[0]", "not-an-object"),
    ({"name": [None]}, "Patient.name[0]", "empty"),
    ({"name": []}, "Patient.name", "empty"),
    ({"name": [{}]}, "Patient.name[0]", "empty"),
    ({"name": [{"given": []}]}, "Patient.name[0].given", "empty"),
    ({"name": [{"given": ["x"], "_given": {"id": "1"}}]}, "Patient.name[0].given", "not-a-list"),
    ({"name": [{"given": ["x"], "_given": [None, None]}]}, "Patient.name[0].given[1]", "empty"),
    ({"active": [True]}, "Patient.active", "not-single"),
    ({"_active": [{"id": "a"}]}, "Patient.active", "not-an-object"),
    ({"maritalStatus": [{"text": "x"}]}, "Patient.maritalStatus", "not-single"),
    ({"deceasedBoolean": True, "deceasedDateTime": "2020"}, "Patient", "one-choice"),
    ({"deceasedBoolean": True, "_deceasedDateTime": {"id": "1"}}, "Patient", "one-choice"),
    ({"deceasedString": "x"}, "Patient.deceasedString", "unknown-element"),
    ({"communication": [{"preferred": True}]}, "Patient.communication[0]", "min"),
    ({"contained": [{"id": "a"}]}, "Patient.contained[0].resourceType", "no-resource-type"),
    ({"contained": [{"resourceType": "Nothing"}]}, "Patient.contained[0]", "unknown-resource-type"),
    ({"contained": [{"resourceType": "HumanName"}]}, "Patient.contained[0]", "unknown-resource-type"),
    ({"contained": [{"resourceType": "DomainResource"}]}, "Patient.contained[0]", "abstract-type"),
    ({"contact": [{"resourceType": "Patient"}]}, "Patient.contact[0].resourceType", "unknown-element"),
]


@pytest.mark.parametrize(("more", "path", "rule"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_a_fault_of_structure_is_told_at_its_place(more: dict[str, Any], path: str, rule: str, desk: Desk) -> None:
    assert (path, rule) in desk.told({"resourceType": "Patient", **more})


def test_every_fault_is_told_at_once(desk: Desk) -> None:
    faulty = {"resourceType": "Patient", "foo": 1, "name": {"given": "x"}, "active": [True]}
    assert {rule for _, rule in desk.told(faulty)} >= {"unknown-element", "not-a-list", "not-single"}


def test_a_right_resource_has_no_fault(desk: Desk) -> None:
    right = {
        "resourceType": "Patient",
        "id": "p1",
        "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
        "managingOrganization": {"reference": "#o"},
        "name": [{"family": "x", "given": ["y", None], "_given": [None, {"extension": [SAID]}]}],
        "_birthDate": {"extension": [SAID]},
        "deceasedBoolean": False,
        "contact": [{"name": {"text": "x"}}],
        "link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}],
    }
    assert desk.told(right) == []


SAID = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}


def test_elements_of_elements_are_checked_however_deep(desk: Desk) -> None:
    item: dict[str, Any] = {"linkId": "1", "type": "group", "foo": 1}
    for _ in range(20):
        item = {"linkId": "1", "type": "group", "item": [item]}
    told = desk.told({"resourceType": "Questionnaire", "status": "active", "item": [item]})
    assert [rule for _, rule in told if rule == "unknown-element"] == ["unknown-element"]


@pytest.mark.parametrize("name", [None, 1, "", [], {}, "x" * 100_000, "Patient/1"])
def test_a_resource_says_its_type(name: Any, desk: Desk) -> None:
    (told,) = desk.told({"resourceType": name, "name": [{}]})
    assert told[1] in ("no-resource-type", "unknown-resource-type")


def test_a_finding_never_holds_a_value_of_the_file(desk: Desk) -> None:
    secret = "Zwingelstein"
    faulty = {
        "resourceType": "Patient",
        "gender": secret,
        "birthDate": secret,
        "active": secret,
        "name": [{"use": secret, "period": secret}],
        "link": [{"other": {"reference": secret + " " + secret}, "type": secret}],
    }
    found = desk.findings(faulty)
    assert len(found) >= 6
    assert not [finding for finding in found if secret in finding.fr + finding.en]
