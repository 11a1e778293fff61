"""What we write has the elements the French profiles ask for, as their published snapshots count them.

Cardinalities, fixed values and the slices of the bundles; invariants and terminology are the validator's matter.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given

from gateway.model.event import Event
from gateway.translate.fhir import names, with_document
from tests import strategies
from tests.translate.fhir.events import KINDS, PACKAGES, TERMS, bundle_of, example, modest, resources

pytestmark = pytest.mark.skipif(not PACKAGES.is_dir(), reason="the FHIR packages are not on this machine")

JSON = dict[str, Any]


@pytest.mark.parametrize("kind", KINDS)
def test_every_resource_counts_as_its_profile_does(kind: str) -> None:
    @modest
    @given(event=strategies.KINDS[kind]())
    def counts(event: Event) -> None:
        bundle = bundle_of(event)
        found = [bundle, *(entry["resource"] for entry in bundle["entry"])]
        found += [inner for resource in found for inner in resource.get("contained", ())]
        for resource in found:
            for url in resource.get("meta", {}).get("profile", ()):
                assert wrong(resource, snapshot(url)) == []

    counts()


@modest
@given(event=strategies.team_created())
def test_a_creation_has_one_team_and_one_patient_and_only_creates(event: Event) -> None:
    bundle = bundle_of(event)
    assert bundle["meta"]["profile"] == [names.TEAM_CREATION]
    assert len(resources(bundle, "CareTeam")) == len(resources(bundle, "Patient")) == 1
    assert {entry["request"]["method"] for entry in bundle["entry"]} == {"POST"}
    assert all("identifier=" in entry["request"]["ifNoneExist"] for entry in bundle["entry"])


@modest
@given(event=strategies.member_joined())
def test_a_joining_puts_the_whole_team_and_creates_who_is_missing(event: Event) -> None:
    bundle = bundle_of(event)
    (put,) = (entry for entry in bundle["entry"] if entry["request"]["method"] == "PUT")
    assert bundle["meta"]["profile"] == [names.TEAM_UPDATE]
    assert put["resource"]["resourceType"] == "CareTeam"
    assert put["request"]["url"].startswith("CareTeam?identifier=")
    assert all("ifNoneExist" in entry["request"] for entry in bundle["entry"] if entry is not put)


@modest
@given(event=strategies.team_created() | strategies.member_joined())
def test_a_participant_is_never_a_bare_practitioner(event: Event) -> None:
    bundle = bundle_of(event)
    types = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    (team,) = resources(bundle, "CareTeam")
    kinds = {types[one["member"]["reference"]] for one in team.get("participant", ())}
    assert kinds <= {"PractitionerRole", "RelatedPerson", "Organization"}


@modest
@given(event=strategies.report_shared())
def test_a_report_bundle_holds_nothing_outside_its_closed_slices(event: Event) -> None:
    bundle = bundle_of(event)
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert set(kinds) <= {"List", "DocumentReference", "Binary", "Patient"}
    assert all(kinds.count(kind) == 1 for kind in ("List", "DocumentReference", "Patient"))
    assert {entry["request"]["method"] for entry in bundle["entry"]} == {"POST"}
    (reference,) = resources(bundle, "DocumentReference")
    inside = {f"#{one['id']}" for one in reference["contained"]}
    pointing = [*reference["author"], reference["context"]["sourcePatientInfo"], *_if(reference, "authenticator")]
    assert {one["reference"] for one in pointing} <= inside  # aggregation contained


@modest
@given(event=strategies.report_shared())
def test_a_document_brought_later_leaves_nothing_absent_in_its_attachment(event: Event) -> None:
    bundle = bundle_of(event)
    if not resources(bundle, "Binary"):
        bundle = with_document(bundle, b"%PDF-1.4", "application/pdf", TERMS)
    (content,) = resources(bundle, "DocumentReference")[0]["content"]
    assert "data-absent-reason" not in json.dumps(content)
    assert wrong(resources(bundle, "DocumentReference")[0], snapshot(names.DOCUMENT_REFERENCE)) == []


def wrong(resource: JSON, elements: list[JSON]) -> list[str]:
    """The elements of a profile whose number in this resource is not allowed, or whose fixed value differs."""
    found = []
    for element in elements[1:]:
        parents, name = parents_of(resource, element["path"])
        for parent in parents:
            held = held_in(parent, name, element)
            most = float("inf") if element["max"] == "*" else int(element["max"])
            if not element["min"] <= len(held) <= most:
                found.append(f"{element['id']}: {len(held)}")
            asked = next((value for key, value in element.items() if key.startswith(("fixed", "pattern"))), None)
            if asked is not None and ":" not in element["id"] and not all(fits(one, asked) for one in held):
                found.append(f"{element['id']}: other than {asked}")
    return found


def parents_of(resource: JSON, path: str) -> tuple[list[JSON], str]:
    """The objects that may hold the last step of a path."""
    *steps, name = path.split(".")[1:]
    here = [resource]
    for step in steps:
        here = [one for parent in here for one in as_list(parent.get(step)) if isinstance(one, dict)]
    return here, name


def held_in(parent: JSON, name: str, element: JSON) -> list[Any]:
    """What a parent holds of an element; a primitive that only says why it is absent counts."""
    if name.endswith("[x]"):
        return [value for key, value in parent.items() if key.startswith(name[:-3])]
    held = as_list(parent.get(name)) or as_list(parent.get(f"_{name}"))
    if ":" in element["id"]:
        (url,) = element["type"][0]["profile"]
        held = [one for one in held if one["url"] == url.split("|")[0]]
    return held


def fits(value: Any, asked: Any) -> bool:
    """Whether a value holds all that a pattern asks for."""
    if isinstance(asked, dict):
        return isinstance(value, dict) and all(fits(value.get(key), inner) for key, inner in asked.items())
    if isinstance(asked, list):
        return isinstance(value, list) and all(any(fits(one, inner) for one in value) for inner in asked)
    return bool(value == asked)


def as_list(value: Any) -> list[Any]:
    """None, one or several as a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _if(resource: JSON, name: str) -> list[Any]:
    return as_list(resource.get(name))


@cache
def snapshot(url: str) -> list[JSON]:
    """The elements of a profile that count here: no slices, save extensions of the resource itself."""
    for file in PACKAGES.glob(f"*/package/StructureDefinition-{url.rpartition('/')[2]}.json"):
        definition = json.loads(file.read_text(encoding="utf-8"))
        if definition["url"] == url:
            return [one for one in definition["snapshot"]["element"] if counted(one)]
    raise AssertionError(f"no such profile: {url}")


def counted(element: JSON) -> bool:
    """Whether a snapshot's element can be counted without evaluating a slice."""
    if ":" not in element["id"]:
        return True
    is_root_extension = element["path"].count(".") == 1 and element["path"].endswith(".extension")
    return bool(is_root_extension and element["type"][0].get("profile"))


@pytest.mark.parametrize("name", ["identifier", "status", "name", "subject", "period"])
def test_the_count_notices_what_is_missing(name: str) -> None:
    (team,) = resources(bundle_of(example("team.created")), "CareTeam")
    del team[name]
    assert wrong(team, snapshot(names.CARE_TEAM)) == [f"CareTeam.{name}: 0"]
