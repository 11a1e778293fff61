"""References find what they mean, and only that; what they may mean is what their element allows."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.validate import Validator
from gateway.validate.hold import resolve
from gateway.validate.place import at_root
from gateway.validate.run import Run, Scope
from tests.validate.hold.conftest import ROOT, Judge

ANN = {"resourceType": "Practitioner", "id": "ann", "name": [{"family": "Demo"}]}
NAMELESS = {"resourceType": "Practitioner", "id": "nobody"}


def patient(*references: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", "generalPractitioner": list(references), **more}


def bundle(kind: str, *entries: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    held = [({"fullUrl": url} if url else {}) | {"resource": resource} for url, resource in entries]
    return {"resourceType": "Bundle", "type": kind, "entry": held}


AT = "Patient.generalPractitioner[0]"
IN = "Bundle.entry[0].resource.generalPractitioner[0]"


def test_what_is_contained_is_found_and_what_is_not_is_told(said: Judge) -> None:
    assert said(patient({"reference": "#ann"}, contained=[ANN])) == set()
    assert said(patient({"reference": "#eve"}, contained=[ANN])) == {(AT, "contained-missing")}


def test_a_contained_resource_refers_to_its_container_and_its_neighbours(said: Judge) -> None:
    role = {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "#ann"}}
    assert said(patient({"reference": "#role"}, contained=[role, ANN])) == set()
    link = {"resourceType": "RelatedPerson", "id": "mother", "patient": {"reference": "#"}}
    assert said(patient(contained=[link])) == set()


@pytest.mark.parametrize(
    ("reference", "rule"),
    [
        ({"reference": "Practitioner/1"}, None),
        ({"reference": "https://a.example.org/Practitioner/1"}, None),
        ({"reference": "https://a.example.org/anything"}, None),
        ({"identifier": {"system": "urn:x", "value": "1"}}, None),
        ({"display": "somebody"}, None),
        ({"type": "Practitioner"}, "reference-empty"),
        ({"reference": "Observation/1"}, "target-type"),
        ({"reference": "https://a.example.org/Observation/1"}, "target-type"),
        ({"type": "Observation", "display": "somebody"}, "target-type"),
        ({"reference": "ann"}, "reference-form"),
        ({"reference": "Organization/1", "type": "Practitioner"}, "reference-type"),
    ],
)
def test_the_form_and_the_type_of_a_reference_are_judged(
    said: Judge, reference: dict[str, Any], rule: str | None
) -> None:
    assert said(patient(reference)) == ({(AT, rule)} if rule else set())


def test_a_relative_reference_in_a_bundle_is_seen_from_its_own_entry(said: Judge) -> None:
    base = "https://a.example.org/fhir/"
    asks = patient({"reference": "Practitioner/ann"})
    assert said(bundle("collection", (base + "Patient/p", asks), (base + "Practitioner/ann", ANN))) == set()
    other = "https://b.example.org/fhir/Practitioner/ann"
    assert said(bundle("collection", (base + "Patient/p", asks), (other, ANN))) == {(IN, "reference-other-url")}


@pytest.mark.parametrize(
    ("reference", "rule"),
    [
        ("urn:uuid:0b5c8a1e-64a8-4c5e-9c39-6a4d9f1d0f11", None),
        ("urn:uuid:00000000-0000-4000-8000-000000000000", "reference-urn-missing"),
        ("ann", "reference-form"),
        ("Practitioner?identifier=1", "reference-conditional"),
        ("Organization/0b5c8a1e-64a8-4c5e-9c39-6a4d9f1d0f11", "reference-contradicts"),
    ],
)
def test_references_in_a_collection_are_those_of_its_entries(said: Judge, reference: str, rule: str | None) -> None:
    mine = "urn:uuid:1f0c8f39-5f0e-4a53-a6c8-2a2c1f7b7f10"
    theirs = "urn:uuid:0b5c8a1e-64a8-4c5e-9c39-6a4d9f1d0f11"
    found = said(bundle("collection", (mine, patient({"reference": reference})), (theirs, ANN)))
    assert found == ({(IN, rule)} if rule else set())


def test_in_a_transaction_references_may_be_conditional_and_entries_have_no_full_url(said: Judge) -> None:
    asks = patient({"reference": "Practitioner?identifier=1"}, {"reference": "Practitioner/ann"})
    assert said(bundle("transaction", ("", asks))) == set()
    assert (IN.replace("[0]", "[1]").replace("entry[1]", "entry[0]"), "reference-no-full-url") in said(
        bundle("collection", ("", asks))
    )


def test_two_entries_of_one_url_leave_a_reference_in_doubt(said: Judge) -> None:
    url = "https://a.example.org/Practitioner/ann"
    asks = ("https://a.example.org/Patient/p", patient({"reference": "Practitioner/ann"}))
    assert (IN, "reference-ambiguous") in said(bundle("collection", asks, (url, ANN), (url, ANN)))
    versions = [dict(ANN, meta={"versionId": number}) for number in ("1", "2")]
    asks[1]["generalPractitioner"][0]["reference"] += "/_history/2"
    assert said(bundle("collection", asks, *((url, one) for one in versions))) == set()


def test_the_target_must_conform_to_one_of_the_profiles_where_it_can_be_seen(said: Judge) -> None:
    told = (AT, "target-profile")
    assert told not in said(patient({"reference": "#ann"}, contained=[ANN]), "with-named")
    assert told in said(patient({"reference": "#nobody"}, contained=[NAMELESS]), "with-named")
    assert told not in said(patient({"reference": "Practitioner/elsewhere"}), "with-named")
    assert (AT, "target-type") in said(patient({"reference": "Organization/1"}), "with-named")
    assert (AT, "target-unknown") in said(patient({"reference": "#ann"}, contained=[ANN]), "with-unknown")


def test_what_a_target_breaks_of_the_only_profile_it_may_have_is_told_where_it_stands(
    validator: Validator,
) -> None:
    asks = patient({"reference": "#nobody"}, contained=[NAMELESS])
    found = validator.check_tree(asks, profiles=[ROOT + "with-named"]).findings
    assert ("Patient.contained[0]", "min") in {(f.path, f.rule) for f in found if f.profile.startswith(ROOT + "named")}


def test_the_target_must_be_held_as_the_profile_says(said: Judge) -> None:
    held = patient({"reference": "#ann"}, contained=[ANN])
    away = patient({"reference": "Practitioner/ann"})
    assert (AT, "target-held") not in said(held, "with-contained")
    assert (AT, "target-held") in said(away, "with-contained")
    assert (AT, "target-held") in said(held, "with-bundled")
    assert (AT, "target-held") not in said(patient({"display": "somebody"}), "with-contained")


def test_contained_resources_and_elements_have_each_their_own_id(said: Judge) -> None:
    twice = patient({"reference": "#ann"}, contained=[ANN, ANN])
    assert ("Patient.contained[1]", "contained-same-id") in said(twice)
    assert ("Patient.contained[0]", "contained-no-id") in said(patient(contained=[{"resourceType": "Practitioner"}]))
    same = patient({"id": "a", "display": "b"}, name=[{"id": "a", "family": "Demo"}])
    assert said(same) == {("Patient.name[0]", "element-same-id")}
    named = {"element": [{"id": "Patient", "path": "Patient"}]}
    both = {"resourceType": "StructureDefinition", "snapshot": named, "differential": named}
    assert ("StructureDefinition.differential.element[0]", "element-same-id") not in said(both)
    assert said(bundle("collection", ("urn:uuid:1", same | {"name": []}), ("urn:uuid:2", same | {"name": []}))) == set()


def test_a_reference_out_of_a_bundle_in_a_bundle_is_looked_for_in_the_outer_one() -> None:
    inner = bundle("collection", ("https://a.example.org/Patient/p", patient({"reference": "Practitioner/ann"})))
    outer = bundle("collection", ("https://a.example.org/Bundle/b", inner), ("urn:uuid:1", ANN))
    root = Scope(outer, at_root("Bundle"))
    run = Run(root)
    middle = Scope(inner, at_root("Bundle"), "entry", root)
    innermost = Scope(inner["entry"][0]["resource"], at_root("Patient"), "entry", middle)
    found = resolve(run, innermost, "urn:uuid:1")
    assert found is not None
    assert found.scope is not None
    assert found.scope.resource is ANN
    assert resolve(run, innermost, "urn:uuid:2") is None


@pytest.mark.parametrize(
    ("canonical", "rule"),
    [
        ("https://a.example.org/Questionnaire/q", None),
        ("#q", None),
        ("#other", "contained-missing"),
        ("Questionnaire/q", "canonical-relative"),
    ],
)
def test_a_canonical_is_absolute_or_contained(said: Judge, canonical: str, rule: str | None) -> None:
    answers = {
        "resourceType": "QuestionnaireResponse",
        "contained": [{"resourceType": "Questionnaire", "id": "q", "status": "active"}],
        "questionnaire": canonical,
        "status": "completed",
    }
    told = said(answers) - {("QuestionnaireResponse", "questionnaire-unjudged")}
    assert told == ({("QuestionnaireResponse.questionnaire", rule)} if rule else set())


def test_rules_that_may_change_the_meaning_are_told(said: Judge) -> None:
    assert said(patient(implicitRules="https://a.example.org/rules")) == {("Patient.implicitRules", "implicit-rules")}
