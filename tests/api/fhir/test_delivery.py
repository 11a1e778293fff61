"""GET /fhir/Communication: what became of each parcel, to those whose business it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.journey.prepare import prepare
from gateway.translate.fhir import names
from gateway.validate import Validator
from tests.api.conftest import THEIRS, House
from tests.api.fhir.test_audit import issues

Example = Callable[..., dict[str, Any]]


@pytest.fixture
def exchange(house: House, http: httpx.Client, example: Example) -> str:
    """The id of an exchange that has its legs; its event is E-1."""
    id: str = http.post("/v1/events", json=example("team.created", id="E-1")).json()["id"]
    prepare(house.gateway, "hand")
    return id


def found(answer: httpx.Response) -> list[dict[str, Any]]:
    """The resources of a searchset."""
    assert answer.status_code == 200, answer.text
    tree = answer.json()
    assert tree["type"] == "searchset"
    resources = [entry["resource"] for entry in tree.get("entry", ())]
    assert tree["total"] == len(resources)
    return resources


def test_every_leg_is_a_communication_that_conforms_in_both_formats(
    exchange: str, http: httpx.Client, validator: Validator
) -> None:
    legs = http.get(f"/v1/exchanges/{exchange}").json()["legs"]
    assert len(legs) > 1
    for format in ("json", "xml"):
        answer = http.get("/fhir/Communication", params={"identifier": exchange, "_format": format})
        assert answer.headers["content-type"] == f"application/fhir+{format}"
        report = validator.check(answer.content)
        assert report.valid, report.findings
        assert report.tree is not None
        resources = [entry["resource"] for entry in report.tree["entry"]]
        assert [one["id"] for one in resources] == [f"{exchange}-{leg['n']}" for leg in legs]
        states = [one["statusReason"]["coding"][0]["code"] for one in resources]
        assert states == [leg["state"] for leg in legs]
        for one in resources:
            assert validator.check_tree(one, profiles=[names.profile("delivery")]).valid


def test_an_event_is_found_by_the_senders_own_id_and_a_leg_by_its_number(exchange: str, http: httpx.Client) -> None:
    whole = found(http.get("/fhir/Communication", params={"identifier": exchange}))
    for name in ("based-on:identifier", "based-on.identifier", "based-on"):
        for value in ("E-1", f"{names.EVENT_ID}|E-1"):
            assert found(http.get("/fhir/Communication", params={name: value})) == whole
    assert found(http.get("/fhir/Communication", params={"based-on": "E-2"})) == []
    system = names.ours("leg")
    assert found(http.get("/fhir/Communication", params={"identifier": f"{system}|{exchange}/2"})) == [whole[1]]
    assert found(http.get("/fhir/Communication", params={"identifier": exchange, "based-on": "E-2"})) == []
    for one in whole:
        assert http.get(f"/fhir/Communication/{one['id']}").json() == one


def test_another_software_finds_nothing_and_the_admin_all_of_the_tenant(
    exchange: str, house: House, http: httpx.Client
) -> None:
    for asked in ({"identifier": exchange}, {"based-on": "E-1"}):
        for headers in (house.bearer("vendor", client="autrelog"), house.bearer("admin", THEIRS)):
            assert found(http.get("/fhir/Communication", params=asked, headers=headers)) == []
        assert found(http.get("/fhir/Communication", params=asked, headers=house.bearer("admin")))
    for headers in (house.bearer("vendor", client="autrelog"), house.bearer("auditor", THEIRS)):
        assert issues(http.get(f"/fhir/Communication/{exchange}-1", headers=headers), 404) == [("not-found", "")]


def test_what_names_no_leg_is_not_found(exchange: str, http: httpx.Client) -> None:
    for id in ("{}-99", "{}", "{}/1", "{}-0", "{}-", "x", "-1"):
        assert issues(http.get(f"/fhir/Communication/{id.format(exchange)}"), 404), id


def test_a_wrong_question_is_refused(http: httpx.Client) -> None:
    asked: dict[str, str]
    for asked, code, place in (
        ({}, "missing-field", "based-on:identifier"),
        ({"identifier": "x"}, "wrong-type", "identifier"),
        ({"identifier": "urn:x|y"}, "unknown-code", "identifier"),
        ({"based-on": ""}, "wrong-type", "based-on"),
        ({"based-on": "a", "based-on:identifier": "b"}, "wrong-type", "based-on:identifier"),
        ({"recipient": "x"}, "unknown-parameter", "recipient"),
    ):
        assert issues(http.get("/fhir/Communication", params=asked)) == [(code, f"http.{place}")]
