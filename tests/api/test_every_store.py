"""The door keeps its promises on PostgreSQL as on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.api import Limits
from gateway.journey.prepare import prepare
from gateway.record import upgrade
from tests.api.conftest import THEIRS, House, served, visit
from tests.api.test_audit import search
from tests.api.test_events import problem
from tests.places.postgresql import PostgreSQL

Example = Callable[..., dict[str, Any]]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, build: Callable[[str], House]) -> Iterator[House]:
    """A house on each engine in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("house")
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = server.create()
    upgrade(server.url(name))
    made = build(server.url(name))
    yield made
    made.gateway.store.close()
    server.drop(name)


def test_an_event_goes_in_once_is_steered_objected_to_and_audited(place: House, example: Example) -> None:
    with served(place, Limits()) as address, visit(address, place.bearer()) as http:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: http.post("/v1/events", json=example("team.created")), range(8)))
        assert {answer.status_code for answer in answers} == {202}, [answer.text for answer in answers]
        assert len({answer.content for answer in answers}) == 1
        id = answers[0].json()["id"]
        changed = example("team.created", occurred_at="2026-11-02T10:00:00Z")
        problem(http.post("/v1/events", json=changed), 409, "duplicate-event")
        assert http.post("/v1/events", json=example("team.created", id="x"), params={"dry_run": "1"}).status_code == 200
        objection = {"patient": {"ins": changed["patient"]["ins"]}}
        assert http.post("/v1/objections", json=objection).status_code == 201
        assert prepare(place.gateway, "test")
        exchange = http.get(f"/v1/exchanges/{id}").json()
        assert {leg["state"] for leg in exchange["legs"]} == {"denied"}
        problem(http.get(f"/v1/exchanges/{id}", headers=place.bearer("admin", THEIRS)), 404, "not-found")
        problem(http.post(f"/v1/exchanges/{id}/cancel"), 409, "not-now")
        page = http.get("/v1/exchanges", params={"since": exchange["accepted_at"], "limit": 1}).json()
        assert [one["id"] for one in page["items"]] == [id]
        kinds = {entry["record"]["kind"] for entry in search(http, place, limit=3)}
        assert {"event-accepted", "objection-recorded", "leg-created"} <= kinds
        place.gateway.store.checkpoint(place.gateway.notary)
        (entry,) = search(http, place, kind="event-accepted")
        proof = http.get("/v1/audit/proof", params={"seq": entry["seq"]}, headers=place.bearer("auditor"))
        assert proof.status_code == 200
        assert 'state="prepared"' in http.get("/metrics", headers=place.bearer("admin")).text
        assert http.get("/health/ready").json()["ready"]


def test_text_a_database_cannot_hold_is_refused_before_it_gets_there(place: House, example: Example) -> None:
    with served(place, Limits()) as address, visit(address, place.bearer()) as http:
        for answer in (
            http.post("/v1/events", json=example("team.created", id="a\x00b")),
            http.get("/v1/exchanges", params={"event_id": "a\x00b"}),
            http.post("/v1/objections", json={"patient": {"local_id": {"system": "a", "value": "\x00"}}}),
            http.post("/v1/audit/search", json={"handle": "é" * 100}, headers=place.bearer("auditor")),
        ):
            assert answer.status_code == 422, answer.text
        assert http.get("/v1/exchanges/%00").status_code == 404
