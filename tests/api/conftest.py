"""A whole gateway behind its HTTP door: two tenants, a key for every role, real tables, routes and dialects."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from gateway.api import Limits, create_app, listen
from gateway.config import Settings
from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.pack import Software
from gateway.record import Notary, Signer, Vault, open_store, upgrade
from gateway.route import Endpoints, Routes, Unlisted
from gateway.wiring import Mailboxes, Words, data, open_words

OURS, THEIRS = "cpts-exemple", "msp-voisine"
ROLES = ("vendor", "admin", "auditor", "dpo")
CLIENT = "logimed"
EXAMPLES = Path(__file__).parents[2] / "examples"


class Clock:
    """Moves one millisecond a look, so that everything has its own time."""

    def __init__(self) -> None:
        self.millis = int(datetime(2026, 11, 20, 9, 30, tzinfo=UTC).timestamp() * 1000)

    def __call__(self) -> datetime:
        self.millis += 1
        return datetime.fromtimestamp(self.millis / 1000, UTC)


@dataclass
class House:
    """A gateway, its keys by (tenant, client, role), and what it said to its technical log."""

    gateway: Gateway
    keys: dict[tuple[str, str, str], str] = field(default_factory=dict)
    ids: dict[tuple[str, str, str], str] = field(default_factory=dict)
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def key(self, role: str = "vendor", tenant: str = OURS, client: str = CLIENT) -> str:
        """The secret of a key of that role, made when first asked for."""
        who = (tenant, client, role)
        if who not in self.keys:
            with self.gateway.store.unit() as unit:
                credential, self.keys[who] = unit.keys.add(tenant, client, role)  # type: ignore[arg-type]
                self.ids[who] = credential.id
                unit.audit(Entry(kind="key-created", at=self.gateway.clock(), tenant=tenant, actor="test"))
        return self.keys[who]

    def bearer(self, role: str = "vendor", tenant: str = OURS, client: str = CLIENT) -> dict[str, str]:
        """The header that carries it."""
        return {"Authorization": f"Bearer {self.key(role, tenant, client)}"}

    def log(self, kind: str, tenant: str = OURS) -> list[dict[str, Any]]:
        """The records of that kind in the audit log."""
        with self.gateway.store.glance() as unit:
            page = unit.log.search(tenant, kind=kind, limit=1000)
        return [json.loads(kept.record) for kept in page.items if kept.record]


@pytest.fixture(scope="session")
def words() -> Words:
    """The project's dialects and code lists."""
    return open_words()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


def settings() -> Settings:
    """Two tenants that share one mailbox."""
    return Settings.model_validate({
        "audit": {"origin": "passerelle/test", "key": "env:AUDIT", "checkpoints": "checkpoints"},
        "vault": {"key": "env:KEK"},
        "nil": "DEV935997",
        "operators": {"a": {"smtp": "127.0.0.1:587", "imap": "127.0.0.1:143"}},
        "mailboxes": [{"address": "app@cpts.a.mssante.test", "operator": "a", "certificate": "app.p12"}],
        "tenants": {OURS: {"name": "CPTS Exemple"}, THEIRS: {"name": "MSP Voisine"}},
    })  # fmt: skip


@pytest.fixture
def build(words: Words, tmp_path: Path) -> Iterator[Callable[[str], House]]:
    """Makes a house over a database that has its tables."""
    built: list[House] = []

    def make(url: str) -> House:
        clock = Clock()
        said: list[tuple[str, dict[str, Any]]] = []
        gateway = Gateway(
            store=open_store(
                url, vault=Vault(b"k" * 32, draw=os.urandom), clock=clock, draw=os.urandom, pseudonym_key=b"p" * 32
            ),
            terms=words.terms,
            dialects=words.dialects,
            routes=Routes.load(data("examples") / "routes.yaml"),
            directory=Unlisted(),
            endpoints=Endpoints(),
            white_list=lambda: None,
            transports={},
            origins=Mailboxes(settings()),
            software=Software("Passerelle", "0", "Passerelle", "DEV935997"),
            clock=clock,
            draw=os.urandom,
            seal=lambda body: sha256(b"seal" + body).hexdigest(),
            notary=Notary(tmp_path / "checkpoints", Signer("passerelle/test", b"s" * 32)),
            notice=lambda sentence, **facts: said.append((sentence, facts)),
        )
        built.append(House(gateway, said=said))
        return built[-1]

    yield make
    for house in built:
        house.gateway.store.close()


@pytest.fixture
def house(build: Callable[[str], House], template: Path, tmp_path: Path) -> House:
    """A house on SQLite."""
    path = tmp_path / "passerelle.db"
    shutil.copy(template, path)
    return build(f"sqlite:///{path}")


@contextmanager
def served(house: House, limits: Limits, headers_within: float = 10.0, body_within: float = 60.0) -> Iterator[str]:
    """The address of a real server in front of a house."""
    app = create_app(house.gateway, limits=limits)
    server = listen(app, host="127.0.0.1", port=0, headers_within=headers_within, body_within=body_within)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def visit(address: str, headers: dict[str, str] | None = None) -> httpx.Client:
    """A client of a local server; without the second it takes to read every authority of the world."""
    return httpx.Client(base_url=address, headers=headers, verify=False)


@pytest.fixture
def http(house: House) -> Iterator[httpx.Client]:
    """A vendor's view of it; other headers may be given with each call."""
    limits = Limits(body=300_000, in_flight=1_000_000, receive_within=2.0)
    with served(house, limits) as address, visit(address, house.bearer()) as client:
        yield client


@pytest.fixture(scope="session")
def example() -> Callable[..., dict[str, Any]]:
    """An example event, with other values for some of its fields."""

    def read(type: str, /, **other: Any) -> dict[str, Any]:
        return {**json.loads((EXAMPLES / f"{type}.json").read_text("utf-8")), **other}

    return read
