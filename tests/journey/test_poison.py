"""What kills the workers that take it, or breaks them, is set apart with its cause; everything else goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta

from gateway.cli.box import TENANT
from gateway.journey.prepare import prepare
from gateway.journey.settle import settle
from gateway.journey.steer import steer_exchange, steer_leg
from gateway.journey.tell import tell
from gateway.model.audit import Entry
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Job
from tests.journey.conftest import World

NOW = timedelta(0)
DIES = """
import os, signal, sys
from pathlib import Path
from gateway.config import load
from gateway.journey.prepare import prepare
from gateway.wiring import open_gateway
import gateway.journey.prepare as stairs
stairs.make = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
prepare(open_gateway(load(Path(sys.argv[1]))), "dying")
"""


def taken_and_lost(world: World, kind: str) -> Job:
    """A worker takes the next piece of work, and is heard of no more."""
    with world.gateway.store.unit() as unit:
        job = unit.jobs.claim(kind, "dying", world.clock(), NOW)
    assert job is not None
    return job


def test_an_exchange_that_kills_three_workers_is_held_and_the_others_go_on(every_world: World) -> None:
    world = every_world
    poison, other = world.report_to("sophie.bernard", id="P-1"), world.report_to("hugo.petit", id="P-2")
    for lost in range(3):
        assert taken_and_lost(world, "prepare").lost == lost
    prepare(world.gateway, "test")
    held = world.exchange(poison)
    assert (held.state, held.reason, held.detail) == (ExchangeState.HELD, "poison", "report.shared")
    (told,) = world.audited(kind="exchange-moved", exchange=poison.exchange, state="held")
    assert (told["facts"]["reason"], told["facts"]["died"]) == ("poison", "3")
    world.prepare()
    assert world.exchange(other).state is ExchangeState.PREPARED


def test_a_worker_that_is_killed_for_good_while_it_prepares_counts(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    script = [sys.executable, "-c", DIES, str(world.settings)]
    assert subprocess.run(script, check=False).returncode == -signal.SIGKILL
    with world.gateway.store.unit() as unit:
        (job,) = unit.jobs.pending(TENANT, accepted.exchange)
    assert (job.tries, job.lost) == (1, 0), "it is under way until its lease is over"
    world.end_leases()
    assert taken_and_lost(world, "prepare").lost == 1


def test_released_by_a_person_it_is_tried_as_often_again(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    for _ in range(3):
        taken_and_lost(world, "prepare")
    world.prepare()
    steer_exchange(world.gateway, world.caller, accepted.exchange, "retry")
    assert taken_and_lost(world, "prepare").lost == 0
    world.prepare()
    assert world.exchange(accepted).state is ExchangeState.PREPARED


def test_a_claim_that_ended_with_a_word_counts_for_nothing(world: World) -> None:
    world.report_to("sophie.bernard")
    for _ in range(2):
        taken_and_lost(world, "prepare")
    job = taken_and_lost(world, "prepare")
    with world.gateway.store.unit() as unit:
        unit.jobs.again(job, world.clock(), "unreachable")
    assert taken_and_lost(world, "prepare").lost == 0


def test_an_exchange_whose_event_cannot_be_opened_is_held_with_the_faults_name_and_the_others_go_on(
    world: World,
) -> None:
    broken, other = world.report_to("sophie.bernard", id="P-1"), world.report_to("hugo.petit", id="P-2")
    damage(world, f"owner = '{broken.exchange}'")
    world.prepare()
    held = world.exchange(broken)
    assert (held.state, held.reason, bool(held.detail)) == (ExchangeState.HELD, "broken", True)
    assert world.exchange(other).state is ExchangeState.PREPARED


def test_a_leg_whose_parcel_cannot_be_opened_is_held_and_the_others_leave(world: World) -> None:
    broken, other = world.report_to("sophie.bernard", id="P-1"), world.report_to("hugo.petit", id="P-2")
    world.prepare()
    damage(world, f"owner = '{broken.exchange}' AND name LIKE 'parcel/%'")
    world.send()
    assert (world.leg(broken).state, world.leg(broken).reason) == (LegState.HELD, "broken")
    assert world.leg(other).state is LegState.HANDED_OVER


def test_a_leg_that_kills_three_senders_waits_for_a_person(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    for _ in range(3):
        with world.gateway.store.unit() as unit:
            leg = unit.legs.next(world.clock(), ("mssante",))
            assert leg is not None
            unit.legs.start(leg, "dying", world.clock(), NOW)
            unit.audit(*entries(world, accepted.exchange))
        assert world.recover() == 1
    world.send()
    leg = world.leg(accepted)
    assert (leg.state, leg.reason, len(leg.attempts)) == (LegState.HELD, "poison", 3)
    steer_leg(world.gateway, world.caller, accepted.exchange, 1, "release")
    world.send()
    assert world.leg(accepted).state is LegState.HANDED_OVER, "a person let it go"


def test_a_mail_that_three_readers_began_and_never_ended_is_set_apart_and_those_behind_it_are_read(
    world: World,
) -> None:
    with world.gateway.store.unit() as unit:
        poison, other = (
            unit.mail.add("app@a.test", n, n, b"From: a@b.test\r\n\r\n.", world.clock(), tenant=TENANT) for n in "12"
        )
        unit.audit(*entries(world, None, "mail-collected"))
        assert poison is not None
        assert [unit.mail.opened(poison, tenant=TENANT) for _ in range(3)] == [1, 2, 3]
    settle(world.gateway, world.reader, "test")
    with world.gateway.store.glance() as unit:
        found = [unit.mail.get(one, tenant=TENANT) for one in (poison, other) if one]
    assert [one.state for one in found if one] == ["not-understood", "not-a-receipt"]
    (told,) = world.audited(kind="mail-not-understood", mail=poison)
    assert told["facts"]["why"] == "poison"


def test_a_notification_that_kills_three_workers_is_given_up_and_the_next_one_leaves(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.notify()
    for _ in range(3):
        poison = taken_and_lost(world, "notify")
    tell(world.gateway, "test")
    (told,) = world.audited(kind="notice-failed")
    assert (told["facts"]["notice"], told["facts"]["code"]) == (poison.exchange, "poison")
    assert world.exchange(accepted).state is ExchangeState.PREPARED


def damage(world: World, where: str) -> None:
    """Sealed contents that open no more."""
    import pysqlite3.dbapi2 as sqlite3

    with sqlite3.connect(world.settings.parent / "passerelle.db") as line:
        changed = line.execute(f"UPDATE contents SET sealed = zeroblob(200) WHERE {where}").rowcount
        line.commit()
    line.close()
    assert changed


def entries(world: World, exchange: str | None, kind: str = "attempt-started") -> list[Entry]:
    leg = 1 if exchange else None
    return [Entry(kind=kind, at=world.clock(), tenant=TENANT, actor="worker:dying", exchange=exchange, leg=leg)]
