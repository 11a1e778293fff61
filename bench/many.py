"""A database of many exchanges, filled in bulk: two years of a large tenant's, in shape and skew like real ones.

Rows only: no contents, and no audit entries unless asked for. What is measured over it says nothing of them.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite3

from gateway.journey.minting import mint_id
from gateway.record import Store, Vault, open_store, upgrade
from tests.places.postgresql import PostgreSQL, binaries

TENANT = "cpts-des-deux-rives"
END = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SPAN = timedelta(days=730)
ENGINES = ("sqlite", "postgresql")

CLIENTS = {"logimed": 60, "medicab": 25, "soinsuite": 10, "pharma-link": 4, "labo": 1}
TYPES = {"report.shared": 70, "plan.revised": 12, "team.member-joined": 8, "plan.created": 5, "report.replaced": 5}
OWN = {"prepared": 9750, "cancelled": 140, "held": 50, "unrouted": 50, "accepted": 10}
LEGS = {
    "read": 550, "arrived": 100, "unread": 100, "delivered": 80, "handed-over": 60, "failed": 30, "cancelled": 20,
    "held": 15, "refused": 15, "denied": 15, "postponed": 5, "waiting": 8, "unknown": 2,
}  # fmt: skip
WHY = {
    "unread": ["no-receipt"], "failed": ["bounced", "never", "schedule-used-up", "mailbox-full"],
    "cancelled": ["superseded", "cancelled-by-a-person"], "held": ["no-address", "incoherent", "sign-in-needed"],
    "refused": ["refused-by-software"], "denied": ["objection", "not-in-white-list"], "postponed": ["try-later"],
    "unknown": ["outcome-unknown"], "unrouted": ["no-route"],
}  # fmt: skip
EXCHANGE = (
    "place", "tenant", "id", "client", "type", "event_id", "dialect", "patient", "state", "accepted_at", "reason",
)  # fmt: skip
LEG = (
    "tenant", "exchange", "n", "place", "lane", "transport", "origin", "destination", "recipient_kind", "recipient_id",
    "recipient_name", "chosen_because", "case", "state", "since", "message_id", "reason", "due", "tries", "partner",
    "server", "give_up", "subject",
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """The database, and what there is to look for in it."""

    store: Store
    url: str
    exchanges: int
    legs: int
    patients: Sequence[str]
    partners: Sequence[str]
    event_ids: Sequence[str]
    ids: Sequence[str]


@contextmanager
def databases(engine: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases of that engine, each with the tables."""
    if engine == "sqlite":
        with TemporaryDirectory() as folder:
            names = iter(range(1000))

            def make() -> str:
                url = f"sqlite:///{Path(folder) / f'{next(names)}.db'}"
                upgrade(url)
                return url

            yield make
        return
    programs = binaries()
    if programs is None:
        raise SystemExit("no PostgreSQL here")
    with PostgreSQL(programs) as server:

        def make_there() -> str:
            url = server.url(server.create())
            upgrade(url)
            return url

        yield make_there


def opened(url: str) -> Store:
    """A store over it."""
    return open_store(
        url, vault=Vault(b"k" * 32, draw=os.urandom), clock=lambda: END, draw=os.urandom, pseudonym_key=b"p" * 32
    )


def fill(url: str, number: int, seed: int = 1, states: dict[str, int] | None = None) -> Filled:
    """That many exchanges with one and a half legs each on average."""
    chance = random.Random(seed)
    patients = [f"{chance.getrandbits(128):032x}" for _ in range(max(10, number // 15))]
    partners = [f"cabinet-{n}.b.mssante.test" for n in range(400)]
    drawn = Drawn(chance, number, patients, partners, states or LEGS)
    put = bulk(url)
    put("exchanges", EXCHANGE, drawn.exchanges())
    put("legs", LEG, drawn.legs())
    store = opened(url)
    return Filled(store, url, number, drawn.number, patients, partners, drawn.event_ids, drawn.ids)


class Drawn:
    """Rows drawn by chance, the same again for the same seed."""

    def __init__(
        self, chance: random.Random, number: int, patients: Sequence[str], partners: Sequence[str],
        states: dict[str, int],
    ) -> None:  # fmt: skip
        self._chance, self._count, self._patients, self._partners = chance, number, patients, partners
        self._weights = [1 / (rank + 1) for rank in range(len(partners))]
        self._states = states
        self.ids: list[str] = []
        self.event_ids: list[str] = []
        self._of: list[str] = []
        self._prepared: list[bool] = []
        self.number = 0

    def exchanges(self) -> Iterator[tuple[Any, ...]]:
        chance, clients, types = self._chance, *(_drawer(self._chance, one) for one in (CLIENTS, TYPES))
        own = _drawer(chance, OWN)
        for place in range(1, self._count + 1):
            at = END - SPAN + SPAN * (place / self._count)
            id = mint_id(at, chance.randbytes)
            patient, state = chance.choice(self._patients), own()
            self.ids.append(id)
            self._of.append(patient)
            self._prepared.append(state == "prepared")
            event = f"E-{place}"
            if not place % 97:
                self.event_ids.append(event)
            yield place, TENANT, id, clients(), types(), event, "canonical", patient, state, at, _why(chance, state)

    def legs(self) -> Iterator[tuple[Any, ...]]:
        chance, state_of = self._chance, _drawer(self._chance, self._states)
        partner_of = _drawer(chance, dict(zip(self._partners, self._weights, strict=True)))
        for place, (id, patient, prepared) in enumerate(zip(self.ids, self._of, self._prepared, strict=True), 1):
            for n in range(1, chance.choice((1, 1, 1, 2, 2, 3)) + 1 if prepared else 1):
                partner, state = partner_of(), state_of()
                who = f"{chance.randrange(60)}-{partner}"
                address = f"dr.{who.partition('-')[0]}@{partner}"
                due = END if state in ("waiting", "postponed", "unknown") else None
                self.number += 1
                yield (
                    TENANT, id, n, place, f"{TENANT}|{patient}|mssante|{address}", "mssante", "app@a.mssante.test",
                    address, "professional", f"RPPS:{who}", "Luc DURAND", "route 1", "{}", state, END,
                    f"{id}.{n}@a.mssante.test", _why(chance, state), due, 0, partner, "operator-b",
                    None, None,
                )  # fmt: skip


def _why(chance: random.Random, state: str) -> str | None:
    return chance.choice(WHY[state]) if state in WHY else None


def _drawer(chance: random.Random, weights: dict[str, Any]) -> Callable[[], str]:
    """Draws by weight, many at a time."""
    words, each = list(weights), list(weights.values())
    drawn: list[str] = []

    def draw() -> str:
        if not drawn:
            drawn.extend(chance.choices(words, each, k=10_000))
        return drawn.pop()

    return draw


def bulk(url: str) -> Callable[[str, Sequence[str], Iterable[tuple[Any, ...]]], None]:
    """Puts rows into a table, as fast as the engine takes them: its indexes are made anew once all rows are in."""

    def into_sqlite(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        with sqlite3.connect(url.removeprefix("sqlite:///")) as line:
            for setting in ("synchronous=OFF", "cache_size=-400000", "threads=2"):
                line.execute(f"PRAGMA {setting}")
            indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
            kept = line.execute(indexes, (table,)).fetchall()
            for name, _ in kept:
                line.execute(f"DROP INDEX {name}")
            names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
            line.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", (tuple(map(_text, row)) for row in rows)
            )
            for _, made in kept:
                line.execute(made)
            line.commit()
        line.close()

    def into_postgresql(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        with psycopg.connect(url) as line:
            line.execute("SET session_replication_role = replica")  # rows that are right: nobody checks or is woken
            line.execute("SET maintenance_work_mem = '256MB'")
            indexes = (
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND schemaname = current_schema()"
                " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            )
            kept = line.execute(indexes, (table,)).fetchall()
            for name, _ in kept:
                line.execute(f"DROP INDEX {name}")
            left = iter(rows)
            with line.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                while some := list(islice(left, 5000)):
                    copy.write(_copied(some))
            for _, made in kept:
                line.execute(made)
            line.commit()
            line.autocommit = True
            line.execute(f"VACUUM ANALYZE {table}")

    return into_sqlite if url.startswith("sqlite") else into_postgresql


def _text(value: Any) -> Any:
    return _stamp(value) if value.__class__ is datetime else value


@lru_cache(100)
def _stamp(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _copied(rows: Iterable[tuple[Any, ...]]) -> str:
    told = io.StringIO()
    for row in rows:
        told.write("\t".join("\\N" if value is None else str(value).replace("\\", "\\\\") for value in row) + "\n")
    return told.getvalue()
