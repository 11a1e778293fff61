"""CDA R2 level 1, both ways: the header of the French "structuration minimale" around one encapsulated PDF.

Source: CI-SIS, Structuration minimale de documents de santé; IHE XDS-SD for the body.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, replace
from io import BytesIO

from gateway.model.facts import Facts
from gateway.pack import xml
from gateway.pack.cda_context import (
    put_act,
    put_informant,
    put_participant,
    put_stay,
    read_act,
    read_informant,
    read_participant,
    read_stay,
)
from gateway.pack.cda_parties import (
    at,
    children,
    get,
    put_body,
    put_code,
    put_id,
    put_party,
    read_body,
    read_code,
    read_id,
    read_party,
    read_translations,
    words,
)
from gateway.pack.cda_patient import put_subject, read_subject
from gateway.pack.header import NO_CODE, UNSTRUCTURED, Body, Header, Id, Party, Subject
from gateway.pack.opened import Opened, open_cda
from gateway.pack.xml import Element, put

TEMPLATES = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", UNSTRUCTURED)
_PDF = b"@pdf@"  # where the encapsulated document goes: lxml would hold a second and a third copy of it
_STEP = 57 * 4096  # bytes encoded at once; a multiple of 3


@dataclass(frozen=True, slots=True, repr=False)
class Cda:
    """A CDA document read: its header, its encapsulated document (None when its body is structured), the file."""

    header: Header
    body: bytes | None
    data: bytes = b""

    def __repr__(self) -> str:
        return f"Cda({self.header.code.code}, {len(self.body or b'')} bytes)"

    @property
    def facts(self) -> Facts:
        """What the header says that every form must say alike."""
        return self.header.facts


# — writing


def write_cda(header: Header, pdf: bytes) -> bytes:
    """The document's bytes: UTF-8 XML, schema order, the PDF in base64. The same arguments give the same bytes.

    Needs no more memory than what it gives back.
    """
    return _around(pdf, _cover(header))


def write_and_read_cda(header: Header, pdf: bytes) -> tuple[bytes, Header]:
    """The same, and its header as it reads: what was written counts, and all of it stands around the PDF."""
    cover = _cover(header)
    return _around(pdf, cover), read_header(cover)


def _cover(header: Header) -> bytes:
    root = _write_header(header)
    body = put(put(root, "component"), "nonXMLBody")
    put(body, "text", _PDF.decode(), mediaType="application/pdf", representation="B64")
    return xml.write(root)


def _around(pdf: bytes, cover: bytes) -> bytes:
    before, _, after = cover.rpartition(_PDF)
    made = BytesIO()
    made.write(before)
    for start in range(0, len(pdf), _STEP):
        made.write(binascii.b2a_base64(memoryview(pdf)[start : start + _STEP], newline=False))
    made.write(after)
    return made.getvalue()


def _write_header(header: Header) -> Element:
    root = xml.new("ClinicalDocument", "urn:hl7-org:v3")
    root.set("classCode", "DOCCLIN")
    root.set("moodCode", "EVN")
    put(root, "realmCode", code="FR")
    put(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    for template in TEMPLATES:
        put(root, "templateId", root=template)
    put_id(root, header.id)
    put_code(root, "code", header.code)
    put(root, "title", header.title)
    put(root, "effectiveTime", value=header.effective)
    confidentiality = put_code(root, "confidentialityCode", header.confidentiality)
    for mask in header.masks:
        put_code(confidentiality, "translation", mask)
    put(root, "languageCode", code=header.language)
    put_id(root, header.set_id, "setId")
    put(root, "versionNumber", value=str(header.version))
    put_subject(put(root, "recordTarget"), header.subject)
    for author in header.authors:
        _put_author(root, author)
    _put_people(root, header)
    for index, act in enumerate(header.acts):
        put_act(root, act, first=index == 0)
    if header.replaces:
        put_id(put(put(root, "relatedDocument", typeCode="RPLC"), "parentDocument"), header.replaces)
    put_stay(root, header.stay)
    return root


def _put_author(root: Element, author: Party) -> None:
    told = put(root, "author")
    if author.function:
        put_code(told, "functionCode", author.function)
    _put_time(told, author)
    put_party(put(told, "assignedAuthor"), author, "representedOrganization", reachable=True)


def _put_time(told: Element, party: Party) -> None:
    put(told, "time", **({"value": party.time} if party.time else {"nullFlavor": "UNK"}))


def _put_people(root: Element, header: Header) -> None:
    if header.entered_by:
        told = put(root, "dataEnterer")
        _put_time(told, header.entered_by)
        put_party(put(told, "assignedEntity"), header.entered_by, "representedOrganization")
    for relative in header.informants:
        put_informant(root, relative)
    custodian = put(put(root, "custodian"), "assignedCustodian")
    put_body(custodian, "representedCustodianOrganization", header.custodian)
    for recipient in header.recipients:
        told = put(put(root, "informationRecipient", typeCode="PRCP"), "intendedRecipient", classCode="ASSIGNED")
        put_party(told, recipient, "receivedOrganization", coded=False, reachable=True)
    if header.authenticator:
        told = put(root, "legalAuthenticator")
        _put_time(told, header.authenticator)
        put(told, "signatureCode", code="S")
        put_party(put(told, "assignedEntity"), header.authenticator, "representedOrganization")
    for kind, who in header.participants:
        put_participant(root, kind, who)


# — reading


def read_cda(data: bytes) -> Cda:
    """The header and body of any CDA R2 document, ours or another's, self-presenting ones included.

    What a document leaves out reads as empty. Raises Rejected `too-large`, `not-xml`, `not-a-cda` or `bad-base64`.
    """
    opened = open_cda(data)
    return Cda(_read_header(opened.root), _read_body(opened), data)


def read_header(data: bytes) -> Header:
    """The header alone: what read_cda gives, without decoding the body. Raises the same, save `bad-base64`."""
    return _read_header(open_cda(data).root)


def _read_body(opened: Opened) -> bytes | None:
    """None also for a body that only points to a file elsewhere."""
    text = at(opened.root, "component/nonXMLBody/text")
    if text is None or (at(text, "reference") is not None and not (text.text or "").strip()):
        return None
    return opened.encapsulated(text)


def _read_header(root: Element) -> Header:
    acts = tuple(read_act(told) for told in children(root, "documentationOf"))
    version = get(at(root, "versionNumber"), "value")
    return Header(
        id=read_id(at(root, "id")) or Id(""),
        code=read_code(at(root, "code")) or NO_CODE,
        title=words(at(root, "title")),
        effective=get(at(root, "effectiveTime"), "value"),
        confidentiality=read_code(at(root, "confidentialityCode")) or NO_CODE,
        language=get(at(root, "languageCode"), "code"),
        set_id=read_id(at(root, "setId")),
        version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 1,
        subject=read_subject(at(root, "recordTarget")) if at(root, "recordTarget") is not None else Subject(),
        authors=tuple(_read_timed(told, "assignedAuthor") for told in children(root, "author")),
        custodian=read_body(at(root, "custodian/assignedCustodian/representedCustodianOrganization")) or Body(),
        authenticator=_optional(at(root, "legalAuthenticator")),
        acts=acts,
        stay=read_stay(at(root, "componentOf/encompassingEncounter")),
        entered_by=_optional(at(root, "dataEnterer")),
        informants=tuple(one for told in children(root, "informant") if (one := read_informant(told))),
        recipients=tuple(
            read_party(at(told, "intendedRecipient"), "receivedOrganization")
            for told in children(root, "informationRecipient")
        ),
        participants=tuple((get(told, "typeCode"), read_participant(told)) for told in children(root, "participant")),
        masks=read_translations(at(root, "confidentialityCode")),
        replaces=_read_replaced(root),
        templates=tuple(get(told, "root") for told in children(root, "templateId")),
        media_type=get(at(root, "component/nonXMLBody/text"), "mediaType"),
    )


def _read_replaced(root: Element) -> Id | None:
    related = (told for told in children(root, "relatedDocument") if get(told, "typeCode") == "RPLC")
    return read_id(at(next(related, None), "parentDocument/id"))


def _read_timed(told: Element, inside: str) -> Party:
    function = read_code(at(told, "functionCode"))
    party = read_party(at(told, inside), "representedOrganization")
    return replace(party, time=get(at(told, "time"), "value"), function=function)


def _optional(told: Element | None) -> Party | None:
    return None if told is None else _read_timed(told, "assignedEntity")
