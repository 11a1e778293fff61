"""CDA R2 level 1, both ways: the header of the French "structuration minimale" around one encapsulated PDF.

Source: CI-SIS, Structuration minimale de documents de santé; IHE XDS-SD for the body.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, replace

from gateway.model.errors import Rejected
from gateway.model.facts import Facts
from gateway.model.faults import Fault
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
    HL7,
    at,
    children,
    get,
    put_body,
    put_code,
    put_id,
    put_party,
    put_subject,
    read_body,
    read_code,
    read_id,
    read_party,
    read_subject,
    words,
)
from gateway.pack.header import NO_CODE, UNSTRUCTURED, Body, Header, Id, Party, Subject
from gateway.pack.xml import Element, put

TEMPLATES = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", UNSTRUCTURED)
CDA_LIMIT = 150_000_000  # bytes, the encapsulated document included
BODY_LIMIT = 1_000  # encapsulated documents and images

# An encapsulated document, cut out before parsing: libxml2 without huge_tree takes no text above 10 MB.
_BODY = re.compile(  # lengths bounded: a tag made to be searched for ever is not searched for ever
    rb"(<(?:[A-Za-z_][\w.-]{0,40}:)?text\b[^<>]{0,400}\brepresentation=[\"']B64[\"'][^<>]{0,400}>)([^<]*)(</)"
)
_CUT = b"@cut-%d@"


@dataclass(frozen=True, slots=True, repr=False)
class Cda:
    """A CDA document read: its header, and its encapsulated document (None when its body is structured)."""

    header: Header
    body: bytes | None

    def __repr__(self) -> str:
        return f"Cda({self.header.code.code}, {len(self.body or b'')} bytes)"

    @property
    def facts(self) -> Facts:
        """What the header says that every form must say alike."""
        return self.header.facts


# — writing


def write_cda(header: Header, pdf: bytes) -> bytes:
    """The document's bytes: UTF-8 XML, schema order, the PDF in base64. The same arguments give the same bytes."""
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
    put_code(root, "confidentialityCode", header.confidentiality)
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
    body = put(put(root, "component"), "nonXMLBody")
    text = put(body, "text", mediaType="application/pdf", representation="B64")
    text.text = base64.b64encode(pdf).decode("ascii")
    return xml.write(root)


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
    root, bodies = _open(data)
    return Cda(_read_header(root), _read_body(root, bodies))


def read_header(data: bytes) -> Header:
    """The header alone: what read_cda gives, without decoding the body. Raises the same, save `bad-base64`."""
    return _read_header(_open(data)[0])


def _open(data: bytes) -> tuple[Element, list[bytes]]:
    """The ClinicalDocument, and the encapsulated documents cut out of it, each marked where it stood."""
    if len(data) > CDA_LIMIT:
        raise Rejected([Fault("too-large", about=f"{CDA_LIMIT // 1_000_000} MB")])
    bodies: list[bytes] = []

    def cut(found: re.Match[bytes]) -> bytes:
        bodies.append(found[2])
        if len(bodies) > BODY_LIMIT:
            raise Rejected([Fault("too-many", about=str(BODY_LIMIT))])
        return found[1] + _CUT % (len(bodies) - 1) + found[3]

    tree = xml.parse(_BODY.sub(cut, data))
    root = next(tree.iter(HL7 + "ClinicalDocument"), None)
    if root is None:
        raise Rejected([Fault("not-a-cda")])
    return root, bodies


def _read_body(root: Element, bodies: list[bytes]) -> bytes | None:
    text = at(root, "component/nonXMLBody/text")
    if text is None:
        return None
    content = (text.text or "").encode()
    for index, body in enumerate(bodies):
        if content == _CUT % index:
            content = body
            break
    if get(text, "representation") != "B64":
        return content
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Rejected([Fault("bad-base64")]) from None


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
