"""POST /fhir: what other software sends becomes one event, or is refused with every reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.api import Limits
from gateway.journey.gateway import Client
from gateway.model.event import read_event
from gateway.model.known import Known, after
from gateway.translate import to_bundle
from gateway.validate import Validator, open_library
from gateway.wiring import data
from tests import foreign
from tests.api.conftest import CLIENT, OURS, House, served, visit

JSON = dict[str, Any]
Example = Callable[..., JSON]
RESPONSE = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.ProvideDocumentBundleResponse"


def send(http: httpx.Client, bundle: JSON, **headers: str) -> httpx.Response:
    """The Bundle as another software posts it."""
    return http.post(
        "/fhir", content=json.dumps(bundle).encode(), headers={"Content-Type": "application/fhir+json", **headers}
    )


def told(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """(severity, code, place) of every issue of an OperationOutcome."""
    tree = answer.json()
    assert tree["resourceType"] == "OperationOutcome", tree
    return [issue(one) for one in tree["issue"]]


def issue(one: JSON) -> tuple[str, str, str]:
    return one["severity"], one["details"]["coding"][0]["code"], next(iter(one.get("expression", [])), "")


def stored(house: House, answer: httpx.Response) -> JSON:
    """The event a transaction became."""
    assert answer.status_code == 200, answer.text
    with house.gateway.store.glance() as unit:
        tree: JSON = json.loads(unit.contents.get(OURS, answer.headers["location"].rpartition("/")[2], "event"))
    return tree


def test_a_care_circle_of_another_software_becomes_a_team(house: House, http: httpx.Client) -> None:
    answer = send(http, foreign.creation())
    event = stored(house, answer)
    assert event["type"] == "team.created"
    assert event["team"]["id"] == "C-12"
    assert [member["id"] for member in event["team"]["members"]] == ["10100012342", "urn:oid:1.2.3.4.5.6|P-4"]
    assert http.get(answer.headers["location"]).json()["type"] == "team.created"
    tree = answer.json()
    assert (tree["resourceType"], tree["type"]) == ("Bundle", "transaction-response")
    assert [entry["response"]["status"] for entry in tree["entry"]] == ["201 Created"] * 8
    assert [entry["response"]["location"].partition("/")[0] for entry in tree["entry"]] == [
        entry["resource"]["resourceType"] for entry in foreign.creation()["entry"]
    ]


def test_the_answer_says_what_was_taken_for_said_and_what_was_not_kept(http: httpx.Client) -> None:
    bundle = foreign.creation(note=[{"text": "a note"}])
    entries = send(http, bundle).json()["entry"]
    issues = [issue(one) for one in entries[0]["response"]["outcome"]["issue"]]
    assert ("information", "not-kept", "Bundle.entry[0].resource.note[0]") in issues
    assert ("warning", "sender-in-charge", "Bundle.entry[0].resource.managingOrganization") in issues
    assert ("warning", "time-of-receipt", "Bundle.timestamp") in issues


def test_the_same_bundle_again_gets_the_same_answer(house: House, http: httpx.Client) -> None:
    first, again = send(http, foreign.creation()), send(http, foreign.creation())
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.headers["location"] == again.headers["location"]
    assert len(house.log("event-accepted")) == 1


def test_a_key_names_one_bundle_for_good(http: httpx.Client) -> None:
    key = {"Idempotency-Key": "circle-12"}
    first = send(http, foreign.creation(), **key)
    assert send(http, foreign.creation(), **key).headers["location"] == first.headers["location"]
    other = send(http, foreign.creation(name="Another"), **key)
    assert other.status_code == 409
    assert told(other) == [("error", "duplicate-event", "")]
    assert other.headers["location"] == first.headers["location"]


def test_an_update_becomes_the_event_that_tells_its_change(house: House, http: httpx.Client) -> None:
    joined = foreign.participant(foreign.NURSE_ROLE, "2026-11-20", as_="ATTPHYS")
    left = foreign.participant(foreign.NURSE_ROLE, "2026-11-20", "2026-11-21", as_="ATTPHYS")
    send(http, foreign.creation())
    first = stored(house, send(http, foreign.update(*foreign.MEMBERS, joined)))
    assert (first["type"], first["member"]["id"]) == ("team.member-joined", "10100054328")
    second = stored(house, send(http, foreign.update(*foreign.MEMBERS, left)))
    assert (second["type"], second["member"]["until"]) == ("team.member-left", "2026-11-21")
    period = {"start": "2026-11-01", "end": "2026-11-21"}
    ended = foreign.update(*foreign.MEMBERS, left, status="inactive", period=period)
    assert stored(house, send(http, ended))["type"] == "team.closed"


def test_members_are_known_again_by_the_ids_that_were_answered(house: House, http: httpx.Client) -> None:
    answered = send(http, foreign.creation()).json()["entry"]
    where = {
        entry["fullUrl"]: one["response"]["location"]
        for entry, one in zip(foreign.creation()["entry"], answered, strict=True)
    }
    bundle = foreign.update(
        foreign.participant(where[foreign.DOCTOR_ROLE], "2026-11-01"),
        foreign.participant(where[foreign.DAUGHTER], "2026-11-01", "2026-11-20"),
    )
    bundle["entry"] = bundle["entry"][:3]  # the circle, the patient, the structure: nobody else changed
    bundle["entry"][0]["request"]["url"] = where[foreign.TEAM]
    event = stored(house, send(http, bundle))
    assert (event["type"], event["member"]["id"]) == ("team.member-left", "urn:oid:1.2.3.4.5.6|P-4")


def test_several_changes_at_once_are_named_and_refused(house: House, http: httpx.Client) -> None:
    send(http, foreign.creation())
    doctor = foreign.participant(foreign.DOCTOR_ROLE, "2026-11-01", "2026-11-20")
    nurse = foreign.participant(foreign.NURSE_ROLE, "2026-11-20")
    answer = send(http, foreign.update(doctor, foreign.MEMBERS[1], nurse))
    assert answer.status_code == 422
    assert told(answer) == [("error", "several-changes", "Bundle.entry[0].resource")]
    text = answer.json()["issue"][0]["details"]["text"]
    assert "team.member-left × 1" in text
    assert "team.member-joined × 1" in text
    assert len(house.log("event-accepted")) == 1


def test_what_no_event_tells_is_refused_by_its_name(http: httpx.Client) -> None:
    send(http, foreign.creation())
    assert told(send(http, foreign.update()))[0][1] == "no-change"
    assert told(send(http, foreign.update(name="Renamed")))[0][1] == "no-event-for-change"


def test_an_unknown_circle_is_not_updated_and_a_known_one_not_created_again(http: httpx.Client) -> None:
    unknown = send(http, foreign.update())
    assert (unknown.status_code, told(unknown)[0][1]) == (422, "unknown-team")
    send(http, foreign.creation())
    twice = send(http, foreign.creation(name="The same circle, otherwise named"))
    assert (twice.status_code, told(twice)[0][1]) == (409, "team-known")


def test_a_provided_document_becomes_a_report(house: House, http: httpx.Client) -> None:
    answer = send(http, foreign.provided())
    event = stored(house, answer)
    assert event["type"] == "report.shared"
    assert event["occurred_at"] == "2026-11-20T17:06:00+01:00"
    assert event["report"]["id"] == "CR-2026-31"
    assert event["report"]["type"] == "11488-4"
    assert event["report"]["document"]["content_type"] == "application/pdf"
    assert event["sender"]["rpps"] == "10100012342"
    assert [entry["response"]["location"].partition("/")[0] for entry in answer.json()["entry"]] == [
        "List", "DocumentReference", "Binary", "Patient",
    ]  # fmt: skip


def test_the_answer_to_a_provided_document_conforms_to_its_guide(http: httpx.Client, validator: Validator) -> None:
    report = validator.check(send(http, foreign.provided()).content, profiles=[RESPONSE])
    assert [one for one in report.findings if one.severity == "error"] == []


def test_a_document_replaces_the_one_whose_answered_id_it_names(house: House, http: httpx.Client) -> None:
    first = send(http, foreign.provided()).json()["entry"][1]["response"]["location"]
    newer = foreign.provided(
        masterIdentifier={"use": "usual", "system": "urn:oid:1.2.3.4.5.8", "value": "CR-2026-32"},
        relatesTo=[{"code": "replaces", "target": {"reference": first}}],
    )
    event = stored(house, send(http, newer))
    assert (event["type"], event["report"]["replaces"]) == ("report.replaced", "CR-2026-31")


def test_a_document_that_is_not_the_one_described_is_refused(http: httpx.Client) -> None:
    bundle = foreign.provided()
    bundle["entry"][1]["resource"]["content"][0]["attachment"]["size"] = 7
    place = "Bundle.entry[1].resource.content[0].attachment.size"
    assert ("error", "document-differs", place) in told(send(http, bundle))


def test_every_fault_is_told_at_once_with_its_place(http: httpx.Client) -> None:
    bundle = foreign.creation()
    (whom,) = (one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    del whom["birthDate"]
    whom["name"][0]["use"] = "usual"
    del bundle["entry"][0]["resource"]["managingOrganization"]
    answer = send(http, bundle)
    assert answer.status_code == 422
    assert set(told(answer)) >= {
        ("error", "missing-field", "Bundle.entry[1].resource.birthDate"),
        ("error", "missing-field", "Bundle.entry[1].resource.name"),
        ("error", "no-sender", "Bundle.entry[0].resource.managingOrganization"),
    }


def test_a_software_may_have_a_sender_of_its_own(house: House) -> None:
    sender = {"organization": {"ids": [{"scheme": "FINESS", "value": "750000127"}]}}
    house.gateway = replace(house.gateway, clients={OURS: {CLIENT: Client("canonical", False, sender)}})
    bundle = foreign.creation()
    del bundle["entry"][0]["resource"]["managingOrganization"]
    with served(house, Limits()) as address, visit(address, house.bearer()) as other:
        assert stored(house, send(other, bundle))["sender"]["organization"]["ids"][0]["value"] == "750000127"


def test_a_refusal_holds_the_reasons_and_no_warnings_beside_them(http: httpx.Client) -> None:
    answer = send(http, {**foreign.creation(), "type": "batch"})
    assert answer.status_code == 422
    assert [(severity, place) for severity, _, place in told(answer)] == [("error", "Bundle.type")]


def test_a_claimed_profile_that_is_not_there_is_said(http: httpx.Client) -> None:
    bundle = {**foreign.creation(), "meta": {"profile": ["https://example.org/StructureDefinition/of-nobody"]}}
    issues = [issue(one) for one in send(http, bundle).json()["entry"][0]["response"]["outcome"]["issue"]]
    assert ("warning", "profile-unknown", "Bundle.meta.profile[0]") in issues


def test_what_does_not_conform_is_refused_with_what_the_validator_found(house: House, http: httpx.Client) -> None:
    bundle = foreign.creation()
    del bundle["entry"][0]["resource"]["name"]
    answer = send(http, bundle)
    assert answer.status_code == 422
    assert any(one["severity"] == "error" for one in answer.json()["issue"])
    assert house.log("event-rejected")[0]["facts"]["codes"] == "nonconformant"
    assert house.log("event-accepted") == []


@pytest.mark.parametrize(
    "bundle",
    [
        foreign.bundle(foreign.entry(foreign.PATIENT, foreign.patient())),
        foreign.bundle(foreign.entry(foreign.TEAM, foreign.care_team(), "DELETE"), *foreign.actors()),
    ],
    ids=["a patient alone", "a circle to delete"],
)
def test_a_transaction_of_no_guide_is_refused(bundle: JSON, http: httpx.Client) -> None:
    answer = send(http, bundle)
    assert answer.status_code == 422
    assert "unsupported-transaction" in {code for _, code, _ in told(answer)}


def test_a_guide_that_is_not_installed_is_said(house: House) -> None:
    bare = Validator(open_library(packages=(), own=data("profiles"), cache=None))
    house.gateway = replace(house.gateway, validator=lambda: bare)
    with served(house, Limits()) as address, visit(address, house.bearer()) as http:
        answer = send(http, foreign.creation())
    issues = [issue(one) for one in answer.json()["entry"][0]["response"]["outcome"]["issue"]]
    assert ("warning", "profile-not-found", "") in issues


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff\xfe", b'{"resourceType":"Bundle","resourceType":"Bundle"}'])
def test_what_cannot_be_read_is_a_bad_request(body: bytes, http: httpx.Client) -> None:
    answer = http.post("/fhir", content=body, headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code in (400, 422)
    assert told(answer)[0][0] in ("fatal", "error")


def test_a_modifier_nobody_knows_is_not_passed_over(http: httpx.Client) -> None:
    strange = {"url": "https://example.org/not-this-one", "valueBoolean": True}
    bundle = foreign.creation(modifierExtension=[strange])
    answer = send(http, bundle)
    assert answer.status_code == 422


def test_a_version_is_not_promised(http: httpx.Client) -> None:
    send(http, foreign.creation())
    bundle = foreign.update(foreign.MEMBERS[0])
    bundle["entry"][0]["request"]["ifMatch"] = 'W/"3"'
    assert ("error", "no-versions", "Bundle.entry[0].request.ifMatch") in told(send(http, bundle))


def test_xml_comes_in_and_goes_out(house: House, http: httpx.Client, validator: Validator) -> None:
    raw = validator.xml_of(foreign.creation())
    answer = http.post(
        "/fhir", content=raw, headers={"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+xml")
    assert b"transaction-response" in answer.content
    assert http.get(answer.headers["location"]).json()["type"] == "team.created"
    refused = http.post("/fhir?_format=xml", content=b"<Patient", headers={"Content-Type": "application/fhir+xml"})
    assert refused.status_code == 400
    assert b"<OperationOutcome" in refused.content


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/fhir+json; fhirVersion=5.0"}, 415),
        ({"Content-Type": "application/fhir+json; fhirVersion=4.0"}, 200),
        ({"Accept": "application/pdf"}, 406),
        ({"Idempotency-Key": "x" * 256}, 400),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_fhir(headers: dict[str, str], status: int, http: httpx.Client) -> None:
    answer = send(http, foreign.creation(), **headers)
    assert answer.status_code == status
    if status != 200:
        assert told(answer)[0][0] == "error"


def test_sentences_are_french_unless_english_is_preferred(http: httpx.Client) -> None:
    patient = foreign.bundle(foreign.entry(foreign.PATIENT, foreign.patient()))
    french = send(http, patient).json()["issue"][0]["details"]["text"]
    english = send(http, patient, **{"Accept-Language": "en-GB, fr;q=0.5"}).json()["issue"][0]["details"]["text"]
    assert french.startswith("Cette transaction")
    assert english.startswith("This transaction")


def test_a_bundle_of_another_gateway_is_the_event_it_names(house: House, http: httpx.Client, example: Example) -> None:
    event = read_event(example("team.created"))
    known, _ = after(Known(), event, "handle")
    bundle = to_bundle(event, known, house.gateway.terms)
    answer = send(http, bundle)
    assert stored(house, answer)["id"] == event.id
    assert all("outcome" not in entry["response"] for entry in answer.json()["entry"])


def test_ten_updates_at_once_change_the_team_one_after_the_other(house: House, http: httpx.Client) -> None:
    send(http, foreign.creation())
    nurse = foreign.participant(foreign.NURSE_ROLE, "2026-11-20")
    bundles = [foreign.update(*foreign.MEMBERS, nurse) for _ in range(10)]
    for number, bundle in enumerate(bundles):
        bundle["timestamp"] = f"2026-11-21T09:00:{number:02}+01:00"
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda bundle: send(http, bundle), bundles))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 9
    assert {told(answer)[0][1] for answer in answers if answer.status_code == 422} == {"no-change"}


def test_what_was_sent_is_nowhere_in_logs_or_refusals(house: House, http: httpx.Client) -> None:
    bundle = foreign.creation(name="")
    bundle["entry"][1]["resource"]["birthDate"] = "PAT-TROIS"
    answer = send(http, bundle)
    assert answer.status_code in (400, 422)
    for word in ("PAT-TROIS", "DOMINIQUE", "279035121518989"):
        assert word not in answer.text
        assert word not in repr(house.said)
        assert word not in repr(house.log("event-rejected"))


def test_a_vendor_sees_only_its_own_software_here_too(house: House, http: httpx.Client) -> None:
    other = house.bearer("vendor", client=f"not-{CLIENT}")
    send(http, foreign.creation())
    answer = send(http, foreign.update(foreign.MEMBERS[0]), **other)
    assert told(answer)[0][1] == "unknown-team"
