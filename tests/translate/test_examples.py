"""The examples tell one story: each can be accepted after the ones before it, and shows nobody's real identity."""

from __future__ import annotations

import io

import pikepdf

from gateway.journey.recall import Replayed
from gateway.model.event import Event, PlanCreated, ReportShared
from gateway.translate import read_vendor
from tests.translate.dialects import EXAMPLES, dialects


def story() -> list[Event]:
    ours = dialects().get("canonical")
    return sorted((read_vendor(file.read_bytes(), ours) for file in EXAMPLES), key=lambda event: event.occurred_at.utc)


def test_each_event_follows_from_those_before_without_remark() -> None:
    memory = Replayed(())
    for event in story():
        assert memory.count(event)[2] == ()
    team = memory.team("T-7")
    assert team is not None
    assert list(dict.fromkeys(member.id for member in team.team.members)) == ["M-1", "M-2", "M-3", "M-4", "M-5", "M-6"]


def test_the_patient_is_always_the_same_test_identity() -> None:
    assert len({event.patient for event in story()}) == 1
    ins = story()[0].patient.ins
    assert ins is not None
    assert not ins.kind.for_real


def test_no_example_carries_a_mailbox() -> None:
    assert all('"mss"' not in file.read_text(encoding="utf-8") for file in EXAMPLES)


def test_every_member_an_example_writes_to_is_in_the_team() -> None:
    team = {"M-1", "M-2", "M-3", "M-4", "M-5", "M-6"}
    assert {one.member for event in story() for one in event.recipients if one.member} <= team


def test_the_report_brings_a_small_pdf_a_1() -> None:
    (report,) = (event.report for event in story() if isinstance(event, ReportShared))
    assert report.document is not None
    assert report.document.data is not None
    assert len(report.document.data) < 20_000
    with pikepdf.open(io.BytesIO(report.document.data)) as pdf, pdf.open_metadata() as claim:
        assert claim.pdfa_status == "1B"


def test_the_plan_says_who_does_what_and_when() -> None:
    (plan,) = (event.plan for event in story() if isinstance(event, PlanCreated))
    assert plan.problems
    assert plan.goals
    assert all(activity.who for activity in plan.activities)
