"""A team in FHIR: what the guide asks for, and how people are told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.model.event import TeamCreated
from gateway.model.identity import Identifier, Rpps, Scheme
from gateway.model.people import Organization, Structure
from gateway.model.team import Member, Related, Team
from gateway.model.when import When
from gateway.translate.fhir import names, to_bundle
from tests.translate.fhir.events import TERMS, bundle_of, example, resources, story

ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


def created(**team: Any) -> dict[str, Any]:
    """The bundle of a team that says only this."""
    event = example("team.created")
    assert isinstance(event, TeamCreated)
    return bundle_of(replace(event, team=Team(id="T-1", **team)))


def test_what_the_profile_requires_and_the_event_does_not_say_is_marked_absent() -> None:
    (team,) = resources(created(), "CareTeam")
    assert team["_name"] == ABSENT
    assert team["period"] == {"_start": ABSENT}
    assert team["status"] == "active"


def test_a_team_that_has_ended_is_inactive() -> None:
    (team,) = resources(created(since=When("2026-01-01"), until=When("2026-02-01")), "CareTeam")
    assert team["status"] == "inactive"
    assert team["period"] == {"start": "2026-01-01", "end": "2026-02-01"}


def test_a_structure_has_its_national_kind_or_one_of_ours() -> None:
    structures = [
        Structure(name=kind, kind=kind, kind_detail="detail") for kind in ("CPTS", "MSP", "CDS", "DAC", "ESCAP")
    ]
    (team,) = resources(bundle := created(structures=tuple(structures)), "CareTeam")
    types = {
        one["name"]: one["type"][0]["coding"][0] for one in resources(bundle, "Organization") if "coding" in str(one)
    }
    assert [types[kind]["code"] for kind in ("CPTS", "MSP", "CDS", "DAC")] == ["604", "603", "124", "606"]
    assert all("TRE-R66" in types[kind]["system"] for kind in ("CPTS", "MSP", "CDS", "DAC"))
    assert types["ESCAP"] == {
        "system": "https://passerelle.example.org/fhir/CodeSystem/structure-kind",
        "code": "ESCAP",
    }
    assert len(team["managingOrganization"]) == 5


def test_one_person_at_two_sites_is_one_practitioner_with_two_roles() -> None:
    sites = [Organization(ids=(Identifier(Scheme.FINESS, number),)) for number in ("750000127", "750000002")]
    members = tuple(
        Member(id=f"M-{n}", rpps=Rpps("10100054328"), family="DURAND", organization=site)
        for n, site in enumerate(sites)
    )
    bundle = created(members=members)
    numbers = [one["identifier"][0]["value"] for one in resources(bundle, "Practitioner")]
    assert numbers.count("10100054328") == 1
    (team,) = resources(bundle, "CareTeam")
    assert len({one["member"]["reference"] for one in team["participant"]}) == 2


def test_a_person_is_written_by_their_fullest_mention() -> None:
    short, full = (
        Member(id="M-1", rpps=Rpps("10100054328")),
        Member(id="M-2", rpps=Rpps("10100054328"), family="DURAND"),
    )
    (written,) = (
        one
        for one in resources(created(members=(short, full)), "Practitioner")
        if one["identifier"][0]["value"] == "10100054328"
    )
    assert written["name"] == [{"family": "DURAND"}]


def test_a_relative_whose_role_and_phone_are_unknown_still_fits_the_profile() -> None:
    bundle = created(members=(Member(id="M-1", related=Related(name="Claire Pat-Trois")),))
    (relative,) = resources(bundle, "RelatedPerson")
    assert relative["name"] == [{"text": "Claire Pat-Trois", "_family": ABSENT}]
    assert relative["telecom"] == [{"_system": ABSENT, "_value": ABSENT}]
    (role,) = relative["relationship"]
    assert role["coding"][0]["system"].endswith("TRE-R260-HL7RoleClass")
    patients = {one["fullUrl"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient"}
    assert {relative["patient"]["reference"]} == patients


def test_two_structures_each_part_of_the_other_end_somewhere() -> None:
    one, two = (Organization(name=name) for name in ("A", "B"))
    pair = (Structure(name="A", kind="MSP", part_of=two), Structure(name="B", kind="CPTS", part_of=one))
    names = sorted(one["name"] for one in resources(created(structures=pair), "Organization"))
    assert names[:2] == ["A", "B"]


def test_who_left_keeps_a_participant_with_the_end_of_their_time() -> None:
    (team,) = resources(bundle_after("team.member-left"), "CareTeam")
    assert periods(team, "M-3") == [{"start": "2026-11-02", "end": "2026-11-21"}]
    assert [one["end"] for one in periods(team, "M-2") if "end" in one] == ["2026-11-21"]  # their first role


def test_a_role_that_changed_is_two_participants_of_one_resource() -> None:
    (team,) = resources(bundle_after("team.role-changed"), "CareTeam")
    assert periods(team, "M-2") == [{"start": "2026-11-02", "end": "2026-11-21"}, {"start": "2026-11-21"}]
    both = [one for one in team["participant"] if one["member"]["identifier"]["value"] == "M-2"]
    assert [[role["coding"][0]["code"] for role in one["role"]] for one in both] == [["PROV"], ["PROV", "330"]]
    assert len({one["member"]["reference"] for one in both}) == 1


def test_a_relative_with_two_roles_is_one_person_as_they_are_now() -> None:
    since = [Member(id="M-1", related=Related(name=name), since=When(day), until=until) for name, day, until in TWICE]
    bundle = created(members=tuple(since))
    (relative,) = resources(bundle, "RelatedPerson")
    assert relative["name"][0]["text"] == "Claire Pat-Quatre"


TWICE = (("Claire Pat-Trois", "2026-01-01", When("2026-02-01")), ("Claire Pat-Quatre", "2026-02-01", None))


def test_a_closed_team_is_inactive_and_everybody_has_left() -> None:
    bundle = bundle_after("team.closed")
    (team,) = resources(bundle, "CareTeam")
    assert team["status"] == "inactive"
    assert team["period"] == {"start": "2026-11-02", "end": "2026-11-21"}
    assert all("end" in one["period"] for one in team["participant"])


@pytest.mark.parametrize("type", ["team.member-left", "team.role-changed", "team.closed"])
def test_what_changes_a_team_puts_it_whole_and_creates_who_is_missing(type: str) -> None:
    bundle = bundle_after(type)
    (put,) = (entry for entry in bundle["entry"] if entry["request"]["method"] == "PUT")
    assert bundle["meta"]["profile"] == [names.TEAM_UPDATE]
    assert put["request"]["url"].startswith("CareTeam?identifier=")
    assert all("ifNoneExist" in entry["request"] for entry in bundle["entry"] if entry is not put)


def bundle_after(type: str) -> dict[str, Any]:
    """The bundle of that event of the story."""
    event, _, now = story()[type]
    return to_bundle(event, now, TERMS)


def periods(team: dict[str, Any], member: str) -> list[dict[str, str]]:
    """The periods of a member's participants."""
    return [one["period"] for one in team["participant"] if one["member"]["identifier"]["value"] == member]
