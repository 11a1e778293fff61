"""A provided document of another software (ITI-65; PDSm 3.1.1, MHD 4.2.3) → report.shared, .replaced or .cancelled."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Any

from gateway.model.faults import Place
from gateway.translate.fhir import names, places
from gateway.translate.fhir.node import JSON, Node, said
from gateway.translate.fhir.others.logical import logical_id
from gateway.translate.fhir.others.page import Page
from gateway.translate.fhir.others.spoken import person, submitter
from gateway.translate.fhir.report import read_report
from gateway.translate.fhir.shelf import searched
from gateway.translate.fhir.team import read_team

SHARED, REPLACED, CANCELLED = "report.shared", "report.replaced", "report.cancelled"

_INTENDED = (
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-intended-recipient",
    f"{names.MHD}/StructureDefinition/ihe-intendedRecipient",
)
_TAKEN_BACK, _SUPERSEDED = "entered-in-error", "superseded"
_CONFIDENTIALITY = (names.CONFIDENTIALITY, names.HL7_CONFIDENTIALITY)
_LISTS = {"facilityType": ("facility", "J02"), "practiceSetting": ("setting", "J04")}


def read_document(page: Page, known: Sequence[str]) -> JSON:
    """Type, report, team and recipients of the event. `known`: ids of the patient's reports the gateway knows."""
    if not page.received.all("DocumentReference"):
        return _cancelled(page, known)
    _only_submission_set(page)
    node, submission = page.received.the("DocumentReference"), page.received.the("List")
    page.parts["report"] = node.at
    report = read_report(node, page.terms)
    report |= said(id=report.get("id") or _entry_uuid(node))
    _coded(page, node, report)
    _people(page, node, report)
    _document(page, node, report)
    replaced = _replaced(page, node, known)
    report.pop("replaces", None)
    teams = (read_team(one) for one in node.one("context").each("related") if one.text("type") == "CareTeam")
    team = next(teams, None)
    _statuses(page, replaced is not None, _SUPERSEDED)
    return {
        "type": REPLACED if replaced else SHARED,
        "report": said(**report, replaces=replaced),
        "sender": submitter(page, submission, node),
        "recipients": _recipients(page, submission),
        **({"team": {"id": team}} if team else {}),
    }


def _only_submission_set(page: Page) -> None:
    """Folders are Lists too: they are no part of an event, and told as unread."""
    page.received.narrow("List", lambda one: _code(one.one("code")) != "folder")


def _code(concept: Node) -> str | None:
    return next((code for one in concept.each("coding") if (code := one.text("code"))), None)


def _entry_uuid(node: Node) -> str | None:
    return next((value for one in node.each("identifier") if (value := one.text("value"))), None)


def _coded(page: Page, node: Node, report: JSON) -> None:
    """Codes of the national lists; one of another system would mean something else under the same field."""
    context = node.one("context")
    for element, (field, name) in _LISTS.items():
        report.pop(field, None)
        concept = context.one(element)
        if found := _listed(page, concept, name):
            report[field] = found
        else:
            page.leave(concept.at)
    levels, masks = [], []
    for label in node.each("securityLabel"):
        for coding in label.each("coding"):
            system, code = coding.text("system"), coding.text("code")
            if system in _CONFIDENTIALITY and code in ("N", "R", "V"):
                levels.append(code)
            elif system == names.VISIBILITY and page.terms.find(code or "", "J08"):
                masks.append(code)
            else:
                page.leave(label.at)
    report.pop("confidentiality", None)
    report.pop("masks", None)
    report |= said(confidentiality=next(iter(levels), None), masks=masks)
    kind = node.one("type")
    if not _listed(page, kind, "J07") and "type" in report:
        page.refuse("unknown-code", kind.at, "JDV_J07")


def _listed(page: Page, concept: Node, name: str) -> str | None:
    """The code of a concept that stands in that list, under the list's own system."""
    for coding in concept.each("coding"):
        system, code = coding.text("system"), coding.text("code")
        term = page.terms.find(code or "", name)
        if term and term.url == system:
            return code
    return None


def _people(page: Page, node: Node, report: JSON) -> None:
    """Authors and signer who are professionals; devices and patients are left unread."""
    report["authors"] = [found for one in node.each("author") if (found := person(page, one))]
    report.pop("signed_by", None)
    signer = node.one("authenticator")
    if signer and (found := person(page, signer)):
        at = node.text("date") or report.get("created_at")
        report["signed_by"] = said(professional=found, at=at)
    if not report["authors"]:
        del report["authors"]
    custodian = node.one("custodian")
    report.pop("custodian", None)
    if custodian and (body := places.read_reference(custodian)):
        report["custodian"] = body


def _document(page: Page, node: Node, report: JSON) -> None:
    """The bytes, which must be those their description says (MHD 4.2.3 §2:3.65.4.1.2: size and hash are exact)."""
    contents = node.each("content")
    if not contents:
        return
    attachment = contents[0].one("attachment")
    place: Place = attachment.at
    binary = attachment.target("url")
    report.pop("document", None)
    if binary.type() != "Binary":
        page.refuse("unsupported-document" if binary else "missing-field", (*place, "url"), "Binary")
        return
    data = binary.text("data") or ""
    try:
        octets = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        page.refuse("bad-base64", (*binary.at, "data"))
        return
    if attachment.number("size") not in (None, len(octets)):
        page.refuse("document-differs", (*place, "size"))
    if not _same_hash(attachment.text("hash"), octets):
        page.refuse("document-differs", (*place, "hash"))
    content_type = attachment.text("contentType") or binary.text("contentType")
    report["document"] = said(content_type=content_type, data=data)


def _same_hash(told: str | None, octets: bytes) -> bool:
    """SHA-1 in base64; its hex digits in base64, which IHE's own examples have, are the same hash."""
    if told is None:
        return True
    digest = hashlib.sha1(octets, usedforsecurity=False)
    return told in (base64.b64encode(one).decode("ascii") for one in (digest.digest(), digest.hexdigest().encode()))


def _replaced(page: Page, node: Node, known: Sequence[str]) -> str | None:
    """The report this one takes the place of."""
    for one in node.each("relatesTo"):
        if one.text("code") != "replaces":
            continue
        target = one.one("target")
        found = target.one("identifier").text("value") or _named(page, target.text("reference") or "", known)
        if not found:
            page.refuse("unknown-report", target.at)
        return found or "?"
    return None


def _named(page: Page, reference: str, known: Sequence[str]) -> str | None:
    """The id of the report an address means: by a search for its identifier, or by its logical id."""
    where, _, query = reference.partition("?")
    if (found := searched(query)) and where.endswith("DocumentReference"):
        return found[1]
    id = where.rpartition("/")[2]
    return next((one for one in known if logical_id(page.issuer, "DocumentReference", one) == id), None)


def _statuses(page: Page, expected: bool, status: str) -> list[str]:
    """The addresses of the DocumentReferences a PATCH gives that status; any other change is refused."""
    found = []
    for entry in page.received.bundle.each("entry"):
        request = entry.one("request")
        if request.text("method") != "PATCH":
            continue
        if not expected or _patch(entry.one("resource")) != status:
            page.refuse("unsupported-patch", (*entry.at, "resource"))
        found.append(request.text("url") or "")
    return found


def _patch(parameters: Node) -> str | None:
    """The status a FHIRPath patch sets, when that is all it does (R4 §fhirpatch)."""
    operations = [one for one in parameters.each("parameter") if one.text("name") == "operation"]
    if len(operations) != 1:
        return None
    parts: dict[str, Any] = {}
    for part in operations[0].each("part"):
        values = [part.text(name) for name in ("valueString", "valueCode") if name in part.value]
        parts[part.text("name") or ""] = next(iter(values), None)
    sets = parts.get("path") == "DocumentReference.status" and parts.get("type") in ("replace", "add")
    return parts.get("value") if sets else None


def _cancelled(page: Page, known: Sequence[str]) -> JSON:
    """A status set to entered-in-error says all an event needs: the report was an error."""
    addresses = _statuses(page, True, _TAKEN_BACK)
    if len(addresses) > 1:
        page.refuse("several-changes", ("entry",), f"{CANCELLED} × {len(addresses)}")
    id = _named(page, addresses[0], known) if addresses else None
    if addresses and id is None:
        page.refuse("unknown-report", ("entry",))
    return {"type": CANCELLED, "report": {"id": id or "?", "reason": "error"}, "sender": None}


def _recipients(page: Page, submission: Node) -> list[JSON]:
    """Whom the set is intended for: professionals by their number, organisations by theirs."""
    found = []
    for one in submission.each("extension"):
        if one.value.get("url") not in _INTENDED:
            continue
        reference = one.one("valueReference")
        recipient = _recipient(page, reference)
        if recipient:
            found.append(recipient)
        else:
            page.leave(one.at)
            page.tell("unknown-recipient", one.at)
    return found


def _recipient(page: Page, reference: Node) -> JSON | None:
    target = reference.target()
    if target.type() == "Organization":
        body = places.read_reference(reference) or {}
        keyed = {name: body[name] for name in ("finess", "siret", "ids") if name in body}
        return said(**keyed, name=body.get("name")) if keyed else None
    someone = person(page, reference)
    if someone and "rpps" in someone:
        return said(rpps=someone["rpps"], organization=someone.get("organization"))
    return None
