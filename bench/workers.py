"""How much faster many workers are than one: `passerelle work` over PostgreSQL, in front of a place that takes 50 ms.

Needs PostgreSQL and the sandbox. Prints JSON: deliveries a second of 1 worker and of 4, their ratio, what a worker that
has nothing to do uses, and how soon one claims what was just added; run it from the project's root:
`python -m bench.workers [LEGS A WORKER] [THREADS]`.

Workers are real processes of THREADS senders each. The queue is filled in one commit while they are idle; the rate is
counted by the place itself, from its first request to its last. Every leg is of a patient of its own: no lane waits.
cpu   ms of processor that the workers use for one leg
idle  share of one core used by a worker in 5 s without work
wake  median ms from the commit that adds a leg to the request that brings it, with every worker idle, the 50 ms of the
      place not counted
"""

from __future__ import annotations

import json
import multiprocessing
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gateway.cli.box import CALLBACK, CLIENT, TENANT, write_settings
from gateway.config import load
from gateway.journey.accept import accept
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.minting import mint_id, mint_message_id
from gateway.journey.prepare import prepare
from gateway.model.audit import Entry
from gateway.model.exchange import LegState
from gateway.sandbox import Sandbox
from gateway.wiring import open_gateway, prepare_if_empty
from tests.places.authority import Authority
from tests.places.postgresql import PostgreSQL, binaries

TAKES_S = 0.05
IDLE_S = 5.0
WAKES = 15
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "team.created.json"
ROUTES = b"routes: [{name: all, when: {event: 'team.*'}, to: {role: PROV}, via: callback, mode: exchange}]\n"


class Slow(BaseHTTPRequestHandler):
    """Takes its time, says 204, and remembers when it was asked."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    asked: list[float] = []  # noqa: RUF012 one for the process

    def do_POST(self) -> None:
        self.asked.append(time.time())
        self.rfile.read(int(self.headers["content-length"]))
        time.sleep(TAKES_S)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *words: object) -> None:
        """Says nothing."""


def _serve(chain: str, key: str, line: Connection) -> None:
    from threading import Thread

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Thread(target=server.serve_forever, daemon=True).start()
    line.send(server.server_address[1])
    while line.recv():  # asked when it was asked
        line.send(tuple(Slow.asked))


class Place:
    """The slow place, in a process of its own."""

    def __init__(self, certificate: tuple[Path, Path]) -> None:
        self._line, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(*map(str, certificate), theirs), daemon=True
        )
        self._process.start()
        self.port: int = self._line.recv()

    def asked(self) -> list[float]:
        """When each request came, in order."""
        self._line.send(True)
        return sorted(self._line.recv())

    def wait_for(self, count: int) -> list[float]:
        """The same, once there were that many. Raises TimeoutError after three minutes."""
        end = time.monotonic() + 180
        while len(asked := self.asked()) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(asked)} of {count} arrived")
            time.sleep(0.05)
        return asked

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


class Queue:
    """A gateway's database, filled with copies of one prepared leg, each of a patient and an exchange of its own."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        caller = Caller(TENANT, CLIENT, "bench")
        first = accept(gateway, caller, EXAMPLE.read_bytes(), "canonical").exchange
        while prepare(gateway, "bench"):
            pass
        with gateway.store.unit() as unit:
            exchange = unit.exchanges.get(TENANT, first)
            legs = unit.legs.of(TENANT, first)
            if exchange is None or not legs:
                raise RuntimeError("the example has no leg")
            self._exchange, self._leg = exchange, legs[0]
            self._body = unit.contents.get(TENANT, first, f"parcel/{self._leg.n}")
            for leg in legs:
                unit.legs.move(leg, LegState.CANCELLED)
                unit.audit(self._entry(first, leg.n))

    def add(self, count: int, body: bytes = b"", **changes: str) -> None:
        """That many legs, due now, in one commit; with another parcel, and other words of the leg, where given."""
        gateway, model = self._gateway, replace(self._leg, **changes)  # type: ignore[arg-type]
        with gateway.store.unit() as unit:
            for _ in range(count):
                now = gateway.clock()
                id = mint_id(now, gateway.draw)
                unit.exchanges.open(replace(self._exchange, id=id, event_id=id, patient=id.replace("-", "")))
                unit.contents.put_all(TENANT, id, {"parcel/1": body or self._body})
                leg = replace(
                    model,
                    exchange=id,
                    n=1,
                    lane=id,
                    message_id=mint_message_id("bench.test", gateway.draw),
                    state=LegState.WAITING,
                    since=now,
                    due=now,
                )
                unit.legs.add([leg])
                unit.audit(self._entry(id, 1))

    def _entry(self, exchange: str, leg: int) -> Entry:
        return Entry(
            kind="leg-created", at=self._gateway.clock(), tenant=TENANT, actor="bench", exchange=exchange, leg=leg
        )  # fmt: skip


@contextmanager
def _workers(settings: Path, count: int, threads: int) -> Iterator[Sequence[int]]:
    """That many real worker processes, ready; gives their process ids."""
    command = [sys.executable, "-m", "gateway.cli", "work", "--config", str(settings), "--threads", str(threads)]
    with (settings.parent / "workers.log").open("ab") as log:
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) for _ in range(count)]
        try:
            for one in started:
                assert one.stdout is not None
                if not one.stdout.readline():
                    raise RuntimeError(f"a worker does not start: {(settings.parent / 'workers.log').read_text()}")
            yield [one.pid for one in started]
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.communicate(timeout=60)


def _seconds_used(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _idle(pids: Sequence[int]) -> float:
    before = _seconds_used(pids)
    time.sleep(IDLE_S)
    return (_seconds_used(pids) - before) / IDLE_S / len(pids)


def _wake_ms(queue: Queue, place: Place) -> float:
    took = []
    for _ in range(WAKES):
        count = len(place.asked())
        queue.add(1)
        added = time.time()
        took.append(1000 * (place.wait_for(count + 1)[-1] - added))
        time.sleep(0.2)
    return statistics.median(took)


def measure(legs: int, threads: int) -> dict[str, Any]:
    """Rates of one worker and of four, and their ratio."""
    found: dict[str, Any] = {"threads": threads}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, Sandbox(Path(name) / "box") as box:
        authority = Authority(Path(name))
        place = Place(authority.server())
        with PostgreSQL(_programs()) as server:
            settings = _settings(Path(name), box, server.url(server.create()), place.port, authority.ca_file)
            prepare_if_empty(load(settings))
            gateway = open_gateway(load(settings))
            queue = Queue(gateway)
            for count in (1, 4):
                with _workers(settings, count, threads) as pids:
                    time.sleep(3)  # until what a start costs is over
                    found[f"idle, of {count}"] = round(_idle(pids), 4)
                    found[f"wake_ms, of {count}"] = round(_wake_ms(queue, place), 1)
                    before = len(place.asked())
                    queue.add(legs * count)
                    used = _seconds_used(pids)
                    asked = place.wait_for(before + legs * count)[before:]
                    used = 1000 * (_seconds_used(pids) - used) / len(asked)
                    found[f"cpu_ms a leg, of {count}"] = round(used, 1)
                    found[f"{count} workers, a second"] = round((len(asked) - 1) / (asked[-1] - asked[0]), 1)
            gateway.store.close()
        place.close()
    found["4 / 1"] = round(found["4 workers, a second"] / found["1 workers, a second"], 2)
    return found


def _programs() -> Path:
    there = binaries()
    if there is None:
        raise RuntimeError("PostgreSQL is not installed")
    return there


def _settings(folder: Path, box: Sandbox, database: str, port: int, authority: Path) -> Path:
    facts = json.loads((box.root / "sandbox.json").read_text("utf-8"))
    path = write_settings(folder, facts, ROUTES, database=database)
    tree = YAML(typ="safe").load(path.read_text("utf-8"))
    tree["endpoints"][CALLBACK] |= {"url": f"https://localhost:{port}/", "ca": str(authority)}
    tree["work"]["collect_every"] = "1h"
    tree["mailboxes"][0]["collect"] = False
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(tree, file)
    return path


if __name__ == "__main__":
    said = [int(word) for word in sys.argv[1:3]]
    print(json.dumps(measure(*said, *(200, 2)[len(said) :]), indent=2))
