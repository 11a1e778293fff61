"""One exchange packed whole: the same each time, its forms in agreement, nothing in it that may not leave."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import fields, replace
from shutil import which

import pikepdf
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.model.errors import Broken, Rejected
from gateway.model.event import Event, ReportReplaced, ReportShared
from gateway.model.report import Document
from gateway.model.when import Day
from gateway.pack import as_event, check_cda, check_document, pack, read_archive, read_cda
from tests import strategies
from tests.pack.material import (
    EARLIER,
    KINDS,
    MINTED,
    SOFTWARE,
    TERMS,
    known_after,
    packed,
    report_with,
    small_pdf,
    story,
)


def bring(event: Event, pdf: bytes | None) -> Event:
    """The event with a real document, or none, in place of the generated one."""
    if not isinstance(event, ReportShared | ReportReplaced):
        return event
    document = Document(content_type="application/pdf", data=pdf) if pdf else None
    return replace(event, report=replace(event.report, document=document))


# — packing


def test_a_pdf_that_came_with_the_event_travels_byte_for_byte() -> None:
    pdf = small_pdf("Compte rendu", "a-1b")
    event = report_with(pdf)
    made = pack(event, story()["report.shared"][1], TERMS, MINTED, SOFTWARE)
    assert made.pdf == pdf
    assert read_cda(made.cda).body == pdf
    assert read_archive(made.archive).documents[0].data == made.cda


@pytest.mark.parametrize("kind", KINDS)
def test_packing_again_gives_the_same_bytes_and_another_seed_does_not(kind: str) -> None:
    event, known = story()[kind]
    again = pack(event, known, TERMS, MINTED, SOFTWARE, previous=EARLIER)
    assert (again.cda, again.pdf, again.archive, again.pdf_name) == (
        packed(kind).cda,
        packed(kind).pdf,
        packed(kind).archive,
        packed(kind).pdf_name,
    )
    other = replace(MINTED, seed=MINTED.uuid("another"))
    assert pack(event, known, TERMS, other, SOFTWARE, previous=EARLIER).archive != again.archive


def test_another_process_packs_the_same_bytes() -> None:
    code = (
        "import hashlib; from tests.pack.material import KINDS, packed;"
        "print(*(hashlib.sha256(packed(k).archive + packed(k).pdf).hexdigest() for k in KINDS))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(runs) == 1


@given(strategies.events())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_event_cda_and_archive_state_the_same_facts(event: Event) -> None:
    made = pack(bring(event, None), known_after(event), TERMS, MINTED, SOFTWARE)
    told, cda, xdm = (made.facts[form] for form in ("event", "cda", "xdm"))
    assert (told.differences(cda), told.differences(xdm), cda.differences(xdm)) == ((), (), ())
    stated = {field.name for field in fields(told) if getattr(told, field.name) is not None} - {"line"}  # a mail's
    assert {name for name in stated if getattr(cda, name) is None} == set()
    assert {name for name in stated - {"patient"} if getattr(xdm, name) is None} == set()


@pytest.mark.parametrize(
    ("before", "after", "fact"),
    [
        (b'extension="279035121518989"', b'extension="277076322082910"', "patient"),
        (b">PAT-TROIS<", b">PAT-QUATRE<", "birth_name"),
        (b'<given qualifier="BR">DOMINIQUE', b'<given qualifier="BR">DANIELLE', "given_name"),
        (b'birthTime value="19790328"', b'birthTime value="19790329"', "birth_date"),
        (b'administrativeGenderCode code="F"', b'administrativeGenderCode code="M"', "sex"),
        (b'extension="810100012342"', b'extension="810100054328"', "author"),
        (b'<code code="SYNTH"', b'<code code="18776-5"', "type"),
        (b'<effectiveTime value="2026', b'<effectiveTime value="2025', "created"),
        (b'<low value="2026', b'<low value="2025', "service"),
    ],
)
def test_a_cda_that_says_otherwise_is_seen(before: bytes, after: bytes, fact: str) -> None:
    made = packed("team.created")
    assert before in made.cda
    altered = read_cda(made.cda.replace(before, after)).facts
    assert altered.differences(made.facts["event"]) == (fact,)


def test_an_uploaded_content_must_be_there_to_be_packed() -> None:
    event = report_with(None, document=Document(content_type="application/pdf", content="sha256:" + "0" * 64))
    with pytest.raises(Broken):
        pack(event, story()["report.shared"][1], TERMS, MINTED, SOFTWARE)


def test_a_type_that_is_not_national_is_refused_or_ours_to_correct() -> None:
    with pytest.raises(Rejected) as refusal:
        pack(report_with(None, type="0000-0"), story()["report.shared"][1], TERMS, MINTED, SOFTWARE)
    assert refusal.value.faults[0].at == ("report", "type")
    with pytest.raises(Broken):
        pack(*story()["team.created"], TERMS, MINTED, SOFTWARE, team_type="TEAM")


def test_the_type_of_a_team_document_is_a_setting() -> None:
    made = pack(*story()["team.created"], TERMS, MINTED, SOFTWARE, team_type="60591-5")
    assert (made.type_code, made.type_label) == ("60591-5", "Synthèse médicale")


def test_masks_reach_the_archive() -> None:
    event = report_with(small_pdf(), masks=("INVISIBLE_PATIENT",), confidentiality="R")
    made = pack(event, story()["report.shared"][1], TERMS, MINTED, SOFTWARE)
    codes = [code.code for code in read_archive(made.archive).documents[0].entry.confidentiality]
    assert codes == ["R", "INVISIBLE_PATIENT"]


# — what may not leave


def every_byte(pdf: bytes, cda: bytes, archive: bytes) -> bytes:
    """Everything a reader of these files could find: contents unpacked, PDF streams decoded."""
    found = [pdf, cda, archive]
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        found += [opened.read(name) for name in opened.namelist()]
    with pikepdf.open(io.BytesIO(pdf)) as opened_pdf:
        found += [one.read_bytes() for one in opened_pdf.objects if isinstance(one, pikepdf.Stream)]
    if which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return b"\n".join([*found, b"".join(text.split())])


@given(strategies.events(), strategies.ins(), st.sampled_from(("validated", "retrieved", "provisional")))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_unqualified_matricule_appears_in_no_byte_that_leaves(event: Event, ins: object, status: str) -> None:
    known = {"birth_name": event.patient.birth_name or "X", "birth_date": event.patient.birth_date or Day("1979")}
    patient = replace(event.patient, ins=ins, identity_status=status, **known)  # type: ignore[arg-type]
    number = patient.ins.number if patient.ins else ""
    assume(number not in repr(replace(event, patient=event.patient)))
    event = bring(replace(event, patient=patient), None)
    made = pack(event, known_after(event), TERMS, MINTED, SOFTWARE)
    everything = every_byte(made.pdf, made.cda, made.archive)
    assert number.encode() not in everything
    assert number[:13].encode() not in everything
    assert b"1.2.250.1.213.1.4." not in everything
    assert not made.ins_complete
    assert number not in made.pdf_name + made.patient_line + made.title
    assert number[:13] not in repr(made)


def test_a_qualified_matricule_is_whole_or_said_incomplete() -> None:
    event, known = story()["team.created"]
    assert packed("team.created").ins_complete
    unsaid = replace(event, patient=replace(event.patient, sex=None))
    assert not pack(unsaid, known, TERMS, MINTED, SOFTWARE).ins_complete
    nameless = replace(event, patient=replace(event.patient, first_given_name=None, given_names=()))
    assert not pack(nameless, known, TERMS, MINTED, SOFTWARE).ins_complete


def test_a_matricule_leaves_with_a_place_of_birth_though_it_be_unknown() -> None:
    event, known = story()["team.created"]
    nowhere = replace(event, patient=replace(event.patient, birth_place=None))
    made = pack(nowhere, known, TERMS, MINTED, SOFTWARE)
    assert made.ins_complete
    assert check_cda(made.cda, TERMS) == ()
    assert read_cda(made.cda).header.subject.birth_place == "99999"
    assert as_event(read_cda(made.cda))[0].patient.birth_place is None


# — documents asked about when the event is accepted


def test_a_good_document_passes_and_a_plain_one_is_noticed() -> None:
    assert check_document(report_with(small_pdf("x", "a-1b")), terms=TERMS) == ()
    (notice,) = check_document(report_with(small_pdf()), terms=TERMS)
    assert (notice.code, notice.at) == ("pdf-not-archival", ("report", "document", "data"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_without_document_passes(kind: str) -> None:
    assert check_document(story()[kind][0], terms=TERMS) == ()


def test_a_content_uploaded_before_is_not_asked_about_here() -> None:
    document = Document(content_type="application/pdf; version=1.4", content="sha256:" + "0" * 64)
    assert check_document(report_with(None, document=document), terms=TERMS) == ()


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"PK\3\4 a Word file", "application/pdf", "not-a-pdf"),
        (b"%PDF-1.4 and nothing", "application/pdf", "broken-pdf"),
        (small_pdf(), "text/plain", "unsupported-document"),
        (small_pdf(), "application/pdfx", "unsupported-document"),
    ],
)
def test_a_bad_document_is_rejected_with_its_place(data: bytes, content_type: str, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        check_document(report_with(data, content_type), terms=TERMS)
    (fault,) = refusal.value.faults
    assert (fault.code, fault.at) == (code, ("report", "document", "data"))
    assert fault.text.remedy_fr
