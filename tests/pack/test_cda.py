"""The CDA: valid for every event, read back whole, and closed to hostile XML."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from gateway.model.errors import Rejected
from gateway.model.event import Event, ReportShared
from gateway.model.identity import Ins, InsKind
from gateway.model.people import Organization, Sender
from gateway.model.report import Document, Mask
from gateway.pack import as_event
from gateway.pack.cda import TEMPLATES, read_cda, read_header, write_and_read_cda, write_cda
from gateway.pack.draft import draft, event_facts
from gateway.pack.header import PERSONS, STRUCTURES, Header
from tests import strategies
from tests.pack.material import KINDS, MINTED, SOFTWARE, TERMS, known_after, packed, report_with, shared, story

PDF = b"%PDF-1.4 a document"
RTF = b"{\\rtf1 " + b"x" * 200
NS = {"c": "urn:hl7-org:v3"}


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared("schemas/cda/CDA_extended.xsd"))))


def header_of(event: Event) -> Header:
    return draft(event, known_after(event), TERMS, MINTED, SOFTWARE, "SYNTH")


def find(data: bytes, path: str) -> list[str]:
    found = etree.fromstring(data).xpath(path, namespaces=NS)
    return [str(one) for one in found]


@given(strategies.events())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_event_gives_a_schema_valid_document_that_reads_back_whole(event: Event) -> None:
    header = header_of(event)
    data = write_cda(header, PDF)
    assert schema().validate(etree.fromstring(data)), schema().error_log.last_error
    read = read_cda(data)
    assert read.body == PDF
    assert replace(read.header, templates=(), media_type="") == header
    assert read.header.templates == TEMPLATES
    assert read.header.media_type == "application/pdf"
    assert write_and_read_cda(header, PDF) == (data, read.header)


@given(strategies.events())
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_header_says_the_same_facts_as_the_event(event: Event) -> None:
    header = header_of(event)
    facts = event_facts(event, header.code.code)
    read = read_header(write_cda(header, PDF)).facts
    assert facts.differences(read) == ()
    assert (read.type, read.created) == (facts.type, facts.created)


@pytest.mark.parametrize("kind", KINDS)
def test_the_minimal_structure_is_complete(kind: str) -> None:
    data = packed(kind).cda
    assert schema().validate(etree.fromstring(data))
    once = [
        "realmCode[@code='FR']", "typeId", "id[@root]", "code[@displayName]", "title", "effectiveTime[@value]",
        "confidentialityCode[@displayName]", "languageCode[@code='fr-FR']", "setId[@root]", "versionNumber[@value]",
        "custodian//c:id[@root]", "legalAuthenticator/c:signatureCode[@code='S']",
        "legalAuthenticator/c:assignedEntity/c:assignedPerson/c:name/c:family",
        "documentationOf[1]/c:serviceEvent/c:effectiveTime/c:low[@value]",
        "documentationOf[1]/c:serviceEvent/c:performer[@typeCode='PRF']",
        "documentationOf[1]//c:standardIndustryClassCode[@code][@codeSystem]",
        "componentOf//c:healthCareFacility/c:code[@code][@codeSystem]",
        "component/c:nonXMLBody/c:text[@mediaType='application/pdf'][@representation='B64']",
    ]  # fmt: skip
    root = etree.fromstring(data)
    assert [path for path in once if len(root.xpath(f"/c:ClinicalDocument/c:{path}", namespaces=NS)) != 1] == []
    assert find(data, "//c:ClinicalDocument/c:templateId/@root") == list(TEMPLATES)


def test_an_author_has_national_identifier_speciality_and_site() -> None:
    data = packed("team.created").cda
    author = "//c:author/c:assignedAuthor"
    assert find(data, f"{author}/c:id[@root='{PERSONS}']/@extension") == ["810100012342"]
    assert find(data, f"{author}/c:code/@code") == ["G15_10/SM54"]
    assert find(data, f"{author}/c:representedOrganization/c:id[@root='{STRUCTURES}']/@extension")[0][:1] == "1"
    assert find(data, "//c:author/c:functionCode/@code") == ["PCP"]  # her role in the team


def test_document_types_are_those_of_the_national_list() -> None:
    types = {kind: find(packed(kind).cda, "/c:ClinicalDocument/c:code/@code")[0] for kind in KINDS}
    by_family = {"team": "SYNTH", "plan": "18776-5", "report": "11488-4"}
    expected = {kind: by_family[kind.partition(".")[0]] for kind in KINDS}
    assert types == {**expected, "report.cancelled": "51851-4"}


def test_birth_and_used_names_carry_their_qualifiers() -> None:
    data = packed("team.created").cda
    name = "//c:patient/c:name"
    assert find(data, f"{name}/c:family[@qualifier='BR']/text()") == ["PAT-TROIS"]
    assert find(data, f"{name}/c:given[@qualifier='BR']/text()") == ["DOMINIQUE"]
    assert find(data, f"{name}/c:given[not(@qualifier)]/text()") == ["DOMINIQUE MARIE-LOUISE"]
    assert find(data, "//c:birthplace//c:county/text()") == ["51215"]


def test_an_unqualified_matricule_is_not_in_the_header() -> None:
    event, known = story()["team.created"]
    number = "279035121518989"
    ins = Ins(number, InsKind.NIR_TEST)
    hidden = replace(event, patient=replace(event.patient, ins=ins, identity_status="validated", local_id=None))
    data = write_cda(draft(hidden, known, TERMS, MINTED, SOFTWARE, "SYNTH"), PDF)
    assert number.encode() not in data
    assert b"1.2.250.1.213.1.4." not in data
    assert schema().validate(etree.fromstring(data))  # an identifier of this document alone stands in


def test_an_organisation_that_speaks_by_itself_writes_through_its_software() -> None:
    event, known = story()["team.created"]
    alone = replace(event, sender=Sender(organization=Organization(finess="750000002", name="CPTS des Deux Rives")))
    data = write_cda(draft(alone, known, TERMS, MINTED, SOFTWARE, "SYNTH"), PDF)
    assert schema().validate(etree.fromstring(data))
    assert find(data, "//c:assignedAuthoringDevice/c:softwareName/text()") == ["Passerelle 0.1.0"]
    assert find(data, "//c:assignedAuthor/c:assignedPerson") == []
    assert read_header(data).facts.author == ()


def test_official_documents_read_and_state_their_patient() -> None:
    folder = shared("samples/cda")
    facts = {path.name: read_header(path.read_bytes()).facts for path in folder.glob("*.xml")}
    assert len(facts) > 50
    assert [name for name, said in facts.items() if not (said.type and said.created)] == []
    level_1 = facts["DOC_NON_STRUCTURE_CDA-R2-N1.xml"]
    assert "1.2.250.1.213.1.4.10|279035121518989" in (level_1.patient or ())
    assert (level_1.birth_name, [who.ids for who in level_1.author]) == ("PAT-TROIS", [{f"{PERSONS}|801234534765"}])


def test_a_body_beyond_ten_megabytes_reads_back() -> None:
    big = b"%PDF-1.7" + bytes(12_000_000)
    assert read_cda(write_cda(header_of(story()["team.created"][0]), big)).body == big


def test_a_body_hidden_in_a_comment_is_not_taken_for_the_document() -> None:
    data = write_cda(header_of(story()["team.created"][0]), PDF)
    decoy = b'<!-- <text mediaType="application/pdf" representation="B64">ZGVjb3k=</text> --><component>'
    assert read_cda(data.replace(b"<component>", decoy)).body == PDF


def _laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY l0 "ha">{levels}]><a>&l9;</a>'.encode()


CDA = b'<ClinicalDocument xmlns="urn:hl7-org:v3">'
UTF_7 = b'<?xml version="1.0" encoding="UTF-7"?>+ADw-ClinicalDocument xmlns+AD0AIg-urn:hl7-org:v3+ACIAPg-+ADw-/a+AD4-'
HOSTILE = {
    "billion laughs": _laughs(),
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external DTD": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "deep": b"<a>" * 200_000,
    "wide": CDA + b"<a/>" * 1_500_000,
    "attributes": b"<a " + b" ".join(b'a%d=""' % n for n in range(500_000)) + b"/>",
    "attributes within the limits of nodes": CDA + b"<a " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b"/>",
    "namespaces": CDA + b"<a " + b" ".join(b'xmlns:a%d="u"' % n for n in range(19_000)) + b"/>",
    "a namespace an element": CDA + b"".join(b'<a%d:b xmlns:a%d="u"/>' % (n, n) for n in range(60_000)),
    "processing instructions": CDA + b"<?a b?>" * 300_000,
    "invalid UTF-8": CDA + b"<title>\xff\xc3(</title></ClinicalDocument>",
    "UTF-7": UTF_7,
    "UTF-7, declared far behind": UTF_7.replace(b' encoding="', b" " * 120 + b'encoding="'),
    "a declaration that does not end": b"<?xml version='1.0'" + b" " * 5_000 + b"?><a/>",
    "UTF-32": ("<a>" + "<b/>" * 200_000 + "</a>").encode("utf-32"),
    "UTF-32, whole": CDA.decode().replace(">", "/>").encode("utf-32-le"),
    "EBCDIC": "<?xml version='1.0' encoding='EBCDIC-US'?><a/>".encode("cp037"),
    "namespaces in UTF-16": ("<a>" + "".join(f"<b xmlns:x{n}='u'/>" for n in range(21_000)) + "</a>").encode("utf-16"),
    "NUL": CDA + b"<title>a\x00b</title></ClinicalDocument>",
    "huge text": CDA + b"x" * 20_000_000,
    "not XML": b"\x00\xff\xfe rubbish",
    "empty": b"",
    "another document": b"<Bundle xmlns='http://hl7.org/fhir'/>",
    "unclosed body": CDA + b'<text representation="B64">' + b"A" * 5_000_000,
    "endless tag": CDA + b"<text " + b'representation="B64" ' * 200_000,
    "many almost endless tags": CDA
    + b"<text " * 15_000
    + (b"<text " + b'representation="B64" ' * 19).ljust(840) * 15_000,
    "many bodies": CDA + b'<text representation="B64">A</text>' * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_within_milliseconds(name: str) -> None:
    before = time.process_time()
    with pytest.raises(Rejected) as refusal:
        read_cda(HOSTILE[name])
    assert time.process_time() - before < 0.5
    assert {fault.code for fault in refusal.value.faults} <= {"not-xml", "too-large", "too-many", "not-a-cda"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-15", "ascii"])
def test_every_encoding_of_health_software_is_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    cda = packed("report.shared").cda
    _, _, markup = cda.decode().partition("?>")
    text = f'<?xml  version="1.0"  encoding = "{declared}" ?>{markup}'
    assert read_cda(text.encode(encoding, "xmlcharrefreplace")).header == read_cda(cda).header


def test_nothing_is_fetched_or_included() -> None:
    data = packed("team.created").cda
    include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    assert read_header(data.replace(b"</title>", include + b"</title>")).title == read_header(data).title


def test_a_header_is_read_as_far_as_any_header_goes() -> None:
    data = packed("report.shared").cda
    start, end = data.index(b"<author>"), data.index(b"</author>") + len(b"</author>")
    many = read_header(data[:end] + data[start:end] * 2_000 + data[end:])
    assert len(many.authors) == 500


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-15", "windows-1252"])
def test_a_document_reads_alike_in_any_encoding_that_health_software_writes(encoding: str) -> None:
    data = packed("team.created").cda.decode()
    said = data.replace("UTF-8", "UTF-8" if encoding == "utf-8-sig" else encoding, 1).encode(encoding)
    assert read_cda(said).header == read_cda(data.encode()).header
    assert read_cda(said).body == packed("team.created").pdf


@pytest.mark.parametrize("masks", [some for count in range(4) for some in combinations(get_args(Mask), count)])
@pytest.mark.parametrize("level", ["N", "R", "V"])
def test_confidentiality_and_masks_stand_in_the_header_and_come_back(level: Any, masks: tuple[Mask, ...]) -> None:
    event = report_with(None, confidentiality=level, masks=masks)
    data = write_cda(header_of(event), PDF)
    assert schema().validate(etree.fromstring(data))
    assert find(data, "/c:ClinicalDocument/c:confidentialityCode/@code") == [level]
    assert find(data, "/c:ClinicalDocument/c:confidentialityCode/c:translation/@code") == list(masks)
    back, _ = as_event(read_cda(data))
    assert isinstance(back, ReportShared)
    assert (back.report.confidentiality, back.report.masks) == (level, masks)


@pytest.mark.parametrize(
    ("kind", "body", "data"),
    [
        ("text/plain", "Bonjour à tous", "Bonjour à tous".encode()),
        (
            'text/rtf" representation="B64',
            base64.encodebytes(b"{\\rtf1 " + b"x" * 200).decode(),
            b"{\\rtf1 " + b"x" * 200,
        ),
        ('image/jpeg" representation="B64', "/9j/&#13;&#10;4A==", b"\xff\xd8\xff\xe0"),
    ],
)
def test_a_body_of_any_media_type_is_the_reports_document_byte_for_byte(kind: str, body: str, data: bytes) -> None:
    cda = packed("report.shared").cda.decode()
    start, end = cda.index('mediaType="application/pdf"'), cda.index("</text>")
    told, _ = as_event(read_cda(f'{cda[:start]}mediaType="{kind}">{body}{cda[end:]}'.encode()))
    assert isinstance(told, ReportShared)
    assert told.report.document == Document(content_type=kind.partition('"')[0], data=data)


def test_a_structured_document_is_itself_the_reports_document() -> None:
    cda = packed("report.shared").cda
    start, end = cda.index(b"<nonXMLBody>"), cda.index(b"</nonXMLBody>") + len(b"</nonXMLBody>")
    structured = cda[:start] + b"<structuredBody/>" + cda[end:]
    wrapped = b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform">%b</xsl:stylesheet>'
    for data in (structured, wrapped % structured.partition(b"?>")[2]):
        told, _ = as_event(read_cda(data))
        assert isinstance(told, ReportShared)
        assert told.report.document == Document(content_type="text/xml", data=data)


@pytest.mark.parametrize("body", [b"%%%", b"QUJ", "é".encode()])
def test_a_body_that_is_not_base64_is_said_so(body: bytes) -> None:
    data = write_cda(header_of(story()["team.created"][0]), PDF)
    start = data.index(b'representation="B64">') + len(b'representation="B64">')
    broken = data[:start] + body + data[data.index(b"</text>") :]
    with pytest.raises(Rejected) as refusal:
        read_cda(broken)
    assert refusal.value.faults[0].code == "bad-base64"


@pytest.mark.parametrize(
    "missing", ["recordTarget", "author", "custodian", "componentOf", "documentationOf", "id", "code"]
)
def test_a_header_with_a_block_missing_still_reads(missing: str) -> None:
    root = etree.fromstring(packed("team.created").cda)
    for element in root.findall(f"c:{missing}", NS):
        root.remove(element)
    assert read_header(etree.tostring(root)).title == "Équipe de soins"
