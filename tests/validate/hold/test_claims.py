"""A resource is judged by the profiles it claims, and by those FHIR asks of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.validate import Validator, open_library
from tests.conftest import SHARED
from tests.validate.hold.conftest import ROOT, Judge


def practitioner(*profiles: str) -> dict[str, Any]:
    return {"resourceType": "Practitioner", "meta": {"profile": list(profiles)}}


def test_a_claimed_profile_is_checked(validator: Validator) -> None:
    findings = validator.check_tree(practitioner(ROOT + "named")).findings
    assert ("Practitioner", "min", ROOT + "named|1.0") in {(one.path, one.rule, one.profile) for one in findings}


def test_a_profile_that_is_not_there_is_told_and_makes_nothing_wrong(validator: Validator, said: Judge) -> None:
    claims = practitioner(ROOT + "not-installed")
    assert said(claims) == {("Practitioner.meta.profile[0]", "profile-unknown")}
    assert validator.check_tree(claims).valid


def test_another_version_than_the_one_claimed_is_used_and_told(said: Judge) -> None:
    assert said(practitioner(ROOT + "named|9.9")) == {("Practitioner.meta.profile[0]", "profile-other-version")}
    assert said(practitioner(ROOT + "named|1.0")) == set()


def test_a_profile_of_another_type_is_an_error(validator: Validator) -> None:
    report = validator.check_tree(practitioner(ROOT + "with-named"))
    assert ("Practitioner.meta.profile[0]", "profile-type") in {(one.path, one.rule) for one in report.findings}
    assert not report.valid


def test_a_security_label_is_said_once(said: Judge) -> None:
    one, other = ({"system": "https://a.example.org", "code": code} for code in ("R", "V"))
    assert said({"resourceType": "Patient", "meta": {"security": [one, other]}}) == set()
    twice = {"resourceType": "Patient", "meta": {"security": [one, other, one]}}
    assert said(twice) == {("Patient.meta.security[2]", "security-label-twice")}


def test_answers_are_not_silently_taken_for_right(said: Judge) -> None:
    answers = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    assert said(answers) == set()
    held = answers | {"questionnaire": "https://a.example.org/Questionnaire/1"}
    assert said(held) == {("QuestionnaireResponse", "questionnaire-unjudged")}


def observation(*codes: str) -> dict[str, Any]:
    codings = [{"system": "http://loinc.org", "code": code} for code in codes]
    return {"resourceType": "Observation", "status": "final", "code": {"coding": codings}}


@pytest.mark.skipif(not (SHARED / "fhir-packages").exists(), reason="the R4 core package is not beside the project")
def test_fhir_itself_asks_a_profile_of_vital_signs() -> None:
    whole = Validator(open_library(packages=[SHARED / "fhir-packages"]))
    asked = {one.profile for one in whole.check_tree(observation("x", "8867-4")).findings if one.rule == "vital-signs"}
    assert asked == {"http://hl7.org/fhir/StructureDefinition/heartrate|4.0.1"}
    missing = {one.rule for one in whole.check_tree(observation("8867-4")).findings if "heartrate" in one.profile}
    assert {"min", "slice-min"} <= missing
    assert "vital-signs" not in {one.rule for one in whole.check_tree(observation("2345-7")).findings}
