"""A report ⇄ DocumentReference in an ITI-65 provide-document bundle (PDSm 3.1.1, MHD 4.2.3), and its first sharing.

The bundle's slicing is closed: SubmissionSet, DocumentReference, Binary and Patient, nothing else. Authors, custodian
and the patient's identity of that day are contained. The profile wants a document: when the event brings none, what
should describe it is marked as absent until `with_document` adds the page made of the event. What becomes of a report
is in `report_change`.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from dataclasses import fields
from uuid import uuid5

from gateway.model.codes import Coded, Term, Terms
from gateway.model.event import Event, ReportReplaced, ReportShared
from gateway.model.known import Known
from gateway.model.people import Professional, Sender
from gateway.model.report import Encounter, Report
from gateway.model.when import When
from gateway.translate.fhir import codes, names, patient, people, places, submission
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON, Node, said, span
from gateway.translate.fhir.remainder import complete, keep, tree_of
from gateway.translate.fhir.shelf import Contained, Entries, search
from gateway.translate.fhir.team import read_team, refer_team

_CDA = re.compile(rb"<(?:[\w.-]{1,40}:)?ClinicalDocument[\s>]")
_TEMPLATE = re.compile(rb"<(?:[\w.-]{1,40}:)?templateId\b[^<>]{0,200}?\broot=[\"']([0-9.]{1,64})[\"']")
_ENCAPSULATED = re.compile(rb"<(?:[\w.-]{1,40}:)?nonXMLBody[\s>]")
_BODY = re.compile(rb"<(?:[\w.-]{1,40}:)?text\b[^<>]{0,200}?\bmediaType=[\"']([\w/+.-]{1,80})[\"']")
_HEAD = 20_000  # bytes in which a document names its templates
_UNSTRUCTURED = "1.3.6.1.4.1.19376.1.2.20"  # IHE XDS-SD

MADE_PAGE = names.extension("made-page")
_LANGUAGE = "fr-FR"
_LEVELS = ("N", "R", "V")


ReportTold = ReportShared | ReportReplaced


class Sharing:
    """A report is shared."""

    event: type[Event] = ReportShared
    profile: str | None = names.PROVIDE_DOCUMENT
    shape: str = names.profile("report-sharing")

    def write(self, event: ReportTold, known: Known, entries: Entries) -> JSON:
        """Put the Binary, the DocumentReference and the SubmissionSet."""
        report = event.report
        resource, document = _document_reference(event, entries), report.document
        url = f"urn:uuid:{entries.mint('document reference')}"
        if document and document.data is not None:
            binary = _binary(url, document.content_type, document.data)
            entries.add("binary", binary["resource"], binary["request"], binary["fullUrl"])
            _attach(resource, binary, document.data, entries.terms)
        keep(resource, Report, tree_of(report), _read(entries.look(resource), entries.terms))
        create = {"method": "POST", "url": "DocumentReference", "ifNoneExist": search(names.RFC3986, url)}
        entries.add("document reference", resource, create, url)
        submission.put(event, url, entries)
        return {}

    def read(self, received: Received, known: Known) -> JSON:
        """The report, the sender, and the team it names."""
        node, terms = received.the("DocumentReference"), received.terms
        teams = (read_team(one) for one in node.one("context").each("related") if one.text("type") == "CareTeam")
        team = next(teams, None)
        return said(
            report=read_report(node, terms),
            sender=people.read_reference(received.the("List").one("source"), terms, Sender),
            team={"id": team} if team else None,
        )

    def fits(self, received: Received, known: Known) -> bool:
        """A DocumentReference, and no other whose status changes."""
        return bool(received.all("DocumentReference")) and not received.patched("DocumentReference")


KINDS = (Sharing(),)


def read_report(node: Node, terms: Terms) -> JSON:
    """The canonical report of a DocumentReference, with the document it points to in the bundle."""
    return complete(node, Report, _read(node, terms))


def with_document(bundle: JSON, data: bytes, content_type: str, terms: Terms) -> JSON:
    """The same bundle carrying this document: the page made of the event, or the bytes it named by their digest.

    Reading it back still gives the event that was translated. Raises ValueError when the bundle is no report's, or has
    its document already.
    """
    bundle = copy.deepcopy(bundle)
    entries = {entry["resource"]["resourceType"]: entry for entry in bundle["entry"]}
    if "DocumentReference" not in entries or "Binary" in entries:
        raise ValueError("not a report's bundle without its document")
    described = entries["DocumentReference"]
    binary = _binary(described["fullUrl"], content_type, data)
    bundle["entry"].append(binary)
    _attach(described["resource"], binary, data, terms)
    attachment = described["resource"]["content"][0]["attachment"]
    attachment["extension"] = [{"url": MADE_PAGE, "valueBoolean": True}]
    return bundle


def _binary(described: str, content_type: str, data: bytes) -> JSON:
    resource = said(contentType=content_type, data=base64.b64encode(data).decode("ascii") or None)
    return {
        "fullUrl": f"urn:uuid:{uuid5(names.NAMESPACE, f'{described} document')}",
        "resource": {"resourceType": "Binary", **resource},
        "request": {"method": "POST", "url": "Binary"},
    }


def _attach(resource: JSON, binary: JSON, data: bytes, terms: Terms) -> None:
    (content,) = resource["content"]
    media = str(binary["resource"]["contentType"])
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    absent = ("_contentType", "_url", "_size", "_hash")
    content["attachment"] = {name: value for name, value in content["attachment"].items() if name not in absent} | {
        "contentType": media,
        "url": binary["fullUrl"],
        "size": len(data),
        "hash": base64.b64encode(digest).decode("ascii"),
    }
    if found := _format(media, data, terms):
        content["format"] = {"system": found.url, "code": found.code, "display": found.display}


def _format(media: str, data: bytes, terms: Terms) -> Term | None:
    """The format of a document: by its media type, of a CDA by its templates as the archive's metadata say it.

    The last template with a format of its own counts (ASS_A11); a CDA around a file has that file's (ASS_A12),
    whatever templates it claims.
    """
    found = terms.find(media, "A12")
    if found or not (start := _CDA.search(data)):
        return found
    head = data[start.start() : start.start() + _HEAD]
    templates = [one[1].decode() for one in _TEMPLATE.finditer(head.partition(b"recordTarget")[0])]
    if _UNSTRUCTURED in templates or _ENCAPSULATED.search(data):
        inside = _BODY.search(data)
        return terms.find(inside[1].decode(), "A12") if inside else None
    return next((term for name in reversed(templates) if (term := terms.find(name, "A11"))), None)


def _document_reference(event: ReportTold, entries: Entries) -> JSON:
    report, inside = event.report, Contained(entries)
    terms = entries.terms
    document_class = terms.pairs("X04").get(report.type)
    custodian = report.custodian or event.sender.organization
    resource = {
        "resourceType": "DocumentReference",
        "meta": {"profile": [names.DOCUMENT_REFERENCE]},
        **said(
            masterIdentifier={"use": "usual", "system": entries.ours("report"), "value": report.id},
            identifier=[
                {"use": "official", "system": names.RFC3986, "value": f"urn:uuid:{entries.mint('document reference')}"}
            ],
            status="current",
            type=codes.concept(terms, Coded(code=report.type), "J07"),
            category=[
                codes.concept(terms, Coded(code=document_class.code, list="A03")) if document_class else names.absent()
            ],
            subject={"reference": entries.patient},
            date=report.created_at.text,
            author=[people.refer(inside, one) for one in report.authors or (_as_author(event.sender),)],
            authenticator=people.refer(inside, report.signed_by.professional) if report.signed_by else None,
            custodian=places.refer(inside, custodian) if custodian else names.absent(),
            relatesTo=[_replaced(report.replaces, entries)] if report.replaces else [],
            description=report.title,
            securityLabel=_security(report, terms),
            content=[{"attachment": _undocumented(report, terms), "format": names.absent()}],
            context=_context(event, inside),
        ),
    }
    return {**resource, "contained": inside.resources}


def _as_author(sender: Sender) -> Professional:
    return Professional(**{field.name: getattr(sender, field.name) for field in fields(Professional)})


def _replaced(report: str, entries: Entries) -> JSON:
    identifier = {"system": entries.ours("report"), "value": report}
    return {"code": "replaces", "target": {"type": "DocumentReference", "identifier": identifier}}


def _security(report: Report, terms: Terms) -> list[JSON]:
    labels = (report.confidentiality or "N", *report.masks)
    return [codes.concept(terms, Coded(code=label), "J08") for label in labels]


def _undocumented(report: Report, terms: Terms) -> JSON:
    kind = terms.find(report.type, "J07")
    absent = dict.fromkeys(("_contentType", "_url", "_size", "_hash"), names.absent())
    title = report.title or (kind.display if kind else report.type)
    return {**absent, "language": report.language or _LANGUAGE, "title": title, "creation": report.created_at.text}


def _context(event: ReportTold, inside: Contained) -> JSON:
    report, terms = event.report, inside.terms
    start = report.service_start or When(report.created_at.text)
    return said(
        encounter=[{"reference": _encounter(report.encounter, inside)}] if report.encounter else [],
        event=[codes.concept(terms, act) for act in report.acts],
        period=span(start, report.service_end),
        facilityType=codes.concept(terms, Coded(code=report.facility), "J02") if report.facility else names.absent(),
        practiceSetting=codes.concept(terms, Coded(code=report.setting), "J04") if report.setting else names.absent(),
        sourcePatientInfo={"reference": patient.contain(inside, event)},
        related=[refer_team(event.team, inside)] if event.team else [],
    )


def _encounter(visit: Encounter, inside: Contained) -> str:
    system = inside.ours("encounter")
    resource = {
        "resourceType": "Encounter",
        **said(
            identifier=[{"system": system, "value": visit.id}] if visit.id else [],
            status="unknown",
            subject={"reference": inside.patient},
            period=span(visit.since, visit.until) or None,
        ),
        "class": codes.coding(inside.terms, Coded(code=visit.type), "J142") if visit.type else names.absent(),
    }
    return inside.put("encounter", resource, system, visit.id or "")


def _read_encounter(node: Node) -> JSON:
    identifier, period = next(iter(node.each("identifier")), node.one("absent")), node.one("period")
    return said(
        id=identifier.text("value"),
        type=node.one("class").text("code"),
        since=period.text("start"),
        until=period.text("end"),
    )


def _read(node: Node, terms: Terms) -> JSON:
    content = next(iter(node.each("content")), node.one("absent"))
    attachment, context = content.one("attachment"), node.one("context")
    labels = [code for one in node.each("securityLabel") if (code := codes.read_code(one))]
    visit = next((_read_encounter(one.target()) for one in context.each("encounter")), None)
    signer = people.read_reference(node.one("authenticator"), terms)
    replaced = (one.one("target") for one in node.each("relatesTo") if one.text("code") == "replaces")
    return said(
        id=node.one("masterIdentifier").text("value"),
        title=node.text("description"),
        type=codes.read_code(node.one("type")),
        created_at=attachment.text("creation") or node.text("date"),
        authors=[people.read_reference(one, terms) for one in node.each("author")],
        signed_by={"professional": signer} if signer else None,
        custodian=places.read_reference(node.one("custodian")),
        service_start=context.one("period").text("start"),
        service_end=context.one("period").text("end"),
        acts=[found for one in context.each("event") if (found := codes.read_concept(terms, one))],
        facility=codes.read_code(context.one("facilityType")),
        setting=codes.read_code(context.one("practiceSetting")),
        encounter=visit,
        language=attachment.text("language"),
        confidentiality=next((label for label in labels if label in _LEVELS), None),
        masks=[label for label in labels if label not in _LEVELS],
        replaces=next((one.one("identifier").text("value") for one in replaced), None),
        document=_read_document(attachment),
    )


def _read_document(attachment: Node) -> JSON | None:
    binary = attachment.target("url")
    if not binary or attachment.extension(MADE_PAGE):
        return None
    return said(content_type=attachment.text("contentType"), data=binary.text("data") or "")
