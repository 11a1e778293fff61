"""Real worker processes: one that lives keeps its work, a killed one is missed, one that is told to stop says so."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from ruamel.yaml import YAML

from gateway.journey.work import Shift, Worker
from gateway.model.exchange import LegState
from tests.journey.conftest import World
from tests.journey.test_work import until

LEASE_S = 2
MISSED_WITHIN_S = 60.0


class Process:
    """`passerelle work` or `up`, as an admin starts it."""

    def __init__(self, world: World, command: str = "work", *words: str) -> None:
        line = [sys.executable, "-m", "gateway.cli", command, "--config", str(world.settings), *words]
        self._process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.said: dict[str, Any] = json.loads(self._process.stdout.readline())

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self, within_s: float = 60) -> tuple[int, list[dict[str, Any]]]:
        """Its exit code, and its log."""
        _, log = self._process.communicate(timeout=within_s)
        lines = []
        for line in log.splitlines():
            with suppress(ValueError):
                lines.append(json.loads(line))
        return self._process.returncode, lines


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes lines and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


@pytest.fixture
def begin(every_world: World, silent: int) -> Iterator[Callable[..., Process]]:
    """Starts processes whose operators are silent, and ends what still runs."""
    tree = YAML(typ="safe").load(every_world.settings.read_text("utf-8"))
    for operator in tree["operators"].values():
        operator |= {"smtp": f"localhost:{silent}", "attempt": "60s"}
    tree["work"] |= {"lease": f"{LEASE_S}s", "collect_every": "1h"}
    started: list[Process] = []

    def make(command: str = "work", *words: str, **changes: Any) -> Process:
        tree["work"] |= changes
        with every_world.settings.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(tree, file)
        started.append(Process(every_world, command, *words))
        return started[-1]

    yield make
    for process in started:
        process.tell(signal.SIGKILL)
        with suppress(ValueError):  # its pipes were read to the end
            process.ended()


def is_attempted(world: World, accepted: Any) -> Callable[[], bool]:
    return lambda: [leg.state for leg in world.legs(accepted)] == [LegState.ATTEMPTED]


def test_a_living_worker_keeps_its_attempt_beyond_the_lease_and_a_killed_ones_goes_on_within_a_minute(
    every_world: World, begin: Callable[..., Process]
) -> None:
    world = every_world
    accepted = world.report_to("sophie.bernard")
    process = begin()
    until(is_attempted(world, accepted))
    end = time.monotonic() + 2.5 * LEASE_S
    while time.monotonic() < end:
        assert world.recover() == 0, "its heartbeat says that it lives"
        time.sleep(0.1)
    process.tell(signal.SIGKILL)
    killed = time.monotonic()
    another = Worker(replace(world.gateway, clock=world.clock), Shift(collect_every=timedelta(hours=1)))
    another.start()
    until(lambda: world.leg(accepted).state is LegState.HANDED_OVER)
    assert time.monotonic() - killed < MISSED_WITHIN_S
    another.stop()
    assert [attempt.outcome for attempt in world.leg(accepted).attempts] == ["unknown", "handed-over"]
    assert world.audited(kind="leg-moved", state="unknown", reason="lease-over")
    assert world.audited(kind="attempt-started", repeat=True)


def test_a_worker_told_to_stop_waits_for_its_step_as_long_as_it_may_and_says_what_it_left(
    every_world: World, begin: Callable[..., Process]
) -> None:
    world = every_world
    accepted = world.report_to("sophie.bernard")
    process = begin(stop_within="1s")
    until(is_attempted(world, accepted))
    process.tell(signal.SIGTERM)
    code, log = process.ended()
    assert code == 0
    (stopped,) = [line for line in log if line["event"] == "worker stopped"]
    assert (stopped["unfinished"], stopped["given_back"]) == (1, 0)
    assert world.audited(kind="gateway-stopped", unfinished=1)
    assert world.leg(accepted).state is LegState.ATTEMPTED, "nobody knows what became of it until its lease is over"
    until(world.recover)
    assert world.leg(accepted).state is LegState.UNKNOWN


@pytest.mark.parametrize("every_world", ["sqlite"], indirect=True)  # no matter of the database
def test_a_second_signal_ends_it_at_once(every_world: World, begin: Callable[..., Process]) -> None:
    world = every_world
    accepted = world.report_to("sophie.bernard")
    process = begin(stop_within="10m")
    until(is_attempted(world, accepted))
    process.tell(signal.SIGTERM)
    time.sleep(0.5)
    process.tell(signal.SIGTERM)
    code, _ = process.ended(20)
    assert code == 128 + signal.SIGTERM
    assert not world.audited(kind="gateway-stopped")


@pytest.mark.parametrize("command", ["work", "up"])
def test_an_idle_one_ends_soon_and_tells_the_audit_log(world: World, command: str) -> None:
    process = Process(world, command)
    process.tell(signal.SIGTERM)
    code, _ = process.ended(20)
    assert code == 0
    assert world.audited(kind="gateway-stopped", unfinished=0)


@pytest.mark.parametrize("every_world", ["sqlite"], indirect=True)  # no matter of the database
def test_the_command_line_says_how_many_deliveries_run_at_once(
    every_world: World, begin: Callable[..., Process]
) -> None:
    world = every_world
    accepted = world.report_to("sophie.bernard", "hugo.petit", "bounce")
    begin("work", "--threads", "1")
    until(lambda: sum(leg.state is LegState.ATTEMPTED for leg in world.legs(accepted)) == 1)
    time.sleep(0.5)
    assert sum(leg.state is LegState.ATTEMPTED for leg in world.legs(accepted)) == 1
