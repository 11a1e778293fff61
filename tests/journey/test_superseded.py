"""What is told whole takes the place of an older telling that has not left; nothing else ever does."""

from __future__ import annotations

import pytest

from gateway.cli.box import TENANT
from gateway.journey.accept import Accepted
from gateway.journey.steer import steer_leg
from gateway.model.audit import Entry
from gateway.model.exchange import LegState
from tests.journey.conftest import World

ROUTE = """routes:
  - {name: plans, when: {event: 'plan.*'}, to: {each: member}, via: folder, mode: exchange}
  - {name: teams, when: {event: 'team.*'}, to: {each: member}, via: folder, mode: exchange}
"""
TEAM = ("team.created", "team.member-joined")


@pytest.fixture
def planned(world: World) -> World:
    """A team and its plan were told, and have left."""
    return with_plan(world)


def with_plan(world: World) -> World:
    world = world.with_routes(ROUTE)
    for kind in (*TEAM, "plan.created"):
        world.tell(kind)
    world.prepare()
    world.send()
    return world


def revised(world: World, id: str, **changes: object) -> Accepted:
    """A revision is told and prepared."""
    accepted = world.tell("plan.revised", id=id, **changes)
    world.prepare()
    assert world.legs(accepted)
    return accepted


def states(world: World, accepted: Accepted) -> set[tuple[LegState, str | None]]:
    return {(leg.state, leg.reason) for leg in world.legs(accepted)}


GONE = {(LegState.CANCELLED, "superseded")}
SENT = {(LegState.HANDED_OVER, None)}
WAITS = {(LegState.WAITING, None)}


def test_a_newer_revision_takes_the_place_of_one_that_has_not_left_and_the_log_names_it(every_world: World) -> None:
    planned = with_plan(every_world)
    first, second = revised(planned, "E-1"), revised(planned, "E-2")
    assert (states(planned, first), states(planned, second)) == (GONE, WAITS)
    told = planned.audited(kind="leg-moved", exchange=first.exchange)
    assert {(one["facts"]["from"], one["facts"]["reason"], one["facts"]["by"]) for one in told} == {
        ("waiting", "superseded", second.exchange)
    }
    assert len(told) == len(planned.legs(first))
    planned.send()
    assert states(planned, second) == SENT


def test_one_that_a_person_holds_is_replaced_too(planned: World) -> None:
    first = revised(planned, "E-1")
    for leg in planned.legs(first):
        steer_leg(planned.gateway, planned.caller, first.exchange, leg.n, "hold")
    revised(planned, "E-2")
    assert states(planned, first) == GONE


def test_one_that_is_released_after_a_newer_one_has_left_is_replaced_by_it(every_world: World) -> None:
    planned = with_plan(every_world)
    change = planned.tell("plan.activity-changed", id="E-1")
    planned.prepare()
    older = revised(planned, "E-2")
    for leg in planned.legs(older):
        steer_leg(planned.gateway, planned.caller, older.exchange, leg.n, "hold")
    change = planned.tell("plan.activity-changed", id="E-3")
    planned.prepare()
    newer = revised(planned, "E-4")  # a change stands between them: it takes no place yet
    planned.send()
    assert (states(planned, change), states(planned, newer)) == (SENT, SENT)
    for leg in planned.legs(older):
        steer_leg(planned.gateway, planned.caller, older.exchange, leg.n, "release")
    planned.send()
    assert states(planned, older) == GONE
    told = planned.audited(kind="leg-moved", exchange=older.exchange, reason="superseded")
    assert {one["facts"]["by"] for one in told} == {newer.exchange}


def test_one_that_is_released_before_a_newer_one_leaves_goes_first(planned: World) -> None:
    older = revised(planned, "E-1")
    for leg in planned.legs(older):
        steer_leg(planned.gateway, planned.caller, older.exchange, leg.n, "hold")
    planned.tell("plan.activity-changed", id="E-2")
    planned.prepare()
    newer = revised(planned, "E-3")
    for leg in planned.legs(older):
        steer_leg(planned.gateway, planned.caller, older.exchange, leg.n, "release")
    planned.send()
    assert (states(planned, older), states(planned, newer)) == (SENT, SENT)


def test_what_has_left_stays_what_it_is(planned: World) -> None:
    first = revised(planned, "E-1")
    planned.send()
    revised(planned, "E-2")
    assert states(planned, first) == SENT


def test_an_unknown_outcome_is_never_cancelled(planned: World) -> None:
    first = revised(planned, "E-1")
    leg, *_ = planned.legs(first)
    with planned.gateway.store.unit() as unit:
        begun = unit.legs.start(leg, "w", planned.clock(), planned.gateway.pace.lease)
        unit.audit(_told(planned, leg.exchange, leg.n))
    with planned.gateway.store.unit() as unit:
        unit.legs.move(begun, LegState.UNKNOWN, reason="outcome-unknown")
        unit.audit(_told(planned, leg.exchange, leg.n))
    revised(planned, "E-2")
    assert planned.legs(first)[0].state is LegState.UNKNOWN
    assert states(planned, first) - {(LegState.UNKNOWN, "outcome-unknown")} <= GONE


def test_a_change_is_never_cancelled_nor_what_it_builds_on(planned: World) -> None:
    first = revised(planned, "E-1")
    change = planned.tell("plan.activity-changed", id="E-2")
    planned.prepare()
    second = revised(planned, "E-3")
    third = revised(planned, "E-4")
    assert [states(planned, one) for one in (first, change, second, third)] == [WAITS, WAITS, GONE, WAITS]
    planned.send()
    assert [states(planned, one) for one in (first, change, third)] == [SENT, SENT, SENT]


def test_a_creation_that_waits_is_kept_before_its_revision(world: World) -> None:
    world = world.with_routes(ROUTE)
    for kind in TEAM:
        world.tell(kind)
    created = world.tell("plan.created")
    world.prepare()
    revised(world, "E-1")
    assert states(world, created) == WAITS, "nobody can revise a plan that they never heard of"


def test_a_revision_told_late_replaces_nothing_and_stays(planned: World) -> None:
    newest = revised(planned, "E-1", occurred_at="2026-11-27T09:30:00+01:00")
    late = revised(planned, "E-2", occurred_at="2026-11-26T09:30:00+01:00")
    assert (states(planned, newest), states(planned, late)) == (WAITS, WAITS)


def test_another_plan_of_the_same_patient_is_left_alone(planned: World) -> None:
    first = revised(planned, "E-1")
    other = planned.tell("plan.created", id="E-2", plan={"id": "PL-other"})
    planned.prepare()
    assert states(planned, first) == WAITS
    assert planned.legs(other)


def _told(world: World, exchange: str, leg: int) -> Entry:
    return Entry(kind="leg-moved", at=world.clock(), tenant=TENANT, actor="worker:test", exchange=exchange, leg=leg)
