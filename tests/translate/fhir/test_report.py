"""A report in FHIR: its description tells the truth about its bytes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from gateway.model.errors import Rejected
from gateway.model.event import ReportReplaced, ReportShared
from gateway.model.known import Known
from gateway.model.report import Document
from gateway.translate.fhir import from_bundle, names, to_bundle, with_document, without_older
from gateway.translate.fhir.shelf import search, searched
from tests.translate.fhir.events import TERMS, bundle_of, example, resources, story


def shared(**report: Any) -> ReportShared:
    """The example with other words in its report."""
    event = example("report.shared")
    assert isinstance(event, ReportShared)
    return replace(event, report=replace(event.report, **report))


def content_of(bundle: dict[str, Any]) -> dict[str, Any]:
    """The one content of its DocumentReference."""
    (content,) = resources(bundle, "DocumentReference")[0]["content"]
    return dict(content)


def test_size_hash_and_address_are_those_of_the_bytes_carried() -> None:
    event = shared()
    bundle = bundle_of(event)
    assert event.report.document is not None
    data = event.report.document.data or b""
    attachment = content_of(bundle)["attachment"]
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(data).digest()
    assert attachment["size"] == len(data)
    (binary,) = (entry for entry in bundle["entry"] if entry["fullUrl"] == attachment["url"])
    assert base64.b64decode(binary["resource"]["data"]) == data
    assert content_of(bundle)["format"]["code"] == "urn:ihe:iti:xds-sd:pdf:2008"


def test_codes_stand_with_their_national_systems_and_the_type_gives_the_class() -> None:
    (reference,) = resources(
        bundle_of(shared(type="11488-4", confidentiality="R", masks=("MASQUE_PS",))), "DocumentReference"
    )
    assert reference["type"]["coding"][0] == {
        "system": "http://loinc.org",
        "code": "11488-4",
        "display": TERMS.pairs("J07")["11488-4"].display,
    }
    assert reference["category"][0]["coding"][0]["code"] == "10"
    labels = [one["coding"][0] for one in reference["securityLabel"]]
    assert [one["code"] for one in labels] == ["R", "MASQUE_PS"]
    assert ["A08" in one["system"] or "A07" in one["system"] for one in labels] == [True, True]


@pytest.mark.parametrize(
    "document", [None, Document(content_type="application/pdf", content="sha256:" + "a" * 64)], ids=["none", "uploaded"]
)
def test_bytes_that_come_later_do_not_change_the_event(document: Document | None) -> None:
    event = shared(document=document)
    bundle = bundle_of(event)
    assert resources(bundle, "Binary") == []
    assert "data-absent-reason" in str(content_of(bundle)["attachment"]["_url"])
    whole = with_document(bundle, b"%PDF-1.4 page", "application/pdf", TERMS)
    get_fhir_model_class("Bundle").model_validate(whole)
    assert content_of(whole)["attachment"]["size"] == 13
    assert resources(bundle, "Binary") == []
    assert from_bundle(whole, Known(), TERMS) == from_bundle(bundle, Known(), TERMS) == event


def test_a_bundle_takes_no_second_document_and_no_other_kind_takes_one() -> None:
    for bundle in (bundle_of(shared()), bundle_of(example("plan.created"))):
        with pytest.raises(ValueError, match="without its document"):
            with_document(bundle, b"%PDF", "application/pdf", TERMS)


def test_a_report_without_author_is_the_senders() -> None:
    event = shared(authors=())
    bundle = bundle_of(event)
    (reference,) = resources(bundle, "DocumentReference")
    numbers = [one["identifier"][0]["value"] for one in reference["contained"] if one["resourceType"] == "Practitioner"]
    assert event.sender.rpps is not None
    assert event.sender.rpps.number in numbers
    assert from_bundle(bundle, Known(), TERMS) == event


def test_a_newer_version_supersedes_the_older_one_where_it_is() -> None:
    event, _, now = story()["report.replaced"]
    bundle = to_bundle(event, now, TERMS, issuer="cpts/logimed")
    (reference,) = resources(bundle, "DocumentReference")
    (relation,) = reference["relatesTo"]
    assert (relation["code"], relation["target"]["identifier"]["value"]) == ("replaces", "CR-2026-118")
    (patch,) = (one for one in bundle["entry"] if one["request"]["method"] == "PATCH")
    assert patch["resource"]["meta"]["profile"] == [names.STATUS_PATCH]
    assert status_of(patch) == ("replace", "DocumentReference.status", "superseded")
    assert searched(patch["request"]["url"].partition("?")[2]) == (
        relation["target"]["identifier"]["system"],
        "CR-2026-118",
    )
    assert patch["request"]["url"].startswith("DocumentReference?")


def test_a_server_that_never_had_the_older_version_is_asked_to_change_nothing() -> None:
    event, before, now = story()["report.replaced"]
    bundle = without_older(to_bundle(event, now, TERMS, issuer="cpts/logimed"))
    assert "PATCH" not in {entry["request"]["method"] for entry in bundle["entry"]}
    (reference,) = resources(bundle, "DocumentReference")
    assert [relation["code"] for relation in reference["relatesTo"]] == ["replaces"]
    assert from_bundle(bundle, before, TERMS) == event


def test_a_cancelled_report_is_marked_and_carries_nothing() -> None:
    event, _, now = story()["report.cancelled"]
    bundle = to_bundle(event, now, TERMS)
    (patch,) = (one for one in bundle["entry"] if one["request"]["method"] == "PATCH")
    assert status_of(patch) == ("replace", "DocumentReference.status", "entered-in-error")
    assert "meta" not in patch["resource"]
    kinds = {one["resource"]["resourceType"] for one in bundle["entry"]}
    assert not kinds & {"DocumentReference", "Binary", "List"}


def test_the_page_made_of_a_newer_version_is_carried_too() -> None:
    event, before, now = story()["report.replaced"]
    assert isinstance(event, ReportReplaced)
    event = replace(event, report=replace(event.report, document=None))
    bundle = with_document(to_bundle(event, now, TERMS), b"%PDF-1.4 page", "application/pdf", TERMS)
    get_fhir_model_class("Bundle").model_validate(bundle)
    assert content_of(bundle)["attachment"]["size"] == 13
    assert from_bundle(bundle, before, TERMS) == event


@pytest.mark.parametrize("query", ["", "identifier=a", "name=a|b", "identifier=a|b&status=c"])
def test_only_a_search_for_one_identifier_names_a_report(query: str) -> None:
    assert searched(query) is None


def test_an_identifier_is_found_again_in_the_search_for_it() -> None:
    for system, value in (("https://a.example/b?c=d", "R,1|2$3\\4 é"), ("urn:oid:1.2.3", "P-42")):
        assert searched(search(system, value)) == (system, value)


def test_a_cancellation_without_its_report_is_refused() -> None:
    event, before, now = story()["report.cancelled"]
    bundle = to_bundle(event, now, TERMS)
    bundle["entry"] = [one for one in bundle["entry"] if one["request"]["method"] != "PATCH"]
    with pytest.raises(Rejected) as refused:
        from_bundle(bundle, before, TERMS)
    assert {fault.code for fault in refused.value.faults} == {"missing-field"}
    assert any(fault.pointer == "/entry" for fault in refused.value.faults)


def status_of(patch: dict[str, Any]) -> tuple[str, ...]:
    """What a FHIRPath Patch does: type, path and value."""
    (operation,) = patch["resource"]["parameter"]
    part = {one["name"]: one.get("valueString") or one.get("valueCode") for one in operation["part"]}
    return part["type"], part["path"], part["value"]


HEAD = b'<ClinicalDocument xmlns="urn:hl7-org:v3"><templateId root="2.16.840.1.113883.2.8.2.1"/>%s<recordTarget/>'
UNSTRUCTURED = b'<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'
LEVEL_3 = b'<templateId root="1.2.250.1.213.1.1.1.26"/>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (HEAD % LEVEL_3, "urn:asip:ci-sis:pps-cancer:2017"),
        (HEAD.replace(b"<Clin", b"<x:Clin").replace(b"<temp", b"<x:temp") % LEVEL_3, "urn:asip:ci-sis:pps-cancer:2017"),
        (b"<xsl:stylesheet>" + b" " * 50_000 + HEAD % LEVEL_3, "urn:asip:ci-sis:pps-cancer:2017"),
        (HEAD % UNSTRUCTURED + b'<text mediaType="application/pdf">', "urn:ihe:iti:xds-sd:pdf:2008"),
        (HEAD % LEVEL_3 + b'<nonXMLBody><text mediaType="application/pdf">', "urn:ihe:iti:xds-sd:pdf:2008"),
        (HEAD % b"", None),
        (HEAD % b"" + LEVEL_3, None),
        (b"<other/>", None),
    ],
)
def test_a_cda_has_the_format_its_templates_say(data: bytes, code: str | None) -> None:
    content = content_of(bundle_of(shared(document=Document(content_type="text/xml", data=data))))
    assert content["attachment"]["contentType"] == "text/xml"
    assert content["format"].get("code") == code
