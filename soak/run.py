"""One run: a gateway between clients and sinks, killed all along; then what came is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateway.journey.keys import create_key
from gateway.sandbox.certificates import Certificates
from gateway.wiring import open_gateway, prepare_if_empty
from soak.databases import open_database
from soak.log import compare, read_log
from soak.place import CLIENT, SETTINGS, TENANT, write_settings
from soak.plan import Plan
from soak.processes import Processes
from soak.shelf import Arrival, Shelved, arrivals, body_of
from soak.stream import Event, Stream, read_mark
from soak.tellers import Tellers, ends_told
from soak.verdict import Verdict, count, lost
from soak.walk import Tell, Walk
from tests.places.ports import free_ports


def run(plan: Plan, folder: Path, tell: Tell = lambda _: None) -> Verdict:
    """Run it in an empty folder; what came stays there, under `sinks`. Raises CannotBegin."""
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
            came, event_of = list(arrivals(folder / "sinks")), _reader(folder / "sinks")
            counted = count(came, event_of, stream.recipients)
            missing = lost(tellers.acknowledged, stream.recipients, counted.came, partial(ends_told, port, key))
        finally:
            tellers.stop()
            processes.stop()
        exchanges = tellers.acknowledged
        parcels = Counter(exchanges[event] for event in map(event_of, came) if event in exchanges)
        log = read_log(gateway)
        faults = [*log.faults, *compare(log, exchanges.values(), parcels, plan.events)]
        for each in (*tellers.refused, *(f"lost: {one}" for one in missing), *(f"audit: {one}" for one in faults)):
            tell(each)
        gateway.store.close()
    return Verdict(
        engine=plan.engine,
        acknowledged=len(tellers.acknowledged),
        lost=len(missing),
        distinct_duplicates=counted.distinct_duplicates,
        physical_duplicates=counted.physical_duplicates,
        unknown_outcomes=log.unknown,
        order_inversions=counted.order_inversions,
        audit_whole=not faults,
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


def _reader(sinks: Path) -> Callable[[Arrival], Event | None]:
    """Tells the event a parcel carries; parcels of the same bytes are opened once."""
    marks: dict[str, Event | None] = {}

    def event_of(arrival: Arrival) -> Event | None:
        if arrival.digest not in marks:
            marks[arrival.digest] = read_mark(body_of(sinks, arrival.digest))
        return marks[arrival.digest]

    return event_of
