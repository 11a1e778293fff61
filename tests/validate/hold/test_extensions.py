"""Extensions stand where their definition lets them, and are known before they change a meaning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.validate import Validator, open_library
from tests.validate.hold.conftest import ROOT, Judge


def ext(name: str, value: bool = True, **more: Any) -> dict[str, Any]:
    return {"url": ROOT + name if "/" not in name else name, "valueBoolean": value, **more}


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **more}


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        (patient(extension=[ext("on-patient")]), True),
        (patient(name=[{"family": "A", "extension": [ext("on-patient")]}]), True),
        (patient(contact=[{"gender": "male", "extension": [ext("on-patient")]}]), True),
        (patient(contact=[{"name": {"family": "A", "extension": [ext("on-patient")]}}]), False),
        (patient(gender="male", _gender={"extension": [ext("on-patient")]}), False),
        ({"resourceType": "Person", "extension": [ext("on-patient")]}, False),
        (patient(telecom=[{"value": "1", "system": "phone", "extension": [ext("on-types")]}]), True),
        (patient(contact=[{"telecom": [{"system": "phone", "value": "1", "extension": [ext("on-types")]}]}]), True),
        (patient(active=True, _active={"extension": [ext("on-types")]}), True),
        (patient(deceasedBoolean=False, _deceasedBoolean={"extension": [ext("on-types")]}), True),
        (patient(extension=[ext("on-types")]), False),
        (patient(deceasedBoolean=False, _deceasedBoolean={"extension": [ext("on-choice")]}), True),
        (patient(communication=[{"language": {"text": "x"}, "extension": [ext("on-choice")]}]), True),
        (patient(birthDate="2000-01-01", _birthDate={"extension": [ext("on-choice")]}), False),
        (patient(birthDate="2000-01-01", _birthDate={"extension": [ext("anywhere")]}), True),
        (patient(name=[{"given": ["A"], "_given": [{"extension": [ext("anywhere")]}]}]), True),
        (patient(extension=[ext("anywhere", _valueBoolean={"extension": [ext("in-anywhere")]})]), True),
        (patient(extension=[ext("in-anywhere")]), False),
    ],
)
def test_an_extension_stands_where_its_contexts_name_the_element(
    said: Judge, resource: dict[str, Any], allowed: bool
) -> None:
    rules = {rule for _, rule in said(resource)}
    assert rules == (set() if allowed else {"extension-context"})


def test_an_item_in_an_item_is_an_item(said: Judge) -> None:
    hidden = {"linkId": "1.1.1", "type": "boolean", "extension": [ext("on-items")]}
    initial = {"valueBoolean": True, "_valueBoolean": {"extension": [ext("on-items")]}}
    for at in ({"extension": [ext("on-items")]}, {"item": [hidden]}, {"initial": [initial]}):
        group = {"linkId": "1", "type": "group", "item": [{"linkId": "1.1", "type": "boolean", **at}]}
        assert said({"resourceType": "Questionnaire", "status": "active", "item": [group]}) == set()
    elsewhere = {"resourceType": "Questionnaire", "status": "active", "extension": [ext("on-items")]}
    assert said(elsewhere) == {("Questionnaire.extension[0]", "extension-context")}


def test_a_context_by_fhirpath_is_judged_on_the_element(said: Judge) -> None:
    def at(use: str) -> dict[str, Any]:
        return patient(address=[{"use": use, "city": "Demo", "extension": [ext("at-home")]}])

    assert said(at("home")) == set()
    assert said(at("work")) == {("Patient.address[0].extension[0]", "extension-context")}
    assert said(patient(extension=[ext("at-home")])) == {("Patient.extension[0]", "extension-context")}


def test_a_context_invariant_is_true_of_what_holds_the_extension(said: Judge) -> None:
    assert said(patient(active=True, extension=[ext("if-active")])) == set()
    assert said(patient(active=False, extension=[ext("if-active")])) == {
        ("Patient.extension[0]", "extension-invariant")
    }


def test_a_condition_that_cannot_be_judged_is_told_and_refuses_nothing(said: Judge, validator: Any) -> None:
    for name, at in (("by-function", "Patient"), ("if-itself", "Patient.extension[0]")):
        held = patient(extension=[ext(name)])
        assert said(held) == {(at, "extension-invariant-unknown")}
        assert validator.check_tree(held).valid


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        (patient(extension=[ext("https://other.invalid/x")]), "extension-unknown"),
        (patient(modifierExtension=[ext("https://other.invalid/x")]), "modifier-extension-unknown"),
        (patient(extension=[{"url": "x", "valueBoolean": True}]), "extension-url-relative"),
        (patient(modifierExtension=[ext("https://www.example.org/x")]), "extension-unknown"),
        (patient(modifierExtension=[ext("on-patient")]), "extension-modifier"),
        (patient(extension=[ext("changes")]), "extension-not-modifier"),
        (patient(modifierExtension=[ext("changes")]), None),
        (
            patient(extension=[ext("http://hl7.org/fhir/5.0/StructureDefinition/extension-Patient.x")]),
            "extension-other-version",
        ),
    ],
)
def test_an_extension_is_known_and_changes_a_meaning_only_where_it_says_so(
    said: Judge, resource: dict[str, Any], rule: str | None
) -> None:
    assert {one for _, one in said(resource)} == ({rule} if rule else set())


def test_the_parts_of_an_extension_have_relative_urls(said: Judge) -> None:
    parts = {"url": "https://other.invalid/x", "extension": [{"url": "part", "valueBoolean": True}]}
    assert {rule for _, rule in said(patient(extension=[parts]))} == {"extension-unknown"}


def test_what_an_extension_holds_is_judged_by_its_definition(validator: Any) -> None:
    wrong = patient(extension=[{"url": ROOT + "on-patient", "valueString": "yes"}])
    findings = validator.check_tree(wrong).findings
    assert [one.path for one in findings if one.severity == "error"] == ["Patient.extension[0].value.ofType(string)"]


def test_an_extension_its_own_guide_does_not_define_is_a_fault(tmp_path: Path) -> None:
    folder = tmp_path / "demo.guide#1.0.0" / "package"
    folder.mkdir(parents=True)
    described = {"name": "demo.guide", "version": "1.0.0", "canonical": "https://guide.example.net/fhir"}
    (folder / "package.json").write_text(json.dumps(described))
    (folder / "ValueSet-x.json").write_text('{"resourceType": "ValueSet", "url": "https://guide.example.net/fhir/x"}')
    judged = Validator(open_library(packages=[tmp_path]))
    for url, rule in (
        ("https://guide.example.net/fhir/StructureDefinition/misspelt", "extension-of-no-guide"),
        ("https://guide.example.net/other/StructureDefinition/misspelt", "extension-unknown"),
    ):
        found = judged.check_tree(patient(extension=[ext(url)])).findings
        assert [one.path for one in found if one.rule == rule] == ["Patient.extension[0]"]
