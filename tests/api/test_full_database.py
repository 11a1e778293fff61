"""PostgreSQL has no room left: what comes in is asked to wait, and is taken when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.api import Limits
from gateway.record import upgrade
from tests.api.conftest import House, served, visit
from tests.api.test_events import problem
from tests.places.postgresql import PostgreSQL

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root on Linux"
)


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of 48 MB that the database server may write to."""
    place = Path(tempfile.mkdtemp(prefix="pg-small-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=0777", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        place.rmdir()
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


@pytest.fixture
def small(postgresql: PostgreSQL, disk: Path) -> Iterator[str]:
    """The address of a database all of whose rows lie on that disk."""
    rows = disk / "rows"
    rows.mkdir()
    shutil.chown(rows, "postgres")
    postgresql.sql(f"CREATE TABLESPACE small LOCATION '{rows}'")
    name = postgresql.create()
    postgresql.sql(f"ALTER DATABASE {name} SET TABLESPACE small")
    upgrade(postgresql.url(name))
    yield postgresql.url(name)
    postgresql.drop(name)
    postgresql.sql("DROP TABLESPACE small")


def fill(ballast: Path) -> None:
    """Write until not one byte fits any more."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1_000_000, 4096, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass


def test_a_database_without_room_is_told_as_such_and_what_was_refused_is_taken_later(
    small: str, disk: Path, build: Callable[[str], House], example: Callable[..., dict[str, Any]]
) -> None:
    house = build(small)
    with served(house, Limits()) as address, visit(address, house.bearer()) as http:
        http.post("/v1/events", json=example("team.created")).raise_for_status()
        fill(disk / "ballast")
        taken = []
        for n in range(2000):  # pages that were there already take some
            answer = http.post("/v1/events", json=example("team.created", id=f"E-{n}"))
            if answer.status_code != 202:
                break
            taken.append(answer.json()["id"])
        assert answer.headers["Retry-After"]
        problem(answer, 507, "storage-full")
        assert http.get("/health/live").status_code == 200
        (disk / "ballast").unlink()
        again = http.post("/v1/events", json=example("team.created", id=f"E-{len(taken)}"))
        assert again.status_code == 202, again.text
        found = {http.get(f"/v1/exchanges/{id}").status_code for id in (*taken, again.json()["id"])}
        assert found == {200}
    assert len(house.log("event-accepted")) == len(taken) + 2
