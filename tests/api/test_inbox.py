"""GET /v1/inbox and its acknowledgement, over a real server."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from gateway.api.told import InboxPage
from gateway.journey.notify import INBOX
from gateway.model.audit import Entry
from gateway.pack import CloudEvent, write_cloudevent
from gateway.record import Item, Notification
from tests.api.conftest import CLIENT, OURS, THEIRS, House


def put(house: House, n: int, *, tenant: str = OURS, client: str = CLIENT, size: int = 0) -> str:
    """An item as `receive` would put it."""
    now = house.gateway.clock() + timedelta(seconds=n)
    id = f"01890a5d-ac96-774b-bcce-{n:012}"
    body = write_cloudevent(
        CloudEvent(
            id=id,
            source="passerelle/test",
            type=INBOX,
            time=now,
            data=json.dumps({"n": n, "filling": "x" * size}).encode(),
            extensions={"dialect": "canonical", "mailbox": "app@cpts.a.mssante.test"},
        )
    )
    with house.gateway.store.unit() as unit:
        item = Item(tenant=tenant, id=id, client=client, mail=f"m-{n}", n=1, type="report.shared", at=now)
        unit.inbox.add(item, body)
        unit.audit(Entry(kind="inbox-received", at=now, tenant=tenant, actor="test"))
    return id


def test_items_come_oldest_first_page_by_page_and_stay_until_acknowledged(house: House, http: httpx.Client) -> None:
    ids = [put(house, n) for n in range(1, 6)]
    first = http.get("/v1/inbox?limit=2")
    assert first.headers["content-type"] == "application/json"
    InboxPage.model_validate(first.json())
    second = http.get("/v1/inbox", params={"limit": 3, "cursor": first.json()["next_cursor"]}).json()
    assert [item["id"] for item in [*first.json()["items"], *second["items"]]] == ids
    assert second["next_cursor"] is None
    assert len(http.get("/v1/inbox").json()["items"]) == 5
    assert http.post(f"/v1/inbox/{ids[0]}/ack").status_code == 204
    assert http.post(f"/v1/inbox/{ids[0]}/ack").status_code == 204
    assert [item["id"] for item in http.get("/v1/inbox").json()["items"]] == ids[1:]
    assert len(house.log("inbox-acknowledged")) == 1


def test_an_acknowledgement_may_say_why_it_could_not_be_taken_in(house: House, http: httpx.Client) -> None:
    id = put(house, 1)
    assert http.post(f"/v1/inbox/{id}/ack", json={"error": {"code": "902"}}).status_code == 204
    assert house.log("inbox-acknowledged")[0]["facts"]["error"] == "902"
    assert http.get("/v1/inbox").json()["items"] == []


@pytest.mark.parametrize(
    ("said", "code", "pointer"),
    [
        ({"error": {"code": "907"}}, "unknown-code", "/error/code"),
        ({"error": {"code": 902}}, "unknown-code", "/error/code"),
        ({"error": {}}, "missing-field", "/error/code"),
        ({"error": {"code": "902", "text": "x"}}, "unknown-field", "/error/text"),
        ({"fault": {}}, "unknown-field", "/fault"),
    ],
)
def test_what_is_no_error_of_the_table_is_refused_with_its_place_and_nothing_is_acknowledged(
    house: House, http: httpx.Client, said: object, code: str, pointer: str
) -> None:
    id = put(house, 1)
    answer = http.post(f"/v1/inbox/{id}/ack", json=said)
    assert answer.status_code == 422
    assert [(fault["code"], fault["pointer"]) for fault in answer.json()["errors"]] == [(code, pointer)]
    assert house.log("inbox-acknowledged") == []


def test_an_empty_inbox_is_an_empty_page_and_leaves_no_trace(house: House, http: httpx.Client) -> None:
    assert http.get("/v1/inbox").json() == {"items": [], "next_cursor": None}
    assert house.log("content-read") == []


def test_handing_content_out_is_written_into_the_log_without_the_content(house: House, http: httpx.Client) -> None:
    id = put(house, 1)
    http.get("/v1/inbox")
    (entry,) = house.log("content-read")
    assert (entry["facts"]["inbox"], entry["facts"]["first"]) == (1, id)
    assert "filling" not in json.dumps(entry)


def test_a_page_of_large_documents_ends_early(house: House, http: httpx.Client) -> None:
    for n in (1, 2, 3):
        put(house, n, size=11_000_000)
    page = http.get("/v1/inbox").json()
    assert len(page["items"]) == 2
    rest = http.get("/v1/inbox", params={"cursor": page["next_cursor"]}).json()
    assert (len(rest["items"]), rest["next_cursor"]) == (1, None)


@pytest.mark.parametrize(("tenant", "client"), [(OURS, "another"), (THEIRS, CLIENT)])
def test_what_is_anothers_is_not_shown_and_cannot_be_acknowledged(
    house: House, http: httpx.Client, tenant: str, client: str
) -> None:
    id = put(house, 1, tenant=tenant, client=client)
    assert http.get("/v1/inbox").json()["items"] == []
    answer = http.post(f"/v1/inbox/{id}/ack")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert house.log("inbox-acknowledged", tenant) == []


@pytest.mark.parametrize("id", ["no-such", "01890a5d-ac96-774b-bcce-000000000099", "%00", "a" * 3000])
def test_what_is_not_there_is_not_found(id: str, http: httpx.Client) -> None:
    assert http.post(f"/v1/inbox/{id}/ack").status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=-1"])
def test_bad_parameters_are_named(query: str, http: httpx.Client) -> None:
    answer = http.get(f"/v1/inbox?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-parameter")


def test_the_notifications_schema_is_published(http: httpx.Client) -> None:
    answer = http.get("/v1/schemas/notification")
    assert answer.headers["content-type"] == "application/schema+json"
    assert set(answer.json()["discriminator"]["mapping"]) == {"leg.state-changed", "exchange.settled", "inbox.received"}


def test_notices_mails_and_the_inbox_are_counted_for_ones_own_tenant(house: House, http: httpx.Client) -> None:
    put(house, 1)
    put(house, 2, tenant=THEIRS)
    with house.gateway.store.unit() as unit:
        notice = Notification(tenant=OURS, id="n-1", client=CLIENT, type=INBOX, at=house.gateway.clock())
        unit.notices.add(notice, b"{}")
        unit.mail.add("box", "1", "d", b"x", house.gateway.clock(), tenant=OURS)
        unit.audit(Entry(kind="mail-collected", at=house.gateway.clock(), tenant=OURS, actor="test"))
    figures = http.get("/metrics", headers=house.bearer("admin")).text
    assert f'passerelle_notices{{state="pending",tenant="{OURS}"}} 1.0' in figures
    assert f'passerelle_mails{{state="collected",tenant="{OURS}"}} 1.0' in figures
    assert f'passerelle_inbox_unread{{tenant="{OURS}"}} 1.0' in figures
    assert THEIRS not in figures
