"""A software's own CDA document for its report: untouched, judged by what it says, never a way out for an INS."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from uuid import UUID

import pytest

from gateway.model.errors import Rejected
from gateway.model.event import ReportReplaced, ReportShared
from gateway.model.facts import FIELDS
from gateway.model.faults import Notice
from gateway.model.known import Known
from gateway.model.report import Document
from gateway.pack import Earlier, Packed, carried_by, check_document, pack, read_archive, read_cda
from gateway.pack.given import CDA_TYPES, GIVEN_LIMIT
from gateway.pack.header import Id
from tests.pack.level3 import level3, section
from tests.pack.material import MINTED, SOFTWARE, TERMS, packed, report_with, small_pdf, story
from tests.pack.tagged import read_tagged

LEVEL_1 = packed("report.shared").cda
LEVEL_3 = level3(section("Conclusion", "Cicatrisation complète."))
DATA = ("report", "document", "data")


def asked(cda: bytes, content_type: str = "text/xml", production: bool | None = None) -> tuple[Notice, ...]:
    """What the door says of the example report with this document."""
    return check_document(report_with(cda, content_type), terms=TERMS, production=production)


def refused(event: ReportShared, production: bool | None = None) -> list[str]:
    """Why the door refuses it; each fault is at the document."""
    with pytest.raises(Rejected) as refusal:
        check_document(event, terms=TERMS, production=production)
    assert {fault.at for fault in refusal.value.faults} == {DATA}
    assert all(fault.text.remedy_fr for fault in refusal.value.faults)
    return [fault.code for fault in refusal.value.faults]


def sent(cda: bytes, known: Known | None = None, **fields: object) -> Packed:
    """The example report packed with this document."""
    return pack(report_with(cda, "text/xml", **fields), known or Known(), TERMS, MINTED, SOFTWARE)


# — at the door


@pytest.mark.parametrize("cda", [LEVEL_1, LEVEL_3], ids=["level 1", "level 3"])
@pytest.mark.parametrize("content_type", [*sorted(CDA_TYPES), "Text/XML; charset=utf-8"])
def test_a_document_that_says_what_its_event_says_passes(cda: bytes, content_type: str) -> None:
    assert [one for one in asked(cda, content_type) if one.code != "cda-rules-broken"] == []


def test_a_self_presenting_document_passes_and_goes_whole() -> None:
    inside = LEVEL_3.partition(b"?>")[2]
    sheet = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:variable name="cda">'
    whole = sheet + inside + b"</xsl:variable></xsl:stylesheet>"
    assert "incoherent-document" not in {one.code for one in asked(whole)}
    assert sent(whole).cda == whole


def test_an_uploaded_document_is_judged_too() -> None:
    event = report_with(None, document=Document(content_type="text/xml", content="sha256:" + "0" * 64))
    assert check_document(event, terms=TERMS) == ()
    assert "incoherent-document" not in {one.code for one in check_document(event, io.BytesIO(LEVEL_3), terms=TERMS)}
    with pytest.raises(Rejected) as refusal:
        check_document(event, io.BytesIO(b"<a/>"), terms=TERMS)
    assert [(fault.code, fault.at) for fault in refusal.value.faults] == [
        ("not-a-cda", ("report", "document", "content"))
    ]


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"%PDF-1.4", ["not-xml"]),
        (b"<html/>", ["not-a-cda"]),
        (b"<levelone xmlns='urn:hl7-org:v1/cda'/>", ["not-a-cda"]),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + LEVEL_3.partition(b"?>")[2], ["not-xml"]),
        (re.sub(rb"<component>.*</component>", b"", LEVEL_1, flags=re.DOTALL), ["no-narrative"]),
        (LEVEL_1.replace(b'mediaType="application/pdf"', b'mediaType="image/png"'), ["unsupported-document"]),
        (re.sub(rb'(<text[^>]*B64">)[^<]*', rb"\1AAAA", LEVEL_1), ["not-a-pdf"]),
        (re.sub(rb'(<text[^>]*B64">)[^<]*', rb"\1@@@", LEVEL_1), ["bad-base64"]),
        (re.sub(rb'(<text[^>]*B64">)[^<]*', rb"\1AAAA", LEVEL_1).replace(b'code="11488-4"', b'nullFlavor="UNK"', 1),
         ["incomplete-metadata", "not-a-pdf"]),
        (re.sub(rb'(<code code="11488-4")', rb'<code nullFlavor="UNK"', LEVEL_3, count=1), ["incomplete-metadata"]),
        (b" " * (GIVEN_LIMIT + 1), ["too-large"]),
    ],
    ids=["a PDF", "HTML", "CDA R1", "an entity", "no body", "a picture", "no PDF inside", "no base64", "two faults",
         "no type", "too large"],
)  # fmt: skip
def test_what_cannot_travel_is_refused_at_its_place(data: bytes, codes: list[str]) -> None:
    assert refused(report_with(data, "text/xml")) == codes


HOSTILE = {
    "deep": b"<a>" * 100_000,
    "attributes": b"<a " + b" ".join(b'b%d="c"' % n for n in range(300_000)) + b"/>",
    "one text": b"<a>" + b"x" * 9_000_000 + b"</a>",
    "namespaces": b"<a " + b" ".join(b'xmlns:b%d="c"' % n for n in range(100_000)) + b"/>",
    "not UTF-8": b"<a>\xff\xfe</a>",
    "NUL": b"<a>\0</a>",
    "bodies": b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b"<value representation='B64'>AA</value>" * 2_000
    + b"</ClinicalDocument>",
    "instructions": b"<?a b?>" * 300_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused(name: str) -> None:
    assert refused(report_with(HOSTILE[name], "text/xml"))[0] in {"not-xml", "not-a-cda", "too-large", "too-many"}


@pytest.mark.parametrize(
    ("before", "after", "fact"),
    [
        (b'extension="279035121518989"', b'extension="277076322082910"', "patient"),
        (b">PAT-TROIS<", b">PAT-QUATRE<", "birth_name"),
        (b'birthTime value="19790328"', b'birthTime value="19790329"', "birth_date"),
        (b'administrativeGenderCode code="F"', b'administrativeGenderCode code="M"', "sex"),
        (b'<code code="11488-4"', b'<code code="18776-5"', "type"),
        (b'<effectiveTime value="2026', b'<effectiveTime value="2025', "created"),
    ],
)
def test_a_document_that_says_otherwise_is_told_at_the_events_field(before: bytes, after: bytes, fact: str) -> None:
    for cda in (LEVEL_1, LEVEL_3):
        assert before in cda
        told = [one.at for one in asked(cda.replace(before, after)) if one.code == "incoherent-document"]
        assert FIELDS[fact] in told


def test_broken_rules_of_the_header_are_named() -> None:
    broken = re.sub(rb"<realmCode[^>]*>", b"", LEVEL_3)
    (notice,) = (one for one in asked(broken) if one.code == "cda-rules-broken")
    assert notice.at == DATA
    assert notice.about in notice.text.fr


# — the INS


@pytest.mark.parametrize("status", ["validated", "retrieved", "provisional"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_matricule_of_an_unqualified_identity_does_not_leave_inside_a_document(status: str, encoding: str) -> None:
    text = LEVEL_3.decode().replace("encoding='UTF-8'", f"encoding='{encoding}'")
    event = report_with(text.encode(encoding, "xmlcharrefreplace"), "text/xml")
    unsure = replace(event, patient=replace(event.patient, identity_status=status))  # type: ignore[arg-type]
    assert "ins-in-document" in refused(unsure)
    elsewhere = re.sub(r'root="1\.2\.250\.1\.213\.1\.4\.10"', 'root="1.2.3"', text)
    hidden = replace(unsure, report=report_with(elsewhere.encode(encoding, "xmlcharrefreplace"), "text/xml").report)
    assert refused(hidden) == ["ins-in-document"]


@pytest.mark.parametrize(
    "told",
    [
        "2 79 03 51 215 189 89",
        "".join(f"&#{ord(sign)};" for sign in "279035121518989"),
        "2.79.03.51.215.189 (89)",
        "279<content styleCode='Bold'>035121</content>518989",
        "<linkHtml href='https://exemple.test/2%2079 03 51 215 189'/>".replace("%20", "-"),
        "<!-- 279035121518989 -->",
    ],
    ids=["spaced", "by character references", "dotted", "in pieces", "in a link", "in a comment"],
)
def test_a_matricule_is_seen_however_it_is_written(told: str) -> None:
    cda = re.sub(rb'<id[^>]* ?extension="2790\d+"[^>]*>', b"", level3(section("T", told)))
    unsure = report_with(cda, "text/xml")
    unsure = replace(unsure, patient=replace(unsure.patient, identity_status="provisional"))
    assert "ins-in-document" in refused(unsure)


def test_a_matricule_around_a_self_presenting_document_counts_as_one() -> None:
    inside = re.sub(rb'<id[^>]* ?extension="2790\d+"[^>]*>', b"", LEVEL_3.partition(b"?>")[2])
    twin = b'<id xmlns="urn:hl7-org:v3" root=" 1.2.250.1.213.1.4.8" extension="1"/>'
    style = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">%s%s</xsl:stylesheet>'
    event = report_with(style % (inside, twin), "text/xml")
    unsure = replace(event, patient=replace(event.patient, ins=None, identity_status="provisional"))
    assert "ins-in-document" in refused(unsure)


def test_a_matricule_in_the_body_counts_as_one() -> None:
    cda = level3(section("T", "x", entry='<entry><act><id root="1.2.250.1.213.1.4.8" extension="1"/></act></entry>'))
    event = report_with(re.sub(rb'<id extension="2790\d+"[^>]*>|<id root="[^"]*" extension="2790\d+"[^>]*>', b"", cda),
                        "text/xml")  # fmt: skip
    unsure = replace(event, patient=replace(event.patient, ins=None, identity_status="provisional"))
    assert "ins-in-document" in refused(unsure)


def test_test_identities_and_real_ones_never_mix() -> None:
    assert refused(report_with(LEVEL_3, "text/xml"), production=True) == ["test-identity-in-production"]
    real = LEVEL_3.replace(b"1.2.250.1.213.1.4.10", b"1.2.250.1.213.1.4.8")
    assert refused(report_with(real, "text/xml"), production=False) == ["real-identity-in-test"]
    assert asked(LEVEL_3, production=False) == asked(LEVEL_3)


# — packed


@pytest.mark.parametrize("cda", [LEVEL_1, LEVEL_3], ids=["level 1", "level 3"])
def test_its_bytes_are_those_of_the_archive_and_its_header_speaks(cda: bytes) -> None:
    other = cda.replace(b'<low value="20261119', b'<low value="20251119').replace(b">DOMINIQUE<", b">DANIELLE<")
    made = sent(other)
    (document,) = read_archive(made.archive).documents
    assert (document.data, made.cda) == (other, other)
    assert made.pdf_name.startswith("20251119_CR ou fiche de consultation")
    assert made.pdf_name.endswith("_PAT-TROIS_DANIELLE.pdf")
    header = read_cda(cda).header
    assert document.entry.unique_id == header.id.root
    assert (made.type_code, made.title, made.ins_complete) == (header.code.code, header.title, True)


def test_a_level_1_document_gives_its_own_pdf_and_a_level_3_one_its_narrative() -> None:
    assert sent(LEVEL_1).pdf == packed("report.shared").pdf
    assert "Cicatrisation complète." in read_tagged(sent(LEVEL_3).pdf).text()
    assert sent(LEVEL_3).pdf == sent(LEVEL_3).pdf


def test_masks_and_replacement_asked_for_beside_it_reach_the_archive() -> None:
    made = sent(LEVEL_3, masks=("INVISIBLE_PATIENT",), replaces="CR-1")
    entry = read_archive(made.archive).documents[0].entry
    assert [code.code for code in entry.confidentiality] == ["N", "INVISIBLE_PATIENT"]
    assert entry.action == "replace"
    assert made.label.startswith("Annule et remplace")


def test_what_it_says_otherwise_is_seen_in_the_facts() -> None:
    made = sent(LEVEL_3.replace(b'<code code="11488-4"', b'<code code="18776-5"', 1))
    assert made.facts["event"].differences(made.facts["cda"]) == ("type",)


def test_a_plain_pdf_inside_is_noticed() -> None:
    plain = re.sub(rb'(<text[^>]*B64">)[^<]*', lambda one: one[1] + base64.b64encode(small_pdf()), LEVEL_1)
    assert "pdf-not-archival" in {one.code for one in asked(plain)}


# — taken back, replaced


OWN = re.sub(rb'<id root="2\.25\.[0-9]+"/>', b'<id root="1.2.3.4" extension="CR-77"/>', LEVEL_3, count=1)
OWN = re.sub(rb'<setId root="[^"]*"/>', b'<setId root="1.2.3.5" extension="S-7"/>', OWN)
SEED = UUID("0b3f8a52-50a5-4c59-8f0e-3d3d8d0c6a01")


def test_an_earlier_exchange_is_known_by_the_document_it_sent() -> None:
    assert carried_by(SEED, None, OWN).document == Id("1.2.3.4", "CR-77")
    assert carried_by(SEED, None, None) == Earlier(SEED)
    ours = carried_by(MINTED.seed, MINTED.at, LEVEL_1)
    assert ours.document == Earlier(MINTED.seed).document


def test_a_cancellation_takes_back_the_softwares_own_number() -> None:
    event, known = story()["report.cancelled"]
    made = pack(event, known, TERMS, MINTED, SOFTWARE, previous=(carried_by(SEED, None, OWN),))
    (document,) = read_archive(made.archive).documents
    assert (document.entry.unique_id, document.entry.action) == ("1.2.3.4^CR-77", "delete")
    assert document.cda().header.set_id == Id("1.2.3.5", "S-7")
    assert "1.2.3.4^CR-77" in read_tagged(made.pdf).text()


def test_a_newer_version_of_ours_names_the_softwares_own_number() -> None:
    event, known = story()["report.replaced"]
    assert isinstance(event, ReportReplaced)
    header = read_cda(pack(event, known, TERMS, MINTED, SOFTWARE, previous=(carried_by(SEED, None, OWN),)).cda).header
    assert (header.replaces, header.set_id) == (Id("1.2.3.4", "CR-77"), Id("1.2.3.5", "S-7"))
