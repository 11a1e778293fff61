"""Who may ask for what: every operation of the published document, by every role, without a key, and across tenants."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import httpx
import pytest

from gateway.api import Limits
from gateway.api.callers import ANYONE, MATRIX
from gateway.model.audit import Entry
from tests.api.conftest import CLIENT, OURS, ROLES, THEIRS, House, served, visit

Example = Callable[..., dict[str, Any]]

PUBLIC = {"live", "ready", "read-openapi", "read-docs", "read-schema", "list-errors", "read-capabilities"}
NOBODY_ELSES = {  # what each role is for, stated again without looking at the table
    "vendor": {
        "send-event", "send-event-in-dialect", "put-content", "list-exchanges", "read-exchange", "cancel-exchange",
        "cancel-leg", "record-objection", "withdraw-objection", "read-inbox", "acknowledge-item", "send-transaction",
        "validate-resource", "search-deliveries", "read-delivery",
    },
    "admin": {
        "list-exchanges", "read-exchange", "retry-exchange", "cancel-exchange", "hold-leg", "release-leg", "retry-leg",
        "cancel-leg", "read-metrics", "validate-resource", "search-deliveries", "read-delivery", "hold-exchange",
        "release-exchange", "repeat-leg", "redirect-leg", "settle-leg", "steer-exchanges",
    },
    "auditor": {
        "list-exchanges", "read-exchange", "search-audit", "read-checkpoint", "prove-entry", "search-audit-events",
        "search-audit-events-by-form", "read-audit-event", "search-deliveries", "read-delivery",
    },
    "dpo": {
        "list-exchanges", "read-exchange", "record-objection", "withdraw-objection", "search-audit", "read-checkpoint",
        "prove-entry", "search-audit-events", "search-audit-events-by-form", "read-audit-event", "search-deliveries",
        "read-delivery",
    },
}  # fmt: skip


def operations(http: httpx.Client) -> list[tuple[str, str, str]]:
    """(operation, method, path) of everything the OpenAPI document publishes."""
    document = http.get("/openapi.json").json()
    return [
        (operation["operationId"], method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def ask(http: httpx.Client, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """The call with ids that name nothing, and a body that says nothing."""
    path = path.replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8057").replace("{n}", "1")
    path = path.replace("{digest}", "sha256:" + "0" * 64)
    path = path.replace("{dialect}", "canonical").replace("{type}", "exchange")
    params = {"seq": 0} if path.endswith("/proof") else {}
    content = {"content": b"{}", "headers": {"Content-Type": "application/json", **headers}}
    return http.request(method, path, params=params, **(content if method == "POST" else {"headers": headers}))


def test_every_published_operation_is_in_the_table_and_nothing_else_is(http: httpx.Client) -> None:
    published = [operation for operation, _, _ in operations(http)]
    assert sorted(published) == sorted(MATRIX)
    assert {operation for operation, roles in MATRIX.items() if roles == ANYONE} == PUBLIC


def test_each_role_may_do_what_it_is_for_and_nothing_else(house: House, http: httpx.Client) -> None:
    for (operation, method, path), role in product(operations(http), ROLES):
        status = ask(http, method, path, house.bearer(role)).status_code
        allowed = operation in PUBLIC | NOBODY_ELSES[role]
        assert (status != 403) == allowed, (operation, role, status)
        assert status not in (401, 405, 500), (operation, role, status)


@pytest.mark.parametrize("said", [None, "", "Bearer", "Bearer unknown", "Basic YTpi", "Bearer a b"])
def test_without_a_key_in_use_only_what_is_published_answers(said: str | None, house: House) -> None:
    headers = {} if said is None else {"Authorization": said}
    with served(house, Limits()) as address, visit(address) as http:
        for operation, method, path in operations(http):
            answer = ask(http, method, path, headers)
            if operation in PUBLIC:
                assert answer.status_code in (200, 503), operation
            else:
                assert answer.status_code == 401, operation
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert said_by(answer) == "unauthenticated"


def said_by(answer: httpx.Response) -> str:
    """The stable code of a refusal, as a problem or as an OperationOutcome."""
    told = answer.json()
    code: str = told["code"] if "code" in told else told["issue"][0]["details"]["coding"][0]["code"]
    return code


def revoke(house: House) -> None:
    """Take the vendor's key out of use."""
    with house.gateway.store.unit() as unit:
        unit.keys.revoke(OURS, house.ids[OURS, CLIENT, "vendor"])
        unit.audit(Entry(kind="key-revoked", at=house.gateway.clock(), tenant=OURS, actor="test"))


def test_a_revoked_key_opens_nothing(house: House, http: httpx.Client) -> None:
    revoke(house)
    for operation, method, path in operations(http):
        if operation not in PUBLIC:
            assert ask(http, method, path, {}).status_code == 401, operation


def test_a_key_in_use_is_refused_a_moment_after_it_is_revoked(house: House) -> None:
    with served(house, Limits(key_life=0.2)) as address, visit(address, house.bearer()) as http:
        assert http.get("/v1/exchanges").status_code == 200
        revoke(house)
        time.sleep(0.25)
        assert http.get("/v1/exchanges").status_code == 401


def test_ids_of_another_tenant_do_not_exist(house: House, http: httpx.Client, example: Example) -> None:
    ours = {role: house.bearer(role) for role in ROLES}
    theirs = {role: house.bearer(role, THEIRS) for role in ROLES}
    exchange = http.post("/v1/events", json=example("team.created")).json()["id"]
    patient = {"patient": {"local_id": {"system": "1.2.3", "value": "P-1"}}}
    objection = http.post("/v1/objections", json=patient).json()["id"]
    nowhere = "01890a5d-ac96-774b-bcce-b302099a8057"
    for operation, method, path in operations(http):
        if "{id}" not in path:
            continue
        id = objection if "objections" in path else exchange
        for role in sorted(MATRIX[operation]):
            real, none = (
                http.request(method, path.replace("{id}", each).replace("{n}", "1"), headers=theirs[role])
                for each in (id, nowhere)
            )
            assert (real.status_code, none.status_code) == (404, 404), (operation, role)
            assert {**real.json(), "request_id": ""} == {**none.json(), "request_id": ""}
    for role in ("vendor", "admin", "auditor", "dpo"):
        assert http.get("/v1/exchanges", headers=theirs[role]).json()["items"] == []
    assert [one["id"] for one in http.get("/v1/exchanges", headers=ours["admin"]).json()["items"]] == [exchange]
    assert exchange not in http.post("/v1/audit/search", json={}, headers=theirs["auditor"]).text
    assert OURS not in http.get("/metrics", headers=theirs["admin"]).text


def test_another_software_of_the_same_tenant_sees_and_cancels_nothing_of_ours(
    house: House, http: httpx.Client, example: Example
) -> None:
    id = http.post("/v1/events", json=example("team.created")).json()["id"]
    other = house.bearer("vendor", client="autrelog")
    assert http.get(f"/v1/exchanges/{id}", headers=other).status_code == 404
    assert http.post(f"/v1/exchanges/{id}/cancel", headers=other).status_code == 404
    assert http.post(f"/v1/exchanges/{id}/legs/1/cancel", headers=other).status_code == 404
    assert http.get("/v1/exchanges", headers=other).json()["items"] == []
    assert http.get("/v1/exchanges", params={"client": CLIENT}, headers=other).json()["items"] == []
    assert http.get(f"/v1/exchanges/{id}").json()["state"] == "accepted"


def test_a_refused_role_is_written_into_the_log_of_its_tenant(house: House, http: httpx.Client) -> None:
    assert http.get("/metrics").status_code == 403
    (entry,) = house.log("access-refused")
    assert entry["actor"] == f"key:{house.ids[OURS, CLIENT, 'vendor']}"
    assert entry["facts"] == {"reason": "forbidden", "operation": "read-metrics", "count": 1}


def test_a_flood_of_strangers_makes_two_entries_and_the_count_is_right(house: House) -> None:
    with served(house, Limits(refusals_every=0.5)) as address, visit(address) as http:
        for number in range(40):
            assert http.get("/v1/exchanges", headers={"Authorization": f"Bearer guess{number}"}).status_code == 401
    entries = house.log("access-refused", tenant="")
    assert 2 <= len(entries) <= 4
    assert sum(entry["facts"]["count"] for entry in entries) == 40
    assert {entry["actor"] for entry in entries} == {"anonymous"}


def test_a_key_is_never_repeated_in_logs_or_answers(house: House, http: httpx.Client) -> None:
    secret = house.key("vendor")
    answers = [http.get("/metrics").text, http.get("/v1/exchanges").text]
    assert not any(secret in text for text in [*answers, repr(house.said)])
    assert re.search(r"passerelle_[a-z2-7]{40,}", secret)
