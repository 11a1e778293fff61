"""A bundle that does not name its event is understood by comparison with what is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.model.codes import Coded
from gateway.model.errors import Rejected
from gateway.model.event import (
    ActivityChanged,
    Event,
    MemberJoined,
    MemberLeft,
    PlanClosed,
    PlanRevised,
    RoleChanged,
    TeamClosed,
)
from gateway.model.known import Known, after
from gateway.model.team import Member
from gateway.model.when import When
from gateway.translate.fhir import from_bundle, to_bundle
from tests import strategies
from tests.translate.fhir.events import TERMS, bundle_of, example, memory, resources, story


def untagged(event: Event) -> dict[str, Any]:
    """Its bundle, as another software might send it."""
    bundle = bundle_of(event)
    del bundle["meta"]["tag"]
    return bundle


STORY = story()


@pytest.mark.parametrize("type", STORY)
def test_each_event_of_the_story_is_understood_without_its_tag(type: str) -> None:
    event, before, now = STORY[type]
    bundle = to_bundle(event, now, TERMS)
    del bundle["meta"]["tag"]
    assert from_bundle(bundle, before, TERMS) == event


@pytest.mark.parametrize("type", [type for type in STORY if not type.startswith("report.")])
def test_each_is_understood_from_another_software_that_leaves_no_mark_of_ours(type: str) -> None:
    event, before, now = STORY[type]
    bundle = unmarked(to_bundle(event, now, TERMS))
    back = from_bundle(bundle, before, TERMS)
    assert back.type == type
    for part in ("team", "plan", "member", "activity"):
        if hasattr(event, part):
            said, read = (getattr(one, part) for one in (event, back))
            assert read.id == said.id
    if isinstance(back, MemberLeft | RoleChanged) and isinstance(event, MemberLeft | RoleChanged):
        assert (back.member.until, set(back.member.roles)) == (event.member.until, set(known_roles(now, event)))
    if isinstance(back, ActivityChanged) and isinstance(event, ActivityChanged):
        assert back.activity == event.activity
    if isinstance(back, PlanClosed | TeamClosed):
        told = back.plan if isinstance(back, PlanClosed) else back.team
        assert (told.until.text if told.until else None, told.closed_reason is not None) == ("2026-11-21", True)


def known_roles(known: Known, event: MemberLeft | RoleChanged) -> tuple[Coded, ...]:
    """The roles the member of an event has after it."""
    assert known.team is not None
    member = known.team.team.member(event.member.id)
    assert member is not None
    return member.roles


def unmarked(bundle: dict[str, Any]) -> dict[str, Any]:
    """The bundle as a software would send it that knows the guides, and nothing of ours but who speaks."""
    del bundle["meta"]["tag"]
    extensions = bundle["meta"]["extension"]
    bundle["meta"]["extension"] = [one for one in extensions if one["url"].endswith("/spoken-by")]
    return bundle


def test_what_was_told_first_is_a_creation_and_then_no_longer() -> None:
    event, _, _ = STORY["plan.created"]
    known = STORY["plan.revised"][2]
    back = from_bundle(untagged(event), known, TERMS)
    assert isinstance(back, PlanRevised)
    assert back.plan == event.plan  # type: ignore[attr-defined]


def test_somebody_missing_from_a_team_was_taken_back() -> None:
    event, before, _ = STORY["team.member-left"]
    assert isinstance(event, MemberLeft)
    wrong = replace(event, member=replace(event.member, until=None, reason="error"))
    bundle = unmarked(to_bundle(wrong, after(before, wrong, before.team.patient)[0], TERMS))  # type: ignore[union-attr]
    back = from_bundle(bundle, before, TERMS)
    assert isinstance(back, MemberLeft)
    assert back.member.id == "M-3"


def test_two_changes_of_a_team_at_once_could_be_anything() -> None:
    event, before, now = STORY["team.member-left"]
    bundle = unmarked(to_bundle(event, now, TERMS))
    (team,) = resources(bundle, "CareTeam")
    period = next(one for one in team["participant"] if one["member"]["identifier"]["value"] == "M-4")["period"]
    period["end"] = "2026-11-21"
    with pytest.raises(Rejected) as refused:
        from_bundle(bundle, before, TERMS)
    assert [fault.code for fault in refused.value.faults] == ["ambiguous-event"]


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
