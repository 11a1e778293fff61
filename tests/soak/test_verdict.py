"""What counts as lost, as a duplicate, as out of order: asked of little lists, so that no run is needed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from soak.log import Log, compare
from soak.shelf import Arrival, Shelf, Shelved, arrivals, body_of
from soak.stream import AT_ONCE, LANE, REFUSED, Stream, read_mark
from soak.verdict import Counted, Verdict, count, lost

A, B = (1, 0), (1, 1)
NO = min(REFUSED)
GOOD = Verdict(
    engine="sqlite",
    acknowledged=2,
    lost=0,
    distinct_duplicates=0,
    physical_duplicates=0,
    unknown_outcomes=0,
    order_inversions=0,
    audit_whole=True,
    kills=1,
)


def counted(*came: tuple[tuple[int, int], str, str]) -> Counted:
    """(event, recipient, bytes) in the order they came."""
    events = dict(enumerate(event for event, _, _ in came))
    kept = [Arrival(n, float(n), to, f"id {event}{to}", digest) for n, (event, to, digest) in enumerate(came)]
    return count(kept, lambda arrival: events[arrival.n], lambda _: ("x", "y"))


def test_parcels_that_come_once_in_their_order_are_no_duplicates() -> None:
    seen = counted((A, "x", "a"), (A, "y", "a"), (B, "x", "b"), ((2, 0), "x", "c"))
    assert (seen.distinct_duplicates, seen.physical_duplicates, seen.order_inversions) == (0, 0, 0)
    assert seen.came == {(A, "x"), (A, "y"), (B, "x"), ((2, 0), "x")}


def test_the_same_parcel_again_is_a_physical_duplicate() -> None:
    seen = counted((A, "x", "a"), (A, "x", "a"), (A, "x", "a"), (B, "x", "b"))
    assert (seen.distinct_duplicates, seen.physical_duplicates) == (0, 2)


def test_other_bytes_or_another_id_under_one_event_and_recipient_are_a_distinct_duplicate() -> None:
    seen = counted((A, "x", "a"), (A, "x", "another"))
    assert (seen.distinct_duplicates, seen.physical_duplicates) == (1, 0)
    kept = [Arrival(0, 0.0, "x", "one", "a"), Arrival(1, 1.0, "x", "two", "a")]
    assert count(kept, lambda _: A, lambda _: ("x",)).distinct_duplicates == 1


def test_a_later_number_that_comes_first_is_an_inversion_and_so_is_a_late_repeat() -> None:
    assert counted((B, "x", "b"), (A, "x", "a")).order_inversions == 1
    assert counted((A, "x", "a"), (B, "x", "b"), (A, "x", "a")).order_inversions == 1
    assert counted((B, "x", "b"), (A, "y", "a"), ((2, 0), "x", "c")).order_inversions == 0


def test_a_parcel_nobody_told_or_for_somebody_else_is_one_too_many() -> None:
    kept = [Arrival(0, 0.0, "x", "one", "a")]
    assert count(kept, lambda _: None, lambda _: ("x",)).distinct_duplicates == 1
    strayed = count(kept, lambda _: A, lambda _: ("y",))
    assert (strayed.distinct_duplicates, strayed.came) == (1, frozenset())


def test_what_a_recipient_who_refuses_did_not_get_is_lost_unless_its_final_state_is_told() -> None:
    ends = {"ex A": {NO: "failed"}, "ex B": {"x": "waiting", NO: "handed-over"}}
    missing = lost({A: "ex A", B: "ex B"}, lambda _: ("x", NO), {(A, "x")}, ends.__getitem__)
    assert missing == [(B, "x"), (B, NO)]


def test_what_a_recipient_who_takes_everything_did_not_get_is_lost_whatever_is_told() -> None:
    assert lost({A: "ex A"}, lambda _: ("x",), (), lambda _: {"x": "failed"}) == [(A, "x")]


def test_an_acknowledged_event_of_which_nothing_is_known_is_lost() -> None:
    assert lost({A: "ex A"}, lambda _: (NO,), (), lambda _: {}) == [(A, NO)]


def test_a_door_that_is_silent_at_the_end_is_asked_once_and_everything_refused_is_lost() -> None:
    asked: list[str] = []

    def silent(exchange: str) -> dict[str, str]:
        asked.append(exchange)
        raise TimeoutError

    assert lost({A: "ex A", B: "ex B"}, lambda _: (NO,), (), silent) == [(A, NO), (B, NO)]
    assert asked == ["ex A"]


@pytest.mark.parametrize(
    ("log", "fault"),
    [
        (Log(accepted=Counter(x=1), attempts=Counter(x=2)), None),
        (Log(accepted=Counter(), attempts=Counter(x=2)), "is in it 0 times"),
        (Log(accepted=Counter(x=2), attempts=Counter(x=2)), "is in it 2 times"),
        (Log(accepted=Counter(x=1, y=1), attempts=Counter(x=2)), "2 events were accepted of 1"),
        (Log(accepted=Counter(x=1), attempts=Counter(x=1)), "2 parcels of x came by 1 attempts"),
    ],
)
def test_the_log_has_each_event_once_and_an_attempt_for_each_arrival(log: Log, fault: str | None) -> None:
    faults = compare(log, ["x"], {"x": 2}, events=1)
    assert (fault is None) == (not faults)
    assert fault is None or fault in faults[0]
    assert compare(Log(accepted=Counter(x=1)), ["x", "x"], {}, events=2)


@pytest.mark.parametrize(
    "change",
    [
        {"lost": 1},
        {"distinct_duplicates": 1},
        {"order_inversions": 1},
        {"physical_duplicates": 3, "unknown_outcomes": 2},
        {"audit_whole": False},
    ],
)
def test_one_broken_promise_makes_a_run_red(change: dict[str, int]) -> None:
    assert GOOD.holds
    assert replace(GOOD, physical_duplicates=2, unknown_outcomes=2).holds
    assert not replace(GOOD, **change).holds  # type: ignore[arg-type]


def test_a_sink_keeps_everything_on_disk_in_the_order_it_came(tmp_path: Path) -> None:
    shelf, reader = Shelf(tmp_path), Shelved(tmp_path)
    for to, id, body in (("x", "1", b"one"), ("y", "2", b"two"), ("x", "1", b"one")):
        shelf.keep(to, id, body)
    kept = list(arrivals(tmp_path))
    assert [(one.n, one.to, one.id, body_of(tmp_path, one.digest)) for one in kept] == [
        (0, "x", "1", b"one"),
        (1, "y", "2", b"two"),
        (2, "x", "1", b"one"),
    ]
    assert reader.parcels() == 2
    shelf.keep("x", "3", b"three")
    assert reader.parcels() == 3
    shelf.close()


def test_a_stream_tells_each_patients_events_by_number_to_two_or_three_recipients() -> None:
    stream = Stream(100)
    assert len(set(stream.all)) == 100
    for patient in {patient for patient, _ in stream.all}:
        numbers = [number for each, number in stream.all if each == patient]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) <= LANE
    assert stream.all.index((0, 1)) - stream.all.index((0, 0)) <= AT_ONCE, "else nothing ever stands in a lane"
    reached = [stream.recipients(event) for event in stream.all]
    assert {len(each) for each in reached} == {2, 3}
    assert {to for each in reached for to in each} >= REFUSED
    assert all(read_mark(stream.body(event)) == event for event in stream.all)
