"""Real processes whose clock jumps under them, or while they are off: nothing lost, nothing given up, nothing stuck.

The clock is faked by libfaketime; the mailboxes of the sandbox, which keep the right time, are counted on its disk.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from gateway.cli.box import CLIENT, TENANT, write_settings
from gateway.config import load
from gateway.journey.keys import create_key
from gateway.model.dossier import Leg
from gateway.model.exchange import LegState
from gateway.sandbox import Sandbox, arrivals
from gateway.wiring import open_gateway, prepare_if_empty
from tests.journey.conftest import EXAMPLES
from tests.places.ports import free_ports

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
ROUTES = b"routes: [{name: none, when: {event: 'plan.*'}, to: {each: member}, via: mssante, mode: exchange}]\n"
RECIPIENTS = ("10100023455", "10100034569")  # sophie.bernard, hugo.petit
JUMPS = ("+1h", "-1h", "+1y", "-1y")
NEVER = {LegState.FAILED, LegState.UNREAD, LegState.REFUSED, LegState.CANCELLED, LegState.DENIED}
DRAINED_WITHIN_S = 90.0

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="faketime is not installed")


class Faked:
    """A gateway in a process of its own, whose clock a test sets while it runs."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        facts = json.loads((sandbox.root / "sandbox.json").read_text())
        self.sandbox, self._offset = sandbox, folder / "offset"
        database = f"sqlite:///{folder / 'passerelle.db'}"
        self.settings = write_settings(folder, facts, ROUTES, database=database, port=free_ports(1)[0])
        _patiently(self.settings)
        prepare_if_empty(load(self.settings))
        self.gateway = open_gateway(load(self.settings))
        key = create_key(self.gateway, TENANT, CLIENT, "vendor", actor="cli:test").secret
        self._bearer = {"Authorization": f"Bearer {key}"}
        self._log = (folder / "gateway.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self.told = 0

    def start(self, **faked: str) -> None:
        """`faked`: what libfaketime is told of the wall clock; its timers are left alone, Python's waits need them."""
        command = [sys.executable, "-m", "gateway.cli", "up", "--config", str(self.settings)]
        environment = dict(os.environ)
        if faked:
            environment |= {"LD_PRELOAD": str(LIBRARY), "FAKETIME_DONT_FAKE_MONOTONIC": "1", **faked}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, env=environment)
        assert self._process.stdout is not None
        self.url = json.loads(self._process.stdout.readline())["listening"]

    def start_settable(self) -> None:
        """Its wall clock follows the file."""
        self.set("+0")
        self.start(FAKETIME_TIMESTAMP_FILE=str(self._offset), FAKETIME_NO_CACHE="1")

    def set(self, offset: str) -> None:
        part = self._offset.with_suffix(".part")
        part.write_text(offset)
        part.replace(self._offset)

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def close(self) -> None:
        self.stop()
        self._log.close()
        self.gateway.store.close()

    def tell(self, count: int = 2) -> None:
        with httpx.Client(base_url=self.url, headers=self._bearer, trust_env=False, timeout=30, verify=False) as http:
            for _ in range(count):
                self.told += 1
                assert http.post("/v1/events", json=report(self.told)).status_code == 202

    def legs(self) -> list[Leg]:
        with self.gateway.store.glance() as unit:
            ids = [exchange.id for exchange in unit.exchanges.search(TENANT, limit=500).items]
            return [leg for legs in unit.legs.of_many(TENANT, ids).values() for leg in legs]

    def drain(self) -> None:
        """Wait until every leg was read; none may come to another end on the way."""
        end = time.monotonic() + DRAINED_WITHIN_S
        while True:
            legs = self.legs()
            states = Counter(leg.state for leg in legs)
            assert not NEVER & states.keys(), states
            if states == {LegState.READ: self.told * len(RECIPIENTS)}:
                return
            assert time.monotonic() < end, (states, [(leg.code, leg.reason) for leg in legs])
            time.sleep(0.5)

    def jumps(self) -> list[int]:
        """The seconds of each jump the log tells of."""
        with self.gateway.store.glance() as unit:
            records = [json.loads(kept.record) for kept in unit.log.every() if kept.record]
        return [record["facts"]["seconds"] for record in records if record["kind"] == "clock-step"]

    def hears_of(self, jumps: int) -> None:
        """Wait until the log tells of so many."""
        end = time.monotonic() + 30.0
        while len(self.jumps()) < jumps:
            assert time.monotonic() < end, self.jumps()
            time.sleep(0.3)

    def unknown(self) -> int:
        """Attempts whose outcome nobody knows: the process was killed meanwhile."""
        return sum(attempt.outcome == "unknown" for leg in self.legs() for attempt in leg.attempts)

    def twice(self) -> int:
        """Mails that came more often than once."""
        there = Counter(arrival.message_id for arrival in arrivals(self.sandbox.root) if "@b." in arrival.recipient)
        return sum(there[leg.message_id] - 1 for leg in self.legs())


def _patiently(settings: Path) -> None:
    """An attempt may take a minute: on a machine that does much else a shorter one ends as an unknown outcome."""
    tree = YAML(typ="safe").load(settings.read_text("utf-8"))
    tree["operators"] = {name: {**operator, "attempt": "60s"} for name, operator in tree["operators"].items()}
    with settings.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump(tree, out)


def report(n: int) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())
    tree |= {"id": f"J-{n}", "recipients": [{"rpps": rpps} for rpps in RECIPIENTS]}
    tree["patient"] = {
        "identity_status": "validated",
        "birth_name": "PAT-TROIS",
        "birth_date": "1979-03-28",
        "local_id": {"system": "1.2.250.1.999.42", "value": f"P-{n % 3}"},
    }
    del tree["team"]
    tree["report"] |= {"id": f"R-{n}"}
    return tree


@pytest.fixture
def faked(tmp_path: Path, sandbox: Sandbox) -> Iterator[Faked]:
    made = Faked(tmp_path, sandbox)
    yield made
    made.close()


def test_jumps_there_and_back_while_it_runs_lose_nothing(faked: Faked) -> None:
    faked.start_settable()
    faked.tell()
    for n, jump in enumerate(JUMPS):
        faked.set(jump)
        faked.tell()
        faked.hears_of(2 * n + 1)
        faked.tell(1)
        faked.set("+0")
        faked.tell(1)
        faked.hears_of(2 * n + 2)
    faked.drain()
    hour, year = 3600, 365 * 24 * 3600
    assert faked.jumps() == pytest.approx([hour, -hour, -hour, hour, year, -year, -year, year], abs=3)
    assert faked.twice() == 0
    verdict = faked.gateway.store.verify([faked.gateway.notary.latest() or ""], faked.gateway.notary.verifier)
    assert verdict.whole, verdict


def test_restarts_under_another_time_lose_nothing(faked: Faked) -> None:
    faked.start()
    faked.tell()
    for jump, number in (("+1y", signal.SIGTERM), ("-1h", signal.SIGKILL)):
        faked.stop(number)
        faked.start(FAKETIME=jump)
        faked.tell()
    faked.stop()
    faked.start()
    faked.drain()
    hour, year = 3600, 365 * 24 * 3600
    assert faked.jumps() == pytest.approx([year, -year - hour, hour], abs=3)
    assert faked.twice() <= faked.unknown()
