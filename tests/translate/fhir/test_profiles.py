"""Every bundle we write conforms to the French guides it claims and to our own profiles, as the real packages say them.

The validator judges structure, slices, bindings and invariants; what a guide says of a transaction in prose is here.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings

from docs.generator.specimen import STORY, specimen
from gateway.journey.recall import Replayed
from gateway.model.event import Event, read_event
from gateway.translate import profile_of, to_bundle, with_document
from gateway.translate.fhir import names
from gateway.validate import Validator, open_library
from tests import strategies
from tests.translate.fhir.events import KINDS, PACKAGES, PROJECT, TERMS, bundle_of, example, modest, resources
from tests.translate.test_every_dialect import PRACTICES, story

JSON = dict[str, Any]

needs_packages = pytest.mark.skipif(not PACKAGES.is_dir(), reason="the FHIR packages are not on this machine")


@cache
def validator() -> Validator:
    """One that has every package of the guides."""
    return Validator(open_library(packages=[PACKAGES], own=PROJECT / "profiles"))


def wrong(bundle: JSON, kind: type[Event]) -> list[str]:
    """Where a bundle is wrong, and by which rule of which profile. A report leaves with the page made of it."""
    if resources(bundle, "DocumentReference") and not resources(bundle, "Binary"):
        bundle = with_document(bundle, b"%PDF-1.4", "application/pdf", TERMS)
    report = validator().check_tree(bundle, profiles=[profile_of(kind)])
    return [f"{one.path} {one.rule} {one.profile}" for one in report.findings if one.severity in ("error", "fatal")]


@needs_packages
@pytest.mark.parametrize("kind", KINDS)
def test_any_event_of_every_kind_conforms(kind: str) -> None:
    @settings(modest, max_examples=6)
    @given(event=strategies.KINDS[kind]())
    def conforms(event: Event) -> None:
        assert wrong(bundle_of(event), type(event)) == []

    conforms()


@needs_packages
@pytest.mark.parametrize("dialect", PRACTICES)
def test_what_every_practice_software_tells_conforms(dialect: str) -> None:
    memory = Replayed(())
    for event in story(dialect):
        _, known, _ = memory.count(event)
        assert wrong(to_bundle(event, known, TERMS, issuer=f"cpts/{dialect}"), type(event)) == []


@needs_packages
@pytest.mark.parametrize("kind", KINDS)
def test_an_event_that_says_everything_conforms(kind: str) -> None:
    memory = Replayed([read_event(json.loads(specimen(earlier))) for earlier in STORY[kind]])
    event = read_event(json.loads(specimen(kind)))
    _, known, _ = memory.count(event)
    assert wrong(to_bundle(event, known, TERMS, issuer="cpts/logimed"), type(event)) == []


@needs_packages
@pytest.mark.parametrize("name", ["identifier", "status", "name", "subject", "period"])
def test_the_judge_notices_what_is_missing(name: str) -> None:
    bundle = bundle_of(example("team.created"))
    (team,) = resources(bundle, "CareTeam")
    del team[name]
    told = wrong(bundle, type(example("team.created")))
    assert any(one.startswith("Bundle.entry") and " min " in one and "cds-ihe-careteam" in one for one in told)


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
    pointing = [
        *reference["author"],
        reference["context"]["sourcePatientInfo"],
        *([reference["authenticator"]] if "authenticator" in reference else []),
    ]
    assert {one["reference"] for one in pointing} <= inside  # aggregation contained


@modest
@given(event=strategies.report_shared())
def test_a_document_brought_later_leaves_nothing_absent_in_its_attachment(event: Event) -> None:
    bundle = bundle_of(event)
    if not resources(bundle, "Binary"):
        bundle = with_document(bundle, b"%PDF-1.4", "application/pdf", TERMS)
    (content,) = resources(bundle, "DocumentReference")[0]["content"]
    assert "data-absent-reason" not in json.dumps(content)
