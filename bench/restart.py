"""A gateway that starts with a full queue: when it takes an event, when the first parcel leaves, how much it holds.

`passerelle up` as an admin starts it, in front of the sandbox, over a database in which that many legs are due: rows
and audit entries of all of them, parcels of the first. Prints JSON for each engine; run it from the project's root:
`python -m bench.restart [LEGS] [ENGINE…]`; 100,000 unless told otherwise. On a busy machine compare it with a queue of
one: `python -m bench.restart 1`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.load import Running
from bench.many import ENGINES, EXCHANGE, LEG, bulk, databases
from gateway.cli.box import CLIENT, TENANT, write_settings
from gateway.config import load
from gateway.journey.accept import accept
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.minting import mint_id
from gateway.journey.prepare import prepare
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.record import is_empty
from gateway.sandbox import Sandbox
from gateway.wiring import data, open_gateway

CARRIED = 400  # legs whose parcels are there: more than leave while it is looked at
AT_ONCE = 500  # exchanges told of in one commit
RECIPIENT = "10100023455"  # of the sandbox, who answers at once
LOOK_S = 30.0


def event(number: int) -> bytes:
    """A report for one recipient."""
    tree = json.loads((data("examples") / "report.shared.json").read_bytes())
    changes = {"id": f"restart-{number}", "team": None, "recipients": [{"rpps": RECIPIENT}]}
    return json.dumps({name: value for name, value in (tree | changes).items() if value is not None}).encode()


def queue(gateway: Gateway, url: str, number: int) -> None:
    """That many exchanges like one that was accepted and prepared, each with its leg, due one after the other."""
    accepted = accept(gateway, Caller(TENANT, CLIENT, "bench"), event(0), "canonical")
    while prepare(gateway, "bench"):
        pass
    with gateway.store.glance() as unit:
        exchange = unit.exchanges.get(TENANT, accepted.exchange)
        (leg,) = unit.legs.of(TENANT, accepted.exchange)
        parcel = unit.contents.get(TENANT, accepted.exchange, "parcel/1")
    assert exchange is not None
    assert leg.destination is not None
    start = datetime.now(UTC) - timedelta(hours=1)
    made = list(_copies(exchange, leg, number, start))
    put = bulk(url)
    put("exchanges", EXCHANGE, ((place, *_exchange(one)) for place, (one, _) in enumerate(made, 1_000)))
    put("legs", LEG, (_leg(one, place) for place, (_, one) in enumerate(made, 1_000)))
    for first in range(0, number, AT_ONCE):
        some = made[first : first + AT_ONCE]
        with gateway.store.unit() as unit:
            for one, its in some:
                if first < CARRIED:
                    unit.contents.put_all(TENANT, one.id, {"parcel/1": parcel})
                unit.audit(*_told(one, its))


def _copies(exchange: Exchange, leg: Leg, number: int, start: datetime) -> Iterator[tuple[Exchange, Leg]]:
    for n in range(number):
        at = start + timedelta(milliseconds=10 * n)
        id, patient = mint_id(at, os.urandom), os.urandom(16).hex()
        one = replace(exchange, id=id, patient=patient, event_id=f"queued-{n}", accepted_at=at)
        lane = f"{TENANT}|{patient}|{leg.transport}|{leg.destination}"
        late = {"since": at, "due": at, "give_up": at + timedelta(days=2)}
        yield one, replace(leg, exchange=id, lane=lane, message_id=f"{id}@a.mssante.test", **late)


def _exchange(one: Exchange) -> tuple[Any, ...]:
    return tuple(str(value) if name == "state" else value for name in EXCHANGE[1:] for value in [getattr(one, name)])


def _leg(one: Leg, place: int) -> tuple[Any, ...]:
    ready = {"place": place, "state": one.state.value, "tries": 0, "case": json.dumps(one.case)}
    return tuple(ready[name] if name in ready else getattr(one, name) for name in LEG)


def _told(one: Exchange, its: Leg) -> tuple[Entry, ...]:
    about = {"at": one.accepted_at, "tenant": TENANT, "actor": "bench", "exchange": one.id}
    moved = {"from": "accepted", "state": "prepared"}
    created = {"state": its.state.value, "partner": its.partner}
    return (
        Entry(kind="event-accepted", patient=one.patient, **about),
        Entry(kind="leg-created", leg=its.n, facts=created, **about),
        Entry(kind="exchange-moved", facts=moved, **about),
    )


@contextmanager
def started(settings: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`passerelle up`, and the address it says."""
    command = [sys.executable, "-m", "gateway.cli", "up", "--config", str(settings)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())["listening"]
    finally:
        process.terminate()
        process.wait()


def held_mb(pid: int) -> float:
    """The most memory a process has held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def watch(settings: Path, sandbox: Sandbox, key: str) -> dict[str, Any]:
    """Start it and look."""
    began = time.monotonic()
    found: dict[str, Any] = {"accepts_after_s": None, "first_delivery_after_s": None}
    with started(settings) as (process, url), httpx.Client(base_url=url, trust_env=False) as http:
        found["listens_after_s"] = round(time.monotonic() - began, 1)
        number = 0
        while time.monotonic() - began < LOOK_S:
            now = round(time.monotonic() - began, 1)
            if found["accepts_after_s"] is None:
                number += 1
                answer = http.post("/v1/events", content=event(number), headers=_headers(key))
                found["answered"] = answer.status_code
                if answer.status_code == 202:
                    found |= {"accepts_after_s": now, "cpu_until_then_s": round(Running(0, process.pid).cpu_s(), 1)}
            if found["first_delivery_after_s"] is None and sandbox.arrivals():
                found["first_delivery_after_s"] = now
            time.sleep(0.1)
        found["held_mb"] = round(held_mb(process.pid))
        found["delivered_meanwhile"] = len(sandbox.arrivals())
    return found


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def measure(engine: str, number: int) -> dict[str, Any]:
    """One engine."""
    with TemporaryDirectory() as folder, databases(engine) as make, Sandbox(Path(folder) / "sandbox") as sandbox:
        facts = json.loads((sandbox.root / "sandbox.json").read_text())
        routes = (data("examples") / "routes.yaml").read_bytes()
        url = make()
        assert not is_empty(url)
        settings = write_settings(Path(folder), facts, routes, database=url)
        gateway = open_gateway(load(settings))
        began = time.monotonic()
        queue(gateway, url, number)
        filled_s = time.monotonic() - began
        with gateway.store.unit() as unit:
            _, key = unit.keys.add(TENANT, CLIENT, "vendor")
            unit.audit(Entry(kind="key-created", at=gateway.clock(), tenant=TENANT, actor="bench"))
        gateway.store.close()
        return {"legs": number, "filled_s": round(filled_s, 1), **watch(settings, sandbox, key)}


def main() -> None:
    """Both engines, or those named."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(json.dumps({"restart": {engine: measure(engine, number) for engine in sys.argv[2:] or ENGINES}}, indent=2))


if __name__ == "__main__":
    main()
