"""An event's whole way, step by step, on each database and real operators."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.journey.accept import Duplicate
from gateway.journey.preview import preview
from gateway.journey.send import notice_silence, resume, send
from gateway.journey.steer import NotNow, steer_exchange, steer_leg
from gateway.model.errors import Rejected
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.where import Where
from gateway.sandbox import Sandbox
from tests.journey.conftest import EXAMPLES, World


def settled(world: World, accepted: object, *, within_s: float = 15.0) -> None:
    """Collect until every leg has its answer."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        world.collect()
        if all(leg.state not in (LegState.HANDED_OVER, LegState.DELIVERED) for leg in world.legs(accepted)):  # type: ignore[arg-type]
            return
        time.sleep(0.2)


def test_an_event_is_accepted_prepared_sent_read_and_audited(every_world: World) -> None:
    world = every_world
    accepted = world.tell("team.created")
    assert world.exchange(accepted).state is ExchangeState.ACCEPTED
    world.prepare()
    assert world.exchange(accepted).state is ExchangeState.PREPARED
    assert {leg.state for leg in world.legs(accepted)} == {LegState.WAITING}
    world.send()
    settled(world, accepted)
    assert {leg.state for leg in world.legs(accepted)} == {LegState.READ}
    for leg in world.legs(accepted):
        kinds = [entry["kind"] for entry in world.audited(exchange=accepted.exchange, leg=leg.n)]
        assert kinds[:3] == ["leg-created", "attempt-started", "attempt-result"]
        assert "receipt-received" in kinds
    assert world.gateway.store.verify().whole


def test_a_bounce_fails_its_own_leg_and_a_refusal_refuses_its_own(every_world: World) -> None:
    accepted = every_world.report_to("bounce", "refuse-902", "sophie.bernard")
    every_world.prepare()
    every_world.send()
    settled(every_world, accepted)
    ends = {leg.destination: (leg.state, leg.reason, leg.code) for leg in every_world.legs(accepted)}
    assert ends["sophie.bernard@b.mssante.test"][0] is LegState.READ
    assert ends["bounce@b.mssante.test"][:2] == (LegState.FAILED, "bounced")
    assert ends["refuse-902@b.mssante.test"] == (LegState.REFUSED, "refused-by-software", "902")


def test_an_exchange_is_found_by_its_own_state_and_by_that_of_a_leg(every_world: World) -> None:
    accepted = every_world.report_to("greylist")
    every_world.prepare()
    every_world.send()
    with every_world.gateway.store.glance() as unit:
        for state in (ExchangeState.PREPARED, LegState.POSTPONED):
            found = unit.exchanges.search(every_world.caller.tenant, Where(state=state)).items
            assert [exchange.id for exchange in found] == [accepted.exchange]
        assert unit.exchanges.search(every_world.caller.tenant, Where(state=LegState.READ)).items == ()


def test_the_same_event_again_gets_the_first_answer_and_makes_nothing_new(every_world: World) -> None:
    first = every_world.tell("team.created")
    again = every_world.tell("team.created")
    assert (again.exchange, again.notices, again.again) == (first.exchange, first.notices, True)
    assert len(every_world.audited(kind="event-accepted")) == 1


def test_the_same_id_with_another_body_is_a_conflict(every_world: World) -> None:
    first = every_world.tell("team.created")
    with pytest.raises(Duplicate) as conflict:
        every_world.tell("team.created", occurred_at="2026-11-03T09:00:00+01:00")
    assert conflict.value.exchange == first.exchange


def test_a_rejection_stores_nothing_but_its_audit_entry(every_world: World) -> None:
    with pytest.raises(Rejected):
        every_world.tell("team.member-joined")
    (entry,) = every_world.audited(kind="event-rejected")
    assert entry["facts"]["codes"] == "unknown-team"
    assert len(entry["facts"]["digest"]) == 64
    with every_world.gateway.store.glance() as unit:
        assert unit.exchanges.search(every_world.caller.tenant).items == ()
    every_world.tell("team.created")
    assert not every_world.tell("team.member-joined").again


def test_a_dry_run_says_what_would_happen_and_stores_nothing(every_world: World) -> None:
    body = (EXAMPLES / "team.created.json").read_bytes()
    event, notices, told = preview(every_world.gateway, every_world.caller, body, "canonical")
    assert event.type == "team.created"
    assert notices == ()
    assert {leg["address"] for leg in told["legs"]} >= {"sophie.bernard@b.mssante.test"}
    assert {leg["gate"]["verdict"] for leg in told["legs"]} == {"permit"}
    assert every_world.audited() == []


def test_a_mailbox_that_says_not_now_is_tried_again_with_the_same_bytes(world: World) -> None:
    accepted = world.report_to("greylist")
    world.prepare()
    world.send()
    postponed = world.leg(accepted)
    assert (postponed.state, postponed.reason) == (LegState.POSTPONED, "try-later")
    assert postponed.code is not None
    assert postponed.code.startswith("451")
    assert postponed.due is not None
    assert postponed.give_up is not None
    assert postponed.due < postponed.give_up
    world.send()
    assert world.leg(accepted).state is LegState.POSTPONED, "it waits for its time"
    world.pass_time(minutes=2)
    world.send()
    handed = world.leg(accepted)
    assert handed.state in (LegState.HANDED_OVER, LegState.DELIVERED, LegState.READ)
    assert handed.message_id == postponed.message_id
    assert [attempt.outcome for attempt in handed.attempts] == ["try-later", "handed-over"]


def test_a_mailbox_that_is_always_full_fails_when_the_schedule_is_used_up(world: World) -> None:
    accepted = world.report_to("full")
    world.prepare()
    waits = []
    while (leg := world.leg(accepted)).due is not None:
        world.clock.ahead += max(leg.due - world.clock(), timedelta())
        waits.append(leg.due)
        world.send()
    assert (leg.state, leg.reason, len(leg.attempts)) == (LegState.FAILED, "schedule-used-up", 11)
    assert waits == sorted(waits)


def test_silence_becomes_unread_and_a_late_receipt_still_counts(world: World) -> None:
    accepted = world.report_to("silent")
    world.prepare()
    world.send()
    world.pass_time(hours=73)
    notice_silence(world.gateway, "test")
    assert world.leg(accepted).state is LegState.UNREAD


def test_an_attempt_whose_worker_died_is_unknown_then_tried_again_and_marked(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    with world.gateway.store.unit() as unit:  # a worker claims the leg, and dies
        leg = unit.legs.next(world.clock(), ["mssante"])
        assert leg is not None
        unit.legs.start(leg, "dead", world.clock(), world.gateway.pace.lease)
        unit.audit(*_claimed(world, leg.exchange, leg.n))
    assert world.recover() == 0
    world.end_leases()
    assert world.recover() == 1
    assert world.leg(accepted).state is LegState.UNKNOWN
    world.send()
    leg = world.leg(accepted)
    assert leg.state in (LegState.HANDED_OVER, LegState.DELIVERED, LegState.READ)
    assert [attempt.outcome for attempt in leg.attempts] == ["unknown", "handed-over"]
    assert world.audited(kind="attempt-started", repeat=True)


def test_an_objection_stops_what_has_not_left(world: World) -> None:
    from gateway.journey.object import Barred, Objector, Statement, record_objection
    from gateway.model.identity import LocalId

    accepted = world.report_to("sophie.bernard", "hugo.petit")
    world.prepare()
    objector = Objector(local_id=LocalId("1.2.250.1.999.42", "P-42"))
    record_objection(world.gateway, world.caller, Statement(patient=objector, recipient=Barred(key="RPPS:10100023455")))
    world.send()
    states = {leg.destination: (leg.state, leg.reason) for leg in world.legs(accepted)}
    assert states["sophie.bernard@b.mssante.test"] == (LegState.DENIED, "objection")
    assert states["hugo.petit@b.mssante.test"][0] is not LegState.DENIED
    assert world.audited(kind="leg-moved", rule="L08", state="denied")


def test_a_member_who_left_while_the_parcel_waited_gets_nothing(world: World) -> None:
    accepted = world.tell("team.created")
    world.prepare()
    left = {"id": "M-2", "rpps": "10100023455", "family": "BERNARD", "since": "2026-11-02", "until": "2026-11-10"}
    world.tell("team.member-joined", id="LEFT", member=left, team={"id": "T-7"})
    world.send()
    states = {leg.destination: (leg.state, leg.reason) for leg in world.legs(accepted)}
    assert states["sophie.bernard@b.mssante.test"] == (LegState.DENIED, "not-in-care")


def test_a_masked_report_reaches_no_professional(world: World) -> None:
    report = json.loads((EXAMPLES / "report.shared.json").read_bytes())["report"] | {"masks": ["MASQUE_PS"]}
    accepted = world.report_to("sophie.bernard", report=report)
    world.prepare()
    leg = world.leg(accepted)
    assert (leg.state, leg.reason, leg.message_id) == (LegState.DENIED, "masked-to-professionals", None)


def test_an_event_no_route_wants_is_unrouted_until_a_person_retries(world: World) -> None:
    nowhere = world.with_routes(
        "routes: [{name: plans, when: {event: 'plan.*'}, to: {each: member}, via: mssante, mode: exchange}]"
    )
    accepted = nowhere.tell("team.created")
    nowhere.prepare()
    assert nowhere.exchange(accepted).state is ExchangeState.UNROUTED
    assert nowhere.exchange(accepted).reason == "no-route"
    steer_exchange(world.gateway, world.caller, accepted.exchange, "retry")
    world.prepare()
    assert world.exchange(accepted).state is ExchangeState.PREPARED


def test_an_exchange_cancelled_before_it_is_prepared_never_is(world: World) -> None:
    accepted = world.tell("team.created")
    steer_exchange(world.gateway, world.caller, accepted.exchange, "cancel")
    world.prepare()
    assert world.exchange(accepted).state is ExchangeState.CANCELLED
    assert world.legs(accepted) == ()
    with pytest.raises(NotNow):
        steer_exchange(world.gateway, world.caller, accepted.exchange, "cancel")


def test_a_held_leg_waits_for_a_person(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "hold")
    world.send()
    assert world.leg(accepted).state is LegState.HELD
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "release")
    world.send()
    assert world.leg(accepted).state is not LegState.HELD
    wishes = [entry["facts"]["wish"] for entry in world.audited(kind="leg-moved", actor="client:test")]
    assert wishes == ["hold", "release"]


def test_a_personal_mailbox_waits_for_its_owners_sign_in_and_goes_on_after_it(
    world: World, sandbox: Sandbox, tmp_path: Path
) -> None:
    box = next(
        one for one in json.loads((sandbox.root / "sandbox.json").read_text())["mailboxes"] if one["type"] == "PER"
    )
    token = tmp_path / "token"
    personal = world.from_mailbox(
        {
            "address": box["address"],
            "type": "PER",
            "operator": box["operator"],
            "owner": "10100012342",
            "token": str(token),
        }
    )
    accepted = personal.report_to("sophie.bernard")
    personal.prepare()
    personal.send()
    assert (world.leg(accepted).state, world.leg(accepted).reason) == (LegState.HELD, "sign-in-needed")
    assert resume(personal.gateway, "test") == 0
    token.write_bytes(Path(box["token"]).read_bytes())
    assert resume(personal.gateway, "test") == 1
    personal.send()
    assert world.leg(accepted).state is LegState.HANDED_OVER
    assert world.leg(accepted).origin == box["address"]


def test_an_unknown_address_is_held_and_says_who_can_help(world: World) -> None:
    accepted = world.tell("report.shared", team=None, recipients=[{"rpps": "10100099992"}])
    world.prepare()
    leg = world.leg(accepted)
    assert (leg.state, leg.reason, leg.destination) == (LegState.HELD, "no-address", None)
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "release")
    world.send()
    assert world.leg(accepted).state is LegState.HELD, "there is still nowhere to send it"


def test_a_folder_takes_parcels_too(world: World) -> None:
    foldered = world.with_routes(
        "routes: [{name: f, when: {event: 'team.*'}, to: {each: member}, via: folder, mode: exchange}]"
    )
    accepted = foldered.tell("team.created")
    foldered.prepare()
    foldered.send()
    assert {leg.state for leg in world.legs(accepted)} == {LegState.ARRIVED}
    written = list((Path(world.settings).parent / "folder" / "out").glob("*.eml"))
    assert len(written) == len(world.legs(accepted))


def test_parcels_to_one_mailbox_about_one_patient_leave_in_order(world: World) -> None:
    first = world.report_to("greylist", id="A")
    second = world.report_to("greylist", id="B")
    world.prepare()
    world.send()
    assert [world.leg(one).state for one in (first, second)] == [LegState.POSTPONED, LegState.WAITING]
    world.pass_time(minutes=2)
    assert send(world.gateway, "test")
    assert world.leg(first).state is not LegState.POSTPONED
    assert world.leg(second).state is LegState.WAITING


def _claimed(world: World, exchange: str, leg: int) -> tuple[object, ...]:
    from gateway.model.audit import Entry

    return (
        Entry(
            kind="attempt-started",
            at=world.clock(),
            tenant=world.caller.tenant,
            actor="worker:dead",
            exchange=exchange,
            leg=leg,
        ),
    )
