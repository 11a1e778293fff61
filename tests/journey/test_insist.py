"""What the other side answered is written down though the database is away just then: nothing leaves twice for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Timer
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite3
import pytest
from sqlalchemy import Engine, event

from gateway.journey.insist import insist
from gateway.journey.send import send
from gateway.model.errors import Unreachable
from gateway.model.exchange import LegState
from gateway.sandbox import Sandbox
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.site import Site, Told
from tests.journey.conftest import World

NAME = "plateforme-territoriale"
ROUTES = "routes: [{name: c, when: {event: 'team.*'}, to: {role: PROV}, via: callback, mode: exchange}]"
AWAY_S = 1.5


def go_away(engine: Engine) -> Callable[[], None]:
    """Nobody gets anything from the database from now on, until what is given is called."""
    if engine.dialect.name == "sqlite":
        other = sqlite3.connect(engine.url.database, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        return other.close
    name, place = engine.url.database, engine.url.set(drivername="postgresql", database="postgres")

    def say(*statements: str) -> None:
        with psycopg.connect(place.render_as_string(hide_password=False), autocommit=True) as line:
            for statement in statements:
                line.execute(statement)  # type: ignore[arg-type]

    say(
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    return lambda: say(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def impatient(connection: Any, *_: object) -> None:
    connection.execute("PRAGMA busy_timeout=50").close()


def test_an_answer_that_comes_while_the_database_is_away_is_written_down_and_nothing_is_repeated(
    every_world: World, sandbox: Sandbox
) -> None:
    asked: list[object] = []
    engine = every_world.gateway.store._engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "checkout", impatient)

    def answers(request: object) -> Told:
        asked.append(request)
        Timer(AWAY_S, go_away(engine)).start()
        return Told(204)

    site = Site(Certificates(sandbox.root / "certificates"), answers)
    try:
        world = every_world.changed(lambda tree: tree["endpoints"][NAME].update(url=f"{site.root}/")).with_routes(
            ROUTES
        )
        told = world.tell("team.created")
        world.prepare()
        assert send(world.gateway, "test")
    finally:
        site.close()
    leg = next(leg for leg in world.legs(told) if leg.attempts)
    assert (leg.state, [attempt.outcome for attempt in leg.attempts]) == (LegState.ARRIVED, ["arrived"])
    assert len(asked) == 1


def test_it_is_left_to_the_lease_after_half_of_it() -> None:
    tries = []

    def write() -> None:
        tries.append(1)
        raise Unreachable("away", advice="wait")

    with pytest.raises(Unreachable):
        insist(write, timedelta(seconds=1))
    assert len(tries) >= 2
