"""A plan: told whole, told in part, ended; what is newer is not undone."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.event import Event
from tests.model.known.told import MARTIN, OTHER_PATIENT, created, event, faults, notices, plan, unread

PESER = {"id": "A-1", "what": "Peser", "status": "scheduled"}
MARCHER = {"id": "A-2", "what": "Marcher"}


def begun(day: str, *activities: dict[str, Any], **said: Any) -> Event:
    return event("plan.created", day, plan={"id": "P", "title": "Plan", "activities": list(activities), **said})


def revised(day: str, *activities: dict[str, Any], **said: Any) -> Event:
    return event("plan.revised", day, plan={"id": "P", "title": "Revu", "activities": list(activities), **said})


def changed(day: str, **activity: Any) -> Event:
    return event("plan.activity-changed", day, plan={"id": "P"}, activity={**PESER, **activity})


def ended(day: str, **said: Any) -> Event:
    return event("plan.closed", day, plan={"id": "P", **said})


BEGUN = begun("2026-01-01", PESER, MARCHER, since="2026-01-01")


def states(*events: Event) -> dict[str, str | None]:
    return {one.id: one.status for one in plan(*events).plan.activities}


def test_a_revision_is_the_whole_plan() -> None:
    known = plan(BEGUN, revised("2026-02-01", MARCHER))
    assert known.plan.title == "Revu"
    assert [one.id for one in known.plan.activities] == ["A-2"]
    assert known.plan.since is None
    assert notices(BEGUN, revised("2026-02-01", MARCHER)) == []


def test_an_activity_takes_the_place_of_the_one_with_its_id_or_is_added() -> None:
    assert states(BEGUN, changed("2026-02-01", status="completed")) == {"A-1": "completed", "A-2": None}
    assert list(states(BEGUN, changed("2026-02-01", id="A-3"))) == ["A-1", "A-2", "A-3"]
    assert plan(BEGUN, changed("2026-02-01")).plan.title == "Plan"


@pytest.mark.parametrize("one", [revised("2026-02-01"), changed("2026-02-01"), ended("2026-02-01")])
def test_a_plan_must_be_known_to_be_changed_and_is_one_patients(one: Event) -> None:
    assert faults(one) == {("unknown-plan", "plan/id")}
    activity = {"activity": PESER} if one.type == "plan.activity-changed" else {}
    other = event(one.type, "2026-02-01", plan={"id": "P"}, patient=OTHER_PATIENT, **activity)
    assert faults(BEGUN, other) == {("other-patient", "plan/id")}


def test_a_closed_plan_says_how_it_ended_and_when() -> None:
    known = plan(BEGUN, ended("2026-06-01", status="revoked", closed_reason="déménagement"))
    assert (known.plan.status, known.plan.closed_reason) == ("revoked", "déménagement")
    assert known.plan.until is not None
    assert known.plan.until.text == "2026-06-01"
    assert not known.plan.open
    assert plan(BEGUN, ended("2026-06-01")).plan.status == "completed"


def test_a_plan_that_had_run_out_ended_then() -> None:
    known = plan(begun("2026-01-01", until="2026-03-01"), ended("2026-06-01"))
    assert known.plan.until is not None
    assert known.plan.until.text == "2026-03-01"


@pytest.mark.parametrize("one", [revised("2026-07-01"), changed("2026-07-01"), ended("2026-07-01")])
def test_a_closed_plan_takes_no_change(one: Event) -> None:
    assert faults(BEGUN, ended("2026-06-01"), one) == {("plan-closed", "plan/id")}


def test_a_plan_closed_by_mistake_is_told_again() -> None:
    again = begun("2026-06-02", PESER)
    assert notices(BEGUN, ended("2026-06-01"), again) == ["plan-replaced"]
    assert plan(BEGUN, ended("2026-06-01"), again).plan.open


def test_a_plan_is_closed_with_a_state_that_is_an_end() -> None:
    assert faults(BEGUN, ended("2026-06-01", status="active")) == {("unknown-code", "plan/status")}
    assert faults(BEGUN, ended("2026-06-01", until="2025-06-01")) == {("dates-reversed", "plan/until")}


def test_a_change_of_one_activity_does_not_tell_the_others() -> None:
    more = event("plan.activity-changed", "2026-02-01", plan={"id": "P", "activities": [MARCHER]}, activity=PESER)
    assert faults(BEGUN, more) == {("unknown-field", "plan/activities")}
    assert unread("plan.created", plan={"id": "P", "activities": [PESER, PESER]}) == {
        ("duplicate-activity", "plan/activities/1/id")
    }


def test_a_plan_may_only_name_members_of_its_team() -> None:
    who = {"who": {"member": "M-9"}}
    at = "plan/activities/0/who/member"
    for one in (begun("2026-02-01", {**PESER, **who}), revised("2026-02-01", {**PESER, **who})):
        assert faults(created("2026-01-01", MARTIN), BEGUN, one) == {("unknown-member", at)}
    assert faults(created("2026-01-01", MARTIN), BEGUN, changed("2026-02-01", **who)) == {
        ("unknown-member", "activity/who/member")
    }
    known = {"who": {"member": "M-1"}}
    assert notices(created("2026-01-01", MARTIN), BEGUN, changed("2026-02-01", **known)) == []


def test_a_plan_keeps_the_team_it_was_said_to_belong_to() -> None:
    second = event("team.created", "2026-01-01", id="T2", team={"id": "T-2"})
    mine = event("plan.created", "2026-01-02", plan={"id": "P"}, team={"id": "T"})
    who = changed("2026-02-01", who={"member": "M-1"})
    assert notices(created("2026-01-01", MARTIN), second, mine, who) == []
    assert plan(created("2026-01-01", MARTIN), second, mine, who).team == "T"


def test_a_late_revision_does_not_undo_a_newer_activity() -> None:
    story = (BEGUN, changed("2026-05-01", status="completed"), revised("2026-03-01", PESER, MARCHER, title="Mars"))
    assert notices(*story) == ["late-event"]
    assert states(*story) == {"A-1": "completed", "A-2": None}
    assert plan(*story).plan.title == "Mars"
    gone = (BEGUN, changed("2026-05-01", status="completed"), revised("2026-03-01", MARCHER))
    assert states(*gone) == {"A-2": None, "A-1": "completed"}


def test_a_late_activity_counts_when_nothing_newer_is_told_of_it() -> None:
    other = (BEGUN, changed("2026-05-01", status="completed"), changed("2026-03-01", id="A-2", status="stopped"))
    assert notices(*other) == ["late-event"]
    assert states(*other) == {"A-1": "completed", "A-2": "stopped"}
    same = (BEGUN, changed("2026-05-01", status="completed"), changed("2026-03-01", status="stopped"))
    assert notices(*same) == ["late-event", "older-than-known"]
    assert states(*same) == {"A-1": "completed", "A-2": None}


def test_what_is_older_than_the_whole_plan_changes_nothing_and_says_so() -> None:
    for one in (revised("2025-12-01"), changed("2025-12-01", status="stopped"), begun("2025-12-01")):
        assert notices(BEGUN, one)[:2] == ["late-event", "older-than-known"]
        assert plan(BEGUN, one) == plan(BEGUN)


def test_a_newer_whole_replaces_what_was_told_of_one_activity() -> None:
    story = (BEGUN, changed("2026-03-01", status="completed"), revised("2026-05-01", PESER))
    assert states(*story) == {"A-1": "scheduled"}
    assert plan(*story).told == ()


def test_what_changes_nothing_is_said_to_change_nothing() -> None:
    assert notices(BEGUN, changed("2026-02-01")) == ["nothing-new"]
