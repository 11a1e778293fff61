"""The archive: metadata of the document's own header, right to the byte, and closed to hostile ZIPs."""

from __future__ import annotations

import hashlib
import html
import io
import random
import re
import subprocess
import zipfile
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from gateway.model.errors import Rejected
from gateway.model.event import Event
from gateway.model.faults import Place
from gateway.pack.cda import read_header, write_cda
from gateway.pack.draft import draft, event_facts
from gateway.pack.header import Code
from gateway.pack.packed import Disputed
from gateway.pack.xdm import FOLDER, Enclosed, read_archive, write_archive
from gateway.pack.xds import OTHER_FORMAT, Entry, activity_of, describe
from tests import strategies
from tests.pack.material import KINDS, MINTED, SOFTWARE, TERMS, known_after, packed, shared, story

RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
LAYOUT = ["INDEX.HTM", "README.TXT", "IHE_XDM/", FOLDER, FOLDER + "METADATA.XML", FOLDER + "DOC0001.XML"]


def files(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def metadata(archive: bytes) -> etree._Element:
    return etree.fromstring(files(archive)[FOLDER + "METADATA.XML"])


def slots(element: etree._Element) -> dict[str, list[str | None]]:
    return {
        str(slot.get("name")): [value.text for value in slot.iter(RIM + "Value")] for slot in element.iter(RIM + "Slot")
    }


# — what is written


@pytest.mark.parametrize("kind", KINDS)
def test_the_layout_is_that_of_the_official_archives(kind: str) -> None:
    more = [FOLDER + "DOC0002.XML"] if kind == "report.cancelled" else []  # it had gone out as two documents
    assert list(files(packed(kind).archive)) == LAYOUT + more
    names = [part.partition(".") for path in LAYOUT for part in path.split("/") if part]
    assert [name for name, _, end in names if not re.fullmatch(r"[A-Z0-9_]{1,8}", name) or len(end) > 3] == []


def test_an_ordinary_unzip_opens_it(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed("plan.created").archive)
    if subprocess.run(["which", "unzip"], capture_output=True, check=False).returncode:
        pytest.skip("unzip is not installed")
    assert "No errors" in subprocess.run(["unzip", "-t", "a.zip"], cwd=tmp_path, capture_output=True, text=True).stdout


@pytest.mark.parametrize("kind", KINDS)
def test_hash_and_size_are_those_of_the_exact_bytes(kind: str) -> None:
    document = files(packed(kind).archive)[FOLDER + "DOC0001.XML"]
    said = slots(next(metadata(packed(kind).archive).iter(RIM + "ExtrinsicObject")))
    assert document == packed(kind).cda
    assert said["hash"] == [hashlib.sha1(document).hexdigest().upper()]
    assert said["size"] == [str(len(document))]
    assert said["URI"] == ["DOC0001.XML"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_reference_points_to_the_object_that_holds_it(kind: str) -> None:
    root = metadata(packed(kind).archive)
    for tag in ("RegistryPackage", "ExtrinsicObject"):
        for owner in root.iter(RIM + tag):
            mine = owner.get("id")
            assert {one.get("classifiedObject") for one in owner.iter(RIM + "Classification")} == {mine}
            assert {one.get("registryObject") for one in owner.iter(RIM + "ExternalIdentifier")} == {mine}
    link = next(root.iter(RIM + "Association"))
    assert link.get("sourceObject") == next(root.iter(RIM + "RegistryPackage")).get("id")
    assert link.get("targetObject") == next(root.iter(RIM + "ExtrinsicObject")).get("id")
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)


def test_metadata_say_what_the_header_says_in_french_forms() -> None:
    entry = read_archive(packed("report.shared").archive).documents[0].entry
    assert entry.patient_id == "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert entry.source_patient_id.endswith("&ISO^PI")
    assert "PID-5|PAT-TROIS^DOMINIQUE^DOMINIQUE MARIE-LOUISE^^^^L" in entry.source_patient_info
    assert {"PID-7|19790328", "PID-8|F", "PID-11|^^^^^^BDL^^51215"} < set(entry.source_patient_info)
    assert entry.authors[0].person == "810100012342^MARTIN^Jeanne^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    assert entry.authors[0].institution.endswith("^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750043218")
    assert entry.authors[0].specialty == "G15_10/SM54^Médecin - Médecine Générale (SM)^1.2.250.1.213.1.1.4.5"
    assert entry.authenticator.startswith("810100012342^MARTIN^Jeanne^")
    assert (entry.class_code.code, entry.type_code.code) == ("10", "11488-4")
    assert entry.format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"
    assert (entry.created, entry.service_start) == ("20261119160000", "20261119152000")  # 17:00 and 16:20 in Paris
    assert entry.unique_id == MINTED.oid("document")


def test_the_format_of_an_encapsulated_document_is_its_bodys_whatever_model_it_claims() -> None:
    cda = packed("report.shared").cda
    claims = cda.replace(b'"1.3.6.1.4.1.19376.1.2.20"', b'"1.2.250.1.213.1.1.1.55"')
    assert claims != cda
    assert describe(read_header(claims), claims, "DOC0001.XML", TERMS).format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"


def test_masks_and_confidentiality_follow_the_document() -> None:
    cda = packed("report.shared").cda
    masks = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
    entry = read_archive(write_archive([Enclosed(cda, masks)], MINTED, SOFTWARE, TERMS)).documents[0].entry
    assert [code.code for code in entry.confidentiality] == ["N", *masks]
    assert {code.system for code in entry.confidentiality[1:]} == {"1.2.250.1.213.1.1.4.13"}


def test_every_type_of_document_has_a_class() -> None:
    cda = packed("report.shared").cda
    header = read_header(cda)
    codes = [replace(header, code=replace(header.code, code=code)) for code in TERMS.pairs("J07")]
    assert [one.code for one in codes if not describe(one, cda, "DOC0001.XML", TERMS).class_code.display] == []


def test_a_second_version_replaces_unless_said_otherwise() -> None:
    cda = packed("report.shared").cda
    second = cda.replace(b'<versionNumber value="1"/>', b'<versionNumber value="2"/>')

    def action(data: bytes, **said: Any) -> str | None:
        return read_archive(write_archive([Enclosed(data, **said)], MINTED, SOFTWARE, TERMS)).documents[0].entry.action

    assert (action(cda), action(second), action(second, action="delete")) == (None, "replace", "delete")


def test_several_documents_of_one_patient_share_an_archive_and_two_patients_do_not() -> None:
    one = packed("plan.created").cda
    two = packed("team.created").cda.replace(MINTED.oid("document").encode(), b"1.2.3.4.5")
    archive = read_archive(write_archive([Enclosed(one), Enclosed(two)], MINTED, SOFTWARE, TERMS))
    assert [document.data for document in archive.documents] == [one, two]
    assert [document.entry.uri for document in archive.documents] == ["DOC0001.XML", "DOC0002.XML"]
    assert archive.findings == ()
    other = two.replace(b"279035121518989", b"277076322082910")
    with pytest.raises(Rejected) as refusal:
        write_archive([Enclosed(one), Enclosed(other)], MINTED, SOFTWARE, TERMS)
    assert [(fault.code, fault.at) for fault in refusal.value.faults] == [("mixed-patients", ("documents", 1))]


def test_all_that_is_wrong_with_several_documents_is_told_at_once() -> None:
    good = packed("plan.created").cda
    nameless = re.sub(rb'(<setId|<patientRole>)?<id root="2\.25\.\d+"[^>]*/>', rb"\1", good)

    def faults(*documents: bytes) -> list[tuple[str, Place, str]]:
        with pytest.raises(Rejected) as refusal:
            write_archive([Enclosed(one) for one in documents], MINTED, SOFTWARE, TERMS)
        return [(fault.code, fault.at, fault.about) for fault in refusal.value.faults]

    assert faults(b"<a/>", good, b"no") == [("not-a-cda", ("documents", 0), ""), ("not-xml", ("documents", 2), "")]
    assert faults(good, good) == [("repeated-document", ("documents", 1), "")]
    assert faults(nameless) == [("incomplete-metadata", ("documents", 0), "uniqueId")]
    assert faults(*[good] * 101) == [("too-many", (), "100")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "iso-8859-1", "utf-16", "utf-16-be"])
def test_a_document_in_any_encoding_travels_as_it_is(encoding: str) -> None:
    text = packed("report.shared").cda.decode()
    name = {"utf-8-sig": "UTF-8", "utf-16-be": "UTF-16BE"}.get(encoding, encoding)
    told = text.replace("encoding='UTF-8'", f"encoding='{name}'")
    assert told != text or encoding == "utf-8-sig"
    cda = told.encode(encoding) if encoding != "utf-16-be" else b"\xfe\xff" + told.encode(encoding)
    document = read_archive(write_archive([Enclosed(cda)], MINTED, SOFTWARE, TERMS)).documents[0]
    plain = read_archive(packed("report.shared").archive).documents[0].entry
    assert document.data == cda
    assert replace(document.entry, hash=plain.hash, size=plain.size, action=None) == plain


def test_a_self_presenting_document_travels_as_it_is() -> None:
    cda = packed("plan.created").cda.partition(b"?>")[2]
    sheet = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">%s</xsl:stylesheet>' % cda
    document = read_archive(write_archive([Enclosed(sheet)], MINTED, SOFTWARE, TERMS)).documents[0]
    assert (document.data, document.entry.mime_type) == (sheet, "text/xml")
    assert document.entry.unique_id == MINTED.oid("document")


def test_what_official_sources_dispute_is_said_as_one_wishes() -> None:
    cda = packed("plan.created").cda
    sheet = b'<?xml version="1.0"?><!-- x --><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    sheet += cda.partition(b"?>")[2].replace(MINTED.oid("document").encode(), b"1.2.3.4.5") + b"</xsl:stylesheet>"

    def told(disputed: Disputed) -> tuple[str, list[str]]:
        software = replace(SOFTWARE, disputed=disputed)
        archive = read_archive(write_archive([Enclosed(cda), Enclosed(sheet)], MINTED, software, TERMS))
        return archive.submission.content_type.code, [document.entry.mime_type for document in archive.documents]

    header = read_header(cda)
    place, activity = describe(header, cda, "", TERMS).facility.code, activity_of(header, TERMS).code
    assert place != activity
    assert told(Disputed()) == (place, ["text/xml", "text/xml"])
    assert told(Disputed("encounter", "application/xslt+xml")) == (activity, ["text/xml", "application/xslt+xml"])


@pytest.mark.parametrize(
    ("contact", "activity"), [("IMP", "03"), ("SEANCE", "19"), ("VR", "97"), ("?", "97"), ("", "97")]
)
def test_every_contact_is_some_activity(contact: str, activity: str) -> None:
    header = read_header(packed("plan.created").cda)
    stay = replace(header.stay, code=Code(contact) if contact else None)
    assert activity_of(replace(header, stay=stay), TERMS).code == activity


def test_readme_is_plain_ascii_and_index_names_the_sender() -> None:
    event, known = story()["team.created"]
    sender = replace(event.sender, family="Lœuvre & <Fils>", given="Zoë 😀")
    cda = write_cda(draft(replace(event, sender=sender), known, TERMS, MINTED, SOFTWARE, "SYNTH"), b"%PDF")
    found = files(write_archive([Enclosed(cda)], MINTED, SOFTWARE, TERMS))
    readme, index = found["README.TXT"], found["INDEX.HTM"]
    assert b"Loeuvre & <Fils> Zoe ?" in readme
    assert max(readme) < 127
    assert readme.count(b"\n") == readme.count(b"\r\n") > 10
    assert b"Emetteur : Maison de sant\xc3\xa9 des Deux Ponts (1750043218)" in index
    assert b'<a href="README.TXT">ReadMe</a>' in index
    etree.fromstring(index, etree.XMLParser(load_dtd=False, no_network=True))


def test_the_same_document_at_the_same_time_gives_the_same_archive() -> None:
    cda = packed("plan.created").cda
    assert write_archive([Enclosed(cda)], MINTED, SOFTWARE, TERMS) == packed("plan.created").archive
    later = replace(MINTED, at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    assert write_archive([Enclosed(cda)], later, SOFTWARE, TERMS) != packed("plan.created").archive


# — both ways


@given(strategies.events())
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_reads_back_and_states_the_facts_of_the_event(event: Event) -> None:
    header = draft(event, known_after(event), TERMS, MINTED, SOFTWARE, "SYNTH")
    cda = write_cda(header, b"%PDF")
    archive = read_archive(write_archive([Enclosed(cda)], MINTED, SOFTWARE, TERMS))
    assert archive.findings == ()
    described = describe(read_header(cda), cda, "DOC0001.XML", TERMS)
    assert semantic(archive.documents[0].entry) == semantic(described)
    assert archive.facts.differences(event_facts(event, header.code.code)) == ()
    assert archive.submission.patient_id == archive.documents[0].entry.patient_id


CODES = {"class_code", "type_code", "facility", "setting", "format_code"}


def semantic(entry: Entry) -> dict[str, Any]:
    """The values two archives are compared by: codes without their labels, traits as a set."""
    said: dict[str, Any] = {field.name: getattr(entry, field.name) for field in fields(entry)}
    said |= {name: said[name].code for name in CODES}
    said |= {name: [code.code for code in said[name]] for name in ("confidentiality", "events")}
    return said | {"source_patient_info": frozenset(entry.source_patient_info)}


def test_official_archives_open_and_only_their_references_are_found_wrong() -> None:
    findings = {
        finding.about
        for path in shared("samples/xdm").glob("*.zip")
        for finding in read_archive(path.read_bytes()).findings
    }
    assert findings <= {"classifiedObject", "registryObject"}


def test_every_official_document_has_all_metadata_of_its_own() -> None:
    documents = sorted(shared("samples/cda").glob("*.xml"))
    assert len(documents) == 54
    for path in documents:
        found = read_archive(write_archive([Enclosed(path.read_bytes())], MINTED, SOFTWARE, TERMS))
        assert (path.name, found.findings, found.omissions) == (path.name, (), ())
        assert found.documents[0].entry.format_code != OTHER_FORMAT


def test_the_index_names_whom_the_official_one_names() -> None:
    compared = 0
    for path in shared("samples/xdm").glob("*.zip"):
        official = files(path.read_bytes())
        ours = files(write_archive([Enclosed(official[FOLDER + "DOC0001.XML"])], MINTED, SOFTWARE, TERMS))
        said, made = (
            re.search(r"Emetteur : ([^<\r\n]*)", html.unescape(one["INDEX.HTM"].decode())) for one in (official, ours)
        )
        assert said
        assert made
        if said[1].strip() != "()":  # five of them leave it empty
            assert (path.name, made[1]) == (path.name, said[1].strip())
            compared += 1
    assert compared == 56


# — what is refused


def rezipped(changes: dict[str, bytes | None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files(packed("plan.created").archive) | changes).items():
            if content is not None:
                archive.writestr(name, content)
    return out.getvalue()


def refused(archive: bytes) -> list[tuple[str, Place, str]]:
    with pytest.raises(Rejected) as refusal:
        read_archive(archive)
    return [(fault.code, fault.at, fault.about) for fault in refusal.value.faults]


def test_a_document_tampered_with_is_refused_at_its_place() -> None:
    cda = packed("plan.created").cda
    changed = rezipped({FOLDER + "DOC0001.XML": cda.replace(b"DOMINIQUE", b"DOMINIQUA")})
    assert refused(changed) == [("broken-archive", ("documents", 0), "hash")]
    longer = rezipped({FOLDER + "DOC0001.XML": cda + b"\n"})
    assert refused(longer) == [
        ("broken-archive", ("documents", 0), "hash"),
        ("broken-archive", ("documents", 0), "size"),
    ]


METADATA = FOLDER + "METADATA.XML"


def retold(*changes: tuple[bytes, bytes]) -> bytes:
    """The archive with other words in its metadata, each of which stood there."""
    raw = files(packed("plan.created").archive)[METADATA]
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return rezipped({METADATA: raw})


@pytest.mark.parametrize(
    "uri", [b"DOC0002.XML", b"../../README.TXT", b"/etc/passwd", b"METADATA.XML", b"", b"file:///a"]
)
def test_an_entry_speaks_of_a_file_beside_it_and_of_no_other(uri: bytes) -> None:
    assert refused(retold((b">DOC0001.XML<", b">" + uri + b"<"))) == [("broken-archive", ("documents", 0), "URI")]


def test_no_two_entries_speak_of_one_file() -> None:
    raw = files(packed("plan.created").archive)[METADATA]
    entry = re.search(rb"<ExtrinsicObject.*</ExtrinsicObject>", raw, re.DOTALL)
    assert entry
    twice = rezipped({METADATA: raw.replace(entry[0], entry[0] + entry[0])})
    assert refused(twice) == [("broken-archive", ("documents", 1), "URI")]


def test_ten_thousand_entries_are_refused_before_they_are_read() -> None:
    raw = files(packed("plan.created").archive)[METADATA]
    many = raw.replace(b"<Association", b"<ExtrinsicObject/>" * 10_000 + b"<Association", 1)
    assert refused(rezipped({METADATA: many})) == [("too-many", (), "100")]


def test_what_is_not_said_contradicts_nothing_and_is_told() -> None:
    found = read_archive(retold((b'name="hash"', b'name="other"'), (b'name="size"', b'name="another"')))
    assert found.findings == ()
    assert [(one.code, one.at, one.about) for one in found.omissions] == [
        ("incomplete-metadata", ("documents", 0), "hash, size")
    ]


def test_metadata_tampered_with_are_seen() -> None:
    raw = files(packed("plan.created").archive)[FOLDER + "METADATA.XML"]
    found = read_archive(rezipped({FOLDER + "METADATA.XML": raw.replace(b"19790328", b"19790329")}))
    assert found.facts.differences(found.documents[0].cda().facts) == ("birth_date",)
    swapped = raw.replace(b'targetObject="urn:uuid:', b'targetObject="urn:uuid:0')
    assert read_archive(rezipped({FOLDER + "METADATA.XML": swapped})).findings[0].about == "HasMember"


def test_an_archive_without_metadata_or_document_is_refused() -> None:
    assert refused(rezipped({METADATA: None})) == [("not-an-archive", (), "METADATA.XML")]
    assert refused(rezipped({FOLDER + "DOC0001.XML": None})) == [("broken-archive", ("documents", 0), "URI")]


def test_every_byte_of_an_archive_may_be_damaged_and_nothing_is_raised_but_a_refusal() -> None:
    whole, chance = packed("plan.created").archive, random.Random(20261122)
    refused = 0
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 9)] = chance.randbytes(chance.randint(0, 9))
        try:
            assert read_archive(bytes(data)).documents[0].data == packed("plan.created").cda
        except Rejected:
            refused += 1
    assert refused > 350


def test_hostile_metadata_in_a_sound_zip_are_refused() -> None:
    assert refused(rezipped({METADATA: b'<!DOCTYPE a [<!ENTITY e "ha">]><a>&e;</a>'})) == [("not-xml", (), "")]
    assert refused(rezipped({METADATA: b"<a/>"})) == [("not-an-archive", (), "METADATA.XML")]


def test_a_missing_index_is_only_a_finding() -> None:
    assert [finding.about for finding in read_archive(rezipped({"INDEX.HTM": None})).findings] == ["INDEX.HTM"]
