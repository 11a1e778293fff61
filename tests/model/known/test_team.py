"""A team's participations: told, ended, taken back, in whatever order."""

from __future__ import annotations

from gateway.model.event import RoleChanged, TeamClosed
from tests.model.known.told import (
    DURAND,
    MARTIN,
    OTHER_PATIENT,
    closed,
    created,
    event,
    faults,
    joined,
    left,
    notices,
    periods,
    role,
    team,
    unread,
)

BEGUN = created("2026-01-01", {**MARTIN, "since": "2026-01-01"}, name="Équipe", since="2026-01-01")
IN = joined("2026-02-01", DURAND, roles=["PROV"], family="DURAND")


def test_a_member_joins_the_team_the_gateway_keeps() -> None:
    known = team(BEGUN, IN)
    assert [member.id for member in known.team.members] == ["M-1", "M-2"]
    assert known.team.name == "Équipe"
    assert periods(known) == [("2026-02-01", None)]
    assert notices(BEGUN, IN) == []


def test_who_joins_a_team_that_was_never_announced_is_refused() -> None:
    for one in (IN, left("2026-02-02"), role("2026-02-02", "PCP"), closed("2026-02-02")):
        assert faults(one) == {("unknown-team", "team/id")}


def test_a_team_belongs_to_one_patient() -> None:
    other = event("team.member-left", "2026-02-02", team={"id": "T"}, member={"id": "M-2"}, patient=OTHER_PATIENT)
    assert faults(BEGUN, IN, other) == {("other-patient", "team/id")}


def test_who_leaves_is_kept_with_the_end_of_their_time() -> None:
    gone = left("2026-03-01", reason="fin de mission")
    known = team(BEGUN, IN, gone)
    assert periods(known) == [("2026-02-01", "2026-03-01")]
    member = known.team.member("M-2")
    assert member is not None
    assert (member.family, member.reason, [one.code for one in member.roles]) == ("DURAND", "fin de mission", ["PROV"])
    assert notices(BEGUN, IN, gone) == []
    assert periods(team(BEGUN, IN, left("2026-03-05", until="2026-03-01"))) == [("2026-02-01", "2026-03-01")]


def test_who_comes_back_has_a_second_period_and_the_first_is_kept() -> None:
    back = joined("2026-05-01", DURAND)
    assert periods(team(BEGUN, IN, left("2026-03-01"), back)) == [("2026-02-01", "2026-03-01"), ("2026-05-01", None)]
    assert notices(BEGUN, IN, left("2026-03-01"), back) == []


def test_a_role_that_changes_ends_one_period_and_begins_another() -> None:
    known = team(BEGUN, IN, role("2026-03-01", "PCP", previous_roles=["PROV"]))
    before, now = (one for one in known.team.members if one.id == "M-2")
    assert periods(known) == [("2026-02-01", "2026-03-01"), ("2026-03-01", None)]
    assert [[one.code for one in member.roles] for member in (before, now)] == [["PROV"], ["PCP"]]
    assert now.family == "DURAND"
    assert [one.code for one in now.previous_roles] == ["PROV"]


def test_previous_roles_other_than_those_known_are_remarked() -> None:
    assert notices(BEGUN, IN, role("2026-03-01", "PCP", previous_roles=["AGNT"])) == ["previous-roles-differ"]
    assert notices(BEGUN, IN, role("2026-03-01", "PCP", previous_roles=["PROV"])) == []
    assert notices(BEGUN, IN, role("2026-03-01", "PCP")) == []


def test_a_role_told_again_for_the_same_day_is_corrected() -> None:
    known = team(BEGUN, IN, role("2026-03-01", "AGNT"), role("2026-03-02", "PCP", since="2026-03-01"))
    assert periods(known) == [("2026-02-01", "2026-03-01"), ("2026-03-01", None)]
    assert [one.code for one in known.team.members[-1].roles] == ["PCP"]


def test_only_who_is_in_the_team_can_leave_it_or_change_role() -> None:
    for one in (left("2026-02-02"), role("2026-02-02", "PCP")):
        assert faults(BEGUN, one) == {("unknown-member", "member/id")}
    for one in (left("2026-02-02", rpps="10100023455"), role("2026-02-02", "PCP", rpps="10100023455")):
        assert faults(BEGUN, IN, one) == {("unknown-member", "member/rpps")}
    assert faults(BEGUN, IN, left("2026-03-01"), role("2026-04-01", "PCP")) == {("member-left", "member/id")}


def test_nobody_leaves_before_they_came() -> None:
    assert faults(BEGUN, IN, left("2026-03-01", until="2026-01-15")) == {("dates-reversed", "member/until")}


def test_an_id_never_becomes_somebody_elses() -> None:
    assert faults(BEGUN, IN, joined("2026-03-01", {**DURAND, "rpps": "10100023455"})) == {
        ("duplicate-member", "member/id")
    }


def test_a_leaving_already_known_is_updated_and_remarked() -> None:
    again = left("2026-04-01", until="2026-03-15")
    assert notices(BEGUN, IN, left("2026-03-01"), again) == ["member-already-left"]
    assert periods(team(BEGUN, IN, left("2026-03-01"), again)) == [("2026-02-01", "2026-03-15")]
    silent = left("2026-04-01")  # says no date: the one known stands
    assert notices(BEGUN, IN, left("2026-03-01"), silent) == ["member-already-left"]
    assert periods(team(BEGUN, IN, left("2026-03-01"), silent)) == [("2026-02-01", "2026-03-01")]


def test_who_leaves_before_their_planned_end_leaves_then() -> None:
    locum = joined("2026-02-01", DURAND, until="2026-06-30")
    assert periods(team(BEGUN, locum, left("2026-03-01"))) == [("2026-02-01", "2026-03-01")]
    assert notices(BEGUN, locum, left("2026-03-01")) == []


def test_who_leaves_before_their_planned_beginning_never_came() -> None:
    coming = joined("2026-02-01", DURAND, since="2026-06-01")
    assert periods(team(BEGUN, coming, left("2026-03-01"))) == [("2026-06-01", "2026-06-01")]


def test_a_member_told_again_has_their_details_renewed() -> None:
    again = joined("2026-03-01", DURAND, roles=["PCP"])
    assert notices(BEGUN, IN, again) == ["member-already-in"]
    known = team(BEGUN, IN, again)
    assert periods(known) == [("2026-02-01", None)]
    assert [one.code for one in known.team.members[-1].roles] == ["PCP"]


def test_a_joining_told_again_undoes_a_leaving_that_was_wrong() -> None:
    again = joined("2026-04-01", DURAND, since="2026-02-01")
    assert periods(team(BEGUN, IN, left("2026-03-01"), again)) == [("2026-02-01", None)]


def test_a_beginning_told_again_earlier_is_corrected() -> None:
    again = joined("2026-03-01", DURAND, since="2026-01-15")
    assert periods(team(BEGUN, IN, again)) == [("2026-01-15", None)]
    assert notices(BEGUN, IN, again) == ["member-already-in"]


def test_the_reason_error_takes_a_period_back() -> None:
    assert periods(team(BEGUN, IN, left("2026-03-01", reason="error"))) == []
    role_too = (BEGUN, IN, role("2026-03-01", "PCP"))
    assert periods(team(*role_too, left("2026-03-02", reason="error"))) == [("2026-02-01", "2026-03-01")]
    first = left("2026-03-02", reason="error", since="2026-02-01")
    assert periods(team(*role_too, first)) == [("2026-03-01", None)]


def test_a_return_heard_of_before_the_leaving_keeps_both_periods() -> None:
    story = (BEGUN, IN, joined("2026-06-01", DURAND, since="2026-06-01"), left("2026-03-01", until="2026-03-01"))
    assert periods(team(*story)) == [("2026-02-01", "2026-03-01"), ("2026-06-01", None)]
    assert notices(*story)[:1] == ["late-event"]


def test_a_late_leaving_ends_the_period_it_belongs_to() -> None:
    story = (BEGUN, IN, left("2026-04-01"), joined("2026-06-01", DURAND), left("2026-03-01", until="2026-03-01"))
    assert periods(team(*story)) == [("2026-02-01", "2026-03-01"), ("2026-06-01", None)]


def test_a_late_joining_ends_where_what_is_known_begins() -> None:
    story = (BEGUN, joined("2026-06-01", DURAND), joined("2026-02-01", DURAND, roles=["PROV"]))
    assert periods(team(*story)) == [("2026-02-01", "2026-06-01"), ("2026-06-01", None)]
    assert notices(*story) == ["late-event"]


def test_a_late_role_does_not_undo_a_newer_one() -> None:
    story = (BEGUN, IN, role("2026-05-01", "PCP"), role("2026-03-01", "AGNT"))
    known = team(*story)
    assert [[one.code for one in member.roles] for member in known.team.members if member.id == "M-2"] == [
        ["PROV"],
        ["AGNT"],
        ["PCP"],
    ]
    assert periods(known)[-1] == ("2026-05-01", None)


def test_a_late_event_only_adds_to_what_is_known_of_the_team() -> None:
    said = {"id": "T", "name": "Vieux nom", "ground": "formalised"}
    story = (BEGUN, IN, event("team.member-left", "2026-01-15", team=said, member={"id": "M-1"}))
    known = team(*story)
    assert known.team.name == "Équipe"
    assert known.team.ground is not None
    assert known.as_of == IN.occurred_at


def test_a_closed_team_has_an_end_and_nobody_in_it() -> None:
    known = team(BEGUN, IN, closed("2026-07-01", closed_reason="moved"))
    assert (known.team.status, known.team.closed_reason) == ("inactive", "moved")
    assert known.team.until is not None
    assert known.team.until.text == "2026-07-01"
    assert periods(known) == [("2026-02-01", "2026-07-01")]
    assert periods(known, "M-1") == [("2026-01-01", "2026-07-01")]
    assert not known.team.open


def test_what_ended_before_the_team_closed_keeps_its_end() -> None:
    known = team(BEGUN, IN, left("2026-03-01"), closed("2026-07-01", until="2026-06-01"))
    assert periods(known) == [("2026-02-01", "2026-03-01")]
    assert periods(known, "M-1") == [("2026-01-01", "2026-06-01")]


def test_a_closed_team_takes_no_more_events() -> None:
    for one in (IN, left("2026-08-01"), role("2026-08-01", "PCP"), closed("2026-08-01")):
        assert faults(BEGUN, IN, closed("2026-07-01"), one) == {("team-closed", "team/id")}


def test_a_team_closed_by_mistake_is_told_again() -> None:
    again = created("2026-07-02", MARTIN, DURAND)
    assert notices(BEGUN, closed("2026-07-01"), again) == ["team-replaced"]
    assert team(BEGUN, closed("2026-07-01"), again).team.open


def test_a_whole_team_told_late_changes_nothing_and_says_so() -> None:
    old = created("2025-12-01", DURAND)
    assert notices(BEGUN, IN, old) == ["late-event", "older-than-known"]
    assert team(BEGUN, IN, old) == team(BEGUN, IN)


def test_a_team_is_closed_with_a_state_that_is_an_end_and_no_members() -> None:
    assert faults(BEGUN, closed("2026-07-01", status="active")) == {("unknown-code", "team/status")}
    assert faults(BEGUN, closed("2026-07-01", until="2025-01-01")) == {("dates-reversed", "team/until")}
    assert faults(BEGUN, closed("2026-07-01", members=[MARTIN])) == {("unknown-field", "team/members")}


def test_the_kinds_say_what_they_need_of_a_member() -> None:
    assert isinstance(role("2026-01-01", "PCP"), RoleChanged)
    assert isinstance(closed("2026-01-01"), TeamClosed)
    somebody, nameless = {"id": "M-2", "family": "DURAND"}, {"id": "M-2"}
    assert unread("team.role-changed", team={"id": "T"}, member=nameless) == {("missing-field", "member/roles")}
    assert unread("team.member-joined", team={"id": "T"}, member=nameless) == {("member-kind", "member")}
    assert unread("team.member-left", team={"id": "T"}, member=somebody) == {("no-professional-identifier", "member")}


def test_two_periods_of_one_member_may_follow_each_other_and_never_overlap() -> None:
    first, back = {**DURAND, "since": "2026-01-01", "until": "2026-02-01"}, {**DURAND, "since": "2026-02-01"}
    assert periods(team(created("2026-03-01", back, first))) == [("2026-02-01", None), ("2026-01-01", "2026-02-01")]
    for wrong in ({**DURAND, "since": "2026-01-31"}, {**DURAND, "since": "2026-01-01"}, DURAND):
        assert unread("team.created", team={"id": "T", "members": [MARTIN, first, wrong]}) <= {
            ("duplicate-member", "team/members/1/id"),
            ("duplicate-member", "team/members/2/id"),
        }
