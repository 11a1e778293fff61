"""A gateway over real parts, walked step by step: a database, the sandbox, a folder, a clock one can set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import update

from gateway.cli.box import CLIENT, TENANT, write_settings
from gateway.config import load
from gateway.deliver.mssante import Mssante
from gateway.deliver.posting import Posting
from gateway.journey.accept import Accepted, accept
from gateway.journey.capped import Capped
from gateway.journey.collect import collect
from gateway.journey.gateway import Caller, Gateway, Pace
from gateway.journey.notify import notify
from gateway.journey.prepare import prepare
from gateway.journey.receive import receive
from gateway.journey.recover import recover
from gateway.journey.send import send
from gateway.journey.settle import settle
from gateway.journey.tell import tell
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import LegState
from gateway.record.lease import lasting
from gateway.record.schema import duties, jobs, legs
from gateway.sandbox import DEMO_PEOPLE, Sandbox
from gateway.wiring import open_gateway, prepare_if_empty

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PEOPLE = {person.address.text.partition("@")[0]: person for person in DEMO_PEOPLE}
ROUTES = (EXAMPLES / "routes.yaml").read_bytes()


class Clock:
    """Wall time, and how far it was pushed."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class World:
    """One tenant's gateway beside the sandbox; every step is taken by hand."""

    def __init__(self, gateway: Gateway, clock: Clock, settings: Path, reader: Capped) -> None:
        self.gateway, self.clock, self.settings, self.reader = gateway, clock, settings, reader
        self.opened: list[Gateway] = [gateway]  # with those of worlds changed from this one
        self.caller = Caller(TENANT, CLIENT, "client:test")

    def tell(self, kind: str, **changes: Any) -> Accepted:
        """Accept an example, with some of its fields changed (`None` takes one out)."""
        tree: dict[str, Any] = json.loads((EXAMPLES / f"{kind}.json").read_bytes()) | changes
        body = json.dumps({name: value for name, value in tree.items() if value is not None}).encode()
        return accept(self.gateway, self.caller, body, "canonical")

    def report_to(self, *names: str, **changes: Any) -> Accepted:
        """Accept a report for these mailboxes of the sandbox."""
        recipients = [{"rpps": PEOPLE[name].rpps} for name in names]
        return self.tell("report.shared", **{"team": None, "recipients": recipients, **changes})

    def prepare(self) -> None:
        """Prepare everything that waits."""
        while prepare(self.gateway, "test"):
            pass

    def send(self) -> None:
        """Try every leg that is due."""
        while send(self.gateway, "test", lambda: True):
            pass

    def collect(self) -> None:
        """Bring receipts home and settle them."""
        collect(self.gateway, self.gateway.transports["mssante"], "test")
        settle(self.gateway, self.reader, "test")

    def recover(self) -> int:
        """Give back what dead workers held."""
        return recover(self.gateway, "test")

    def end_leases(self) -> None:
        """As if the lease of everything claimed had run out: by what clock it runs, the world cannot push."""
        engine = self.gateway.store._engine
        with engine.begin() as connection:
            for table in (legs, jobs, duties):
                over = update(table).values(lease_until=lasting(timedelta(), engine.dialect.name))
                connection.execute(over.where(table.c.lease_until.is_not(None)))

    def pass_time(self, **span: float) -> None:
        """Push the clock."""
        self.clock.ahead += timedelta(**span)

    def exchange(self, accepted: Accepted) -> Exchange:
        """As it stands."""
        with self.gateway.store.glance() as unit:
            exchange = unit.exchanges.get(TENANT, accepted.exchange)
        assert exchange is not None
        return exchange

    def legs(self, accepted: Accepted) -> tuple[Leg, ...]:
        """As they stand."""
        with self.gateway.store.glance() as unit:
            return unit.legs.of(TENANT, accepted.exchange)

    def leg(self, accepted: Accepted) -> Leg:
        """The only one."""
        (leg,) = self.legs(accepted)
        return leg

    def audited(self, **wanted: Any) -> list[dict[str, Any]]:
        """Entries of the log whose fields or facts are these."""
        with self.gateway.store.glance() as unit:
            entries = [json.loads(kept.record) for kept in unit.log.every() if kept.record]
        return [entry for entry in entries if wanted.items() <= {**entry["facts"], **entry}.items()]

    def notify(self) -> None:
        """Look through the whole log for what clients are told."""
        while notify(self.gateway):
            pass

    def call(self) -> None:
        """Try every notification that is due."""
        while tell(self.gateway, "test"):
            pass

    def receive(self) -> int:
        """Read what is no receipt."""
        return receive(self.gateway, self.reader, "test")

    def from_mailbox(self, box: dict[str, str]) -> World:
        """The same world, with one more mailbox of ours in its settings."""
        return self.changed(lambda tree: tree["mailboxes"].append(box))

    def changed(self, change: Callable[[dict[str, Any]], object]) -> World:
        """The same world after somebody changed its settings: the database stays, the rest is opened anew."""
        tree = YAML(typ="safe").load(self.settings.read_text("utf-8"))
        change(tree)
        with self.settings.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(tree, file)
        opened = open_gateway(load(self.settings))
        opened.store.close()
        gateway = replace(
            opened,
            store=self.gateway.store,
            routes=self.gateway.routes,
            clock=self.clock,
            pace=self.gateway.pace,
        )
        return self._with(gateway)

    def with_routes(self, text: str) -> World:
        """The same world with other routes."""
        from gateway.route import Routes

        return self._with(replace(self.gateway, routes=Routes.load(text.encode())))

    def _with(self, gateway: Gateway) -> World:
        world = World(gateway, self.clock, self.settings, self.reader)
        self.opened.append(gateway)
        world.opened = self.opened
        return world


def audited_claim(world: World, leg: Leg) -> Entry:
    """What the log is told when an attempt begins."""
    return Entry(
        kind="attempt-started",
        at=world.clock(),
        tenant=leg.tenant,
        actor="worker:test",
        exchange=leg.exchange,
        leg=leg.n,
        facts={"from": LegState.WAITING.value, "transport": leg.transport, "attempt": len(leg.attempts)},
    )


@pytest.fixture(scope="session")
def reader() -> Iterator[Capped]:
    capped = Capped()
    yield capped
    capped.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("mssante"), slow_s=0.2) as running:
        yield running


def open_world(folder: Path, sandbox: Sandbox, database: str, reader: Capped) -> World:
    facts = json.loads((sandbox.root / "sandbox.json").read_text())
    file = write_settings(folder, facts, ROUTES, database=database, called=True)
    settings = load(file)
    prepare_if_empty(settings)
    clock = Clock()
    gateway = open_gateway(settings)
    return World(replace(gateway, clock=clock, pace=Pace()), clock, file, reader)


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox, reader: Capped) -> Iterator[World]:
    """On SQLite."""
    opened = open_world(tmp_path, sandbox, f"sqlite:///{tmp_path / 'passerelle.db'}", reader)
    yield opened
    close(opened)


@pytest.fixture(params=["sqlite", "postgresql"])
def every_world(request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox, reader: Capped) -> Iterator[World]:
    """On each database in turn."""
    if request.param == "sqlite":
        opened = open_world(tmp_path, sandbox, f"sqlite:///{tmp_path / 'passerelle.db'}", reader)
        yield opened
        close(opened)
        return
    server = request.getfixturevalue("postgresql")
    name = server.create()
    opened = open_world(tmp_path, sandbox, server.url(name), reader)
    yield opened
    close(opened)
    server.drop(name)


def close(world: World) -> None:
    for gateway in world.opened:
        for transport in (*gateway.transports.values(), gateway.callbacks):
            if isinstance(transport, (Mssante, Posting)):
                transport.close()
    world.gateway.store.close()
