"""What the sinks kept, held against what was acknowledged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from soak.shelf import Arrival
from soak.stream import REFUSED, Event

FINAL = frozenset({"failed", "refused", "denied", "cancelled"})
"""Ends without arrival that the sender is told; for a recipient whose server takes everything there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer of a run; its fields are the JSON's.

    acknowledged         events answered with 202
    lost                 parcels of these that never came, and of which no true final state was told
    distinct_duplicates  parcels beyond the one of each event and recipient: other bytes, another id, another's parcel
    physical_duplicates  the same parcel again
    unknown_outcomes     attempts of which the gateway says that it does not know their end
    order_inversions     arrivals after a later one of the same patient at the same recipient
    audit_whole          the log verifies, has each acknowledged event once, an attempt for each arrival, balances
    kills                processes killed, or times the database was stopped
    """

    engine: str
    acknowledged: int
    lost: int
    distinct_duplicates: int
    physical_duplicates: int
    unknown_outcomes: int
    order_inversions: int
    audit_whole: bool
    kills: int

    @property
    def holds(self) -> bool:
        """True when every promise was kept."""
        broken = self.lost + self.distinct_duplicates + self.order_inversions
        return broken == 0 and self.physical_duplicates <= self.unknown_outcomes and self.audit_whole


@dataclass(frozen=True, slots=True)
class Counted:
    """What the sinks say."""

    came: frozenset[tuple[Event, str]]
    distinct_duplicates: int
    physical_duplicates: int
    order_inversions: int


def count(
    arrivals: Iterable[Arrival],
    event_of: Callable[[Arrival], Event | None],
    recipients: Callable[[Event], Collection[str]],
) -> Counted:
    """Count in the order things came. What carries no event of ours, or was for somebody else, is a parcel too many."""
    astray = 0
    parcels: dict[tuple[Event, str], list[tuple[str, str]]] = defaultdict(list)
    newest: dict[tuple[int, str], int] = {}
    inversions = 0
    for arrival in sorted(arrivals, key=lambda one: one.n):
        event = event_of(arrival)
        if event is None or arrival.to not in recipients(event):
            astray += 1
            continue
        parcels[event, arrival.to].append((arrival.id, arrival.digest))
        number, lane = event[1], (event[0], arrival.to)
        inversions += number < newest.get(lane, 0)
        newest[lane] = max(number, newest.get(lane, 0))
    different = sum(len(set(each)) for each in parcels.values())
    return Counted(
        came=frozenset(parcels),
        distinct_duplicates=different - len(parcels) + astray,
        physical_duplicates=sum(map(len, parcels.values())) - different,
        order_inversions=inversions,
    )


def lost(
    acknowledged: Mapping[Event, str],
    recipients: Callable[[Event], Collection[str]],
    came: Collection[tuple[Event, str]],
    ends_told: Callable[[str], Mapping[str, str]],
) -> list[tuple[Event, str]]:
    """Parcels that never came, unless their recipient's server refuses for good and the sender is told so.

    ends_told  destination → state of an exchange's legs; once it raises TimeoutError nothing more is told of any
    """
    missing: list[tuple[Event, str]] = []
    answers = True
    for event, exchange in acknowledged.items():
        absent = [to for to in recipients(event) if (event, to) not in came]
        ends: Mapping[str, str] = {}
        if answers and not REFUSED.isdisjoint(absent):
            try:
                ends = ends_told(exchange)
            except TimeoutError:
                answers = False
        missing += [(event, to) for to in absent if to not in REFUSED or ends.get(to) not in FINAL]
    return missing
