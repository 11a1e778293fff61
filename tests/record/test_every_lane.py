"""What every store promises about lanes: one after the other, in the order of acceptance, and none left behind."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.model.dossier import Leg
from gateway.model.errors import Unreachable
from gateway.model.exchange import BLOCKS_LANE, LegState
from gateway.record import Front, Stale, Store
from tests.record.conftest import NOW, Database
from tests.record.rows import entry, exchange, keep, leg, move

LEASE = timedelta(minutes=2)
PATIENCE_S = 60.0
FOLDER = ("folder",)
LATER = NOW + timedelta(days=400)
L = LegState
_examples = count(1)

STEPS = st.lists(
    st.tuples(
        st.sampled_from([
            "add", "add", "add", "claim", "claim", "claim", "arrive", "postpone", "lose", "fail",
            "hold", "release", "retry", "cancel",
        ]),
        st.integers(0, 11),
    ),
    min_size=15,
    max_size=40,
)  # fmt: skip
ALLOWED: dict[str, tuple[frozenset[LegState], LegState]] = {
    "arrive": (frozenset({L.ATTEMPTED}), L.ARRIVED),
    "postpone": (frozenset({L.ATTEMPTED}), L.POSTPONED),
    "lose": (frozenset({L.ATTEMPTED}), L.UNKNOWN),
    "fail": (frozenset({L.ATTEMPTED}), L.FAILED),
    "hold": (frozenset({L.WAITING, L.POSTPONED, L.UNKNOWN}), L.HELD),
    "release": (frozenset({L.HELD}), L.WAITING),
    "retry": (frozenset({L.FAILED}), L.WAITING),
    "cancel": (frozenset({L.WAITING, L.POSTPONED, L.HELD}), L.CANCELLED),
}


def claim(store: Store, worker: str = "w") -> Leg | None:
    with store.unit() as unit:
        found = unit.legs.next(LATER, FOLDER)
        if found is not None:
            unit.audit(entry(found))
            return unit.legs.start(found, worker, LATER, LEASE)
    return None


def end(store: Store, which: Leg, to: LegState, **words: object) -> None:
    with store.unit() as unit:
        move(unit, which, to, **words)


def drained(store: Store) -> list[Leg]:
    """Every leg that is claimed, one after the other, each arriving before the next is asked for."""
    found = []
    while (one := claim(store)) is not None:
        end(store, one, L.ARRIVED)
        found.append(one)
    return found


@settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_is_done_to_legs_a_claim_gives_the_first_of_a_lane_and_each_lane_comes_to_its_end(
    store: Store, steps: list[tuple[str, int]]
) -> None:
    tenant, kept = f"t{next(_examples)}", []

    def standing(one: Leg) -> Leg:
        with store.glance() as unit:
            found = unit.legs.get(tenant, one.exchange, 1)
        assert found is not None
        return found

    for step, number in steps:
        if step == "add":
            new = exchange(tenant=tenant)
            one = leg(new, lane=f"L{number % 2}")
            keep(store, new, one)
            kept.append(one)
        elif step == "claim":
            legs = [standing(one) for one in kept]
            blocking = [one for one in legs if one.state in BLOCKS_LANE]
            heads = {lane: next(one for one in blocking if one.lane == lane) for lane in {one.lane for one in blocking}}
            free = {one.exchange for one in heads.values() if one.state is not L.ATTEMPTED}
            taken = claim(store)
            assert (taken is None) == (not free)
            assert taken is None or taken.exchange in free
        elif kept:
            allowed, to = ALLOWED[step]
            one = standing(kept[number % len(kept)])
            if one.state in allowed:
                end(store, one, to)
    for one in [standing(one) for one in kept]:
        if one.state is L.ATTEMPTED:
            end(store, one, L.ARRIVED)
    drained(store)
    assert not [one for one in map(standing, kept) if one.state in BLOCKS_LANE], "a leg was left behind"


def test_many_workers_at_once_keep_every_lane_in_order_and_leave_nothing_behind(database: Database) -> None:
    """Three processes' views of one database; lanes grow while they are emptied, and a person steers meanwhile."""
    lanes, length = 4, 8
    done: dict[str, list[str]] = defaultdict(list)
    told, left, over = threading.Lock(), [lanes * length], time.monotonic() + PATIENCE_S
    chance = random.Random(7)

    def accept(store: Store) -> None:
        for _ in range(length):
            for lane in range(lanes):
                new = exchange()
                keep(store, new, leg(new, lane=f"L{lane}"))

    def work(store: Store) -> None:
        while left[0] > 0 and time.monotonic() < over:
            try:
                taken = claim(store, f"w{threading.get_ident()}")
            except (Stale, Unreachable):
                continue
            if taken is None:
                threading.Event().wait(0.005)
                continue
            to = chance.choice([L.ARRIVED, L.ARRIVED, L.POSTPONED, L.UNKNOWN])
            with told:
                if to is L.ARRIVED:
                    done[taken.lane].append(taken.exchange)
                    left[0] -= 1
            end(store, taken, to)

    def steer(store: Store) -> None:
        """Hold what waits, and let it go again."""
        while left[0] > 0 and time.monotonic() < over:
            with store.glance() as unit:
                waiting = unit.legs.find("cpts", state=L.WAITING, limit=3)
            for one in waiting[1:]:
                with suppress(Stale, Unreachable):
                    end(store, one, L.HELD)
            with store.glance() as unit:
                held = unit.legs.find("cpts", state=L.HELD)
            for one in held:
                with suppress(Stale, Unreachable):
                    end(store, one, L.WAITING)

    stores = [database.open() for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        doing = [pool.submit(accept, stores[0]), pool.submit(steer, stores[1])]
        doing += [pool.submit(work, store) for store in (*stores, *stores)]
        for one in doing:
            one.result(120)
    everything = [one for lane in done.values() for one in lane]
    assert len(everything) == len(set(everything)) == lanes * length
    assert drained(stores[0]) == []


def test_a_lane_that_nobody_steers_is_delivered_in_the_order_of_acceptance_by_many_workers(database: Database) -> None:
    lanes, length = 4, 8
    done: dict[str, list[str]] = defaultdict(list)
    stores, told, left = [database.open() for _ in range(3)], threading.Lock(), [lanes * length]
    over = time.monotonic() + PATIENCE_S
    wanted: dict[str, list[str]] = defaultdict(list)

    def accept() -> None:
        for _ in range(length):
            for lane in range(lanes):
                new = exchange()
                keep(stores[0], new, leg(new, lane=f"L{lane}"))
                wanted[f"L{lane}"].append(new.id)

    def work(store: Store, chance: random.Random) -> None:
        while left[0] > 0 and time.monotonic() < over:
            taken = claim(store)
            if taken is None:
                threading.Event().wait(0.005)
                continue
            to = chance.choice([L.ARRIVED, L.ARRIVED, L.POSTPONED, L.UNKNOWN])
            if to is L.ARRIVED:
                with told:
                    done[taken.lane].append(taken.exchange)
                    left[0] -= 1
            end(store, taken, to)

    with ThreadPoolExecutor(8) as pool:
        doing = [pool.submit(accept)]
        doing += [pool.submit(work, store, random.Random(n)) for n, store in enumerate((*stores, *stores))]
        for one in doing:
            one.result(120)
    assert done == wanted


def test_a_server_with_a_long_queue_hides_no_other(store: Store) -> None:
    one = exchange()
    keep(store, one, *(leg(one, n, server="busy") for n in range(1, 30)))
    other = exchange()
    keep(store, other, leg(other, server="idle", due=NOW + LEASE), leg(other, 2, server="later", due=LATER + LEASE))
    with store.unit() as unit:
        assert unit.legs.fronts(LATER, FOLDER) == (Front("folder", "busy"), Front("folder", "idle")), (
            "by how long their first leg is due"
        )
        assert unit.legs.fronts(NOW, FOLDER) == (Front("folder", "busy"),)
        assert unit.legs.fronts(LATER, ("mssante",)) == ()
        found = unit.legs.first(LATER, Front("folder", "idle"))
        assert found is not None
        assert found.exchange == other.id
        assert unit.legs.first(NOW, Front("folder", "idle")) is None


def test_what_stands_before_a_leg_is_told_latest_first_held_ones_too(store: Store) -> None:
    made = []
    for state in (L.WAITING, L.HELD, L.ARRIVED, L.WAITING, L.WAITING):
        new = exchange()
        made.append(leg(new, lane="L", state=state))
        keep(store, new, made[-1])
    with store.unit() as unit:
        before = unit.legs.before(made[3])
        assert [one.exchange for one in before] == [made[1].exchange, made[0].exchange]


def test_legs_cancelled_in_the_middle_of_a_lane_let_the_rest_go_in_order(store: Store) -> None:
    made = []
    for _ in range(10):
        new = exchange()
        made.append(leg(new, lane="L"))
        keep(store, new, made[-1])
    for one in made[1:4]:
        with store.glance() as unit:
            standing = unit.legs.get("cpts", one.exchange, 1)
        assert standing is not None
        end(store, standing, L.CANCELLED)
    assert [one.exchange for one in drained(store)] == [made[0].exchange, *(one.exchange for one in made[4:])]
