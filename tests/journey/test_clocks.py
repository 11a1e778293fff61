"""Clocks that jump: noticed, told in the log, and harmless; what is due stays as far away as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gateway.journey.accept import Accepted
from gateway.journey.clocks import Timekeeper
from gateway.journey.gateway import Gateway
from gateway.journey.seal import Seal
from gateway.journey.send import notice_silence
from gateway.model.errors import GatewayError
from gateway.model.exchange import LegState
from tests.journey.conftest import EXAMPLES, World

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
JUMPS = (HOUR, -HOUR, YEAR, -YEAR)


class Machine:
    """A machine's clock, which anybody may set, and its uptime, which nobody does. Both stand still until told."""

    def __init__(self) -> None:
        self.wall, self.up, self.boot = datetime.now(UTC), timedelta(days=3), "boot-1"

    def pass_time(self, **span: float) -> None:
        self.wall += timedelta(**span)
        self.up += timedelta(**span)

    def starts(self, world: World) -> World:
        """A process of the gateway starts on it: its clock is looked at, as every process does first."""
        keeper = Timekeeper(
            lambda: self.wall, boot=self.boot, uptime=lambda: self.up, ticks=lambda: self.up.total_seconds()
        )
        gateway = replace(world.gateway, clock=keeper)
        gateway.store._clock = keeper
        started = world._with(gateway)
        looks(started.gateway)
        return started

    def reboots(self) -> None:
        self.up, self.boot = timedelta(seconds=20), f"{self.boot}+"


@pytest.fixture
def machine() -> Machine:
    return Machine()


def looks(*gateways: Gateway) -> None:
    for gateway in gateways:
        assert isinstance(gateway.clock, Timekeeper)
        gateway.clock.look(gateway, "test")


@pytest.mark.parametrize("jump", JUMPS)
def test_the_gateways_time_goes_on_when_the_machines_jumps_and_then_follows_it(
    jump: timedelta, world: World, machine: Machine
) -> None:
    started = machine.starts(world)
    clock, before = started.gateway.clock, machine.wall
    machine.wall += jump
    machine.pass_time(seconds=2)
    assert clock() == before + timedelta(seconds=2)
    looks(started.gateway)
    assert clock() == before + jump + timedelta(seconds=2)


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("while_off", [False, True])
def test_a_jump_there_and_back_is_told_twice_and_ends_no_wait_early_or_late(
    jump: timedelta, while_off: bool, world: World, machine: Machine
) -> None:
    started = machine.starts(world)
    late = report(started, "greylist", "late")
    heard = report(started, "silent", "heard")
    waiting = report(started, "sophie.bernard")
    started.prepare()
    started.send()
    postponed, answered = started.leg(late), started.leg(heard)
    assert (postponed.state, answered.state) == (LegState.POSTPONED, LegState.HANDED_OVER)
    assert postponed.due is not None
    assert answered.give_up is not None
    wait, silence = postponed.due - machine.wall, answered.give_up - machine.wall
    for step in (jump, -jump):
        machine.wall += step
        if while_off:
            started = machine.starts(world)
        looks(started.gateway)
        assert seconds(started.leg(late).due, machine.wall) == pytest.approx(wait.total_seconds(), abs=1)
        assert seconds(started.leg(heard).give_up, machine.wall) == pytest.approx(silence.total_seconds(), abs=1)
        assert notice_silence(started.gateway, "test") == 0
        started.send()
        assert started.leg(late).state is LegState.POSTPONED
    assert [entry["facts"]["seconds"] for entry in started.audited(kind="clock-step")] == [
        round(jump.total_seconds()),
        -round(jump.total_seconds()),
    ]
    machine.pass_time(seconds=wait.total_seconds() + 1)
    started.send()
    assert len(started.leg(late).attempts) == 2
    machine.pass_time(seconds=silence.total_seconds())
    assert notice_silence(started.gateway, "test") >= 1
    assert started.leg(heard).state is LegState.UNREAD
    assert started.leg(waiting).state in (LegState.HANDED_OVER, LegState.UNREAD)


def report(world: World, mailbox: str, id: str = "one") -> Accepted:
    """A report of its own for that mailbox of the sandbox."""
    document = json.loads((EXAMPLES / "report.shared.json").read_bytes())["report"]
    return world.report_to(mailbox, id=id, report={**document, "id": f"R-{id}"})


def seconds(moment: datetime | None, since: datetime) -> float:
    assert moment is not None
    return (moment - since).total_seconds()


@pytest.mark.parametrize("jump", JUMPS)
def test_events_accepted_around_a_jump_are_prepared_and_sent_in_their_order(
    jump: timedelta, world: World, machine: Machine
) -> None:
    started = machine.starts(world)
    told = [report(started, "sophie.bernard", "one")]
    machine.wall += jump
    told.append(report(started, "sophie.bernard", "two"))
    looks(started.gateway)
    told.append(report(started, "sophie.bernard", "three"))
    machine.wall -= jump
    looks(started.gateway)
    machine.pass_time(seconds=1)
    started.prepare()
    started.send()
    assert {started.leg(one).state for one in told} == {LegState.HANDED_OVER}
    began = [entry["exchange"] for entry in started.audited(kind="attempt-started")]
    assert began == [one.exchange for one in told]


def test_a_step_that_asked_for_the_time_before_a_jump_and_wrote_after_it_is_not_stuck(
    world: World, machine: Machine
) -> None:
    started = machine.starts(world)
    older = replace(started.gateway, clock=lambda then=machine.wall: then)  # type: ignore[misc]
    machine.wall -= HOUR
    looks(started.gateway)
    told = world._with(older).report_to("sophie.bernard")
    machine.pass_time(seconds=6)
    looks(started.gateway)
    started.prepare()
    started.send()
    assert started.leg(told).state is LegState.HANDED_OVER
    assert started.audited(kind="deadlines-moved")


def test_a_step_that_asked_for_the_time_before_the_clock_went_back_ends_no_wait(world: World, machine: Machine) -> None:
    one, other = machine.starts(world), machine.starts(world)
    told = report(one, "sophie.bernard")
    one.prepare()
    one.send()
    machine.wall += YEAR
    looks(one.gateway, other.gateway)
    machine.pass_time(minutes=3)
    machine.wall -= YEAR
    looks(one.gateway)
    assert other.gateway.clock() > machine.wall + YEAR - HOUR, "it has not seen it yet"
    assert notice_silence(other.gateway, "other") == 0
    assert one.leg(told).state is LegState.HANDED_OVER


def test_a_jump_the_database_could_not_be_told_of_is_told_later(world: World, machine: Machine) -> None:
    started = machine.starts(world)
    engine, clock = started.gateway.store._engine, started.gateway.clock

    def refuse(line: Any, _: object) -> None:
        line.execute("PRAGMA query_only=ON")

    machine.wall += YEAR
    event.listen(engine, "connect", refuse)
    engine.dispose()
    with pytest.raises(GatewayError):
        looks(started.gateway)
    assert clock() == machine.wall - YEAR
    event.remove(engine, "connect", refuse)
    engine.dispose()
    looks(started.gateway)
    assert clock() == machine.wall
    assert len(started.audited(kind="clock-step")) == 1


def test_one_of_several_processes_tells_of_a_jump_and_moves_what_is_due(world: World, machine: Machine) -> None:
    one, other = machine.starts(world), machine.starts(world)
    machine.wall += YEAR
    looks(one.gateway, other.gateway, one.gateway)
    assert one.gateway.clock() == other.gateway.clock() == machine.wall
    assert len(one.audited(kind="clock-step")) == 1


@pytest.mark.parametrize("every_world", ["postgresql"], indirect=True)
def test_hosts_of_one_postgresql_go_by_its_clock_whatever_their_own_says(every_world: World) -> None:
    hosts = [Machine(), Machine()]
    hosts[1].boot = "another"
    hosts[0].wall += YEAR
    one, other = (host.starts(every_world) for host in hosts)
    assert abs(one.gateway.clock() - other.gateway.clock()) < timedelta(seconds=60)
    assert one.audited(kind="clock-step") == []


def test_a_machine_that_comes_back_with_an_older_clock_goes_on_from_there(world: World, machine: Machine) -> None:
    started = machine.starts(world)
    late = report(started, "greylist", "late")
    started.prepare()
    started.send()
    wait = seconds(started.leg(late).due, machine.wall)
    machine.reboots()
    machine.wall -= YEAR
    started = machine.starts(world)
    assert seconds(started.leg(late).due, machine.wall) == pytest.approx(wait, abs=1)
    assert len(started.audited(kind="clock-step")) == 1
    machine.reboots()
    started = machine.starts(world)
    assert len(started.audited(kind="clock-step")) == 1


@pytest.mark.parametrize("reboots", [False, True])
def test_a_receipt_is_waited_for_while_the_gateway_is_awake(reboots: bool, world: World, machine: Machine) -> None:
    started = machine.starts(world)
    heard = report(started, "silent", "heard")
    started.prepare()
    started.send()
    machine.pass_time(days=365)
    if reboots:
        machine.reboots()
    started = machine.starts(world)
    assert notice_silence(started.gateway, "test") == 0
    assert started.audited(kind="deadlines-moved")
    machine.pass_time(hours=73)
    assert notice_silence(started.gateway, "test") == 1
    assert started.leg(heard).state is LegState.UNREAD


@pytest.mark.parametrize("drift", [2.0, -2.0])
def test_a_clock_that_is_disciplined_is_followed_and_nothing_is_told(
    drift: float, world: World, machine: Machine
) -> None:
    started = machine.starts(world)
    for _ in range(10):
        machine.pass_time(seconds=1)
        machine.wall += timedelta(seconds=drift)
        looks(started.gateway)
    assert started.gateway.clock() == machine.wall
    assert started.audited(kind="clock-step") == []


@pytest.mark.parametrize("jump", JUMPS)
def test_the_log_is_signed_on_time_after_a_jump(jump: timedelta, world: World, machine: Machine) -> None:

    started = machine.starts(world)
    seal = Seal(started.gateway)
    machine.wall += jump
    looks(started.gateway)
    machine.pass_time(seconds=started.gateway.pace.sign_every.total_seconds())
    assert seal.sign_if_due()
    assert started.gateway.store.verify([started.gateway.notary.latest() or ""], started.gateway.notary.verifier).whole
