"""A disk that is full, at five moments: nothing acknowledged is lost or half written, and all goes on by itself.

A real gateway process on a real small disk; what arrives is counted at the sandbox's mailboxes, from its files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from gateway.cli.box import CLIENT, TENANT, write_settings
from gateway.config import load
from gateway.journey.gateway import Gateway
from gateway.journey.keys import create_key
from gateway.model.dossier import Leg
from gateway.model.exchange import LegState
from gateway.sandbox import Sandbox, arrivals
from gateway.wiring import open_gateway, prepare_if_empty
from tests.journey.conftest import EXAMPLES
from tests.places.ports import free_ports

DISK = "40m"
RESERVE, LEAST = 6_000_000, 4_000_000
EVENTS = 4  # of one stage
DRAINED_WITHIN_S = 60.0
ROUTES = b"routes: [{name: none, when: {event: 'plan.*'}, to: {each: member}, via: mssante, mode: exchange}]\n"
ENDS = {LegState.READ}
LEFT = {LegState.HANDED_OVER, LegState.DELIVERED, *ENDS}

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root on Linux"
)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of a few dozen megabytes."""
    place = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


class OnDisk:
    """A gateway in a process of its own, everything of which lies on that disk, and what is seen of it from outside."""

    def __init__(self, disk: Path, sandbox: Sandbox) -> None:
        self.disk, self.sandbox = disk, sandbox
        self._ballast = disk / "ballast"
        self.settings = _settings(disk, sandbox)
        prepare_if_empty(load(self.settings))
        self.gateway: Gateway = open_gateway(load(self.settings))
        key = create_key(self.gateway, TENANT, CLIENT, "vendor", actor="cli:test").secret
        admin = create_key(self.gateway, TENANT, CLIENT, "admin", actor="cli:test").secret
        self._log = (disk / "gateway.log").open("ab")
        command = [sys.executable, "-m", "gateway.cli", "up", "--config", str(self.settings)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log)
        assert self._process.stdout is not None
        url = json.loads(self._process.stdout.readline())["listening"]
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30, verify=False
        )
        self.admin = {"Authorization": f"Bearer {admin}"}
        self.acknowledged: set[str] = set()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()
        self.http.close()
        self.gateway.store.close()

    def tell(self, id: str) -> int:
        """Send one report; gives the status."""
        tree: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())
        tree |= {"id": id, "recipients": [{"rpps": "10100023455"}]}
        tree["patient"]["local_id"] = {"system": "1.2.250.1.999.42", "value": f"P-{id}"}
        tree["patient"] = {name: tree["patient"][name] for name in ("birth_name", "birth_date", "local_id")}
        tree["patient"]["identity_status"] = "validated"
        del tree["team"]
        tree["report"] |= {"id": f"R-{id}"}
        status = self.http.post("/v1/events", json=tree).status_code
        if status == 202:
            self.acknowledged.add(id)
        return status

    def fill(self) -> None:
        """Write until not one byte fits any more."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def free(self) -> None:
        self._ballast.unlink()

    def ready(self) -> list[str]:
        reasons: list[str] = self.http.get("/health/ready").json()["reasons"]
        return reasons

    def legs(self) -> list[Leg]:
        with self.gateway.store.glance() as unit:
            ids = [exchange.id for exchange in unit.exchanges.search(TENANT, limit=500).items]
            return [leg for legs in unit.legs.of_many(TENANT, ids).values() for leg in legs]

    def kinds(self) -> Counter[str]:
        with self.gateway.store.glance() as unit:
            return Counter(json.loads(kept.record)["kind"] for kept in unit.log.every() if kept.record)

    def has_left(self) -> bool:
        """Every event acknowledged has its leg, and somebody else has it."""
        legs = self.legs()
        return len(legs) == len(self.acknowledged) and all(leg.state in LEFT for leg in legs)

    def is_drained(self) -> bool:
        """Every event acknowledged has its leg, read by its recipient."""
        legs = self.legs()
        return len(legs) == len(self.acknowledged) and all(leg.state in ENDS for leg in legs)


def _settings(disk: Path, sandbox: Sandbox) -> Path:
    facts = json.loads((sandbox.root / "sandbox.json").read_text())
    file = write_settings(disk, facts, ROUTES, database=f"sqlite:///{disk / 'passerelle.db'}", port=free_ports(1)[0])
    tree = YAML(typ="safe").load(file.read_text("utf-8"))
    tree["limits"] = {"disk": LEAST, "reserve": RESERVE}
    tree["audit"]["every"] = "2s"
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump(tree, out)
    return file


@pytest.fixture(scope="module")
def running(disk: Path, sandbox: Sandbox) -> Iterator[OnDisk]:
    opened = OnDisk(disk, sandbox)
    yield opened
    opened.close()


def until(true: Callable[[], bool], within: float = DRAINED_WITHIN_S) -> None:
    """Wait until it is true."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def _some(running: OnDisk, *states: LegState) -> Callable[[], bool]:
    return lambda: any(leg.state in states for leg in running.legs())


STAGES: dict[str, Callable[[OnDisk], Callable[[], bool]]] = {
    "before accept": lambda running: lambda: True,
    "prepare": lambda running: lambda: True,
    "send": lambda running: _some(running, LegState.ATTEMPTED),
    "receipt": lambda running: _some(running, LegState.HANDED_OVER, LegState.DELIVERED),
    "signing": lambda running: running.is_drained,
}
"""Stage → what is waited for before the disk is filled."""


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_loses_nothing_and_all_goes_on_by_itself(stage: str, running: OnDisk) -> None:
    until(lambda: running.ready() == [])
    told = running.kinds()
    if stage != "before accept":
        for n in range(EVENTS):
            assert running.tell(f"{stage}-{n}") == 202
    until(STAGES[stage](running))
    running.fill()
    until(lambda: "disk-full" in running.ready(), 20.0)
    assert running.tell(f"{stage}-late") == 507
    if stage == "send":
        running.fill()  # the reserve too: now nothing at all can be written for a while
        time.sleep(3)
        running.free()
        until(running.is_drained)
    else:
        until(running.has_left)  # in the room of the reserve; what comes in waits, receipts too
        running.free()
    until(lambda: running.ready() == [])
    assert (running.disk / ".reserve").stat().st_blocks * 512 >= RESERVE
    assert running.tell(f"{stage}-late") == 202
    until(running.is_drained)
    assert running.kinds() - told >= Counter({"disk-full": 1, "disk-free": 1})


def test_what_arrived_is_what_was_acknowledged_and_the_log_is_whole(running: OnDisk) -> None:
    until(running.is_drained)
    legs = running.legs()
    unknown = sum(attempt.outcome == "unknown" for leg in legs for attempt in leg.attempts)
    there = Counter(arrival.message_id for arrival in arrivals(running.sandbox.root) if "@b." in arrival.recipient)
    assert set(there) == {leg.message_id for leg in legs}
    assert sum(there.values()) - len(there) <= unknown
    notary = running.gateway.notary
    verdict = running.gateway.store.verify([running.gateway.store.checkpoint(notary)], notary.verifier)
    assert verdict.whole, verdict
    assert not list((running.disk / "checkpoints").glob("*.part"))
