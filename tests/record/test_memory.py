"""The memory of teams and plans: sealed, exact, each software's own."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from gateway.model.event import Event, PlanCreated, TeamCreated
from gateway.model.known import Known, after
from gateway.record import Store
from tests.strategies import plan_created, team_created

HANDLE = "a" * 32


def known_after(event: Event) -> Known:
    return after(Known(), event, HANDLE)[0]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(event=team_created())
def test_a_team_is_remembered_exactly(store: Store, event: TeamCreated) -> None:
    known = known_after(event)
    with store.unit() as unit:
        unit.memory.remember("cpts", "logimed", known)
    with store.unit() as unit:
        assert unit.memory.of("cpts", "logimed").team(event.team.id) == known.team
        assert unit.memory.of("cpts", "another").team(event.team.id) is None
        assert unit.memory.of("another", "logimed").team(event.team.id) is None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(event=plan_created())
def test_a_plan_is_remembered_exactly(store: Store, event: PlanCreated) -> None:
    event = replace(event, team=None, plan=replace(event.plan, activities=()))
    known = known_after(event)
    with store.unit() as unit:
        unit.memory.remember("cpts", "logimed", known)
    with store.glance() as unit:
        assert unit.memory.of("cpts", "logimed").plan(event.plan.id) == known.plan
