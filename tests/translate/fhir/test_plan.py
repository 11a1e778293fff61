"""A plan in FHIR."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.model.event import ActivityChanged, PlanCreated
from gateway.model.known import after
from gateway.model.plan import Activity, Plan, Schedule, Timing, Who
from gateway.model.when import Instant
from gateway.translate.fhir import from_bundle, to_bundle
from tests.translate.fhir.events import TERMS, bundle_of, example, resources, story


def planned(*activities: Activity) -> list[dict[str, object]]:
    """The details of a plan's activities."""
    event = example("plan.created")
    assert isinstance(event, PlanCreated)
    bundle = bundle_of(replace(event, plan=Plan(id="P-1", activities=activities)))
    return [one["detail"] for one in resources(bundle, "CarePlan")[0]["activity"]]


def test_an_activity_is_scheduled_in_words_as_a_rhythm_or_by_a_date() -> None:
    words, rhythm, date = planned(
        Activity(id="1", what="a", when=Schedule(text="le matin")),
        Activity(id="2", what="b", when=Schedule(timing=Timing(times=3, every=2, unit="week"))),
        Activity(id="3", what="c", when=Schedule(due=example("plan.created").plan.review_date)),  # type: ignore[attr-defined]
    )
    assert words["scheduledString"] == "le matin"
    assert rhythm["scheduledTiming"] == {"repeat": {"frequency": 3, "period": 2, "periodUnit": "wk"}}
    assert date["scheduledPeriod"] == {"end": "2027-02-20"}


def test_who_acts_is_a_member_of_the_team_with_their_resource_or_a_text() -> None:
    event = example("plan.created")
    bundle = bundle_of(event)
    urls = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    performers = [
        one
        for activity in resources(bundle, "CarePlan")[0]["activity"]
        for one in activity["detail"].get("performer", ())
        if "reference" in one
    ]
    assert performers
    assert {urls[one["reference"]] for one in performers} <= {"PractitionerRole", "Organization", "RelatedPerson"}
    (said,) = planned(Activity(id="1", what="a", who=Who(text="la famille")))
    assert said["performer"] == [{"display": "la famille"}]


def test_problems_explain_the_plan_and_are_no_entries_of_their_own() -> None:
    bundle = bundle_of(example("plan.created"))
    (plan,) = resources(bundle, "CarePlan")
    assert resources(bundle, "Condition") == []
    assert [one["reference"] for one in plan["addresses"]] == [f"#{one['id']}" for one in plan["contained"]]


def test_a_plan_names_its_team_without_carrying_it() -> None:
    bundle = bundle_of(example("plan.created"))
    (plan,) = resources(bundle, "CarePlan")
    assert plan["careTeam"][0]["identifier"]["value"] == "T-7"
    assert resources(bundle, "CareTeam") == []


def test_a_revised_plan_is_put_again_with_its_goals() -> None:
    bundle = bundle_after("plan.revised")
    put = {entry["resource"]["resourceType"] for entry in bundle["entry"] if entry["request"]["method"] == "PUT"}
    assert put == {"CarePlan", "Goal"}
    (plan,) = resources(bundle, "CarePlan")
    assert [one["detail"]["description"] for one in plan["activity"]][-1] == "Recherche d'une place en établissement"


def test_a_changed_activity_stands_in_the_whole_plan() -> None:
    (plan,) = resources(bundle_after("plan.activity-changed"), "CarePlan")
    assert len(plan["activity"]) == 5
    assert plan["activity"][0]["detail"]["scheduledTiming"]["repeat"]["frequency"] == 2
    assert plan["careTeam"][0]["identifier"]["value"] == "T-7"


def test_a_closed_plan_says_how_it_ended_and_keeps_what_was_planned() -> None:
    (plan,) = resources(bundle_after("plan.closed"), "CarePlan")
    assert plan["status"] == "revoked"
    assert plan["period"] == {"start": "2026-11-20", "end": "2026-11-21"}
    assert len(plan["activity"]) == 6


def test_a_late_change_does_not_undo_a_newer_one_where_it_arrives() -> None:
    changed, before, _ = story()["plan.activity-changed"]
    assert isinstance(changed, ActivityChanged)
    newer = replace(changed, activity=replace(changed.activity, status="completed"), occurred_at=LATER)
    known, _ = after(before, newer, before.plan.patient)  # type: ignore[union-attr]
    now, notices = after(known, changed, before.plan.patient)  # type: ignore[union-attr]
    assert [notice.code for notice in notices] == ["late-event", "older-than-known"]
    bundle = to_bundle(changed, now, TERMS)
    assert resources(bundle, "CarePlan")[0]["activity"][0]["detail"]["status"] == "completed"
    assert from_bundle(bundle, known, TERMS) == changed


LATER = Instant("2026-11-22T08:00:00Z")


def bundle_after(type: str) -> dict[str, Any]:
    """The bundle of that event of the story."""
    event, _, now = story()[type]
    return to_bundle(event, now, TERMS)
