"""One run: a gateway between clients and sinks, killed all along; then what came is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateway.journey.gateway import Gateway
from gateway.journey.keys import create_key
from gateway.sandbox.certificates import Certificates
from gateway.wiring import open_gateway, prepare_if_empty
from soak.databases import open_database
from soak.place import CLIENT, SETTINGS, TENANT, write_settings
from soak.plan import Plan
from soak.processes import Processes
from soak.shelf import Arrival, Shelved, arrivals, body_of
from soak.stream import Event, Stream, read_mark
from soak.tellers import Tellers, ends_told
from soak.verdict import Counted, Verdict, count, lost
from soak.walk import Tell, Walk
from tests.places.ports import free_ports


def run(plan: Plan, folder: Path, tell: Tell = lambda _: None) -> Verdict:
    """Run it in an empty folder; what came stays there, under `sinks`."""
    stream = Stream(plan.events)
    with open_database(plan.engine, folder) as database, _sinks(folder, plan.seed) as (smtp, https):
        port = free_ports(1)[0]
        settings = write_settings(folder, database=database.url, port=port, smtp=smtp, https=https)
        prepare_if_empty(settings)
        gateway = open_gateway(settings)
        key = create_key(gateway, TENANT, CLIENT, "vendor", actor="cli:soak").secret
        tellers, processes = Tellers(stream, port, key), Processes(folder / SETTINGS, plan.program)
        try:
            kills = Walk(plan, gateway, database, processes, tellers, Shelved(folder / "sinks"), tell).walk()
            tellers.stop()
            counted = _counted(folder / "sinks")
            missing = lost(tellers.acknowledged, stream.recipients, counted.came, partial(ends_told, port, key))
        finally:
            tellers.stop()
            processes.stop()
        for each in (*tellers.refused, *(f"lost: {one}" for one in missing)):
            tell(each)
        whole, unknown = _read_log(gateway, tellers.acknowledged.values())
        gateway.store.close()
    return Verdict(
        engine=plan.engine,
        acknowledged=len(tellers.acknowledged),
        lost=len(missing),
        distinct_duplicates=counted.distinct_duplicates,
        physical_duplicates=counted.physical_duplicates,
        unknown_outcomes=unknown,
        order_inversions=counted.order_inversions,
        audit_whole=whole,
        kills=kills,
    )


@contextmanager
def _sinks(folder: Path, seed: str) -> Iterator[tuple[int, int]]:
    """The sinks in a process of their own: their ports."""
    Certificates(folder / "certificates").server("b.mssante.test")
    command = [sys.executable, "-m", "soak.sinks", str(folder), seed]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            ports = json.loads(process.stdout.readline())
            yield ports["smtp"], ports["https"]
        finally:
            process.terminate()


def _counted(sinks: Path) -> Counted:
    marks: dict[str, Event | None] = {}

    def event_of(arrival: Arrival) -> Event | None:
        if arrival.digest not in marks:
            marks[arrival.digest] = read_mark(body_of(sinks, arrival.digest))
        return marks[arrival.digest]

    return count(arrivals(sinks), event_of)


def _read_log(gateway: Gateway, exchanges: Collection[str]) -> tuple[bool, int]:
    """Whether the log verifies and holds each of these once, and how many attempts it calls unknown."""
    verdict = gateway.store.verify([gateway.store.checkpoint(gateway.notary)], gateway.notary.verifier)
    accepted: Counter[str] = Counter()
    unknown = 0
    with gateway.store.glance() as unit:
        for kept in unit.log.every():
            entry = json.loads(kept.record or "{}")
            if entry.get("kind") == "event-accepted":
                accepted[entry["exchange"]] += 1
            elif entry.get("kind") in ("attempt-result", "leg-moved"):
                unknown += entry["facts"].get("state") == "unknown"
    whole = verdict.whole and all(accepted[exchange] == 1 for exchange in exchanges)
    return whole and len(set(exchanges)) == len(exchanges), unknown
