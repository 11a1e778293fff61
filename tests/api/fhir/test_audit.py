"""GET /fhir/AuditEvent: the real log as an auditor's tool reads it, held to TDE's profiles and to ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from gateway.journey.prepare import prepare
from gateway.model.audit import KINDS, Entry
from gateway.translate.fhir import names
from gateway.validate import Validator
from tests.api.conftest import CLIENT, OURS, THEIRS, House

Example = Callable[..., dict[str, Any]]

TDE = "https://interop.esante.gouv.fr/ig/fhir/tde/StructureDefinition"
FOREVER = {"date": "ge2026-11-01"}
INS = "urn:oid:1.2.250.1.213.1.4.10"
"""The system of test numbers."""


def page(http: httpx.Client, house: House, params: Any = FOREVER, role: str = "auditor", **headers: str) -> Any:
    """One page of a search by GET."""
    answer = http.get("/fhir/AuditEvent", params=params, headers={**house.bearer(role), **headers})
    assert answer.status_code == 200, answer.text
    return answer.json()


def link(bundle: dict[str, Any], relation: str) -> str | None:
    """Where a Bundle leads to."""
    return next((one["url"] for one in bundle["link"] if one["relation"] == relation), None)


def follow(http: httpx.Client, house: House, bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """Every resource of a search, page after page, as a client that only knows `next` finds them."""
    found = [entry["resource"] for entry in bundle.get("entry", ())]
    while following := link(bundle, "next"):
        bundle = http.get(following, headers=house.bearer("auditor")).json()
        found += [entry["resource"] for entry in bundle.get("entry", ())]
    return found


def kinds(found: list[dict[str, Any]]) -> list[str]:
    """What each AuditEvent is about."""
    return [one["subtype"][0]["code"] for one in found]


def issues(answer: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    """(code, place) of every reason of a refusal."""
    assert answer.status_code == status, answer.text
    tree = answer.json()
    assert tree["resourceType"] == "OperationOutcome"
    return [(one["details"]["coding"][0]["code"], (one.get("expression") or [""])[0]) for one in tree["issue"]]


def write_every_kind(house: House) -> None:
    """One entry of every kind, with a patient, an exchange and facts."""
    with house.gateway.store.unit() as unit:
        for number, kind in enumerate(sorted(KINDS)):
            unit.audit(
                Entry(
                    kind=kind,
                    at=house.gateway.clock(),
                    tenant=OURS,
                    actor=("worker:hand", "key:ab12cd34", "gateway")[number % 3],
                    exchange="01890a5d-ac96-774b-bcce-b302099a8057" if number % 2 else None,
                    leg=2 if number % 4 == 1 else None,
                    patient="ab" * 16 if number % 3 else None,
                    facts={"reason": "mailbox-full", "state": "failed", "count": 3, "repeat": False},
                )
            )


def test_every_kind_of_entry_conforms_to_tde_and_to_our_profile_in_both_formats(
    house: House, http: httpx.Client, validator: Validator
) -> None:
    write_every_kind(house)
    headers = house.bearer("auditor")
    asked = {**FOREVER, "_count": "200"}
    for format in ("json", "xml"):
        answer = http.get("/fhir/AuditEvent", params={**asked, "_format": format}, headers=headers)
        assert answer.headers["content-type"] == f"application/fhir+{format}"
        report = validator.check(answer.content, profiles=[f"{TDE}/TDEBundleResultatReponseRechercheTraces"])
        assert [one for one in report.findings if one.severity in ("error", "fatal")] == []
        assert report.tree is not None
        found = [entry["resource"] for entry in report.tree["entry"]]
        assert set(kinds(found)) == KINDS
        for one in found:
            judged = validator.check_tree(one, profiles=[f"{TDE}/tde-auditevent", names.profile("audit-event")])
            assert judged.valid, judged.findings


def test_a_search_gives_the_same_entries_as_the_log_itself(
    house: House, http: httpx.Client, example: Example, validator: Validator
) -> None:
    http.post("/v1/events", json=example("team.created"))
    prepare(house.gateway, "hand")
    entries = http.post("/v1/audit/search", json={}, headers=house.bearer("auditor")).json()["entries"]
    found = [one["resource"] for one in page(http, house)["entry"]]
    assert [int(one["id"]) for one in found][: len(entries)] == [one["seq"] for one in entries]
    by_seq = {str(one["seq"]): one["record"] for one in entries}
    for one in found[: len(entries)]:
        assert one["recorded"] == by_seq[one["id"]]["at"]
        assert one["source"]["observer"]["identifier"]["value"] == "passerelle/test"
        assert by_seq[one["id"]]["salt"] not in json.dumps(one)
        assert validator.check_tree(one, profiles=[names.profile("audit-event")]).valid


def test_each_parameter_narrows(house: House, http: httpx.Client, example: Example) -> None:
    http.post("/v1/events", json=example("team.created"))
    middle = house.gateway.clock().isoformat()
    http.post("/v1/events", json=example("team.created", id="other"))
    prepare(house.gateway, "hand")
    kind = {"subtype": "event-accepted"}

    def number(**asked: str) -> int:
        return len(page(http, house, {**kind, **asked}).get("entry", ()))

    assert number(date="ge2026-11-20") == 2
    assert number(subtype=f"{names.code_system('audit-kind')}|event-accepted", date="2026-11-20") == 2
    assert (number(date=f"ge{middle}"), number(date=f"lt{middle}")) == (1, 1)
    assert (number(date="2026"), number(date="2026-11"), number(date="2026-10"), number(date="gt2026")) == (2, 2, 0, 0)
    assert (number(date="le2026-11-20"), number(date="lt2026-11-20"), number(date="sa2026-11-20")) == (2, 0, 0)
    assert number(**{"period-start": "ge2026-11-20T10:30+01:00"}) == 2
    assert number(**{"TDE_AuditEvent_period-start": "ge2026-11-20T10:31+01:00"}) == 0
    by_worker = page(http, house, {**FOREVER, "agent:identifier": f"{names.ours('actor')}|worker:hand"})["entry"]
    assert {one["resource"]["agent"][0]["who"]["identifier"]["value"] for one in by_worker} == {"worker:hand"}
    both = [("date", f"ge{middle}"), ("date", "lt2026-11-21"), ("subtype", "event-accepted")]
    assert len(page(http, house, both)["entry"]) == 1


def test_a_day_is_one_of_paris(house: House, http: httpx.Client) -> None:
    house.gateway.clock.millis -= 10 * 3600 * 1000 + 30 * 60 * 1000  # type: ignore[attr-defined]  # 23:00 UTC, the 19th
    house.key("auditor")
    assert "entry" in page(http, house, {"date": "2026-11-20"})
    assert "entry" not in page(http, house, {"date": "2026-11-19"})


def test_pages_follow_one_another_to_the_end_and_hold_each_entry_once(house: House, http: httpx.Client) -> None:
    write_every_kind(house)
    whole = page(http, house, {"date": "ge2026-11-20", "_count": "1000"})
    assert link(whole, "next") is None
    first = page(http, house, {"date": "ge2026-11-20", "_count": "7"})
    assert len(first["entry"]) == 7
    ids = [one["id"] for one in follow(http, house, first)]
    assert ids[: len(whole["entry"])] == [one["resource"]["id"] for one in whole["entry"]]
    assert len(ids) == len(set(ids))
    assert first["entry"][0]["fullUrl"].endswith(f"/fhir/AuditEvent/{ids[0]}")


def test_a_patient_is_asked_for_in_the_body_and_never_stands_in_an_address(
    house: House, http: httpx.Client, example: Example
) -> None:
    sent = example("team.created")
    for number in range(3):
        http.post("/v1/events", json=example("team.created", id=f"E-{number}"))
    ins = sent["patient"]["ins"]["number"]
    headers = house.bearer("auditor")
    asked = {**FOREVER, "patient:identifier": f"{INS}|{ins}", "_count": "2"}
    answer = http.post("/fhir/AuditEvent/_search", data=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    (search,) = house.log("audit-searched")
    handle = search["patient"]
    for address in (link(answer.json(), "self"), link(answer.json(), "next")):
        assert address is not None
        assert ins not in address
        assert handle not in address
    found = follow(http, house, answer.json())
    assert {one["entity"][-1]["what"]["identifier"]["value"] for one in found} == {handle}
    assert kinds(found).count("event-accepted") == 3
    exchange = next(one for one in found if kinds([one]) == ["event-accepted"])["entity"][0]["what"]["identifier"]
    about = {**FOREVER, "entity.identifier": f"{exchange['system']}|{exchange['value']}", "subtype": "event-accepted"}
    assert len(http.post("/fhir/AuditEvent/_search", data=about, headers=headers).json()["entry"]) == 1


def test_only_who_searched_for_a_patient_may_take_the_search_up_again(
    house: House, http: httpx.Client, example: Example
) -> None:
    for number in range(3):
        http.post("/v1/events", json=example("team.created", id=f"E-{number}"))
    accepted = house.log("event-accepted")[0]
    asked = {**FOREVER, "patient.identifier": f"{names.ours('patient-handle')}|{accepted['patient']}", "_count": "1"}
    answer = http.post("/fhir/AuditEvent/_search", data=asked, headers=house.bearer("auditor"))
    following = link(answer.json(), "next")
    assert following is not None
    for other in (house.bearer("dpo"), house.bearer("auditor", THEIRS), house.bearer("auditor", client="office")):
        assert issues(http.get(following, headers=other)) == [("wrong-type", "http.page")]
    cursor, _, search = dict(parse_qsl(urlsplit(following).query))["page"].rpartition(".")
    wrong = {**FOREVER, "page": f"{cursor}.{int(search) - 1}"}
    assert issues(http.get("/fhir/AuditEvent", params=wrong, headers=house.bearer("auditor")))
    assert http.get(following, headers=house.bearer("auditor")).status_code == 200


def test_an_identifier_in_an_address_is_refused_and_the_right_way_told(house: House, http: httpx.Client) -> None:
    ins = "279035121518989"
    for name in ("patient", "patient:identifier", "patient.identifier", "entity", "entity:identifier",
                 "entity.identifier", "patient:Patient.identifier"):  # fmt: skip
        answer = http.get("/fhir/AuditEvent", params={**FOREVER, name: ins}, headers=house.bearer("auditor"))
        assert issues(answer) == [("identifier-in-address", f"http.{name}")]
        said = answer.json()["issue"][0]["details"]["text"]
        assert "POST /fhir/AuditEvent/_search" in said
        assert "POST /v1/audit/search" in said
        assert ins not in answer.text
    assert house.log("audit-searched") == []


def test_a_wrong_question_is_refused_with_every_fault_and_never_repeated(house: House, http: httpx.Client) -> None:
    headers = house.bearer("auditor")
    asked = {"_count": "x", "subtype": "gossip,QWERTZ", "page": "x"}
    expected = [("wrong-type", "http.page"), ("wrong-type", "http._count"), ("wrong-type", "http.subtype"),
                ("missing-field", "http.date")]  # fmt: skip
    assert issues(http.get("/fhir/AuditEvent", params=asked, headers=headers)) == expected
    assert issues(http.post("/fhir/AuditEvent/_search", data=asked, headers=headers)) == expected
    unknown = {**FOREVER, "subtype": "gossip"}
    assert issues(http.get("/fhir/AuditEvent", params=unknown, headers=headers)) == [("unknown-code", "http.subtype")]
    assert issues(http.get("/fhir/AuditEvent", params={"type": "rest"}, headers=headers))[0][0] == "unknown-parameter"
    for name, value, code in (
        ("patient:identifier", f"{INS}|279035121518900", "ins-key"),
        ("patient:identifier", f"{INS}|QWERTZ", "ins-form"),
        ("patient:identifier", "urn:oid:1.2.3|QWERTZ", "unknown-code"),
        ("entity:identifier", f"{names.ours('exchange')}|QWERTZ", "wrong-type"),
        ("who", "QWERTZ", "unknown-parameter"),
    ):
        answer = http.post("/fhir/AuditEvent/_search", data={**FOREVER, name: value}, headers=headers)
        assert issues(answer) == [(code, f"http.{name}")]
        assert value.rpartition("|")[2] not in answer.text
    assert house.log("audit-searched") == []


def test_a_form_that_is_none_is_refused(house: House, http: httpx.Client) -> None:
    headers = {**house.bearer("auditor"), "Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"date=%ff", b"&".join([b"a=1"] * 5000), b"\xff\xfe", b"", b"date"):
        assert issues(http.post("/fhir/AuditEvent/_search", content=body, headers=headers)), body
    headers["Content-Type"] = "application/json"
    assert issues(http.post("/fhir/AuditEvent/_search", content=b"{}", headers=headers), 415)


def test_looking_is_written_down_by_what_was_asked_and_never_for_whom(
    house: House, http: httpx.Client, example: Example
) -> None:
    sent = example("team.created")
    http.post("/v1/events", json=sent)
    (accepted,) = house.log("event-accepted")
    ins = sent["patient"]["ins"]["number"]
    data = {**FOREVER, "patient:identifier": f"{INS}|{ins}", "subtype": "event-accepted"}
    assert len(http.post("/fhir/AuditEvent/_search", data=data, headers=house.bearer("dpo")).json()["entry"]) == 1
    one = http.get(f"/fhir/AuditEvent/{accepted['seq']}", headers=house.bearer("auditor"))
    assert one.json()["id"] == str(accepted["seq"])
    searched, read = house.log("audit-searched")
    assert searched["facts"] == {"by": "kind,since,patient", "found": 1, "page": ""}
    assert searched["patient"] == accepted["patient"]
    assert (read["facts"], read["actor"]) == (
        {"by": "seq", "found": 1, "page": str(accepted["seq"])},
        f"key:{house.ids[OURS, CLIENT, 'auditor']}",
    )
    assert ins not in json.dumps([searched, read])


def test_one_entry_is_read_in_both_formats_and_only_ones_own(
    house: House, http: httpx.Client, example: Example, validator: Validator
) -> None:
    http.post("/v1/events", json=example("team.created"))
    seq = house.log("event-accepted")[0]["seq"]
    for format in ("json", "xml"):
        answer = http.get(f"/fhir/AuditEvent/{seq}", params={"_format": format}, headers=house.bearer("auditor"))
        assert answer.status_code == 200
        assert validator.check(answer.content, profiles=[names.profile("audit-event")]).valid
    for path, headers in (
        (str(seq), house.bearer("auditor", THEIRS)),
        ("1000000000", house.bearer("auditor")),
        ("x", house.bearer("auditor")),
        ("-1", house.bearer("auditor")),
    ):
        assert issues(http.get(f"/fhir/AuditEvent/{path}", headers=headers), 404)


def test_an_entry_whose_record_was_purged_is_gone_and_left_out(house: House, http: httpx.Client) -> None:
    house.key("auditor")
    end = house.gateway.clock()
    with house.gateway.store.unit() as unit:
        assert unit.log.purge(end, policy="test", actor="test", tenant=OURS) > 0
    found = page(http, house)["entry"]
    assert kinds([one["resource"] for one in found]) == ["records-purged"]
    assert issues(http.get("/fhir/AuditEvent/0", headers=house.bearer("auditor")), 410)
