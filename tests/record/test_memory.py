"""The memory of teams, plans and reports: sealed, exact, each software's own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.model.event import Event, PlanCreated, ReportReplaced, TeamCreated
from gateway.model.known import Known, KnownTeam, after
from gateway.model.team import Team
from gateway.model.when import Instant
from gateway.record import Erased, Store
from gateway.record.lately import Lately
from gateway.record.schema import known
from tests.strategies import PATIENT, known_for, plan_created, report_replaced, team_created

HANDLE = "a" * 32
AS_OF = Instant("2026-11-20T09:30:00+01:00")


def known_after(event: Event) -> Known:
    return after(Known(), event, HANDLE)[0]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(event=team_created())
def test_a_team_is_remembered_exactly(store: Store, event: TeamCreated) -> None:
    what = known_after(event)
    with store.unit() as unit:
        unit.memory.remember("cpts", "logimed", what)
    store._lately = Lately()  # as another process reads it
    with store.unit() as unit:
        assert unit.memory.of("cpts", "logimed").team(event.team.id) == what.team
        assert unit.memory.of("cpts", "another").team(event.team.id) is None
        assert unit.memory.of("another", "logimed").team(event.team.id) is None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(event=plan_created())
def test_a_plan_is_remembered_exactly(store: Store, event: PlanCreated) -> None:
    event = replace(event, team=None, plan=replace(event.plan, activities=()))
    what = known_after(event)
    with store.unit() as unit:
        unit.memory.remember("cpts", "logimed", what)
    store._lately = Lately()  # as another process reads it
    with store.glance() as unit:
        assert unit.memory.of("cpts", "logimed").plan(event.plan.id) == what.plan


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(event=report_replaced())
def test_a_report_and_the_one_it_replaces_are_remembered_exactly(store: Store, event: ReportReplaced) -> None:
    before = replace(known_for(event), team=None)
    what = after(before, replace(event, team=None), PATIENT)[0]
    with store.unit() as unit:
        unit.memory.remember("cpts", "logimed", what, before)
    store._lately = Lately()  # as another process reads it
    with store.glance() as unit:
        memory = unit.memory.of("cpts", "logimed")
        assert memory.report(event.report.id) == what.report
        assert memory.report(event.report.replaces or "") == what.replaced
        assert unit.memory.of("cpts", "another").report(event.report.id) is None


def team(id: str, **words: object) -> KnownTeam:
    return KnownTeam(team=Team(id=id, name="Équipe de Mme X", **words), patient=HANDLE, as_of=AS_OF)  # type: ignore[arg-type]


def test_a_patients_open_teams_are_found_and_closed_ones_are_not(store: Store) -> None:
    with store.unit() as unit:
        for one in (team("T-1"), team("T-2", status="inactive"), team("T-3", closed_reason="moved"), team("T-4")):
            unit.memory.remember("cpts", "logimed", Known(team=one))
        unit.memory.remember("cpts", "logimed", Known(team=replace(team("T-5"), patient="b" * 32)))
    with store.glance() as unit:
        memory = unit.memory.of("cpts", "logimed")
        assert [one.team.id for one in memory.teams_of(HANDLE)] == ["T-1", "T-4"]
        assert memory.team("T-2") == team("T-2", status="inactive")
        assert unit.memory.of("cpts", "another").teams_of(HANDLE) == ()


def test_what_is_remembered_replaces_what_was_and_is_sealed(store: Store) -> None:
    for name in ("Mme First", "Mme Second"):
        with store.unit() as unit:
            unit.memory.remember("cpts", "logimed", Known(team=replace(team("T"), team=Team(id="T", name=name))))
    store._lately = Lately()
    with store.glance() as unit:
        found = unit.memory.of("cpts", "logimed").team("T")
        assert found is not None
        assert found.team.name == "Mme Second"
    with store._engine.connect() as connection:
        assert b"Mme" not in b"".join(bytes(row.sealed) for row in connection.execute(known.select()))


def test_what_was_erased_is_not_remembered_even_by_the_process_that_wrote_it(store: Store) -> None:
    with store.unit() as unit:
        unit.memory.remember("cpts", "logimed", Known(team=team("T")))
    with store.unit() as unit:
        assert unit.memory.of("cpts", "logimed").team("T") == team("T")
        unit.memory._keyring.erase("cpts", HANDLE)
    with store.glance() as unit, pytest.raises(Erased):
        unit.memory.of("cpts", "logimed").team("T")


def test_what_a_unit_undid_is_not_remembered(store: Store) -> None:
    with store.unit() as unit:
        unit.memory.remember("cpts", "logimed", Known(team=team("T", status="proposed")))

    def undone() -> None:
        with store.unit() as unit:
            unit.memory.remember("cpts", "logimed", Known(team=team("T", status="active")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    with store.glance() as unit:
        assert unit.memory.of("cpts", "logimed").team("T") == team("T", status="proposed")


def test_the_same_bytes_give_the_same_value_and_others_none() -> None:
    lately = Lately(room=10)
    lately.keep(("a",), b"1234", "one")
    assert lately.find(("a",), b"1234") == "one"
    assert lately.find(("a",), b"4321") is None
    assert lately.find(("b",), b"1234") is None
    lately.keep(("b",), b"12345678", "two")  # no room for both
    assert lately.find(("a",), b"1234") is None
    assert lately.find(("b",), b"12345678") == "two"
    lately.keep(("c",), b"12345678901", "too large")
    assert lately.find(("c",), b"12345678901") is None
