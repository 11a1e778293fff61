"""Health, metrics, and what is published for machines and for people."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import jsonschema
from sqlalchemy import event
from sqlalchemy import text as sql

from gateway.api import Limits
from gateway.journey.bookkeeping import keep_books
from gateway.journey.prepare import prepare
from gateway.model.catalogue import FAULTS, NOTICES
from gateway.model.problems import PROBLEMS
from gateway.model.reasons import REASONS
from tests.api.conftest import THEIRS, House, served, visit
from tests.api.test_events import problem

Example = Callable[..., dict[str, Any]]


def test_a_gateway_with_its_database_is_live_and_ready(http: httpx.Client) -> None:
    assert http.get("/health/live").json() == {"live": True}
    answer = http.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "reasons": [], "degraded": []})


def test_readiness_names_what_is_missing_and_the_process_still_lives(house: House) -> None:
    sending = House(replace(house.gateway, transports={"mssante": object()}))  # type: ignore[dict-item]
    with served(sending, Limits()) as address, visit(address) as http:
        answer = http.get("/health/ready")
        assert (answer.status_code, answer.json()["reasons"]) == (503, ["white-list-missing"])
        assert http.get("/health/live").status_code == 200


def test_metrics_count_the_callers_tenant_only(house: House, http: httpx.Client, example: Example) -> None:
    http.post("/v1/events", json=example("team.created"))
    http.post("/v1/events", json=example("team.created", id="other"))
    prepare(house.gateway, "test")
    text = http.get("/metrics", headers=house.bearer("admin")).text
    assert 'passerelle_exchanges{state="accepted",tenant="cpts-exemple"} 1.0' in text
    assert 'passerelle_exchanges{state="prepared",tenant="cpts-exemple"} 1.0' in text
    assert re.search(r'passerelle_legs\{state="\w+",tenant="cpts-exemple",transport="mssante"\} \d', text)
    assert 'passerelle_http_requests_total{state="202",tenant="cpts-exemple"} 2.0' in text
    assert set(re.findall(r'[{,](\w+)="', text)) == {"tenant", "transport", "state"}
    assert http.get("/metrics", headers=house.bearer("admin", THEIRS)).text.count("cpts-exemple") == 0


def test_books_that_do_not_balance_are_measured_and_told_but_stop_nothing(
    house: House, http: httpx.Client, example: Example
) -> None:
    http.post("/v1/events", json=example("team.created"))
    for balanced, degraded in ((1, []), (0, ["books-differ"])):
        while not keep_books(house.gateway, "worker:test"):
            pass
        text = http.get("/metrics", headers=house.bearer("admin")).text
        assert f'passerelle_books_balanced{{tenant="cpts-exemple"}} {balanced}.0' in text
        assert 'passerelle_books_exchanges{state="accepted",tenant="cpts-exemple"} 1.0' in text
        assert http.get("/health/ready").json() == {"ready": True, "reasons": [], "degraded": degraded}
        with house.gateway.store._engine.begin() as connection:
            connection.execute(sql("UPDATE exchanges SET state = 'held'"))


def test_labels_never_carry_an_address_asked_for(house: House, http: httpx.Client) -> None:
    http.get("/v1/exchanges/279035121518989?x=PAT-TROIS")
    http.get("/279035121518989")
    text = http.get("/metrics", headers=house.bearer("admin")).text + repr(house.said)
    assert "279035121518989" not in text
    assert "PAT-TROIS" not in text
    assert "'route': '/v1/exchanges/{id}'" in repr(house.said)


def test_every_code_is_published_with_both_languages(http: httpx.Client) -> None:
    told = http.get("/v1/errors").json()["errors"]
    assert {one["code"] for one in told} == {*FAULTS, *NOTICES, *PROBLEMS, *REASONS}
    assert all(one["fr"] and one["en"] and one["who_can_fix"] for one in told)


def test_published_schemas_describe_what_is_sent_and_answered(http: httpx.Client, example: Example) -> None:
    for type in ("team.created", "team.member-joined", "plan.created", "report.shared"):
        answer = http.get(f"/v1/schemas/{type}")
        assert answer.headers["content-type"] == "application/schema+json"
        jsonschema.Draft202012Validator.check_schema(answer.json())
        jsonschema.validate(example(type), answer.json())
    exchange, told = (http.get(f"/v1/schemas/{name}").json() for name in ("exchange", "problem"))
    id = http.post("/v1/events", json=example("team.created")).json()["id"]
    jsonschema.validate(http.get(f"/v1/exchanges/{id}").json(), exchange)
    jsonschema.validate(http.post("/v1/events", json={}).json(), told)
    jsonschema.validate(http.get("/nothing").json(), told)


def test_the_openapi_document_describes_every_operation_and_its_roles(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert ("x-roles" in operation) == ("security" in operation)
            default = operation["responses"]["default"]["content"]
            if path.startswith("/fhir"):  # at that door, as FHIR says it
                assert set(default) == {"application/fhir+json", "application/fhir+xml"}
            else:
                assert default == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            assert "HTTPValidationError" not in str(operation)
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert references <= set(document["components"]["schemas"])


def test_the_page_for_people_names_every_call_and_loads_nothing(http: httpx.Client) -> None:
    answer = http.get("/docs")
    for path in http.get("/openapi.json").json()["paths"]:
        assert path in answer.text
    assert "<script" not in answer.text
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_answer_is_safe_to_receive_and_carries_its_number(http: httpx.Client) -> None:
    for path in ("/v1/exchanges", "/nothing", "/docs", "/health/live", "/metrics"):
        answer = http.get(path, headers={"X-Request-Id": "mine-7.a_B"})
        assert answer.headers["x-request-id"] == "mine-7.a_B"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers
    for bad in ("", "x" * 65, "a b", "é", "<script>"):
        number = http.get("/health/live", headers={"X-Request-Id": bad.encode()}).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{24}", number)


def test_what_the_framework_says_no_to_is_a_problem_too(http: httpx.Client) -> None:
    answer = http.put("/v1/exchanges")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"
    problem(http.get("/docs/"), 404, "not-found")


def test_a_defect_of_ours_says_nothing_of_the_inside_and_is_logged_by_its_type(house: House) -> None:
    class Secret(Exception):
        pass

    def broken() -> None:
        raise Secret("PAT-TROIS")

    gateway = replace(house.gateway, transports={"mssante": object()}, white_list=broken)  # type: ignore[dict-item]
    with served(House(gateway), Limits()) as address, visit(address) as http:
        answer = http.get("/health/ready", headers={"X-Request-Id": "n7"})
    told = problem(answer, 500, "broken")
    assert told.request_id == answer.headers["x-request-id"] == "n7"
    assert "Secret" not in answer.text
    assert "PAT-TROIS" not in answer.text + repr(house.said)
    assert ("request failed", {"defect": "Secret", "request": "n7"}) in house.said


def test_a_database_without_room_is_said_and_nothing_is_kept(
    house: House, http: httpx.Client, example: Example
) -> None:
    engine = house.gateway.store._engine

    def fill(line: Any, _: object) -> None:
        line.execute(f"PRAGMA max_page_count={line.execute('PRAGMA page_count').fetchone()[0]}")

    http.post("/v1/events", json=example("team.created"))
    event.listen(engine, "connect", fill)
    engine.dispose()
    big = example("report.shared", id="big")
    answer = http.post("/v1/events", json=big)
    problem(answer, 507, "storage-full")
    assert int(answer.headers["retry-after"]) > 0
    event.remove(engine, "connect", fill)
    engine.dispose()
    assert len(http.get("/v1/exchanges").json()["items"]) == 1
    assert http.post("/v1/events", json=big).status_code == 202


def test_a_database_that_does_not_answer_is_said_and_asked_to_come_back_to(house: House, http: httpx.Client) -> None:
    http.get("/v1/exchanges")
    engine = house.gateway.store._engine
    path = str(engine.url.database)
    engine.dispose()
    os.rename(path, path + ".away")
    os.mkdir(path)
    answer = http.get("/v1/exchanges")
    problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert http.get("/health/ready").json() == {"ready": False, "reasons": ["database-unavailable"], "degraded": []}
    assert http.get("/health/live").status_code == 200
    os.rmdir(path)
    os.rename(path + ".away", path)
    assert http.get("/v1/exchanges").status_code == 200
