"""Auditors find what happened, are written down for looking, and leave with proofs that stand alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx
import pytest
import rfc8785

from gateway.journey.prepare import prepare
from gateway.record import read_checkpoint, verify_proof
from tests.api.conftest import OURS, THEIRS, House
from tests.api.test_events import problem

Example = Callable[..., dict[str, Any]]


def search(http: httpx.Client, house: House, role: str = "auditor", **asked: Any) -> list[dict[str, Any]]:
    """Every entry found, page after page."""
    found: list[dict[str, Any]] = []
    while True:
        answer = http.post("/v1/audit/search", json=asked, headers=house.bearer(role, client="office"))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["entries"]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


def test_an_entry_found_can_be_hashed_again_to_its_leaf(house: House, http: httpx.Client, example: Example) -> None:
    http.post("/v1/events", json=example("team.created"))
    found = search(http, house, limit=1)
    assert len(found) >= 3  # keys made, the event, and the pages of this very search
    for entry in found:
        assert sha256(b"\x00" + rfc8785.dumps(entry["record"])).hexdigest() == entry["leaf"]
        assert entry["record"]["seq"] == entry["seq"]


def test_each_filter_narrows(house: House, http: httpx.Client, example: Example) -> None:
    sent = example("team.created")
    id = http.post("/v1/events", json=sent).json()["id"]
    middle = house.gateway.clock().isoformat()
    http.post("/v1/events", json=example("team.created", id="other"))
    prepare(house.gateway, "hand")
    kinds = [entry["record"]["kind"] for entry in search(http, house, exchange=id)]
    assert kinds[0] == "event-accepted"
    assert "leg-created" in kinds
    (accepted,) = search(http, house, exchange=id, kind="event-accepted")
    handle = accepted["record"]["patient"]
    of_patient = search(http, house, handle=handle, kind="event-accepted")
    assert len(of_patient) == 2
    assert search(http, house, patient={"ins": sent["patient"]["ins"]}, kind="event-accepted") == of_patient
    local = {"local_id": sent["patient"]["local_id"]}
    assert search(http, house, patient=local, client="logimed", kind="event-accepted") == of_patient
    assert search(http, house, patient=local, kind="event-accepted") == []  # another software's number
    assert len(search(http, house, kind="event-accepted", until=middle)) == 1
    assert len(search(http, house, kind="event-accepted", since=middle)) == 1
    by_worker = search(http, house, actor="worker:hand")
    assert {entry["record"]["actor"] for entry in by_worker} == {"worker:hand"}
    assert by_worker == search(http, house, actor="worker:hand", limit=2)


def test_looking_is_written_down_by_what_was_asked_and_never_for_whom(
    house: House, http: httpx.Client, example: Example
) -> None:
    sent = example("team.created")
    http.post("/v1/events", json=sent)
    search(http, house, "dpo", patient={"ins": sent["patient"]["ins"]}, kind="event-accepted")
    (entry,) = house.log("audit-searched")
    (accepted,) = house.log("event-accepted")
    assert entry["actor"] == f"key:{house.ids[OURS, 'office', 'dpo']}"
    assert entry["patient"] == accepted["patient"]
    assert entry["facts"] == {"by": "kind,patient", "found": 1, "page": ""}
    assert sent["patient"]["ins"]["number"] not in json.dumps(entry)


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"kind": "gossip"}, "/kind"),
        ({"since": "2026-11-20"}, "/since"),
        ({"cursor": "x"}, "/cursor"),
        ({"limit": 0}, "/limit"),
        ({"limit": 1001}, "/limit"),
        ({"limit": "10"}, "/limit"),
        ({"patient": {"ins": {"number": "1"}}}, "/patient/ins/number"),
        ({"patient": {"local_id": {"system": "a", "value": "b"}}, "handle": "ab"}, "/handle"),
        ({"handle": "x"}, "/handle"),
        ({"exchange": "a\x00b"}, "/exchange"),
        ({"who": "x"}, "/who"),
    ],
)
def test_a_wrong_question_is_refused(asked: dict[str, Any], place: str, house: House, http: httpx.Client) -> None:
    answer = http.post("/v1/audit/search", json=asked, headers=house.bearer("auditor"))
    assert [error.pointer for error in problem(answer, 422, "rejected").errors] == [place]


def test_a_proof_stands_alone_and_only_for_ones_own_entries(house: House, http: httpx.Client, example: Example) -> None:
    auditor, theirs = house.bearer("auditor"), house.bearer("auditor", THEIRS)
    http.post("/v1/events", json=example("team.created"))
    (entry,) = search(http, house, kind="event-accepted")
    problem(http.get("/v1/audit/checkpoint", headers=auditor), 404, "not-found")
    problem(http.get("/v1/audit/proof", params={"seq": entry["seq"]}, headers=auditor), 404, "not-found")
    house.gateway.store.checkpoint(house.gateway.notary)
    verifier = house.gateway.notary.verifier
    checkpoint = read_checkpoint(http.get("/v1/audit/checkpoint", headers=auditor).text, verifier)
    answer = http.get("/v1/audit/proof", params={"seq": entry["seq"]}, headers=auditor)
    assert answer.headers["content-type"].startswith("text/plain")
    proven = verify_proof(answer.text, verifier)
    assert proven.seq == entry["seq"]
    assert json.loads(proven.record) == entry["record"]
    assert checkpoint.size > proven.seq
    for seq, headers in ((entry["seq"], theirs), (10**9, auditor), (checkpoint.size + 3, auditor)):
        problem(http.get("/v1/audit/proof", params={"seq": seq}, headers=headers), 404, "not-found")
    for seq in ("-1", "x", str(2**70), ""):
        problem(http.get("/v1/audit/proof", params={"seq": seq}, headers=auditor), 422, "bad-parameter")
