"""A report in FHIR: its description tells the truth about its bytes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from gateway.model.event import ReportShared
from gateway.model.known import Known
from gateway.model.report import Document
from gateway.translate.fhir import from_bundle, with_document
from tests.translate.fhir.events import TERMS, bundle_of, example, resources


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
