"""A Bundle names its entries rightly, and a document holds what its Composition leads to, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validate.hold.conftest import Judge

ROOT = "https://a.example.org/fhir/"


def entry(resource: dict[str, Any], url: str | None = None, /, **more: Any) -> dict[str, Any]:
    url = ROOT + f"{resource['resourceType']}/{resource.get('id')}" if url is None else url
    return ({"fullUrl": url} if url else {}) | {"resource": resource, **more}


def bundle(kind: str, *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **more}


def one(kind: str, id: str = "1", **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": id, **more}


def document(*entries: dict[str, Any], links: tuple[dict[str, str], ...] = (), **composition: Any) -> dict[str, Any]:
    first = one("Composition", subject={"reference": "Patient/1"}, **composition)
    beside = {"link": list(links)} if links else {}
    return bundle("document", entry(first), entry(one("Patient")), *entries, **beside)


@pytest.mark.parametrize(
    ("url", "resource", "rule"),
    [
        (ROOT + "Patient/1", one("Patient"), None),
        ("urn:uuid:0b5c8a1e-64a8-4c5e-9c39-6a4d9f1d0f11", one("Patient"), None),
        ("https://a.example.org/anything", one("Patient"), None),
        ("Patient/1", one("Patient"), "full-url-relative"),
        (ROOT + "Patient/2", one("Patient"), "full-url-other-id"),
        (ROOT + "Group/1", one("Patient"), "full-url-other-id"),
        (ROOT + "Patient/1", {"resourceType": "Patient"}, "full-url-no-id"),
        ("", one("Patient"), "full-url-missing"),
    ],
)
def test_the_full_url_of_an_entry_is_the_identity_of_its_resource(
    said: Judge, url: str, resource: dict[str, Any], rule: str | None
) -> None:
    assert said(bundle("collection", entry(resource, url))) == ({("Bundle.entry[0]", rule)} if rule else set())


@pytest.mark.parametrize("kind", ["transaction", "batch", "transaction-response", "batch-response"])
def test_a_transaction_needs_no_full_url(said: Judge, kind: str) -> None:
    assert said(bundle(kind, entry(one("Patient"), ""))) == set()


@pytest.mark.parametrize(
    ("method", "url", "rule"),
    [
        ("POST", "Patient", None),
        ("PUT", "Patient/1", None),
        ("PUT", "Patient?identifier=1", None),
        ("POST", "Group", "request-other-type"),
        ("PUT", "Patient/2", "request-other-id"),
        ("GET", "Group/2", None),
    ],
)
def test_a_request_is_for_the_resource_of_its_entry(said: Judge, method: str, url: str, rule: str | None) -> None:
    asked = entry(one("Patient"), request={"method": method, "url": url})
    assert said(bundle("transaction", asked)) == ({("Bundle.entry[0].request.url", rule)} if rule else set())


def test_links_are_said_once_and_pages_only_of_a_search(said: Judge) -> None:
    def links(kind: str, *relations: str) -> set[str]:
        listed = [{"relation": relation, "url": "https://a.example.org/x"} for relation in relations]
        return {rule for _, rule in said(bundle(kind, link=listed))}

    assert links("searchset", "self", "next", "first") == set()
    assert links("searchset", "self", "self") == {"link-twice"}
    assert links("collection", "self", "next") == {"link-not-here"}


def test_a_document_holds_what_its_composition_leads_to(said: Judge) -> None:
    assert said(document()) == set()
    section = [{"entry": [{"reference": "Observation/1"}], "section": [{"entry": [{"reference": "Observation/2"}]}]}]
    observations = [entry(one("Observation", number, subject={"reference": "Patient/1"})) for number in "12"]
    assert said(document(*observations, section=section)) == set()
    elsewhere = {"identifier": {"system": "urn:x", "value": "1", "assigner": {"reference": "Organization/1"}}}
    assert said(document(author=[elsewhere])) == set()
    missing = {("Bundle.entry[0].resource.section[0].section[0].entry[0]", "document-missing")}
    assert said(document(observations[0], section=section)) == missing


def test_what_nothing_leads_to_does_not_belong_in_a_document(said: Judge) -> None:
    assert said(document(entry(one("Group")))) == {("Bundle.entry[2]", "entry-not-reached")}
    backwards = one("Observation", subject={"reference": "Patient/1"})
    assert said(document(entry(backwards))) == {("Bundle.entry[2]", "entry-reached-backwards")}
    signed = one("Provenance", target=[{"reference": "Composition/1"}])
    assert said(document(entry(signed))) == set()
    picture = one("Binary", contentType="image/png")
    shown = one("Media", content={"url": "Binary/1"})
    assert said(document(entry(picture), entry(shown), section=[{"entry": [{"reference": "Media/1"}]}])) == set()


def test_a_stylesheet_stands_in_the_document(said: Judge) -> None:
    style = entry(one("Binary", contentType="text/css"))
    inside = {"relation": "stylesheet", "url": "Binary/1"}
    assert said(document(style, links=(inside,))) == set()
    assert said(document(links=(inside,))) == {("Bundle.link[0].url", "stylesheet-missing")}
    outside = {"relation": "stylesheet", "url": "https://other.example.org/x.css"}
    assert said(document(links=(outside,))) == {("Bundle.link[0].url", "stylesheet-external")}


def test_the_focus_of_a_message_is_in_it(said: Judge) -> None:
    header = one("MessageHeader", focus=[{"reference": "Patient/1"}])
    assert said(bundle("message", entry(header), entry(one("Patient")))) == set()
    assert said(bundle("message", entry(header))) == {("Bundle.entry[0].resource.focus[0]", "message-missing")}
    lost = bundle("message", entry(header), entry(one("Patient")), entry(one("Group")))
    assert said(lost) == {("Bundle.entry[2]", "entry-not-reached-message")}


@pytest.mark.parametrize(
    ("resource", "mode", "at", "rule"),
    [
        (one("Patient"), "match", "", None),
        (one("Group"), "include", "", None),
        (one("OperationOutcome"), "outcome", "", None),
        (one("Group"), "match", ".resource", "search-other-type"),
        (one("Patient"), "outcome", ".resource", "search-no-outcome"),
        (one("Patient"), "", "", "search-no-mode"),
    ],
)
def test_the_answer_to_a_search_says_why_each_resource_is_in_it(
    said: Judge, resource: dict[str, Any], mode: str, at: str, rule: str | None
) -> None:
    asked = [{"relation": "self", "url": ROOT + "Patient?name=demo"}]
    other = entry(one("Patient", "2"), search={"mode": "match"})
    here = entry(resource, **({"search": {"mode": mode}} if mode else {}))
    assert said(bundle("searchset", here, other, link=asked)) == ({("Bundle.entry[0]" + at, rule)} if rule else set())


def test_a_resource_found_has_an_id_and_an_answer_its_modes(said: Judge) -> None:
    nameless = entry({"resourceType": "Patient"}, "urn:uuid:1", search={"mode": "match"})
    assert said(bundle("searchset", nameless)) == {("Bundle.entry[0].resource", "search-no-id")}
    assert said(bundle("searchset", entry(one("Patient")))) == {("Bundle", "search-no-modes")}
    assert said(bundle("searchset", {"fullUrl": "urn:uuid:1", "search": {"mode": "match"}})) == {
        ("Bundle.entry[0]", "search-no-resource")
    }
