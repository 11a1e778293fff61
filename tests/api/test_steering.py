"""An admin steers many legs at once, redirects, repeats and settles; nobody else does. The log tells who and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.journey.prepare import prepare
from tests.api.conftest import OURS, THEIRS, House
from tests.api.test_events import problem
from tests.web import story

Example = Callable[..., dict[str, Any]]
STEER = "/v1/exchanges/steer"


@pytest.fixture
def told(house: House) -> dict[str, str]:
    """A tenant in which something of everything happened."""
    return story.tell(house)


@pytest.fixture
def admin(house: House) -> dict[str, str]:
    """What an admin's requests carry."""
    return house.bearer("admin")


def test_a_preview_counts_and_changes_nothing_and_the_same_words_then_do_it(
    told: dict[str, str], admin: dict[str, str], http: httpx.Client, house: House
) -> None:
    asked = {"wish": "retry", "where": {"state": "failed", "reason": "bounced"}, "reason": "trouble-over"}
    looked = http.post(STEER, json={**asked, "preview": True}, headers=admin).json()
    assert (looked["preview"], looked["done"], looked["skipped"]) == (True, 2, {})
    assert {group["recipient"] for group in looked["groups"]} == {story.PAUL.id, story.LEA.id}
    assert [one["leg"] for one in looked["first"]] == [1, 1]
    assert not [entry for entry in house.log("leg-moved") if entry["facts"].get("wish")]
    did = http.post(STEER, json=asked, headers=admin).json()
    assert (did["preview"], did["done"], did["left"]) == (False, 2, False)
    again = http.post(STEER, json=asked, headers=admin).json()
    assert (again["done"], again["skipped"]) == (0, {})
    entries = [entry for entry in house.log("leg-moved") if entry["facts"].get("wish")]
    assert [entry["facts"]["why"] for entry in entries] == ["trouble-over"] * 2
    assert {entry["actor"] for entry in entries} == {f"key:{house.ids[OURS, 'logimed', 'admin']}"}


def test_a_limit_is_kept_and_said(told: dict[str, str], admin: dict[str, str], http: httpx.Client) -> None:
    asked = {"wish": "retry", "where": {"state": "failed"}, "limit": 1}
    first, second = (http.post(STEER, json=asked, headers=admin).json() for _ in range(2))
    assert [(one["done"], one["left"]) for one in (first, second)] == [(1, True), (1, True)]
    assert http.post(STEER, json=asked, headers=admin).json()["done"] == 0


def test_another_tenants_legs_are_never_reached(
    told: dict[str, str], admin: dict[str, str], http: httpx.Client, house: House
) -> None:
    theirs = story.send(house, THEIRS, (story.PAUL, story.L.FAILED))
    asked = {"wish": "retry", "where": {"state": "failed"}}
    assert http.post(STEER, json=asked, headers=admin).json()["done"] == 2
    shown = http.get(f"/v1/exchanges/{theirs}", headers=house.bearer("admin", THEIRS)).json()
    assert shown["legs"][0]["state"] == "failed"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/wish", "/where"}),
        ({"wish": "retry", "where": {}}, {"/where"}),
        ({"wish": "explode", "where": {"state": "failed"}}, {"/wish"}),
        ({"wish": "retry", "where": {"state": "nowhere", "since": "soon"}}, {"/where/state", "/where/since"}),
        ({"wish": "retry", "where": {"colour": "red"}}, {"/where/colour"}),
        ({"wish": "repeat", "where": {"state": "read"}}, {"/reason"}),
        ({"wish": "repeat", "where": {"state": "nowhere"}, "limit": 0}, {"/reason", "/where/state", "/limit"}),
        ({"wish": "retry", "where": {"state": "failed"}, "reason": "because"}, {"/reason"}),
        ({"wish": "retry", "where": {"state": "failed"}, "limit": 0}, {"/limit"}),
        ({"wish": "retry", "where": {"state": "failed"}, "note": "x"}, {"/note"}),
    ],
)
def test_every_fault_of_what_was_asked_is_named(
    body: dict[str, Any], pointers: set[str], admin: dict[str, str], http: httpx.Client
) -> None:
    told = problem(http.post(STEER, json=body, headers=admin), 422, "rejected")
    assert {error.pointer for error in told.errors} == pointers


def test_a_leg_that_was_read_is_repeated_only_with_a_reason(
    told: dict[str, str], admin: dict[str, str], http: httpx.Client
) -> None:
    path = f"/v1/exchanges/{told['held']}/legs/2"
    problem(http.post(f"{path}/retry", headers=admin), 409, "not-now")
    for call, asked in (("repeat", {"json": {}}), ("repeat", {}), ("retry", {"json": {"force": True}})):
        refused = problem(http.post(f"{path}/{call}", headers=admin, **asked), 422, "rejected")
        assert [error.pointer for error in refused.errors] == ["/reason"]
    forced = {"force": True, "reason": "lost-there"}
    problem(http.post(f"{path}/retry", json=forced, headers=admin), 409, "not-now")  # a repeat: no bytes kept
    problem(http.post(f"{path}/repeat", json={"reason": "lost-there"}, headers=admin), 409, "not-now")  # no bytes kept


def test_what_was_settled_by_phone_is_shown_and_closes_the_incident(
    told: dict[str, str], admin: dict[str, str], http: httpx.Client, house: House
) -> None:
    path = f"/v1/exchanges/{told['bounced']}/legs/1"
    problem(http.post(f"{path}/settle", json={"how": "by phone, he is very ill"}, headers=admin), 422, "rejected")
    leg = http.post(f"{path}/settle", json={"how": "phone"}, headers=admin).json()
    assert leg["state"] == "failed"
    assert (leg["settled"]["how"], leg["settled"]["by"]) == ("phone", f"key:{house.ids[OURS, 'logimed', 'admin']}")
    problem(http.post(f"{path}/settle", json={"how": "paper"}, headers=admin), 409, "not-now")
    assert [entry["facts"]["how"] for entry in house.log("leg-settled")] == ["phone"]


def test_a_redirect_the_gate_or_the_directory_does_not_know_is_refused_with_its_code(
    house: House, http: httpx.Client, example: Example, admin: dict[str, str]
) -> None:
    id = http.post("/v1/events", json=example("team.created")).json()["id"]
    prepare(house.gateway, "test")
    path = f"/v1/exchanges/{id}/legs/1/redirect"
    asked = {"address": "someone.else@b.mssante.test", "reason": "address-changed"}
    problem(http.post(path, json=asked, headers=admin), 409, "address-not-known")
    told = problem(http.post(path, json={**asked, "force": True}, headers=admin), 409, "barred")
    assert "white-list-missing" in told.en
    told = problem(http.post(path, json={**asked, "address": "nowhere"}, headers=admin), 422, "rejected")
    assert [error.pointer for error in told.errors] == ["/address"]
    (entry,) = house.log("gate-decision")
    assert entry["facts"]["reason"] == "white-list-missing"
    assert "someone.else" not in str(entry)
    problem(http.post(path.replace("legs/1", "legs/99"), json=asked, headers=admin), 404, "not-found")


def test_a_whole_exchange_is_held_and_released(
    house: House, http: httpx.Client, example: Example, admin: dict[str, str], told: dict[str, str]
) -> None:
    path = f"/v1/exchanges/{told['waiting']}"
    problem(http.post(f"{path}/hold", json={"reason": "because"}, headers=admin), 422, "rejected")
    problem(http.post(f"{path}/hold", json={"force": True}, headers=admin), 422, "rejected")
    held = http.post(f"{path}/hold", json={"reason": "sender-asks"}, headers=admin).json()
    assert [leg["state"] for leg in held["legs"]] == ["held", "delivered"]
    assert house.log("leg-moved")[-1]["facts"]["why"] == "sender-asks", "as by the command line and the pages"
    released = http.post(f"{path}/release", headers=admin).json()
    assert [leg["state"] for leg in released["legs"]] == ["waiting", "delivered"]
    problem(http.post(f"{path}/release", headers=admin), 409, "not-now")
