"""R4's own invariants are told to French readers in French."""

from __future__ import annotations

from functools import cache

import pytest

from gateway.validate import Library, Validator, open_library
from gateway.validate.invariants.french import in_french

R4 = "http://hl7.org/fhir/StructureDefinition/"
TYPES = ("Bundle", "CarePlan", "CareTeam", "DocumentReference", "Goal", "List", "Organization", "Patient", "Parameters")


@cache
def library() -> Library:
    return open_library(packages=[])


@pytest.mark.parametrize("name", TYPES)
def test_every_invariant_of_a_type_that_travels_has_its_french_sentence(name: str) -> None:
    definition = library().type_definition(name) or {}
    held = [one for element in definition["snapshot"]["element"] for one in element.get("constraint", ())]
    assert held
    assert [one["key"] for one in held if in_french(one["key"], R4 + name) is None] == []


def test_guides_speak_for_themselves_though_they_use_a_key_of_r4() -> None:
    assert in_french("per-1", "https://example.org/StructureDefinition/per") is None


def test_a_period_that_ends_before_it_starts_is_told_in_both_languages() -> None:
    backwards = {"resourceType": "Patient", "name": [{"period": {"start": "2026-02-01", "end": "2026-01-01"}}]}
    (one,) = [f for f in Validator(library()).check_tree(backwards).findings if f.rule == "per-1"]
    assert "« Une période commence avant de finir" in one.fr
    assert "période" not in one.en


def test_an_invariant_of_a_type_holds_however_much_the_object_says() -> None:
    period = {"start": "2026-02-01", "end": "2026-01-01", "extension": [{"url": "urn:x:y", "valueString": "a"}]}
    found = Validator(library()).check_tree({"resourceType": "Patient", "name": [{"period": period}]})
    assert "per-1" in {one.rule for one in found.findings}
