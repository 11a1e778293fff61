"""Stores to test: fresh ones, on both engines, behind the same fixture."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.record import Store, Vault, open_store, upgrade
from tests.places.postgresql import PostgreSQL

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEK, PSEUDONYM_KEY = b"k" * 32, b"p" * 32


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def ahead(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now


@dataclass
class Database:
    """A database that holds the tables and nothing else."""

    url: str
    clock: Clock
    opened: list[Store]

    def open(self, *, kek: bytes = KEK, old: tuple[bytes, ...] = ()) -> Store:
        """One more process's view of it."""
        store = open_store(
            self.url,
            vault=Vault(kek, draw=os.urandom, old=old),
            clock=self.clock,
            draw=os.urandom,
            pseudonym_key=PSEUDONYM_KEY,
        )
        self.opened.append(store)
        return store


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL) -> str:
    """A database with the tables."""
    name = postgresql.create()
    upgrade(postgresql.url(name))
    return name


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes a database with the tables, on the engine named."""
    made: list[str] = []

    def make(engine: str) -> str:
        if engine == "sqlite":
            path = tmp_path / "passerelle.db"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        made.append(request.getfixturevalue("postgresql").create(request.getfixturevalue("postgresql_template")))
        return str(request.getfixturevalue("postgresql").url(made[-1]))

    yield make
    for name in made:
        request.getfixturevalue("postgresql").drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, fresh_url: Callable[[str], str]) -> Iterator[Database]:
    """An empty database, on each engine in turn."""
    made = Database(fresh_url(request.param), Clock(), [])
    yield made
    for store in made.opened:
        store.close()


@pytest.fixture
def store(database: Database) -> Store:
    """A store on it."""
    return database.open()


@pytest.fixture
def clock(database: Database) -> Clock:
    """Its clock."""
    return database.clock
