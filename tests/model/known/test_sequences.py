"""What is true of any sequence of events, in whatever order they come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.journey.recall import Replayed
from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import Event
from gateway.model.known import Known, after
from gateway.model.team import Team
from tests.model.known.told import DURAND, MARTIN, created, event
from tests.strategies import KINDS, PATIENT, known_for

BEGINNING = (
    created("2026-01-10", MARTIN, DURAND),
    event("plan.created", "2026-01-10", plan={"id": "P", "activities": [{"id": "A-1", "what": "Peser"}]}),
    event("report.shared", "2026-01-10", report={"id": "R-1", "type": "11488-4", "created_at": "2026-01-10T10:00:00Z"}),
)
people = st.sampled_from([MARTIN, DURAND, DURAND, {"id": "M-3", "rpps": "10100023455"}])
days = st.sampled_from([f"2026-0{month}-{day}" for month in (1, 2, 3) for day in ("05", "15", "25T09:00:00Z")])
known_so = st.fixed_dictionaries({}, optional={"since": days, "until": days})
roles = st.lists(st.sampled_from(["PROV", "PCP", "AGNT"]), min_size=1, max_size=2, unique=True)
activities = st.builds(
    lambda id, what: {"id": id, "what": what}, st.sampled_from(["A-1", "A-2"]), st.sampled_from(["Peser", "Marcher"])
)


TOPICS = {
    "team": ["member-joined", "member-left", "role-changed"] * 4 + ["created", "closed"],
    "plan": ["revised", "activity-changed"] * 3 + ["created", "closed"],
    "report": ["shared", "replaced", "replaced", "cancelled"],
}
"""The kinds of each story, some more often than others."""


@st.composite
def happenings(draw: st.DrawFn, topic: str) -> tuple[str, str, dict[str, Any]]:
    """Type, day and what is said: about a team of two people, a plan of two activities, or versions of a report."""
    kind, day = draw(st.sampled_from(TOPICS[topic])), draw(days)
    if topic == "report":
        return f"report.{kind}", day, {"report": draw(_reports(kind))}
    said: dict[str, Any] = {topic: {"id": topic[0].upper()}}
    match kind:
        case "created" | "revised" if topic == "plan":
            said["plan"]["activities"] = draw(st.lists(activities, max_size=2, unique_by=lambda one: one["id"]))
        case "activity-changed":
            said["activity"] = draw(activities)
        case "created":
            said["team"]["members"] = draw(st.lists(people, max_size=2, unique_by=lambda one: one["id"]))
        case "member-joined" | "member-left" | "role-changed":
            said["member"] = {**draw(people), **draw(known_so)}
    if kind == "role-changed":
        said["member"]["roles"] = draw(roles)
    if kind == "member-left" and draw(st.integers(0, 3)) == 0:
        said["member"]["reason"] = "error"
    return f"{topic}.{kind}", day, said


@st.composite
def _reports(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    id = draw(st.sampled_from(["R-1", "R-2", "R-3"]))
    if kind == "cancelled":
        return {"id": id, "reason": "error"}
    said = {"id": id, "type": "11488-4", "created_at": "2026-01-01T10:00:00Z"}
    said |= draw(st.fixed_dictionaries({}, optional={"version": st.integers(1, 4)}))
    return said | ({"replaces": draw(st.sampled_from(["R-1", "R-2", "R-3"]))} if kind == "replaced" else {})


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """Events about one team, plan or report in the order they come, which need not be that in which they happened."""
    topic = draw(st.sampled_from(sorted(TOPICS)))
    told = list(BEGINNING)
    for number, (type, day, said) in enumerate(draw(st.lists(happenings(topic), min_size=1, max_size=10))):
        try:
            told.append(event(type, day, id=f"E-{number}", **said))
        except Rejected:  # it contradicts itself
            continue
    return told


story = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def count(memory: Replayed, one: Event) -> tuple[Known, Known, list[str]] | None:
    try:
        before, now, notices = memory.count(one)
    except Rejected as refused:
        # None of these events tells two periods of one member: they would be of our making.
        if any(fault.at[:2] == ("team", "members") for fault in refused.faults):
            raise
        return None
    assert all(notice.text.fr for notice in notices)
    return before, now, [notice.code for notice in notices]


@story
@given(stories())
def test_periods_of_one_member_never_overlap(events: list[Event]) -> None:
    memory = Replayed(())
    for one in events:
        count(memory, one)
        if known := memory.team("T"):
            assert overlapping(known.team) == []


def overlapping(team: Team) -> list[str]:
    """Members with two periods of which one begins before the other ends; days compared as days."""
    found = []
    for id in {one.id for one in team.members}:
        mine = sorted(
            (one.since.day if one.since else date.min, one.until.day if one.until else date.max)
            for one in team.members
            if one.id == id
        )
        found += [id for (_, end), (begin, _) in pairwise(mine) if begin < end]
    return found


@story
@given(stories())
def test_no_event_is_accepted_without_effect_and_without_a_word(events: list[Event]) -> None:
    memory = Replayed(())
    for one in events:
        counted = count(memory, one)
        if counted is None:
            continue
        before, now, notices = counted
        assert notices or content(before) != content(now)


def content(known: Known) -> Any:
    """What is known, whenever it was told."""
    tree = form.write(known)
    for part in tree.values():
        for name in ("as_of", "whole", "told"):
            part.pop(name, None)
    return tree


@story
@given(stories())
def test_a_refused_event_leaves_no_trace_and_the_memory_survives_being_written_down(events: list[Event]) -> None:
    whole, stepwise = Replayed(()), Replayed(())
    accepted = [one for one in events if count(whole, one)]
    for one in accepted:
        stepwise.count(one)
        written_down(stepwise)
    once = Replayed(accepted)
    for memory in (stepwise, once):
        assert memory.team("T") == whole.team("T")
        assert memory.plan("P") == whole.plan("P")
        assert [memory.report(id) for id in ("R-1", "R-2", "R-3")] == [whole.report(id) for id in ("R-1", "R-2", "R-3")]


def written_down(memory: Replayed) -> None:
    """Everything it knows goes through its stored form, as between two commits."""
    for kept in (memory._teams, memory._plans, memory._reports):
        for id, value in list(kept.items()):
            kept[id] = form.read(type(value), json.loads(json.dumps(form.write(value))))  # type: ignore[index]


@story
@given(stories())
def test_what_is_known_is_as_of_the_newest_event_that_made_it(events: list[Event]) -> None:
    memory = Replayed(())
    for one in events:
        counted = count(memory, one)
        if counted is None:
            continue
        before, now, notices = counted
        for name in ("team", "plan", "report", "replaced"):
            old, new = getattr(before, name), getattr(now, name)
            assert not old or new.as_of.utc >= old.as_of.utc
        late = any(
            part and one.occurred_at.utc < part.as_of.utc
            for part in (getattr(before, one.type.partition(".")[0]), before.replaced)
        )
        assert late == ("late-event" in notices)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.one_of(*(kind() for kind in KINDS.values())))
def test_an_event_that_makes_sense_is_counted_always_alike(one: Event) -> None:
    known, notices = after(known_for(one), one, PATIENT)
    assert (known, notices) == after(known_for(one), one, PATIENT)
    assert form.read(Known, json.loads(json.dumps(form.write(known)))) == known


def test_what_grows_from_event_to_event_has_an_end() -> None:
    memory = Replayed(BEGINNING)
    telling = event("report.shared", "2026-01-11", report={"id": "R-1", "type": "11488-4", "created_at": AT})
    for number in range(499):
        memory.count(replace(telling, id=f"E-{number}"))
    with pytest.raises(Rejected) as refused:
        memory.count(telling)
    assert [(fault.code, fault.at) for fault in refused.value.faults] == [("too-many", ("report", "id"))]


AT = "2026-01-10T10:00:00Z"


def test_everything_unheard_of_is_named_at_once() -> None:
    with pytest.raises(Rejected) as refused:
        Replayed(()).count(event("plan.closed", "2026-01-11", plan={"id": "P"}, team={"id": "T"}))
    assert {fault.code for fault in refused.value.faults} == {"unknown-team", "unknown-plan"}
