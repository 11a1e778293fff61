"""The code systems and value sets of the packages themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from gateway.validate import open_library
from gateway.validate.terms import Terms
from gateway.validate.terms.grammar import GRAMMARS, has_form
from tests.conftest import SHARED

PACKAGES = SHARED / "fhir-packages"
FRENCH = sorted(PACKAGES.glob("*fr.*/package/ValueSet-*.json"))
THO = "http://terminology.hl7.org/CodeSystem/"
NOS = "https://mos.esante.gouv.fr/NOS/"

pytestmark = pytest.mark.skipif(not FRENCH, reason="the official packages are not at hand")


@cache
def terms() -> Terms:
    return Terms(open_library(packages=[PACKAGES]))


def nos(name: str) -> str:
    return f"{NOS}{name}/FHIR/{name.replace('_', '-')}"


@pytest.mark.parametrize("file", FRENCH, ids=lambda file: file.stem)
def test_every_code_that_a_french_value_set_lists_is_in_it(file: Any) -> None:
    definition = json.loads(file.read_bytes())
    listed = [
        (one["system"], concept["code"])
        for one in definition.get("compose", {}).get("include", ())
        for concept in one.get("concept", ())
    ]
    answers = {terms().member(definition["url"], system, code).answer for system, code in listed}
    assert answers <= {True}
    assert terms().member(definition["url"], "https://example.org/other", "x").answer is False


@pytest.mark.parametrize(
    ("value_set", "system", "code", "answer"),
    [
        (nos("JDV_J46-TypeEvenementNotification-CISIS"), nos("TRE_R254-TypeEvenement"), "DOC", True),
        (nos("JDV_J46-TypeEvenementNotification-CISIS"), nos("TRE_R254-TypeEvenement"), "TEAM", False),
        (nos("JDV_J07-XdsTypeCode-CISIS") + "|1.3.0", "http://loinc.org", "18776-5", True),
        (nos("JDV_J129-CategorieEtablissement-RASS"), nos("TRE_R66-CategorieEtablissement"), "604", True),
        (nos("JDV_J110-NiveauConfidentialite"), nos("TRE_A08-HL7Confidentiality"), "N", None),
        ("https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-insee-code", nos("TRE_R13-CommuneOM"), "75056", None),
        ("http://hl7.org/fhir/ValueSet/administrative-gender", None, "male", True),
        ("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1", None, "homme", False),
        ("http://hl7.org/fhir/ValueSet/all-types", None, "Patient", True),
        ("http://hl7.org/fhir/ValueSet/all-languages", None, "fr-FR", True),
        ("http://hl7.org/fhir/ValueSet/mimetypes", None, "application/pdf", True),
        ("http://hl7.org/fhir/ValueSet/currencies", None, "EUR", True),
        ("http://hl7.org/fhir/ValueSet/security-labels", THO + "v3-Confidentiality", "R", True),
        ("http://hl7.org/fhir/ValueSet/observation-codes", "http://loinc.org", "8480-6", None),
        ("http://hl7.org/fhir/ValueSet/observation-codes", "http://loinc.org", "8480-7", False),
        ("http://terminology.hl7.org/ValueSet/v3-Country", "urn:iso:std:iso:3166", "FRA", True),
        ("http://terminology.hl7.org/ValueSet/v3-Country", "urn:iso:std:iso:3166", "FR", False),
    ],
)  # fmt: skip
def test_a_code_is_judged_by_the_packages_at_hand(
    value_set: str, system: str | None, code: str, answer: bool | None
) -> None:
    assert terms().member(value_set, system, code).answer is answer


def codes_of(tree: Any) -> Iterator[tuple[str, str]]:
    """Every (system, code) under a tree whose system is known by its form."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
            system = one.get("system")
            if isinstance(system, str) and system in GRAMMARS:
                for held in (one, *one.get("concept", ())):
                    if isinstance(held.get("code"), str):
                        yield system, held["code"]


def test_no_code_that_a_value_set_of_r4_lists_is_refused_by_its_form() -> None:
    found: set[tuple[str, str]] = set()
    for file in PACKAGES.glob("*/package/ValueSet-*.json"):
        data = file.read_bytes()
        if any(system.encode() in data for system in GRAMMARS):
            found.update(codes_of(json.loads(data)))
    assert len(found) > 7_000
    assert [(system, code) for system, code in sorted(found) if not has_form(system, code)] == []
