"""What every store promises about leases and duties, whatever the wall clock of its host says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.record import Stale, Store
from gateway.record import lease as leases
from gateway.record.lease import boot_id
from tests.record.conftest import NOW, Clock, Database

LEASE, OVER = timedelta(minutes=2), timedelta()


def claimed(store: Store, now_off: timedelta = timedelta()) -> bool:
    """Somebody gets the only job."""
    with store.unit() as unit:
        return unit.jobs.claim("prepare", "next", NOW + now_off, LEASE) is not None


@pytest.fixture
def held(store: Store) -> Store:
    """A store whose only job a worker has just claimed."""
    with store.unit() as unit:
        unit.jobs.add("prepare", "cpts", "1", "lane", NOW - timedelta(days=800))
    with store.unit() as unit:
        assert unit.jobs.claim("prepare", "w1", NOW, LEASE) is not None
    return store


@pytest.mark.parametrize("days", [-366, -1, 1, 366])
def test_a_clock_that_jumps_ends_no_lease(held: Store, clock: Clock, days: int) -> None:
    clock.ahead(days=days)
    assert not claimed(held, timedelta(days=days))


@pytest.mark.parametrize("days", [-366, 366])
def test_a_clock_that_jumps_prolongs_no_lease(store: Store, clock: Clock, days: int) -> None:
    with store.unit() as unit:
        unit.jobs.add("prepare", "cpts", "1", "lane", NOW - timedelta(days=800))
    with store.unit() as unit:
        assert unit.jobs.claim("prepare", "w1", NOW, OVER) is not None
    clock.ahead(days=days)
    assert claimed(store, timedelta(days=days))


def test_a_duty_is_one_workers_until_it_lays_it_down_or_dies(store: Store) -> None:
    with store.unit() as unit:
        mine = unit.duties.take("collect mssante", "w1", LEASE)
        assert mine is not None
        unit.duties.renew(mine, LEASE)
        assert unit.duties.take("collect mssante", "w2", LEASE) is None
        assert unit.duties.take("collect folder", "w2", LEASE) is not None, "another duty"
    with store.unit() as unit:
        unit.duties.lay_down(mine)
        theirs = unit.duties.take("collect mssante", "w2", OVER)
        assert theirs is not None, "laid down"
        again = unit.duties.take("collect mssante", "w3", LEASE)
        assert again is not None, "its worker died"
        with pytest.raises(Stale):
            unit.duties.renew(theirs, LEASE)
        unit.duties.lay_down(theirs)
        assert unit.duties.take("collect mssante", "w1", LEASE) is None, "what is another's is not laid down"


class TestOnSqlite:
    @pytest.fixture(autouse=True)
    def only_sqlite(self, database: Database) -> None:
        if not database.url.startswith("sqlite"):
            pytest.skip("the boot matters to SQLite only")

    @pytest.mark.parametrize("earlier", ["00000000", "~~~~~~~~"])
    def test_what_an_earlier_boot_held_is_free_at_once(self, held: Store, earlier: str) -> None:
        with held._engine.begin() as connection:
            end = connection.execute(text("SELECT lease_until FROM jobs")).scalar_one()
            assert end.startswith(boot_id())
            connection.execute(text("UPDATE jobs SET lease_until = :end"), {"end": earlier + end[8:]})
        assert claimed(held)

    def test_what_a_worker_of_the_version_before_held_is_free_at_once(self, held: Store) -> None:
        with held._engine.begin() as connection:
            connection.execute(text("UPDATE jobs SET lease_until = '2099-01-01T00:00:00.000000Z'"))
        assert claimed(held)

    def test_a_lease_lasts_as_long_as_it_was_given_for(self) -> None:
        five = timedelta(seconds=5)
        start = leases._uptime(OVER, lambda: five)
        assert leases._uptime(LEASE, lambda: five) == start[:9] + f"{125_000_000:018d}"
        assert leases._uptime(-LEASE, lambda: five) == start[:9] + "0" * 18
        assert len(start) == 27
