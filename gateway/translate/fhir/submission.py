"""The SubmissionSet of a report: who submits what, when (List; PDSm 3.1.1, MHD 4.2.3 §ITI-65)."""

from __future__ import annotations

from uuid import UUID

from gateway.model.codes import Coded
from gateway.model.event import ReportReplaced, ReportShared
from gateway.translate.fhir import codes, names, people
from gateway.translate.fhir.node import JSON
from gateway.translate.fhir.shelf import Contained, Entries, search


def put(event: ReportShared | ReportReplaced, document: str, entries: Entries) -> None:
    """Put the SubmissionSet of that one document; the sender is its source."""
    inside, id = Contained(entries), entries.mint("submission set")
    source = people.refer(inside, event.sender)
    facility = event.report.facility
    # Designation (JDV_J03) of a set by its sector of activity; nothing else the event says belongs to that list.
    sector = facility if facility and entries.terms.find(facility, "R02") else None
    designation = codes.concept(entries.terms, Coded(code=sector, list="R02")) if sector else names.absent()
    resource: JSON = {
        "resourceType": "List",
        "meta": {"profile": [names.SUBMISSION_SET]},
        "contained": inside.resources,
        "extension": [
            {"url": names.DESIGNATION_TYPE, "valueCodeableConcept": designation},
            {"url": names.SOURCE_ID, "valueIdentifier": {"value": names.GATEWAY_SOURCE}},
        ],
        "identifier": [
            {"use": "usual", "system": names.RFC3986, "value": f"urn:oid:2.25.{UUID(id).int}"},
            {"use": "official", "system": names.RFC3986, "value": f"urn:uuid:{id}"},
        ],
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"system": names.LIST_TYPES, "code": "submissionset"}]},
        "subject": {"reference": entries.patient},
        "date": event.occurred_at.text,
        "source": source,
        "entry": [{"item": {"reference": document}}],
    }
    create = {"method": "POST", "url": "List", "ifNoneExist": search(names.RFC3986, f"urn:uuid:{id}")}
    entries.add("submission set", resource, create)
