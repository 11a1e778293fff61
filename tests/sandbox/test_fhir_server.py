"""The sandbox's FHIR server takes transactions as a real one does, over https, and shows what it holds."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.deliver import Outcome
from gateway.sandbox.certificates import Certificates
from gateway.sandbox.fhir_server import FhirBox, received
from tests.deliver.posts import endpoint, transaction, transport
from tests.translate.fhir.events import KINDS, bundle_of, example

FHIR = {"content-type": "application/fhir+json"}


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


@pytest.fixture
def box(tmp_path: Path, certificates: Certificates) -> Iterator[FhirBox]:
    with FhirBox(tmp_path / "fhir", certificates, slow_s=0.1) as opened:
        yield opened


@pytest.fixture
def client(box: FhirBox) -> Iterator[httpx.Client]:
    with httpx.Client(verify=ssl.create_default_context(cafile=box.ca), headers=FHIR, trust_env=False) as opened:
        yield opened


Post = Callable[..., httpx.Response]


@pytest.fixture
def post(box: FhirBox, client: httpx.Client) -> Post:
    """Posts entries as one transaction."""

    def one(*entries: dict[str, Any], magic: str = "", **how: Any) -> httpx.Response:
        bundle = {"resourceType": "Bundle", "type": "transaction", "identifier": {"value": "e1"}, "entry": entries}
        return client.post(box.url + magic, content=json.dumps({**bundle, **how}))

    return one


def entry(method: str, url: str, resource: dict[str, Any], **more: Any) -> dict[str, Any]:
    request = {"method": method, "url": url}
    if "ifNoneExist" in more:
        request["ifNoneExist"] = more.pop("ifNoneExist")
    return {
        "resource": {"resourceType": url.partition("?")[0].partition("/")[0], **resource},
        "request": request,
        **more,
    }


def team(number: str, **more: Any) -> dict[str, Any]:
    return {"identifier": [{"system": "urn:x", "value": number}], **more}


def statuses(response: httpx.Response) -> list[str]:
    return [each["response"]["status"][:3] for each in response.json()["entry"]]


def test_a_resource_is_created_once_however_often_it_is_sent(box: FhirBox, post: Post) -> None:
    creates = entry("POST", "CareTeam", team("7"), ifNoneExist="identifier=urn%3Ax|7")
    assert statuses(post(creates)) == ["201"]
    assert statuses(post(creates)) == ["200"]
    assert len(box.holds("CareTeam")) == 1
    assert len(box.received()) == 2


def test_a_conditional_update_creates_then_replaces(box: FhirBox, post: Post) -> None:
    where = "CareTeam?identifier=urn%3Ax|7"
    for status, code, version in (("active", "201", "1"), ("active", "200", "1"), ("inactive", "200", "2")):
        assert statuses(post(entry("PUT", where, team("7", status=status)))) == [code]
        [held] = box.holds("CareTeam")
        assert (held["status"], held["meta"]["versionId"]) == (status, version)


def test_a_status_is_patched_where_the_resource_is(box: FhirBox, post: Post) -> None:
    post(
        entry(
            "POST", "DocumentReference", {"masterIdentifier": {"system": "urn:x", "value": "r,1"}, "status": "current"}
        )
    )
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "DocumentReference.status"},
        {"name": "value", "valueCode": "superseded"},
    ]
    patch = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    request = {"method": "PATCH", "url": "DocumentReference?identifier=urn%3Ax|r%5C%2C1"}
    assert statuses(post({"resource": patch, "request": request})) == ["200"]
    assert [held["status"] for held in box.holds("DocumentReference")] == ["superseded"]
    request["url"] = "DocumentReference?identifier=urn%3Ax|other"
    assert post({"resource": patch, "request": request}).status_code == 404


def test_references_within_a_transaction_lead_to_what_is_held(box: FhirBox, post: Post) -> None:
    post(entry("POST", "Patient", team("42")))
    document = {"subject": {"reference": "urn:uuid:p"}, "content": [{"attachment": {"url": "urn:uuid:b"}}]}
    post(
        entry("POST", "DocumentReference", document, fullUrl="urn:uuid:d"),
        entry("POST", "Patient", team("42"), fullUrl="urn:uuid:p", ifNoneExist="identifier=urn%3Ax|42"),
        entry("POST", "Binary", {}, fullUrl="urn:uuid:b"),
    )
    [patient], [binary], [held] = box.holds("Patient"), box.holds("Binary"), box.holds("DocumentReference")
    assert held["subject"]["reference"] == f"Patient/{patient['id']}"
    assert held["content"][0]["attachment"]["url"] == f"Binary/{binary['id']}"


def test_a_transaction_is_taken_whole_or_not_at_all(box: FhirBox, post: Post) -> None:
    for _ in range(2):
        post(entry("POST", "CareTeam", team("7")))
    answer = post(
        entry("POST", "Patient", team("42")),
        entry("POST", "CareTeam", team("7"), ifNoneExist="identifier=urn%3Ax|7"),
    )
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (412, "multiple-matches")
    assert box.holds("Patient") == []
    assert len(box.received()) == 2


@pytest.mark.parametrize(
    "entries",
    [[{}], [None], [{"request": {"method": "POST", "url": "Patient"}}], 3, [entry("DELETE", "Patient/1", {})]],
)
def test_what_cannot_be_read_changes_nothing(box: FhirBox, post: Post, entries: Any) -> None:
    answer = post(entry=entries)
    assert answer.status_code in {404, 422}
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert box.received() == []


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "", b"{", 400),
        ("POST", "", b"[" * 50_000, 400),
        ("POST", "", b"{}", 422),
        ("POST", "", b'{"resourceType":"Bundle","type":"batch"}', 422),
        ("POST", "/Patient", b"{}", 405),
        ("PUT", "/Patient/1", b"{}", 405),
        ("GET", "/Patient/1", b"", 404),
        ("GET", "/../../etc/passwd", b"", 404),
    ],
)
def test_other_calls_are_refused_with_an_outcome(
    box: FhirBox, client: httpx.Client, method: str, path: str, content: bytes, status: int
) -> None:
    answer = client.request(method, box.url + path, content=content)
    assert answer.status_code == status


def test_what_it_holds_can_be_looked_at(box: FhirBox, client: httpx.Client, post: Post) -> None:
    post(entry("POST", "CareTeam", team("7")), entry("POST", "CareTeam", team("8")))
    assert client.get(f"{box.url}/metadata").json()["fhirVersion"] == "4.0.1"
    assert client.get(f"{box.url}/CareTeam").json()["total"] == 2
    found = client.get(f"{box.url}/CareTeam", params={"identifier": "urn:x|8"}).json()
    assert [each["resource"]["identifier"][0]["value"] for each in found["entry"]] == ["8"]
    id = found["entry"][0]["resource"]["id"]
    assert client.get(f"{box.url}/CareTeam/{id}").json() == found["entry"][0]["resource"]


def test_a_restart_holds_what_was_held(tmp_path: Path, certificates: Certificates, box: FhirBox, post: Post) -> None:
    post(entry("POST", "CareTeam", team("7")), entry("POST", "Patient", team("42")))
    post(entry("PUT", "CareTeam?identifier=urn%3Ax|7", team("7", status="inactive")))
    before = box.holds("CareTeam"), box.holds("Patient")
    port = box.port
    box.close()
    with FhirBox(tmp_path / "fhir", certificates, port=port) as again:
        assert (again.holds("CareTeam"), again.holds("Patient")) == before
        assert again.port == port
    assert len(received(tmp_path / "fhir")) == 2


def test_the_gateways_own_adapter_is_served(box: FhirBox) -> None:
    ours = transport("fhir_server", endpoint("fhir_server", box.port, Path(box.ca), url=box.url))
    parcel = transaction()
    for _ in range(2):
        report = ours.send(parcel)
        assert (report.outcome, report.code, report.detail) == (Outcome.ARRIVED, "HTTP 200", "200 OK, 2 entries")
    assert len(box.holds("DocumentReference")) == len(box.holds("Patient")) == 1
    ours.close()


def test_magic_paths_are_slow_late_or_say_no(box: FhirBox) -> None:
    def reports(magic: str, times: int = 1) -> list[tuple[Outcome, str]]:
        ours = transport("fhir_server", endpoint("fhir_server", box.port, Path(box.ca), url=box.url + magic))
        parcel = transaction()
        told = [ours.send(parcel) for _ in range(times)]
        ours.close()
        assert not any(name in each.detail for each in told for name in ("DURAND", "MÉLIÈS"))
        return [(each.outcome, each.code) for each in told]

    assert reports("/slow") == [(Outcome.ARRIVED, "HTTP 200")]
    assert reports("/refuse", 2) == [(Outcome.NEVER, "HTTP 422")] * 2
    assert reports("/later", 3) == [(Outcome.TRY_LATER, "HTTP 503"), *[(Outcome.ARRIVED, "HTTP 200")] * 2]


def test_it_may_ask_who_is_there(tmp_path: Path, certificates: Certificates) -> None:
    with FhirBox(tmp_path / "guarded", certificates, token="sesame") as guarded:
        for token, code in ((None, "sign-in-refused"), ("sesame", "HTTP 200")):
            at = endpoint("fhir_server", guarded.port, Path(guarded.ca), url=guarded.url, token=token)
            ours = transport("fhir_server", at)
            assert ours.send(transaction()).code == code
            ours.close()


def test_a_transaction_of_any_kind_may_be_repeated(box: FhirBox, post: Post) -> None:
    """Decision 11: only a Binary, which nothing can find, is there again."""
    story = sorted((example(kind) for kind in KINDS), key=lambda event: event.occurred_at.text)
    for event in story:
        bundle = bundle_of(event)
        first = post(**bundle)
        assert first.status_code == 200, (event.type, first.json())
        held = _held_but_binaries(box)
        again = post(**bundle)
        assert again.status_code == 200, (event.type, again.json())
        assert _held_but_binaries(box) == held, event.type
    assert len(box.received()) == 2 * len(KINDS)


def _held_but_binaries(box: FhirBox) -> list[dict[str, Any]]:
    kinds = ("Patient", "CareTeam", "CarePlan", "Goal", "DocumentReference", "List", "PractitionerRole", "Organization")
    return [each for kind in kinds for each in box.holds(kind)]
