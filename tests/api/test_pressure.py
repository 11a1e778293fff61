"""Back-pressure: who brings too much is asked to wait, before memory or disk runs out; who reads is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.api import Limits
from gateway.journey.prepare import prepare
from gateway.journey.pressure import Ceilings, Pressure
from tests.api.conftest import House, served, visit
from tests.api.test_events import problem

Example = Callable[..., dict[str, Any]]
FHIR = {"Content-Type": "application/fhir+json"}


class Disk:
    """A disk of which a test says how much is free."""

    reserve = 100

    def __init__(self, free: int) -> None:
        self._free, self.held = free, False

    def free(self) -> int:
        return self._free

    def give_back(self) -> bool:
        self.held = False
        return True

    def hold(self) -> bool:
        self.held = True
        return True


class Ticks:
    """Seconds, as a test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def under(house: House, pressure: Pressure) -> House:
    """The same house under that pressure, looked at once."""
    pressed = replace(house, gateway=replace(house.gateway, pressure=pressure))
    pressure.look(pressed.gateway, "test")
    return pressed


def doors(http: httpx.Client, example: Example, n: int) -> list[httpx.Response]:
    """Every way in of the HTTP door."""
    return [
        http.post("/v1/events", json=example("team.created", id=f"e-{n}")),
        http.post("/v1/events/canonical", json=example("team.created", id=f"d-{n}")),
        http.put(f"/v1/contents/sha256:{'0' * 64}", content=b"x"),
        http.post("/fhir", json={"resourceType": "Bundle", "type": "transaction"}, headers=FHIR),
    ]


@pytest.mark.parametrize(
    ("ceilings", "status", "code"),
    [
        (Ceilings(disk=2_000_000), 507, "storage-full"),
        (Ceilings(memory=10), 429, "overloaded"),
    ],
)
def test_every_door_refuses_in_its_own_words_and_says_when_to_come_back(
    ceilings: Ceilings, status: int, code: str, house: House, example: Example
) -> None:
    pressed = under(house, Pressure(ceilings, disk=Disk(1_500_000), resident=lambda: 11))
    with served(pressed, Limits()) as address, visit(address, house.bearer()) as http:
        *rest, fhir = doors(http, example, 1)
        for answer in rest:
            told = problem(answer, status, code)
            assert told.fr
            assert told.remedy
        assert fhir.status_code == status
        outcome = fhir.json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert outcome["issue"][0]["details"]["coding"][0]["code"] == code
        assert all(int(answer.headers["retry-after"]) > 0 for answer in (*rest, fhir))
        assert http.get("/v1/exchanges").json()["items"] == []


def test_patients_may_object_and_people_read_when_nothing_else_is_taken_in(house: House, example: Example) -> None:
    pressed = under(house, Pressure(Ceilings(disk=2_000_000), disk=Disk(1_500_000)))
    with served(pressed, Limits()) as address, visit(address, house.bearer()) as http:
        patient = {"local_id": example("team.created")["patient"]["local_id"]}
        assert http.post("/v1/objections", json={"patient": patient, "event_type": "team"}).status_code == 201
        assert http.get("/health/ready").json() == {"ready": False, "reasons": ["disk-low"], "degraded": []}
        assert http.get("/health/live").status_code == 200
        figures = http.get("/metrics", headers=house.bearer("admin")).text
    assert "passerelle_disk_free_bytes 1.5e+06" in figures


def test_a_software_sends_so_much_a_second_and_no_more(house: House, example: Example) -> None:
    ticks = Ticks()
    pressed = under(house, Pressure(Ceilings(rate=0.5), ticks=ticks))
    with served(pressed, Limits()) as address, visit(address, house.bearer()) as http:
        answers = [http.post("/v1/events", json=example("team.created", id=f"e-{n}")) for n in range(6)]
        assert [answer.status_code for answer in answers] == [202] * 5 + [429]  # ten seconds' worth, saved up
        problem(answers[-1], 429, "too-fast")
        other = house.bearer(client="autre")
        assert http.post("/v1/events", json=example("team.created", id="o"), headers=other).status_code == 202
        ticks.now += 2.0
        again = http.post("/v1/events", json=example("team.created", id="e-5"))
        assert again.status_code == 202
        problem(http.post("/v1/events", json=example("team.created", id="e-6")), 429, "too-fast")


def test_a_software_whose_events_wait_is_asked_to_wait_until_they_are_prepared(house: House, example: Example) -> None:
    ticks = Ticks()
    pressure = Pressure(Ceilings(unprepared=3), ticks=ticks)
    pressed = under(house, pressure)
    with served(pressed, Limits()) as address, visit(address, house.bearer()) as http:
        answers = [http.post("/v1/events", json=example("team.created", id=f"e-{n}")) for n in range(4)]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
        problem(answers[-1], 429, "too-many-unprepared")
        ticks.now += 60
        pressure.look(pressed.gateway, "test")
        problem(http.post("/v1/events", json=example("team.created", id="e-3")), 429, "too-many-unprepared")
        other = house.bearer(client="autre")
        assert http.post("/v1/events", json=example("team.created", id="o"), headers=other).status_code == 202
        while prepare(pressed.gateway, "test"):
            pass
        ticks.now += 60
        pressure.look(pressed.gateway, "test")
        assert http.post("/v1/events", json=example("team.created", id="e-3")).status_code == 202


def test_legs_that_do_not_leave_fill_the_gateway(house: House, example: Example) -> None:
    ticks = Ticks()
    pressure = Pressure(Ceilings(legs=1), ticks=ticks)
    pressed = under(house, pressure)
    with served(pressed, Limits()) as address, visit(address, house.bearer()) as http:
        assert http.post("/v1/events", json=example("team.created")).status_code == 202
        prepare(pressed.gateway, "test")
        ticks.now += 60
        pressure.look(pressed.gateway, "test")
        problem(http.post("/v1/events", json=example("team.created", id="other")), 429, "overloaded")


def test_a_request_asks_the_database_nothing_of_this(house: House) -> None:
    """A thousand answers of the gauge, and the store is not looked at once."""
    pressure = Pressure(Ceilings(unprepared=10, legs=10, rate=1))
    closed = replace(house.gateway, store=None)  # type: ignore[arg-type]
    assert closed.store is None
    assert sum(pressure.one("t", "c") is None for _ in range(1000)) == 10


def test_a_full_disk_is_told_once_and_the_reserve_is_made_anew_when_there_is_room(house: House) -> None:
    disk = Disk(10_000_000)
    pressure = Pressure(Ceilings(disk=2_000_000), disk=disk)
    pressure.look(house.gateway, "test")
    assert disk.held
    disk._free = 1000
    for seen_by in (pressure, Pressure(Ceilings(disk=2_000_000), disk=disk), pressure):
        seen_by.look(house.gateway, "test")
    assert (disk.held, pressure.one("t", "c").code) == (False, "storage-full")  # type: ignore[union-attr]
    disk._free = 2_000_000  # enough to go on with what is there, not enough for the reserve too
    pressure.look(house.gateway, "test")
    assert not disk.held
    disk._free = 10_000_000
    restarted = Pressure(Ceilings(disk=2_000_000), disk=disk)
    for seen_by in (restarted, pressure):
        seen_by.look(house.gateway, "test")
        assert seen_by.one("t", "c") is None
    assert disk.held
    assert [record["kind"] for record in _told(house)] == ["disk-full", "disk-free"]


def _told(house: House) -> list[dict[str, Any]]:
    with house.gateway.store.glance() as unit:
        records = [json.loads(kept.record) for kept in unit.log.every() if kept.record]
    return [record for record in records if record["kind"].startswith("disk-")]
