"""A document received is the event it would become: what its header says, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import HealthCheck, assume, given, settings

from gateway.model.codes import Terms
from gateway.model.event import Event, ReportCancelled, ReportReplaced, ReportShared
from gateway.pack import Minted, Software, as_event, pack, read_archive, read_cda
from tests import strategies
from tests.pack import material
from tests.pack.material import ROOT, known_after, shared

TERMS = Terms.load(ROOT / "mappings" / "tables")
MINTED = Minted(UUID(int=7), datetime(2026, 11, 20, 8, 30, tzinfo=UTC))
SOFTWARE = Software("Passerelle", "1", "Passerelle", "DEV000000")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(event=strategies.report_shared())
def test_a_report_comes_back_with_its_patient_author_type_and_bytes(event: Event) -> None:
    assert isinstance(event, ReportShared)
    assume(event.report.document is None or event.report.document.data is not None)
    packed = pack(event, known_after(event), TERMS, MINTED, SOFTWARE)
    back, _ = as_event(read_cda(packed.cda))
    assert isinstance(back, ReportShared)
    assert back.report.type == event.report.type
    assert back.report.created_at.utc.replace(microsecond=0) == event.report.created_at.utc.replace(microsecond=0)
    assert back.patient.outgoing_ins == (
        event.patient.outgoing_ins if packed.ins_complete else back.patient.outgoing_ins
    )
    assert back.report.document is not None
    assert back.report.document.data == packed.pdf


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
