"""Processes that die at any moment: nothing is lost, nothing is said twice, and the log is whole.

Counted at the sandbox's mailboxes, from the files on its disk, not from our tables.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.cli.box import CLIENT, TENANT, write_settings
from gateway.config import load
from gateway.journey.gateway import Gateway
from gateway.journey.keys import create_key
from gateway.sandbox import Sandbox, arrivals
from gateway.wiring import open_gateway, prepare_if_empty
from tests.places.ports import free_ports

# A killed process leaves the sandbox's sockets to the garbage collector: that is what is being tested.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

EVENTS = 200
KILLS = 5
PATIENCE_S = 240.0
ROUTES = b"routes: [{name: none, when: {event: 'plan.*'}, to: {each: member}, via: mssante, mode: exchange}]\n"
ENDS = {"bounce@b.mssante.test": "failed", "refuse-902@b.mssante.test": "refused"}
RECIPIENTS = {
    "10100023455": "sophie.bernard@b.mssante.test",
    "10100034569": "hugo.petit@b.mssante.test",
    "10100067890": "bounce@b.mssante.test",
    "10100078913": "refuse-902@b.mssante.test",
}

Ends = Counter[tuple[str, str, str]]
"""(event, recipient, final state) → how many legs."""


def event(n: int) -> bytes:
    """One report for two recipients; a patient has four events, so that lanes have an order to keep."""
    tree: dict[str, Any] = json.loads((Path(__file__).parents[2] / "examples" / "report.shared.json").read_bytes())
    tree |= {"id": f"K-{n}", "recipients": [{"rpps": rpps} for rpps in recipients(n)]}
    tree["patient"] = {
        "identity_status": "validated",
        "birth_name": "PAT-TROIS",
        "birth_date": "1979-03-28",
        "local_id": {"system": "1.2.250.1.999.42", "value": f"P-{n % (EVENTS // 4)}"},
    }
    del tree["team"]
    tree["report"] |= {"id": f"R-{n}"}
    return json.dumps(tree).encode()


def recipients(n: int) -> tuple[str, str]:
    everyone = list(RECIPIENTS)
    return "10100023455", "10100034569" if n % 10 else everyone[2 + n // 10 % 2]


def foreseen() -> Ends:
    """How an undisturbed run ends."""
    return Counter(
        (f"K-{n}", RECIPIENTS[rpps], ENDS.get(RECIPIENTS[rpps], "read"))
        for n in range(EVENTS)
        for rpps in recipients(n)
    )


class Fragile:
    """A gateway of two processes, the door and a worker, that can be killed and come back on the same port."""

    def __init__(self, settings: Path) -> None:
        self.settings, self.url = settings, ""
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._log = (settings.parent / "gateway.log").open("ab")

    def start(self, name: str) -> None:
        command = [sys.executable, "-m", "gateway.cli", name, "--config", str(self.settings)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log)
        self._processes[name] = process
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        self.url = line.get("listening", self.url)

    def kill(self, name: str) -> None:
        self._processes[name].send_signal(signal.SIGKILL)
        self._ended(name)

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for name in self._processes:
            self._ended(name)
        self._log.close()

    def _ended(self, name: str) -> None:
        process = self._processes[name]
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "mssante") as sandbox:
        yield sandbox


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'passerelle.db'}"
        return
    server = request.getfixturevalue("postgresql")
    name = server.create()
    yield server.url(name)
    server.drop(name)


def tell_all(url: str, key: str) -> None:
    """A practice software that repeats itself until it is answered: the same event, the same id."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=5) as client:
        end = time.monotonic() + PATIENCE_S
        for n in range(EVENTS):
            while time.monotonic() < end:
                with suppress(httpx.HTTPError):
                    answer = client.post("/v1/events", content=event(n), headers={"Content-Type": "application/json"})
                    if answer.status_code == 202:
                        break
                    assert answer.status_code in (500, 503), answer.text
                time.sleep(0.05)


def ends_of(gateway: Gateway) -> tuple[Ends, dict[str, tuple[str, str]], int]:
    """The ends of every leg, what each Message-ID was for, and how many attempts nobody knows the outcome of."""
    ends: Ends = Counter()
    letters: dict[str, tuple[str, str]] = {}
    unknown = 0
    with gateway.store.glance() as unit:
        cursor: str | None = None
        while True:
            page = unit.exchanges.search(TENANT, cursor=cursor, limit=500)
            legs = unit.legs.of_many(TENANT, [exchange.id for exchange in page.items])
            for exchange in page.items:
                for leg in legs.get(exchange.id, ()):
                    assert leg.destination is not None
                    assert leg.message_id is not None
                    ends[(exchange.event_id, leg.destination, leg.state.value)] += 1
                    letters[leg.message_id] = (exchange.event_id, leg.destination)
                    unknown += sum(attempt.outcome == "unknown" for attempt in leg.attempts)
            cursor = page.next_cursor
            if cursor is None:
                return ends, letters, unknown


def run(world: Sandbox, folder: Path, database: str, kills: int) -> tuple[Ends, int, int]:
    """Send every event while killing processes `kills` times; gives the ends, physical duplicates, unknown outcomes."""
    facts = json.loads((world.root / "sandbox.json").read_text())
    settings_file = write_settings(folder, facts, ROUTES, database=database, port=free_ports(1)[0])
    settings = load(settings_file)
    prepare_if_empty(settings)
    gateway = open_gateway(settings)
    key = create_key(gateway, TENANT, CLIENT, "vendor", actor="cli:test").secret
    fragile = Fragile(settings_file)
    pool = ThreadPoolExecutor(1)
    try:
        fragile.start("serve")
        fragile.start("work")
        telling = pool.submit(tell_all, fragile.url, key)
        chance = random.Random(f"{database[:6]}{kills}")
        for _ in range(kills):
            time.sleep(chance.uniform(0.3, 2.0))
            victim = chance.choice(["serve", "work", "work"])
            fragile.kill(victim)
            fragile.start(victim)
        telling.result(PATIENCE_S)
        wanted, end = foreseen(), time.monotonic() + PATIENCE_S
        while (seen := ends_of(gateway))[0] != wanted and time.monotonic() < end:
            time.sleep(0.5)
    finally:
        fragile.stop()
        pool.shutdown(cancel_futures=True)
    ends, letters, unknown = seen
    there = Counter(
        (arrival.recipient, arrival.message_id) for arrival in arrivals(world.root) if "@b." in arrival.recipient
    )
    assert {(letters[id], recipient) for recipient, id in there} == {
        (letter, letter[1]) for letter in letters.values() if letter[1] != "bounce@b.mssante.test"
    }
    verdict = gateway.store.verify([gateway.store.checkpoint(gateway.notary)], gateway.notary.verifier)
    assert verdict.whole, verdict
    gateway.store.close()
    return ends, sum(there.values()) - len(there), unknown


def test_an_undisturbed_run_ends_as_foreseen_and_says_everything_once(world: Sandbox, tmp_path: Path) -> None:
    ends, duplicates, unknown = run(world, tmp_path, f"sqlite:///{tmp_path / 'passerelle.db'}", kills=0)
    assert ends == foreseen()
    assert (duplicates, unknown) == (0, 0)


def test_a_run_with_processes_killed_ends_as_an_undisturbed_one(world: Sandbox, tmp_path: Path, database: str) -> None:
    ends, duplicates, unknown = run(world, tmp_path, database, kills=KILLS)
    assert ends == foreseen()
    assert duplicates <= unknown
