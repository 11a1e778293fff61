"""Workers that die at any moment: what goes by https, what clients are told and what came for them stays whole.

Counted at the sandbox's own software, from the files on its disk, and compared with the audit log.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from gateway.cli.box import CLIENT, POLLING, TENANT, write_settings
from gateway.config import load
from gateway.journey.accept import accept
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.notify import read_change
from gateway.model.event import read_event
from gateway.model.exchange import LegState
from gateway.sandbox import Sandbox, fhir_server, listener
from gateway.sandbox.letter import write_letter
from gateway.wiring import open_gateway, prepare_if_empty
from soak.processes import Processes
from tests.journey.conftest import EXAMPLES

# A killed process leaves the sandbox's sockets to the garbage collector: that is what is being tested.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

EVENTS, LETTERS, KILLS = 12, 3, 4
PATIENCE_S = 120.0
ROUTES = b"""
routes:
  - {name: a, when: {event: "team.*"}, to: {role: "330"}, via: fhir_server, mode: exchange}
  - {name: b, when: {event: "team.*"}, to: {role: PROV}, via: callback, mode: exchange}
"""


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


def tell_all(gateway: Gateway) -> None:
    tree = json.loads((EXAMPLES / "team.created.json").read_bytes())
    for n in range(EVENTS):
        body = json.dumps(tree | {"id": f"K-{n}", "team": tree["team"] | {"id": f"T-{n}"}}).encode()
        accept(gateway, Caller(TENANT, CLIENT, "client:test"), body, "canonical")


def write_letters(world: Sandbox, gateway: Gateway) -> None:
    tree = json.loads((EXAMPLES / "report.shared.json").read_bytes())
    tree = {name: value for name, value in tree.items() if name not in ("team", "recipients")}
    us, them = world.people[0], world.people[2]
    for n in range(LETTERS):
        event = read_event(tree | {"id": f"L-{n}", "report": tree["report"] | {"id": f"LR-{n}"}})
        letter = write_letter(event, them, us.address, gateway.terms, UUID(int=n + 1), gateway.clock())
        world.post(them.address.text, us.address.text, letter)


def logged(gateway: Gateway) -> Counter[tuple[str, int, str]]:
    """(exchange, leg, state) of every change in the log."""
    with gateway.store.glance() as unit:
        changes = [read_change(kept.record, kept.seq) for kept in unit.log.every(TENANT) if kept.record]
    return Counter((one.exchange, one.leg, one.state) for one in changes if one)


def told(world: Sandbox) -> list[listener.Heard]:
    return listener.received(world.root / "practice")


def standing(world: Sandbox, gateway: Gateway) -> dict[str, object]:
    """Where everything is: legs, notices, the log's reader, the inbox of who asks, and the ends that were told."""
    with gateway.store.glance() as unit:
        return {
            "legs": {(transport, state): number for (_, transport, state), number in unit.legs.tally().items()},
            "notices": set(unit.notices.tally()),
            "mails": dict(unit.mail.tally()),
            "log not looked at": unit.log.head().size - unit.notices.cursor(),
            "came": len(unit.inbox.unread(TENANT, POLLING).items),
            "ends told": sum(one.event["type"] == "exchange.settled" for one in told(world)),
        }


FORESEEN = {
    "legs": {("fhir_server", "arrived"): EVENTS, ("callback", "arrived"): 3 * EVENTS},
    "notices": {(TENANT, "sent")},
    "mails": {(TENANT, "received"): LETTERS},
    "log not looked at": 0,
    "came": LETTERS,
    "ends told": EVENTS,
}


def test_with_workers_killed_everything_is_told_and_received_and_nothing_twice_to_the_eye(
    world: Sandbox, tmp_path: Path, database: str
) -> None:
    facts = json.loads((world.root / "sandbox.json").read_text())
    file = write_settings(tmp_path, facts, ROUTES, database=database, called=True)
    settings = load(file)
    prepare_if_empty(settings)
    gateway = open_gateway(settings)
    workers, chance = Processes(file), random.Random(f"channels {database[:6]}")
    try:
        workers.start_ready("work")
        tell_all(gateway)
        write_letters(world, gateway)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.3, 2.0))
            workers.kill("work")
            workers.start_ready("work")
        end = time.monotonic() + PATIENCE_S
        while (seen := standing(world, gateway)) != FORESEEN and time.monotonic() < end:
            time.sleep(0.5)
    finally:
        workers.stop()
    assert seen == FORESEEN
    changes = Counter(
        (one.event["data"]["exchange"], one.event["data"]["leg"], one.event["data"]["state"])
        for one in told(world)
        if one.event["type"] == "leg.state-changed"
    )
    assert changes == logged(gateway)
    assert len({one["identifier"]["value"] for one in fhir_server.received(world.root / "fhir")}) == EVENTS
    assert len(listener.received(world.root / "partner")) == 3 * EVENTS
    letters = [one.event["data"]["id"] for one in told(world) if one.event["type"] == "inbox.received"]
    assert len(letters) == len(set(letters)) == LETTERS
    assert all(state != LegState.FAILED.value for _, _, state in changes)
    assert gateway.store.verify([gateway.store.checkpoint(gateway.notary)], gateway.notary.verifier).whole
    gateway.store.close()
