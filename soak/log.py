"""What the audit log says of a run, held against what was acknowledged and what came."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gateway.journey.books import balance
from gateway.journey.gateway import Gateway
from soak.place import TENANT


@dataclass(slots=True)
class Log:
    """What was counted in it.

    faults     each promise of the log that was not kept, in words
    accepted   exchange → how often it was accepted
    attempts   exchange → how many parcels of it were begun to be sent
    unknown    attempts of which the gateway says that it does not know their end
    """

    faults: list[str] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    unknown: int = 0


def read_log(gateway: Gateway) -> Log:
    """Read it whole; it has to verify, and the tables have to stand where it says."""
    log = Log()
    if not gateway.store.verify([gateway.store.checkpoint(gateway.notary)], gateway.notary.verifier).whole:
        log.faults.append("the log does not verify")
    with gateway.store.glance() as unit:
        for kept in unit.log.every():
            entry = json.loads(kept.record or "{}")
            if entry.get("kind") == "event-accepted":
                log.accepted[entry["exchange"]] += 1
            elif entry.get("kind") == "attempt-started":
                log.attempts[entry["exchange"]] += 1
            elif entry.get("kind") in ("attempt-result", "leg-moved"):
                log.unknown += entry["facts"].get("state") == "unknown"
    log.faults += [f"the books differ: {one}" for one in balance(gateway, TENANT).differing]
    return log


def compare(log: Log, acknowledged: Collection[str], arrivals: Mapping[str, int], events: int) -> list[str]:
    """Where the log and what was seen outside part, in words.

    acknowledged  the exchange of each event that was answered
    arrivals      exchange → how many parcels of it came
    events        how many were told at all
    """
    faults: list[str] = []
    if len(set(acknowledged)) < len(acknowledged):
        faults.append("two events were acknowledged as one exchange")
    faults += [f"{one} is in it {log.accepted[one]} times" for one in acknowledged if log.accepted[one] != 1]
    if log.accepted.total() > events:
        faults.append(f"{log.accepted.total()} events were accepted of {events}")
    faults += [
        f"{came} parcels of {exchange} came by {log.attempts[exchange]} attempts"
        for exchange, came in arrivals.items()
        if came > log.attempts[exchange]
    ]
    return faults
