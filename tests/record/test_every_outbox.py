"""What every store promises about legs and jobs, asked of SQLite and of PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model.dossier import Attempt, ReceiptSeen
from gateway.model.exchange import LEG_MOVES, LegState
from gateway.record import Stale, Store, Taken, WrongMove
from tests.record.conftest import NOW, Clock
from tests.record.rows import entry, exchange, keep, leg, move, standing_legs

LEASE = timedelta(minutes=2)
OVER = timedelta()
FOLDER = ("folder",)

# — legs


def test_a_leg_comes_back_as_it_was_kept(store: Store) -> None:
    one = exchange()
    first, second = leg(one, 1, give_up=NOW + LEASE), leg(one, 2, state=LegState.HELD, destination=None, reason="x")
    keep(store, one, first, second)
    with store.glance() as unit:
        kept = unit.legs.of("cpts", one.id)
        assert kept == (replace(first, due=NOW), second), "a waiting leg is due at once"
        assert unit.legs.by_message_id(first.message_id or "") == kept[0]
        assert unit.legs.by_message_id("nobody's") is None
        assert unit.legs.get("another", one.id, 1) is None
        assert unit.legs.of_many("cpts", [one.id, "none"]) == {one.id: kept}
        assert unit.legs.find("cpts", state=LegState.HELD, reason="x") == (second,)
        assert unit.legs.tally() == {("cpts", "folder", "waiting"): 1, ("cpts", "folder", "held"): 1}


def test_a_message_id_belongs_to_one_leg_of_the_whole_gateway(store: Store) -> None:
    one, other = exchange(), exchange(tenant="another")
    keep(store, one, leg(one, message_id="m@x"))
    with pytest.raises(Taken, match="message-id"):
        keep(store, other, leg(other, message_id="m@x"))


def test_a_leg_moves_only_where_the_table_says(store: Store) -> None:
    for state in LegState:
        one, targets = exchange(), sorted(LEG_MOVES[state] - {LegState.ATTEMPTED})
        keep(store, one, *(leg(one, n, state=state) for n, _ in enumerate(LegState, 1)))
        standing = standing_legs(store, one)
        with store.unit() as unit:
            for to in set(LegState) - LEG_MOVES[state]:
                with pytest.raises(WrongMove):
                    unit.legs.move(standing[-1], to)
        if state is LegState.ATTEMPTED:
            continue  # only `start` leads there, see below
        with store.unit() as unit:
            for which, to in zip(standing, targets, strict=False):
                assert move(unit, which, to).state is to
        assert [each.state for each in standing_legs(store, one)][: len(targets)] == targets


def test_an_attempt_is_opened_closed_and_kept_with_the_other_sides_words(store: Store, clock: Clock) -> None:
    one = exchange()
    keep(store, one, leg(one))
    with store.unit() as unit:
        chosen = unit.legs.next(NOW, FOLDER)
        assert chosen is not None
        started = unit.legs.start(chosen, "w1", NOW, LEASE)
        unit.audit(entry(started))
    assert started == standing_legs(store, one)[0]
    assert started.attempts == (Attempt(n=1, at=NOW),)
    later = clock.ahead(seconds=3)
    with store.unit() as unit:
        back = move(unit, started, LegState.POSTPONED, reason="try-later", code="450", detail="busy", due=later + LEASE)
    assert back == standing_legs(store, one)[0]
    assert back.attempts == (Attempt(n=1, at=NOW, outcome="postponed", code="450", detail="busy"),)
    with store.unit() as unit:
        assert unit.legs.next(later, FOLDER) is None, "not due yet"
        again = unit.legs.next(later + LEASE, FOLDER)
        assert again is not None
        assert unit.legs.start(again, "w1", later + LEASE, LEASE).attempts[-1].n == 2
        unit.audit(entry(again))


def test_a_receipt_stays_with_its_leg(store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one, state=LegState.HANDED_OVER))
    receipt = ReceiptSeen(kind="mdn", disposition="displayed", action=None, at=NOW)
    with store.unit() as unit:
        standing = unit.legs.by_message_id(f"{one.id}.1@cpts.test")
        assert standing is not None
        move(unit, standing, LegState.READ, receipt=receipt)
    with store.unit() as unit:
        (read,) = unit.legs.of("cpts", one.id)
        assert read.receipt == receipt
        move(unit, read, LegState.REFUSED, code="902")
    assert standing_legs(store, one)[0].receipt == receipt


def test_a_leg_read_before_it_moved_cannot_be_moved_again(store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one))
    (old,) = standing_legs(store, one)
    with store.unit() as unit:
        move(unit, old, LegState.HELD)
    with pytest.raises(Stale), store.unit() as unit:
        move(unit, old, LegState.CANCELLED)


def test_a_worker_whose_attempt_was_given_to_another_cannot_write_its_result(store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one))
    with store.unit() as unit:
        chosen = unit.legs.next(NOW, FOLDER)
        assert chosen is not None
        first = unit.legs.start(chosen, "w1", NOW, OVER)
        unit.audit(entry(first))
    with store.unit() as unit:
        (lost,) = unit.legs.expired()
        unknown = move(unit, lost, LegState.UNKNOWN, outcome="unknown")
    with store.unit() as unit:
        unit.legs.start(unknown, "w2", NOW, LEASE)
        unit.audit(entry(unknown))
    with pytest.raises(Stale), store.unit() as unit:
        move(unit, first, LegState.HANDED_OVER)
    with pytest.raises(Stale), store.unit() as unit:
        unit.legs.renew(first, LEASE)


def test_a_lease_runs_out_unless_it_is_renewed(store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one))
    with store.unit() as unit:
        chosen = unit.legs.next(NOW, FOLDER)
        assert chosen is not None
        started = unit.legs.start(chosen, "w1", NOW, LEASE)
        unit.audit(entry(started))
    with store.unit() as unit:
        assert unit.legs.expired() == ()
        unit.legs.renew(started, OVER)
        assert unit.legs.expired() == (started,)
        unit.legs.renew(started, LEASE)
    with store.glance() as unit:
        assert unit.legs.expired() == ()


def test_a_lane_keeps_the_order_of_acceptance_whatever_is_due_first(store: Store) -> None:
    one, two, three = exchange(), exchange(), exchange()
    keep(store, one, leg(one, lane="L", due=NOW + LEASE))
    keep(store, two, leg(two, lane="L"))
    keep(store, three, leg(three, lane="M", transport="mssante"))
    with store.unit() as unit:
        assert [each.exchange for each in unit.legs.in_lane("cpts", "L")] == [one.id, two.id]
        assert unit.legs.next(NOW, FOLDER) is None, "the first of the lane is not due, the other lane not ours"
        found = unit.legs.next(NOW, ("folder", "mssante"))
        assert found is not None
        assert found.exchange == three.id
        head = unit.legs.next(NOW + LEASE, FOLDER)
        assert head is not None
        assert head.exchange == one.id
        move(unit, head, LegState.HELD)
        follower = unit.legs.next(NOW, FOLDER)
        assert follower is not None
        assert follower.exchange == two.id, "a held leg blocks nobody"


def test_two_legs_of_one_exchange_in_one_lane_leave_in_their_order(store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one, 1, lane="L"), leg(one, 2, lane="L", due=NOW - LEASE))
    with store.unit() as unit:
        found = unit.legs.next(NOW, FOLDER)
        assert found is not None
        assert found.n == 1


def test_the_same_lane_name_in_another_tenant_is_another_lane(store: Store) -> None:
    one, other = exchange(), exchange(tenant="another")
    keep(store, one, leg(one, lane="L", due=NOW + LEASE))
    keep(store, other, leg(other, lane="L"))
    with store.unit() as unit:
        found = unit.legs.next(NOW, FOLDER)
        assert found is not None
        assert found.tenant == "another"


def test_a_person_can_end_the_wait_of_a_postponed_leg(store: Store) -> None:
    one = exchange()
    keep(store, one, leg(one, state=LegState.POSTPONED, due=NOW + LEASE))
    with store.unit() as unit:
        assert unit.legs.next(NOW, FOLDER) is None
        (waiting,) = unit.legs.of("cpts", one.id)
        unit.legs.hasten(waiting, NOW)
        unit.audit(entry(waiting))
        assert unit.legs.next(NOW, FOLDER) is not None


def test_legs_without_receipt_are_found_when_their_time_is_over(store: Store) -> None:
    one = exchange()
    states = (LegState.HANDED_OVER, LegState.DELIVERED, LegState.READ, LegState.FAILED)
    keep(store, one, *(leg(one, n, state=state) for n, state in enumerate(states, 1)))
    with store.unit() as unit:
        assert unit.legs.silent(NOW - timedelta(seconds=1), NOW) == ()
        assert [each.n for each in unit.legs.silent(NOW, NOW)] == [1, 2]


# — jobs


def test_jobs_of_a_lane_are_done_one_after_the_other(store: Store) -> None:
    with store.unit() as unit:
        for number in ("1", "2"):
            unit.jobs.add("prepare", "cpts", number, "lane", NOW)
        unit.jobs.add("prepare", "cpts", "3", "another lane", NOW + timedelta(seconds=1))
    with store.unit() as unit:
        first = unit.jobs.claim("prepare", "w1", NOW, LEASE)
        assert first is not None
        assert first.exchange == "1"
        assert unit.jobs.claim("prepare", "w2", NOW, LEASE) is None
        assert unit.jobs.claim("notify", "w2", NOW + LEASE, LEASE) is None, "another kind"
    with store.unit() as unit:
        unit.jobs.done(first)
        second = unit.jobs.claim("prepare", "w2", NOW, LEASE)
        assert second is not None
        assert second.exchange == "2"
        unit.jobs.again(second, NOW + LEASE, "unreachable")
        third = unit.jobs.claim("prepare", "w2", NOW + timedelta(seconds=1), LEASE)
        assert third is not None
        assert third.exchange == "3"
        assert [(job.exchange, job.reason, job.tries) for job in unit.jobs.pending("cpts", "2")] == [
            ("2", "unreachable", 1)
        ]


def test_a_dead_workers_job_comes_back_and_its_late_word_does_not_count(store: Store) -> None:
    with store.unit() as unit:
        unit.jobs.add("prepare", "cpts", "1", "lane", NOW)
    with store.unit() as unit:
        mine = unit.jobs.claim("prepare", "w1", NOW, LEASE)
        assert mine is not None
        assert unit.jobs.claim("prepare", "w2", NOW + 2 * LEASE, LEASE) is None, "whatever the time of day"
        unit.jobs.renew(mine, OVER)
        theirs = unit.jobs.claim("prepare", "w2", NOW, LEASE)
        assert theirs is not None
        assert theirs.tries == 2
    with pytest.raises(Stale), store.unit() as unit:
        unit.jobs.done(mine)
    with pytest.raises(Stale), store.unit() as unit:
        unit.jobs.again(mine, NOW, "x")
    with pytest.raises(Stale), store.unit() as unit:
        unit.jobs.renew(mine, LEASE)
    with pytest.raises(Stale), store.unit() as unit:
        unit.jobs.give_back(mine)


@pytest.mark.parametrize("long", [10, 200])
def test_what_stands_behind_a_held_job_keeps_no_other_lane_waiting(store: Store, long: int) -> None:
    """Lanes of two tenants under the same name are two; another kind has lanes of its own."""
    with store.unit() as unit:
        for number in range(long):
            unit.jobs.add("notify", "cpts", f"a{number}", "a", NOW)
        for tenant, lane, number in (("cpts", "b", "1"), ("another", "a", "2"), ("zz", "a", "3"), ("cpts", "b", "4")):
            unit.jobs.add("notify", tenant, number, lane, NOW + timedelta(seconds=1))
        unit.jobs.add("reply", "cpts", "another kind", "c", NOW)
    later = NOW + timedelta(seconds=2)
    with store.unit() as unit:
        claimed = [unit.jobs.claim("notify", "w1", later, LEASE) for _ in range(6)]
    assert [job and job.exchange for job in claimed] == ["a0", "1", "2", "3", None, None]


def test_a_job_given_back_is_the_next_ones_at_once(store: Store) -> None:
    with store.unit() as unit:
        unit.jobs.add("prepare", "cpts", "1", "lane", NOW)
    with store.unit() as unit:
        mine = unit.jobs.claim("prepare", "w1", NOW, LEASE)
        assert mine is not None
        unit.jobs.give_back(mine)
        theirs = unit.jobs.claim("prepare", "w2", NOW, LEASE)
        assert theirs is not None
        assert theirs.tries == 2


def test_a_dropped_job_is_as_good_as_done(store: Store) -> None:
    with store.unit() as unit:
        unit.jobs.add("prepare", "cpts", "1", "lane", NOW)
        job = unit.jobs.claim("prepare", "w1", NOW, LEASE)
        assert job is not None
        unit.jobs.drop("another", "1")
        assert len(unit.jobs.pending("cpts", "1")) == 1
        unit.jobs.drop("cpts", "1")
        unit.jobs.done(job)
        assert unit.jobs.pending("cpts", "1") == ()
