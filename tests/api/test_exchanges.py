"""What happened to an event can be read leg by leg, and a person may steer it as far as its state allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.journey.prepare import prepare
from gateway.model.exchange import LegState
from tests.api.conftest import OURS, House
from tests.api.test_events import problem

Example = Callable[..., dict[str, Any]]


@pytest.fixture
def prepared(house: House, http: httpx.Client, example: Example) -> str:
    """The id of an exchange that has its legs."""
    id = str(http.post("/v1/events", json=example("team.created")).json()["id"])
    assert prepare(house.gateway, "test")
    return id


def test_a_prepared_exchange_shows_each_leg_why_and_what_it_proves(prepared: str, http: httpx.Client) -> None:
    exchange = http.get(f"/v1/exchanges/{prepared}").json()
    assert exchange["state"] == "prepared"
    assert len(exchange["legs"]) >= 2
    for number, leg in enumerate(exchange["legs"], start=1):
        assert leg["n"] == number
        assert leg["chosen_because"]
        assert leg["proves"]["fr"]
        assert leg["does_not_prove"]["en"]
        if leg["state"] in ("held", "denied"):
            assert leg["reason"]["code"]
            assert leg["reason"]["who_can_fix"]


def test_a_page_shows_the_newest_first_and_the_cursor_goes_on(http: httpx.Client, example: Example) -> None:
    sent = [http.post("/v1/events", json=example("team.created", id=f"e{n}")).json()["id"] for n in range(5)]
    seen, params = [], {"limit": 2}
    while True:
        page = http.get("/v1/exchanges", params=params).json()
        seen += [one["id"] for one in page["items"]]
        assert len(page["items"]) <= 2
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == sent[::-1]


def test_filters_narrow_the_page(house: House, http: httpx.Client, example: Example) -> None:
    first = http.post("/v1/events", json=example("team.created")).json()["id"]
    moment = house.gateway.clock().isoformat()
    second = http.post("/v1/events", json=example("team.member-joined")).json()["id"]
    prepare(house.gateway, "test")

    def found(**params: str) -> set[str]:
        answer = http.get("/v1/exchanges", params=params)
        assert answer.status_code == 200, answer.text
        return {one["id"] for one in answer.json()["items"]}

    assert found() == {first, second}
    assert found(event_id=example("team.created")["id"]) == {first}
    assert found(type="team.member-joined") == {second}
    assert found(state="prepared") == {first}
    assert found(since=moment) == {second}
    assert found(client="logimed") == {first, second}
    assert found(event_id="nothing") == found(client="autrelog") == set()


@pytest.mark.parametrize(
    "params",
    [
        {"state": "nowhere"}, {"since": "yesterday"}, {"since": "2026-11-20T09:30:00"}, {"limit": "0"},
        {"limit": "201"}, {"limit": "x"}, {"cursor": "abc"}, {"cursor": "-1"}, {"cursor": "9" * 30},
        {"event_id": "a\x00b"}, {"event_id": "x" * 200}, {"type": "\x00"}, {"client": "a\nb"},
    ],
)  # fmt: skip
def test_a_wrong_filter_is_named(params: dict[str, str], http: httpx.Client) -> None:
    told = problem(http.get("/v1/exchanges", params=params), 422, "bad-parameter")
    assert [error.pointer for error in told.errors] == [f"?{next(iter(params))}"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/exchanges/x",
        "/v1/exchanges/%00",
        "/v1/exchanges/%F0%9F%98%80",
        "/v1/exchanges/01890A5D-AC96-774B-BCCE-B302099A8057",
        "/v1/exchanges/01890a5d-ac96-774b-bcce-b302099a8057",
        "/v1/exchanges/",
        "/v1/schemas/nothing",
        "/v1/nothing",
        "/",
    ],
)
def test_what_is_not_there_is_not_found(path: str, http: httpx.Client) -> None:
    problem(http.get(path), 404, "not-found")


@pytest.mark.parametrize("n", ["0", "-1", "99", "99999999999999999999", "x"])
def test_a_leg_that_cannot_be_is_not_found(n: str, prepared: str, house: House, http: httpx.Client) -> None:
    answer = http.post(f"/v1/exchanges/{prepared}/legs/{n}/hold", headers=house.bearer("admin"))
    problem(answer, 404, "not-found")


def waiting(house: House, exchange: str) -> int:
    """The number of a leg of that exchange, once a person has released it."""
    with house.gateway.store.glance() as unit:
        legs = unit.legs.of(OURS, exchange)
    return next(leg.n for leg in legs if leg.state is LegState.HELD)


def test_a_leg_is_released_held_again_and_cancelled_and_the_log_tells_by_whom(
    prepared: str, house: House, http: httpx.Client
) -> None:
    admin, n = house.bearer("admin"), waiting(house, prepared)
    path = f"/v1/exchanges/{prepared}/legs/{n}"
    problem(http.post(f"{path}/hold", headers=admin), 409, "not-now")
    assert http.post(f"{path}/release", headers=admin).json()["state"] == "waiting"
    problem(http.post(f"{path}/release", headers=admin), 409, "not-now")
    problem(http.post(f"{path}/retry", headers=admin), 409, "not-now")
    held = http.post(f"{path}/hold", headers=admin).json()
    assert (held["state"], held["reason"]["code"]) == ("held", "held-by-a-person")
    assert http.post(f"{path}/cancel").json()["state"] == "cancelled"  # a vendor may, of its own
    moved = [(entry["facts"]["wish"], entry["actor"]) for entry in house.log("leg-moved")]
    admins, vendors = (f"key:{house.ids[OURS, 'logimed', role]}" for role in ("admin", "vendor"))
    assert moved == [("release", admins), ("hold", admins), ("cancel", vendors)]


def test_a_whole_exchange_is_cancelled_before_it_is_prepared_and_never_leaves(
    house: House, http: httpx.Client, example: Example
) -> None:
    id = http.post("/v1/events", json=example("team.created")).json()["id"]
    problem(http.post(f"/v1/exchanges/{id}/retry", headers=house.bearer("admin")), 409, "not-now")
    assert http.post(f"/v1/exchanges/{id}/cancel").json()["state"] == "cancelled"
    problem(http.post(f"/v1/exchanges/{id}/cancel"), 409, "not-now")
    prepare(house.gateway, "test")
    assert http.get(f"/v1/exchanges/{id}").json()["legs"] == []


def test_the_patients_own_address_is_shown_to_the_sender_only(
    house: House, http: httpx.Client, example: Example
) -> None:
    event = example("team.created", recipients=[{"patient": True}])
    id = http.post("/v1/events", json=event).json()["id"]
    prepare(house.gateway, "test")
    number = event["patient"]["ins"]["number"]
    assert number in http.get(f"/v1/exchanges/{id}").text
    for role in ("admin", "auditor", "dpo"):
        assert number not in http.get(f"/v1/exchanges/{id}", headers=house.bearer(role)).text
        assert number not in http.get("/v1/exchanges", headers=house.bearer(role)).text
