"""A worker: it hears of work, keeps what its threads have under way and no more, and stops within a bound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from gateway.journey.claims import LONGEST, Claims
from gateway.journey.gateway import Gateway
from gateway.journey.work import Shift, Worker
from gateway.journey.work.bells import Bell
from gateway.journey.work.heartbeat import renew
from gateway.journey.work.mailboxes import read_mailboxes
from gateway.model.dossier import Leg
from gateway.model.errors import Unreachable
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Job
from tests.journey.conftest import World, audited_claim

NEVER = timedelta(hours=1)
PATIENCE_S = 60.0
LEASE = timedelta(minutes=2)


def until(true: Callable[[], object]) -> None:
    """Wait for it, a minute at most."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    """Starts workers that look at nothing unless they hear of it; they are stopped in the end."""
    begun: list[Worker] = []

    def make(gateway: Gateway, **changes: Any) -> Worker:
        worker = Worker(gateway, Shift(**{"look_every": NEVER, "collect_every": NEVER, **changes}))
        worker.start()
        begun.append(worker)
        return worker

    yield make
    for worker in begun:
        worker.stop()


def begun(world: World, lease: timedelta = timedelta()) -> Leg:
    """The next leg, with an attempt begun under a lease that is over at once."""
    with world.gateway.store.unit() as unit:
        leg = unit.legs.next(world.clock(), ["mssante"])
        assert leg is not None
        started = unit.legs.start(leg, "test", world.clock(), lease)
        unit.audit(audited_claim(world, started))
    return started


# — hearing


def test_an_accepted_event_is_prepared_and_sent_though_nobody_looks_for_it(
    every_world: World, start: Callable[..., Worker]
) -> None:
    world = every_world
    start(world.gateway)
    time.sleep(1.5)  # its first look is over
    accepted = world.report_to("sophie.bernard")
    until(lambda: [leg.state for leg in world.legs(accepted)] == [LegState.HANDED_OVER])


def test_one_ring_wakes_one_and_a_ring_nobody_waited_for_is_kept() -> None:
    bell = Bell()
    bell.ring()
    bell.wait()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(bell.wait) for _ in range(2)]
        bell.ring()
        until(lambda: any(one.done() for one in waiting))
        time.sleep(0.05)
        assert sum(one.done() for one in waiting) == 1
        bell.end_the_day()
        assert [one.result(PATIENCE_S) for one in waiting] == [None, None]


def test_a_step_that_fails_stops_neither_its_thread_nor_the_others(world: World, start: Callable[..., Worker]) -> None:
    said: list[str] = []
    inner = world.gateway.transports["mssante"]
    away = iter([Unreachable("The token is away", advice="Wait")])

    class OnceAway:
        """Cannot say at first whether it is ready."""

        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def ready(self, origin: str) -> str | None:
            for trouble in away:
                raise trouble
            return inner.ready(origin)

    def broken() -> None:
        raise ZeroDivisionError

    def hear(sentence: str, **facts: str | int) -> None:
        said.append(f"{sentence} {facts.get('step')}")

    accepted = world.report_to("sophie.bernard")
    world.prepare()
    transports = {**world.gateway.transports, "mssante": OnceAway()}
    flaky = replace(world.gateway, transports=transports, upkeep=broken, notice=hear)
    start(flaky, look_every=timedelta(seconds=0.1))
    until(lambda: world.leg(accepted).state is LegState.HANDED_OVER)
    assert {"step postponed send", "step failed upkeep"} <= set(said)


# — keeping what is under way


def test_the_heartbeat_renews_what_is_under_way_and_nothing_else(every_world: World) -> None:
    world = every_world
    world.report_to("sophie.bernard", "hugo.petit")
    world.prepare()
    kept, lost = begun(world), begun(world)
    with world.gateway.claims.keeping(kept):
        renew(world.gateway)
        with world.gateway.store.glance() as unit:
            assert [leg.n for leg in unit.legs.expired()] == [lost.n]
        assert world.recover() == 1
    renew(world.gateway)
    world.end_leases()
    renew(world.gateway)
    assert world.recover() == 1, "its thread has ended: nobody renews it any more"


def test_the_heartbeat_renews_a_job_and_a_duty(every_world: World) -> None:
    world, over = every_world, timedelta()
    world.report_to("sophie.bernard")
    with world.gateway.store.unit() as unit:
        job = unit.jobs.claim("prepare", "test", world.clock(), over)
        duty = unit.duties.take("collect mssante", "test", over)
        assert job
        assert duty
    with world.gateway.claims.keeping(job), world.gateway.claims.keeping(duty):
        renew(world.gateway)
    with world.gateway.store.unit() as unit:
        assert unit.jobs.claim("prepare", "another", world.clock(), over) is None
        assert unit.duties.take("collect mssante", "another", over) is None


def test_what_another_worker_has_by_now_is_not_renewed_and_keeps_no_other_from_it(every_world: World) -> None:
    world = every_world
    world.report_to("sophie.bernard", "hugo.petit")
    world.prepare()
    first, second = begun(world), begun(world)
    with world.gateway.claims.keeping(first), world.gateway.claims.keeping(second):
        assert world.recover() == 2  # as if this process had stood still for longer than the lease
        third = begun(world, LEASE)
        with world.gateway.claims.keeping(third):
            world.end_leases()
            renew(world.gateway)
            with world.gateway.store.glance() as unit:
                assert unit.legs.expired() == ()


def test_a_claim_that_ended_badly_is_under_way_no_more() -> None:
    claims, job = Claims(), _job()
    with suppress(Unreachable), claims.keeping(job):
        assert claims.under_way() == (job,)
        raise Unreachable("The database is away", advice="Wait")
    assert claims.under_way() == ()


def test_a_thread_that_hangs_does_not_keep_its_work_for_ever() -> None:
    now = [0.0]
    claims, job = Claims(lambda: now[0]), _job()
    with claims.keeping(job):
        now[0] = LONGEST.total_seconds() - 1
        assert claims.under_way() == (job,)
        now[0] += 2
        assert claims.under_way() == ()


def _job() -> Job:
    from tests.record.conftest import NOW

    return Job(
        id=1, tenant="t", kind="prepare", exchange="x", lane="", about="", due=NOW, tries=1, reason=None, lost=0
    )  # fmt: skip


# — mailboxes


def test_a_mailbox_is_read_by_one_worker_at_a_time(every_world: World) -> None:
    world = every_world
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    with world.gateway.store.unit() as unit:
        theirs = unit.duties.take("collect", "another", LEASE)
        assert theirs is not None
    assert not read_mailboxes(world.gateway, world.reader, "test")
    assert world.leg(accepted).state is LegState.HANDED_OVER
    with world.gateway.store.unit() as unit:
        unit.duties.lay_down(theirs)

    def read() -> bool:
        assert read_mailboxes(world.gateway, world.reader, "test")
        return world.leg(accepted).state is LegState.READ

    until(read)


def test_a_mailbox_that_is_away_keeps_no_other_from_being_read(world: World) -> None:
    inner = world.gateway.transports["mssante"]

    class HalfAway:
        """One more mailbox, whose server does not answer."""

        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def collect(self) -> Iterator[Any]:
            yield from inner.collect()
            raise Unreachable("A mailbox is away", advice="Wait")

    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    gateway = replace(world.gateway, transports={**world.gateway.transports, "mssante": HalfAway()})

    def read() -> bool:
        with pytest.raises(Unreachable):
            read_mailboxes(gateway, world.reader, "test")
        return world.leg(accepted).state is LegState.READ

    until(read)
    assert list(inner.collect()) == [], "what was stored is taken away over there"


# — stopping


def test_a_step_that_does_not_end_is_left_after_the_bound_and_its_job_given_back(
    every_world: World, start: Callable[..., Worker]
) -> None:
    world = every_world
    reached, go_on = Event(), Event()

    def stuck() -> Any:
        reached.set()
        go_on.wait(PATIENCE_S)
        assert world.gateway.validator is not None
        return world.gateway.validator()

    worker = start(replace(world.gateway, validator=stuck), stop_within=timedelta(seconds=0.3))
    accepted = world.report_to("sophie.bernard")
    assert reached.wait(PATIENCE_S)
    try:
        assert not worker.stop()
        assert world.audited(kind="gateway-stopped", unfinished=1, given_back=1)
        world.prepare()
        assert world.exchange(accepted).state is ExchangeState.PREPARED, "another worker has done it at once"
    finally:
        go_on.set()
    time.sleep(0.2)  # the late one finds that it was done
    assert len(world.legs(accepted)) == 1


def test_workers_of_one_host_have_names_of_their_own(world: World) -> None:
    names = {Worker(world.gateway, Shift()).name for _ in range(3)}
    assert len(names) == 3
