"""What every store promises of clocks and of the deadlines that hang on them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.model.exchange import LegState
from gateway.record import Seen, Store
from tests.record.conftest import NOW
from tests.record.rows import entry, exchange, keep, leg, standing_legs

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
NEAR = timedelta(milliseconds=1)
"""Moved deadlines are kept to the millisecond."""


def test_what_a_boot_said_comes_back_and_the_latest_of_all(store: Store) -> None:
    uptime = timedelta(days=3, microseconds=7)
    with store.unit() as unit:
        assert unit.clock.of("one") is None
        assert unit.clock.latest() is None
        unit.clock.alone()
        unit.clock.keep("one", Seen(NOW, uptime))
        unit.clock.keep("two", Seen(NOW - HOUR, uptime))
        unit.clock.keep("one", Seen(NOW + HOUR, uptime + HOUR))
    with store.glance() as unit:
        assert unit.clock.of("one") == Seen(NOW + HOUR, uptime + HOUR)
        assert unit.clock.latest() == NOW + HOUR


@pytest.mark.parametrize("by", [HOUR, -HOUR, YEAR, -YEAR, timedelta(seconds=-6.25)])
def test_every_deadline_is_moved_and_no_fact_is(by: timedelta, store: Store) -> None:
    one = exchange()
    unsent, sent, read = (
        leg(one, n, state=state, due=NOW + HOUR if state is LegState.POSTPONED else None, give_up=NOW + YEAR)
        for n, state in enumerate((LegState.POSTPONED, LegState.HANDED_OVER, LegState.READ), 1)
    )
    keep(store, one, unsent, sent, read)
    with store.unit() as unit:
        unit.jobs.add("prepare", one.tenant, one.id, lane="lane", due=NOW + HOUR)
        unit.clock.keep("one", Seen(NOW, HOUR))
    with store.unit() as unit:
        moved = unit.clock.move(by)
        unit.audit(entry(kind="clock-step", exchange=None))
    assert moved == 4
    standing = standing_legs(store, one)
    assert standing[0].due is not None
    assert abs(standing[0].due - (NOW + HOUR + by)) < NEAR
    for leg_, gives_up in zip(standing, (NOW + YEAR + by, NOW + YEAR + by, NOW + YEAR), strict=True):
        assert leg_.give_up is not None
        assert abs(leg_.give_up - gives_up) < NEAR
        assert leg_.since == NOW
    with store.glance() as unit:
        (job,) = unit.jobs.pending(one.tenant, one.id)
        assert abs(job.due - (NOW + HOUR + by)) < NEAR
        seen = unit.clock.of("one")
        assert seen is not None
        assert abs(seen.at - (NOW + by)) < NEAR


def test_what_was_written_by_the_older_time_is_due_now(store: Store) -> None:
    one = exchange()
    postponed = (leg(one, n, state=LegState.POSTPONED, due=NOW + after) for n, after in ((2, HOUR), (3, YEAR)))
    keep(store, one, leg(one, 1, due=NOW + HOUR), *postponed)
    with store.unit() as unit:
        unit.jobs.add("prepare", one.tenant, one.id, lane="lane", due=NOW + HOUR)
        unit.jobs.add("notify", one.tenant, one.id, lane="lane", due=NOW + HOUR)
    with store.unit() as unit:
        assert unit.clock.bring_back(NOW, NOW + 24 * HOUR) == 3
    assert [each.due for each in standing_legs(store, one)] == [NOW, NOW + HOUR, NOW]
    with store.glance() as unit:
        assert {job.kind: job.due for job in unit.jobs.pending(one.tenant, one.id)} == {
            "prepare": NOW,
            "notify": NOW + HOUR,
        }


def test_a_receipt_for_what_left_around_a_jump_ahead_is_waited_for_anew(store: Store) -> None:
    one, minute = exchange(), timedelta(minutes=1)
    left = (leg(one, n, state=LegState.HANDED_OVER, since=NOW + since, give_up=NOW + give_up) for n, since, give_up in (
        (1, minute, 72 * HOUR), (2, -HOUR, 71 * HOUR), (3, minute, YEAR + 72 * HOUR),
    ))  # fmt: skip
    keep(store, one, *left)
    later = NOW + YEAR
    with store.unit() as unit:
        lately = NOW - 2 * minute, NOW + 2 * minute
        assert unit.clock.wait_anew(later, later + 72 * HOUR, lately) == 1
        assert unit.clock.wait_anew(later, later + 72 * HOUR, lately) == 0
    assert [each.give_up for each in standing_legs(store, one)] == [
        later + 72 * HOUR,
        NOW + 71 * HOUR,
        NOW + YEAR + 72 * HOUR,
    ]


def test_waiting_longer_is_for_what_others_owe_us_and_not_for_what_we_send(store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one, 1, give_up=NOW, due=NOW), leg(one, 2, state=LegState.DELIVERED, give_up=NOW))
    with store.unit() as unit:
        assert unit.clock.wait_longer(HOUR) == 1
    unsent, answered = standing_legs(store, one)
    assert (unsent.due, unsent.give_up) == (NOW, NOW)
    assert answered.give_up is not None
    assert abs(answered.give_up - (NOW + HOUR)) < NEAR


@pytest.mark.parametrize(
    ("since", "give_up", "is_silent"),
    [
        (-YEAR, -HOUR, True),
        (-YEAR, None, True),
        (-YEAR, HOUR, False),  # it is waited for longer
        (-HOUR, -HOUR, False),  # it has not stood there long
        (YEAR, -HOUR, True),  # the clock went back
        (YEAR, HOUR, False),
    ],
)
def test_a_receipt_is_missed_when_its_deadline_has_passed(
    since: timedelta, give_up: timedelta | None, is_silent: bool, store: Store
) -> None:
    one = exchange()
    until = None if give_up is None else NOW + give_up
    keep(store, one, leg(one, state=LegState.HANDED_OVER, since=NOW + since, give_up=until))
    with store.glance() as unit:
        assert bool(unit.legs.silent(NOW - 2 * HOUR, NOW)) is is_silent
