from __future__ import annotations

from typing import Any

import pytest

from gateway.model.errors import Rejected
from gateway.model.event import Event, read_event
from gateway.model.known import Known, after
from tests.model.test_form import MINIMAL, changed

BEFORE = read_event(
    changed(team={"id": "T-7", "name": "Équipe", "members": [{"id": "M-1", "rpps": "10100012342", "family": "MARTIN"}]})
)


def joined(member: dict[str, Any], **fields: Any) -> Event:
    return read_event(
        {**MINIMAL, "id": "E-2", "type": "team.member-joined", "team": {"id": "T-7"}, "member": member, **fields}
    )


def codes(known: Known, event: Event, patient: str = "p") -> set[str]:
    with pytest.raises(Rejected) as refused:
        after(known, event, patient)
    return {fault.code for fault in refused.value.faults}


KNOWN, _ = after(Known(), BEFORE, "p")


def test_a_member_joins_the_team_the_gateway_keeps() -> None:
    known, notices = after(KNOWN, joined({"id": "M-2", "rpps": "10100054328"}), "p")
    assert known.team is not None
    assert [member.id for member in known.team.team.members] == ["M-1", "M-2"]
    assert known.team.team.name == "Équipe"
    assert notices == ()


def test_a_member_joining_an_unknown_team_is_refused() -> None:
    assert codes(Known(), joined({"id": "M-2", "rpps": "10100054328"})) == {"unknown-team"}


def test_a_team_belongs_to_one_patient() -> None:
    assert codes(KNOWN, joined({"id": "M-2", "rpps": "10100054328"}), patient="another") == {"other-patient"}


def test_a_member_who_comes_back_gets_a_second_participation() -> None:
    left, _ = after(
        KNOWN, joined({"id": "M-2", "rpps": "10100054328", "since": "2025-01-01", "until": "2025-06-01"}), "p"
    )
    back, _ = after(left, joined({"id": "M-2", "rpps": "10100054328", "since": "2026-01-01"}), "p")
    assert back.team is not None
    assert [member.since.text for member in back.team.team.members if member.id == "M-2" and member.since] == [
        "2025-01-01",
        "2026-01-01",
    ]


def test_a_late_event_is_accepted_and_said() -> None:
    known, notices = after(KNOWN, joined({"id": "M-2", "rpps": "10100054328"}, occurred_at="2020-01-01T00:00:00Z"), "p")
    assert [notice.code for notice in notices] == ["late-event"]
    assert known.team is not None
    assert known.team.as_of == BEFORE.occurred_at


def test_a_plan_may_only_name_members_of_its_team() -> None:
    plan = {"id": "PL-1", "activities": [{"id": "A-1", "what": "Peser", "who": {"member": "M-9"}}]}
    event = read_event(
        {key: value for key, value in {**MINIMAL, "type": "plan.created", "plan": plan}.items() if key != "team"}
    )
    assert codes(KNOWN, event) == {"unknown-member"}
