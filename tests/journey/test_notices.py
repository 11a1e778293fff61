"""What a client's software is told: each change once, in order, signed; and nothing of it is lost on the way."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from gateway.api.told import Notification as Schema
from gateway.cli.box import CLIENT
from gateway.journey.accept import Accepted
from gateway.journey.notify import notify
from gateway.journey.steer import steer_exchange, steer_leg
from gateway.journey.tell import tell
from gateway.model.exchange import LegState
from gateway.record import Notification
from gateway.sandbox import Sandbox
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.listener import Heard, received
from gateway.sandbox.site import Asked, Site, Told
from tests.journey.conftest import World
from tests.journey.test_out_and_back import settled

FOLDER = "routes: [{name: r, when: {event: 'team.*'}, to: {each: member}, via: folder, mode: exchange}]"
SCHEMA: TypeAdapter[Schema] = TypeAdapter(Schema)


@pytest.fixture
def heard(sandbox: Sandbox) -> Callable[[Accepted], list[Heard]]:
    """What the practice software was told of one exchange, in the order it came."""
    told = json.loads((sandbox.root / "sandbox.json").read_text())["sites"]["practice"]
    folder = Path(told["folder"])
    return lambda accepted: [one for one in received(folder) if one.event["data"].get("exchange") == accepted.exchange]


def notices(world: World, accepted: Accepted) -> tuple[Notification, ...]:
    with world.gateway.store.glance() as unit:
        return unit.notices.find(world.caller.tenant, exchange=accepted.exchange)


def changes(told: list[Heard]) -> Counter[tuple[int, str | None, str]]:
    return Counter(
        (one.event["data"]["leg"], one.event["data"]["from"], one.event["data"]["state"])
        for one in told
        if one.event["type"] == "leg.state-changed"
    )


def in_the_log(world: World, accepted: Accepted) -> Counter[tuple[int, str | None, str]]:
    """Every change of a leg's state as an auditor would count them, by hand."""
    found: Counter[tuple[int, str | None, str]] = Counter()
    for entry in world.audited(exchange=accepted.exchange):
        facts = entry["facts"]
        match entry["kind"]:
            case "leg-created":
                found[entry["leg"], None, facts["state"]] += 1
            case "attempt-started":
                found[entry["leg"], facts["from"], "attempted"] += 1
            case "attempt-result" | "leg-moved" if facts["state"] != facts["from"]:
                found[entry["leg"], facts["from"], facts["state"]] += 1
            case "receipt-received" if facts["moved"]:
                found[entry["leg"], facts["from"], facts["says"]] += 1
    return found


def test_each_change_is_told_once_in_order_and_the_end_last(
    every_world: World, heard: Callable[[Accepted], list[Heard]]
) -> None:
    world = every_world
    accepted = world.report_to("sophie.bernard", "refuse-902", "bounce")
    world.notify()
    world.prepare()
    world.notify()
    world.send()
    settled(world, accepted)
    world.notify()
    world.call()
    told = heard(accepted)
    assert changes(told) == in_the_log(world, accepted)
    assert [one.event["type"] for one in told].count("exchange.settled") == 1
    assert told[-1].event["type"] == "exchange.settled"
    ends = {leg["recipient"]["id"]: leg["state"] for leg in told[-1].event["data"]["legs"]}
    assert ends == {"RPPS:10100023455": "read", "RPPS:10100078913": "refused", "RPPS:10100067890": "failed"}
    for n in (1, 2, 3):
        states = [
            (data["from"], data["state"])
            for data in (one.event["data"] for one in told if one.event["type"] == "leg.state-changed")
            if data["leg"] == n
        ]
        assert [before for before, _ in states] == [None, *(state for _, state in states[:-1])]
    world.notify()
    world.call()
    assert len(heard(accepted)) == len(told)


def test_what_is_told_fits_the_published_schema_and_names_nobody(
    world: World, heard: Callable[[Accepted], list[Heard]]
) -> None:
    accepted = world.report_to("sophie.bernard", "bounce")
    world.prepare()
    world.send()
    settled(world, accepted)
    world.notify()
    world.call()
    for one in heard(accepted):
        SCHEMA.validate_python(one.event)
        assert one.event["id"] == one.message_id
        text = json.dumps(one.event, ensure_ascii=False)
        for name in ("PAT-TROIS", "DOMINIQUE", "BERNARD", "279035121518989", "mssante.test", "sentation"):
            assert name not in text
    bounced = next(one.event["data"] for one in heard(accepted) if one.event["data"].get("state") == "failed")
    assert bounced["reason"]["code"] == "bounced"
    assert bounced["reason"]["remedy"]


def test_what_a_person_does_is_told_too(world: World, heard: Callable[[Accepted], list[Heard]]) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "hold")
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "cancel")
    world.notify()
    world.call()
    told = heard(accepted)
    assert changes(told) == {(1, None, "waiting"): 1, (1, "waiting", "held"): 1, (1, "held", "cancelled"): 1}
    assert told[-1].event["type"] == "exchange.settled"
    assert told[-2].event["data"]["reason"]["code"] == "cancelled-by-a-person"


def test_an_event_nobody_gets_is_settled_and_so_is_one_cancelled_before_it_was_prepared(
    world: World, heard: Callable[[Accepted], list[Heard]]
) -> None:
    nobody = world.with_routes("routes: []").tell("team.created")
    world.with_routes("routes: []").prepare()
    cancelled = world.report_to("sophie.bernard")
    steer_exchange(world.gateway, world.caller, cancelled.exchange, "cancel")
    world.notify()
    world.call()
    (first,), (second,) = heard(nobody), heard(cancelled)
    assert (first.event["data"]["state"], first.event["data"]["legs"]) == ("unrouted", [])
    assert first.event["data"]["reason"]["code"] == "no-route"
    assert second.event["data"]["state"] == "cancelled"


def test_a_leg_that_is_still_awaited_keeps_its_exchange_unsettled(
    world: World, heard: Callable[[Accepted], list[Heard]]
) -> None:
    accepted = world.report_to("silent", "greylist")
    world.prepare()
    world.send()
    world.collect()
    world.notify()
    world.call()
    assert {one.event["type"] for one in heard(accepted)} == {"leg.state-changed"}


def test_a_client_without_an_address_is_told_nothing_and_later_only_what_is_new(
    world: World, heard: Callable[[Accepted], list[Heard]]
) -> None:
    def uncalled(tree: dict[str, Any]) -> None:
        for client in tree["tenants"]["msp-deux-ponts"]["clients"].values():
            for field in ("callback", "secret", "ca", "allow_networks"):
                client.pop(field, None)

    kept = world.settings.read_text()
    quiet = world.changed(uncalled).with_routes(FOLDER)
    early = quiet.tell("team.created")
    quiet.prepare()
    quiet.notify()
    assert notices(world, early) == ()
    world.settings.write_text(kept)
    world.send()
    world.notify()
    world.call()
    told = changes(heard(early))
    assert told
    assert all(before is not None for _, before, _ in told)


def test_two_workers_tell_each_change_once(every_world: World, heard: Callable[[Accepted], list[Heard]]) -> None:
    world = every_world.with_routes(FOLDER)
    accepted = [world.tell("team.created", id=f"N-{n}") for n in range(5)]
    world.prepare()
    world.send()

    def work() -> None:
        for _ in range(60):
            notify(world.gateway)
            tell(world.gateway, "one of two")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.notify()
    world.call()
    for one in accepted:
        assert changes(heard(one)) == in_the_log(world, one)
        assert len(world.audited(kind="notice-sent", exchange=one.exchange)) == len(heard(one))


class Ear(Site):
    """Counts calls, and answers what it is told to."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.status, self.calls = 204, list[Asked]()
        super().__init__(Certificates(sandbox.root / "certificates"), self._hear)

    def _hear(self, asked: Asked) -> Told:
        self.calls.append(asked)
        return Told(self.status)


@pytest.fixture
def ear(sandbox: Sandbox) -> Any:
    ear = Ear(sandbox)
    yield ear
    ear.close()


def listening_to(world: World, ear: Ear) -> World:
    return world.changed(
        lambda tree: tree["tenants"]["msp-deux-ponts"]["clients"][CLIENT].update(callback=f"{ear.root}/x")
    ).with_routes(FOLDER)


def test_a_worker_that_dies_after_posting_costs_a_repeat_under_the_same_id_and_nothing_is_lost(
    every_world: World, ear: Ear
) -> None:
    world = listening_to(every_world, ear)
    accepted = world.tell("team.created")
    world.prepare()
    world.notify()

    class Killed(BaseException):
        pass

    class Dying:
        """Posts, and then its process is no more."""

        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def send(self, parcel: Any) -> Any:
            self._inner.send(parcel)
            raise Killed

    dying = replace(world.gateway, callbacks=Dying(world.gateway.callbacks))  # type: ignore[arg-type]
    with pytest.raises(Killed):
        tell(dying, "dies")
    world.call()
    assert len(ear.calls) == 1  # its lease holds the whole line: what follows waits
    world.end_leases()
    world.call()
    told = [call.headers["webhook-id"] for call in ear.calls]
    assert told[0] == told[1]
    assert len(set(told)) == len(notices(world, accepted))
    assert Counter(told).most_common()[0][1] == 2
    assert {one.state for one in notices(world, accepted)} == {"sent"}
    bodies = {call.headers["webhook-id"]: call.body for call in ear.calls}
    assert all(bodies[call.headers["webhook-id"]] == call.body for call in ear.calls)


def test_an_address_that_is_away_is_tried_again_in_order_until_the_schedule_is_used_up(world: World, ear: Ear) -> None:
    world = listening_to(world, ear)
    pace = replace(world.gateway.pace, schedule=(timedelta(minutes=1), timedelta(minutes=2)))
    world.gateway = replace(world.gateway, pace=pace)
    accepted = world.tell("team.created")
    world.prepare()
    world.notify()
    ear.status = 503
    world.call()
    assert len(ear.calls) == 1  # the others wait behind it
    world.pass_time(minutes=1.5)
    world.call()
    assert len({call.headers["webhook-id"] for call in ear.calls}) == 1
    assert len(ear.calls) == 2
    world.pass_time(minutes=3)
    world.call()
    ended = notices(world, accepted)
    assert {one.state for one in ended} == {"failed"}
    assert {one.code for one in ended} == {"schedule-used-up"}
    failed = world.audited(kind="notice-failed", exchange=accepted.exchange)
    assert {entry["facts"]["notice"] for entry in failed} == {one.id for one in ended}
    ear.status = 204
    later = world.tell("team.created", id="N-later")
    world.prepare()
    world.notify()
    world.call()
    assert {one.state for one in notices(world, later)} == {"sent"}


def test_what_an_address_refuses_for_good_does_not_keep_the_rest_waiting(world: World, ear: Ear) -> None:
    world = listening_to(world, ear)
    accepted = world.tell("team.created")
    world.prepare()
    world.notify()
    ear.status = 410
    world.call()
    assert {(one.state, one.code) for one in notices(world, accepted)} == {("failed", "HTTP 410")}
    assert len(ear.calls) == len(notices(world, accepted))


def test_the_body_is_gone_once_it_was_told(world: World) -> None:
    from gateway.record import Missing

    world = world.with_routes(FOLDER)
    accepted = world.tell("team.created")
    world.prepare()
    world.notify()
    pending = notices(world, accepted)[0]
    with world.gateway.store.glance() as unit:
        assert json.loads(unit.notices.body(pending))["type"] == "leg.state-changed"
    world.call()
    with world.gateway.store.glance() as unit, pytest.raises(Missing):
        unit.notices.body(pending)


def test_a_leg_state_has_no_change_left_out(world: World) -> None:
    """Every state a leg can be in is a state that can be told."""
    assert {state.value for state in LegState} <= set(SCHEMA.json_schema()["$defs"]["LegState"]["enum"])
