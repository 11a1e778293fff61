"""A plan in FHIR."""

from __future__ import annotations

from dataclasses import replace

from gateway.model.event import PlanCreated
from gateway.model.plan import Activity, Plan, Schedule, Timing, Who
from tests.translate.fhir.events import bundle_of, example, resources


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
