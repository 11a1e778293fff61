"""One server that keeps silent is left alone, and slows nobody else; before real little servers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.deliver import DeliveryReport, Outcome
from gateway.journey.accept import Accepted
from gateway.journey.breaker import give_up, is_closed, is_silent
from gateway.journey.gateway import Pace
from gateway.journey.send import send
from gateway.journey.steer import steer_leg
from gateway.journey.turns import SOON_S, Turns
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.exchange import LegState
from gateway.record import Front, Silence
from gateway.sandbox import Sandbox
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.site import Site, Told
from tests.journey.conftest import EXAMPLES, World
from tests.places.tricks import Listener

SILENT, WELL = "dossier-de-la-cpts", "plateforme-territoriale"
ROUTES = """routes:
  - {name: f, when: {event: 'team.*'}, to: {role: '330'}, via: fhir_server, mode: exchange}
  - {name: c, when: {event: 'team.*'}, to: {role: PROV}, via: callback, mode: exchange}
"""
EVENTS = 6


class Mute(Listener):
    """Takes every connection and never says a word; counts how many it has at once."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0
        super().__init__()

    def talk(self, connection: Any, held: Any) -> None:
        self.now, self.all = self.now + 1, self.all + 1
        self.most = max(self.most, self.now)
        try:
            while connection.recv(4096):
                pass
        finally:
            self.now -= 1


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute()
    yield server
    server.close()


def with_servers(world: World, mute: Mute) -> World:
    """One endpoint is silent, the other the sandbox's."""

    def change(tree: dict[str, Any]) -> None:
        tree["endpoints"][SILENT] |= {"url": f"https://localhost:{mute.port}/fhir", "attempt": "1s"}

    changed = world.changed(change).with_routes(ROUTES)
    pace = Pace(lease=timedelta(seconds=120), schedule=(timedelta(hours=1),) * 9)
    changed.gateway = replace(changed.gateway, pace=pace)
    return changed


def teams(world: World, number: int) -> list[Accepted]:
    """Each of another patient, prepared."""
    tree = json.loads((EXAMPLES / "team.created.json").read_bytes())
    told = []
    for n in range(number):
        patient = {name: value for name, value in tree["patient"].items() if name != "ins"}
        patient |= {"identity_status": "validated", "local_id": {"system": "1.2.3", "value": f"P-{n}"}}
        told.append(world.tell("team.created", id=f"E-{n}", team=tree["team"] | {"id": f"T-{n}"}, patient=patient))
    world.prepare()
    return told


def legs_to(world: World, told: list[Accepted], server: str) -> list[Leg]:
    return [leg for one in told for leg in world.legs(one) if leg.server == server]


def test_a_silent_server_holds_one_thread_then_none_and_the_others_are_served(every_world: World, mute: Mute) -> None:
    world = with_servers(every_world, mute)
    told = teams(world, EVENTS)
    assert len(legs_to(world, told, SILENT)) == EVENTS
    assert len(legs_to(world, told, WELL)) >= EVENTS

    def sender() -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and not world.audited(kind="server-closed"):
            if not send(world.gateway, "test"):
                time.sleep(0.02)

    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(sender) for _ in range(4)]:
            one.result()
    world.send()
    assert mute.most == 1, "a stranger is given one thread"
    assert {leg.state for leg in legs_to(world, told, WELL)} == {LegState.ARRIVED}
    tried = [leg for leg in legs_to(world, told, SILENT) if leg.attempts]
    assert [leg.state for leg in tried] == [LegState.POSTPONED] * 3
    waiting = [leg for leg in legs_to(world, told, SILENT) if not leg.attempts]
    assert {(leg.state, leg.due == leg.since) for leg in waiting} == {(LegState.WAITING, True)}
    (closed,) = world.audited(kind="server-closed")
    assert (closed["tenant"], closed["facts"]["server"], closed["facts"]["failures"]) == ("", SILENT, 3)
    assert not send(world.gateway, "test"), "what waits for it is not even looked at"


def test_a_closed_server_is_asked_with_one_leg_and_opened_by_its_answer(
    world: World, mute: Mute, sandbox: Sandbox
) -> None:
    world = with_servers(world, mute)
    told = teams(world, 5)
    world.send()
    assert mute.all == 3
    world.pass_time(seconds=40)
    assert send(world.gateway, "test"), "the probe"
    assert mute.all == 4
    assert [one["facts"]["failures"] for one in world.audited(kind="server-closed")] == [3, 4]
    assert not send(world.gateway, "test")
    site = Site(Certificates(sandbox.root / "certificates"), answers)
    try:
        world = world.changed(lambda tree: tree["endpoints"][SILENT].update(url=f"{site.root}/fhir"))
        world.pass_time(seconds=90)
        world.send()
    finally:
        site.close()
    (opened,) = world.audited(kind="server-opened")
    assert (opened["facts"]["server"], opened["facts"]["failures"]) == (SILENT, 4)
    with world.gateway.store.glance() as unit:
        assert unit.servers.all() == {}
    assert all(leg.attempts for leg in legs_to(world, told, SILENT)), "the rest follows at once"


def test_an_endpoint_and_an_operator_of_one_name_are_two_servers(every_world: World, mute: Mute) -> None:
    world = with_servers(every_world, mute)
    told = teams(world, 2)
    now = world.clock()
    closed = Silence(transport="mssante", name=WELL, failures=3, since=now, closed_until=now + timedelta(minutes=1))
    with world.gateway.store.unit() as unit:
        unit.servers.keep(closed)
        unit.audit(Entry(kind="server-closed", at=now, tenant="", actor="test", facts={"server": WELL}))
    world.send()
    assert {leg.state for leg in legs_to(world, told, WELL)} == {LegState.ARRIVED}
    with world.gateway.store.glance() as unit:
        assert unit.servers.all()[closed.front] == closed, "an answer of the other one forgives it nothing"


def test_what_waits_for_a_silent_server_longer_than_it_is_tried_for_ends(every_world: World, mute: Mute) -> None:
    world = with_servers(every_world, mute)
    told = teams(world, 5)
    world.send()
    before = {leg.exchange: leg.state for leg in legs_to(world, told, SILENT)}
    assert sorted(before.values()) == ["postponed"] * 3 + ["waiting"] * 2
    assert give_up(world.gateway, "test") == 0, "not yet"
    world.pass_time(hours=9, seconds=10)
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda _: give_up(world.gateway, "test"), range(2)))
    assert sum(ended) == 5
    after = {leg.exchange: (leg.state, leg.reason) for leg in legs_to(world, told, SILENT)}
    for exchange, state in before.items():
        failed, held = (LegState.FAILED, "schedule-used-up"), (LegState.HELD, "server-away")
        assert after[exchange] == (failed if state is LegState.POSTPONED else held)
        assert len(world.audited(kind="leg-moved", exchange=exchange, reason=after[exchange][1])) == 1
    (leg, *_) = (leg for leg in legs_to(world, told, SILENT) if leg.state is LegState.HELD)
    steer_leg(world.gateway, world.caller, leg.exchange, leg.n, "release")
    assert give_up(world.gateway, "test") == 0, "a person gave it all its time again"


def answers(_: object) -> Told:
    return Told(422)


def test_a_silence_is_no_refusal() -> None:
    said = [
        (Outcome.TRY_LATER, "unreachable"), (Outcome.UNKNOWN, "outcome-unknown"), (Outcome.TRY_LATER, "421 4.3.2"),
        (Outcome.TRY_LATER, "HTTP 503"), (Outcome.TRY_LATER, "450 4.2.1"), (Outcome.TRY_LATER, "HTTP 429"),
        (Outcome.NEVER, "550 5.1.1"), (Outcome.HANDED_OVER, "250"),
    ]  # fmt: skip
    assert [is_silent(DeliveryReport(outcome, code, "")) for outcome, code in said] == [True] * 4 + [False] * 4


def test_a_clock_that_jumps_back_closes_nothing_for_longer_than_the_longest_wait(world: World) -> None:
    now = world.clock()
    silence = Silence(transport="mssante", name="s", failures=3, since=now, closed_until=now + timedelta(minutes=10))
    longest = timedelta(minutes=15)
    assert is_closed(silence, now, longest)
    assert not is_closed(silence, now + timedelta(minutes=10), longest)
    assert not is_closed(silence, now - timedelta(days=365), longest)


def test_one_thread_is_left_to_the_others_and_a_slow_answer_earns_no_second_one() -> None:
    passed = [0.0]
    turns = Turns(per_server=8, threads=4, uptime=lambda: passed[0])
    a, b = Front("callback", "a"), Front("callback", "b")
    turns.order([a, b])
    for took in (0.1, 0.1, 0.1):
        with turns.turn() as turn:
            assert turn.begin(a)
            passed[0] += took
            turn.answered(silent=False)
    assert [turns.enter(a) for _ in range(4)] == [True, True, True, False]
    assert turns.enter(b)
    assert turns.order([a, b])[0] == b, "fewest threads first"
    with turns.turn() as turn:
        assert not turn.begin(b), "a stranger has one"
    turns.leave(b)
    for _ in range(3):
        turns.leave(a)
    with turns.turn() as turn:
        turn.begin(a)
        passed[0] += SOON_S + 1
        turn.answered(silent=False)
    assert [turns.enter(a) for _ in range(2)] == [True, False]
