"""A document received is the event it would become: what its header says, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.event import Event, Recipient, ReportCancelled, ReportReplaced, ReportShared
from gateway.model.faults import Notice
from gateway.model.people import Address, Organization, Professional
from gateway.model.report import Document, Mask
from gateway.model.when import Instant, When
from gateway.pack import Minted, Software, as_event, read_archive, read_cda, write_cda
from gateway.pack.draft import draft
from tests import strategies
from tests.pack import material
from tests.pack.material import ROOT, known_after, shared

TERMS = Terms.load(ROOT / "mappings" / "tables")
MINTED = Minted(UUID(int=7), datetime(2026, 11, 20, 8, 30, tzinfo=UTC))
SOFTWARE = Software("Passerelle", "1", "Passerelle", "DEV000000")


def drawn(event: ReportShared | ReportReplaced) -> Event:
    """The event as it comes back from the CDA that the gateway writes of it."""
    header = draft(event, known_after(event), TERMS, MINTED, SOFTWARE, "SYNTH")
    back, _ = as_event(read_cda(write_cda(header, b"%PDF-1.4")))
    return back


def reports() -> st.SearchStrategy[Any]:
    return strategies.report_shared() | strategies.report_replaced()


modest = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def said(point: When | Instant | None) -> str | None:
    """A point in time without its fraction of a second."""
    return re.sub(r"\.\d+", "", point.text).replace("Z", "+00:00") if point else None


def site(where: Organization | None) -> Any:
    return where and (where.name, frozenset(where.identifiers))


def who(one: Professional) -> Any:
    """What a document says of a professional: all but a sector, and a function that is no code of JDV_J47."""
    profession = one.profession and (one.profession.code, one.profession.list or "G15")
    specialty = one.specialty if profession else None
    found = (one.rpps, frozenset(one.ids), one.family, one.given, profession, specialty)
    return (*found, site(one.organization), one.mss)


@modest
@given(event=reports())
def test_the_patient_comes_back_as_others_may_see_them(event: ReportShared) -> None:
    mine, back = event.patient, drawn(event).patient
    assert back.ins == mine.outgoing_ins
    for name in ("birth_name", "used_name", "used_given_name", "sex", "birth_date", "birth_place", "birth_rank",
                 "multiple_birth"):  # fmt: skip
        assert getattr(back, name) == getattr(mine, name), name
    assert back.address == (None if mine.address == Address() else mine.address)
    assert said(back.deceased_at) == said(mine.deceased_at)
    assert back.first_given_name == (mine.first_given_name or next(iter(mine.given_names), None))
    assert back.given_names == tuple(" ".join(mine.names).split())
    assert back.telecom == mine.telecom
    if mine.outgoing_ins or mine.outgoing_local_ids:
        assert back.outgoing_local_ids == tuple(dict.fromkeys(mine.outgoing_local_ids))
    doctor = mine.treating_physician
    told = None if doctor is None or doctor.none or doctor.unknown else who(doctor)
    assert (who(back.treating_physician) if back.treating_physician else None) == told
    now = event.occurred_at.moment
    contacts = [one for one in mine.contacts if one.until is None or not one.until.over(now)]
    assert [(one.role, one.name, one.phone) for one in back.contacts] == [
        (one.role, one.name, one.phone) for one in contacts
    ]
    assert [one.relationship and one.relationship.code for one in back.contacts] == [
        one.relationship and one.relationship.code for one in contacts
    ]


@modest
@given(event=reports())
def test_those_who_wrote_signed_and_keep_a_report_come_back(event: ReportShared) -> None:
    back = drawn(event)
    assert isinstance(back, ReportShared | ReportReplaced)
    mine = event.report
    authors = mine.authors or (event.sender,)
    assert [who(one) for one in back.report.authors] == [who(one) for one in authors]
    assert who(back.sender)[:6] == who(authors[0])[:6]
    assert back.report.signed_by
    if mine.signed_by:
        assert who(back.report.signed_by.professional) == who(mine.signed_by.professional)
        assert said(back.report.signed_by.at) == said(mine.signed_by.at)
    if mine.custodian:
        assert site(back.report.custodian) == site(mine.custodian)
    typist = event.sender.entered_by
    assert (who(back.sender.entered_by) if back.sender.entered_by else None) == (who(typist) if typist else None)


@modest
@given(event=reports())
def test_what_a_report_is_about_comes_back(event: ReportShared) -> None:
    back = drawn(event)
    assert isinstance(back, ReportShared | ReportReplaced)
    mine, told = event.report, back.report
    assert (told.type, told.masks) == (mine.type, tuple(sorted(mine.masks, key=get_args(Mask).index)))
    assert told.created_at.utc == mine.created_at.utc.replace(microsecond=0)
    for name in ("title", "facility", "setting", "language", "confidentiality"):
        assert getattr(told, name) == (getattr(mine, name) or getattr(told, name)), name
    assert told.version
    assert told.version == mine.version or not mine.version or mine.replaces  # a newer one counts higher
    assert said(told.service_start) == said(mine.service_start or mine.service_end or mine.created_at)
    assert said(told.service_end) == said(mine.service_end)
    assert [(one.code, one.list, one.display) for one in told.acts] == [
        (one.code, one.list, one.display) for one in mine.acts
    ]
    if met := mine.encounter:
        assert told.encounter
        assert (told.encounter.id, told.encounter.type) == (met.id, met.type)
        assert (said(told.encounter.since), said(told.encounter.until)) == (said(met.since), said(met.until))
    assert told.document == Document(content_type="application/pdf", data=b"%PDF-1.4")


@modest
@given(event=reports())
def test_addressees_by_number_or_mailbox_come_back(event: ReportShared) -> None:
    """Their places by national numbers: recipients have no others in a document."""

    def named(one: Recipient) -> Any:
        organization = one.organization or Organization(ids=one.ids, finess=one.finess, siret=one.siret, name="x")
        places = frozenset(one for one in organization.identifiers if one.structure_national)
        return (one.rpps, one.mss, places) if one.rpps or one.mss or places else None

    mine = [named(one) for one in event.recipients if named(one)]
    assert [named(one) for one in drawn(event).recipients] == mine


def received(kind: str) -> list[Event]:
    """The events of the archive of one of the story's events."""
    documents = read_archive(material.packed(kind).archive).documents
    return [as_event(document.cda(), document.entry.action)[0] for document in documents]


def test_a_newer_version_names_the_document_it_replaces() -> None:
    (event,) = received("report.replaced")
    assert isinstance(event, ReportReplaced)
    assert event.report.replaces == material.EARLIER[-1].document.root


def test_a_cancellation_takes_back_each_document_that_had_come() -> None:
    events = received("report.cancelled")
    ids = [event.report.id for event in events if isinstance(event, ReportCancelled)]
    assert ids == [earlier.document.root for earlier in reversed(material.EARLIER)]
    assert len({event.id for event in events}) == 2


def official() -> list[bytes]:
    """Every official document that lies beside the project: the loose ones, and those in archives."""
    loose = sorted(shared("samples/cda").glob("*.xml"))
    archives = sorted(shared("samples/xdm").glob("*.zip"))
    return [path.read_bytes() for path in loose] + [
        document.data for path in archives for document in read_archive(path.read_bytes()).documents
    ]


def test_every_official_document_becomes_an_event() -> None:
    """Their numbers are invented, most with wrong keys: that is told, at the field where the number would stand."""
    told: set[str] = set()
    for data in official():
        event, notices = as_event(read_cda(data))
        assert isinstance(event, ReportShared | ReportReplaced)
        assert event.patient.birth_name
        assert event.report.authors or event.sender.organization
        assert event.report.document
        told |= {notice.code for notice in notices}
    assert told == {"ins-key", "rpps-key", "finess-key", "finess-form", "siren-form", "unknown-code"}


def changed(*pairs: tuple[bytes, bytes]) -> tuple[Event, tuple[Notice, ...]]:
    """The event of the example report's document, some of its bytes changed."""
    data = material.packed("report.shared").cda
    for old, new in pairs:
        assert old in data
        data = data.replace(old, new, 1)
    return as_event(read_cda(data))


@pytest.mark.parametrize(
    ("written", "meant"),
    [("20260719083000", "2026-07-19T08:30:00+02:00"), ("20261120", "2026-11-20T00:00:00+01:00")],
)
def test_a_creation_time_without_zone_or_clock_is_taken_as_frances_and_told(written: str, meant: str) -> None:
    made = re.search(rb'<effectiveTime value="[^"]+"', material.packed("report.shared").cda)
    assert made
    event, notices = changed((made[0], f'<effectiveTime value="{written}"'.encode()))
    assert event.occurred_at.text == meant
    assert [(one.code, one.at) for one in notices] == [("time-assumed", ("report", "created_at"))]


def test_what_no_event_can_hold_is_left_out_and_told() -> None:
    event, notices = changed((b"<title>", b"<title>" + b"x" * 2_000), (b'code="N"', b'code="X"'))
    assert isinstance(event, ReportShared)
    assert (event.report.title, event.report.confidentiality) == (None, None)
    places = {(one.code, one.at) for one in notices}
    assert places == {("text-too-long", ("report", "title")), ("unknown-code", ("report", "confidentiality"))}


@pytest.mark.parametrize(
    ("old", "place"),
    [(b"<effectiveTime value=", ("occurred_at",)), (b'<code code="11488-4"', ("report", "type"))],
)
def test_what_an_event_cannot_exist_without_is_a_fault(old: bytes, place: tuple[str, ...]) -> None:
    with pytest.raises(Rejected) as refusal:
        changed((old, old.replace(b"value=", b"was=").replace(b"<code code=", b"<code was=")))
    assert place in {fault.at for fault in refusal.value.faults}
