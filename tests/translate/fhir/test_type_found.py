"""A bundle that does not name its event is understood by comparison with what is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.model.errors import Rejected
from gateway.model.event import Event, MemberJoined
from gateway.model.known import Known, after
from gateway.model.team import Member
from gateway.model.when import When
from gateway.translate.fhir import from_bundle, to_bundle
from tests import strategies
from tests.translate.fhir.events import TERMS, bundle_of, example, memory, resources


def untagged(event: Event) -> dict[str, Any]:
    """Its bundle, as another software might send it."""
    bundle = bundle_of(event)
    del bundle["meta"]["tag"]
    return bundle


@pytest.mark.parametrize("type", ["team.created", "plan.created", "report.shared"])
def test_what_is_new_is_a_creation(type: str) -> None:
    event = example(type)
    assert from_bundle(untagged(event), strategies.known_for(event), TERMS) == event


def test_a_known_team_with_one_member_more_is_a_joining() -> None:
    event = example("team.member-joined")
    assert from_bundle(untagged(event), strategies.known_for(event), TERMS) == event


def test_who_joined_is_found_without_our_marks() -> None:
    event = example("team.member-joined")
    assert isinstance(event, MemberJoined)
    bundle = untagged(event)
    marks = bundle["meta"]["extension"]
    bundle["meta"]["extension"] = [one for one in marks if one["url"].endswith("/spoken-by")]
    back = from_bundle(bundle, strategies.known_for(event), TERMS)
    assert isinstance(back, MemberJoined)
    assert back.member == event.member
    assert back.team.id == event.team.id
    assert back.team.said() == {"id"}


def test_a_known_team_with_nobody_new_could_be_anything() -> None:
    event = example("team.member-joined")
    known = memory(event)[1]
    with pytest.raises(Rejected) as refused:
        from_bundle(untagged(event), known, TERMS)
    assert [fault.code for fault in refused.value.faults] == ["ambiguous-event"]


def test_a_team_and_a_plan_in_one_bundle_are_two_events() -> None:
    bundle = untagged(example("plan.created"))
    bundle["entry"] += untagged(example("team.created"))["entry"]
    with pytest.raises(Rejected) as refused:
        from_bundle(bundle, Known(), TERMS)
    assert [fault.code for fault in refused.value.faults] == ["ambiguous-event"]


def test_a_bundle_without_team_plan_or_report_misses_one() -> None:
    bundle = untagged(example("plan.created"))
    bundle["entry"] = [one for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient"]
    with pytest.raises(Rejected) as refused:
        from_bundle(bundle, Known(), TERMS)
    assert [fault.code for fault in refused.value.faults] == ["missing-field"]


def test_a_member_who_comes_back_is_a_second_participant() -> None:
    event = example("team.member-joined")
    assert isinstance(event, MemberJoined)
    known = memory(event)[1]
    team = known.team.team  # type: ignore[union-attr]
    left = Member(id=event.member.id, rpps=event.member.rpps, since=When("2026-11-03"), until=When("2026-11-09"))
    others = tuple(one for one in team.members if one.id != event.member.id)
    gone = replace(known, team=replace(known.team, team=replace(team, members=(*others, left))))  # type: ignore[type-var]
    again = replace(event, member=replace(event.member, since=None))
    bundle = to_bundle(again, after(gone, again, strategies.PATIENT)[0], TERMS)
    (care_team,) = resources(bundle, "CareTeam")
    references = [one["member"]["reference"] for one in care_team["participant"]]
    assert len(references) == len(others) + 2
    assert from_bundle(bundle, gone, TERMS) == again
