"""A report: shared, replaced, cancelled; each version is known by its own id."""

from __future__ import annotations

from typing import Any

from gateway.model.event import Event
from tests.model.known.told import OTHER_PATIENT, event, faults, notices, report, unread


def shared(day: str, id: str, **said: Any) -> Event:
    patient = {"patient": said.pop("patient")} if "patient" in said else {}
    return event("report.shared", day, id=f"shared {id} {day}", report=_report(id, said), **patient)


def replaced(day: str, id: str, old: str, **said: Any) -> Event:
    patient = {"patient": said.pop("patient")} if "patient" in said else {}
    tree = _report(id, {"replaces": old, **said})
    return event("report.replaced", day, id=f"replaced {id} {day}", report=tree, **patient)


def cancelled(day: str, id: str, **said: Any) -> Event:
    return event("report.cancelled", day, report={"id": id, "reason": "error"}, **said)


def _report(id: str, said: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "type": "11488-4", "created_at": "2026-01-01T10:00:00Z", **said}


FIRST, SECOND = shared("2026-01-01", "R-1", version=1), replaced("2026-02-01", "R-2", "R-1", version=2)


def test_a_report_is_known_by_the_event_that_carried_it() -> None:
    known = report("R-1", FIRST)
    assert (known.version, known.series, known.told_by) == (1, "R-1", (FIRST.id,))
    assert notices(FIRST) == []


def test_a_report_shared_again_is_accepted_and_remarked() -> None:
    again = shared("2026-01-02", "R-1")
    assert notices(FIRST, again) == ["report-shared-again"]
    assert report("R-1", FIRST, again).told_by == (FIRST.id, again.id)
    assert report("R-1", FIRST, again).version == 1


def test_a_newer_version_marks_the_one_it_replaces() -> None:
    assert notices(FIRST, SECOND) == []
    assert report("R-1", FIRST, SECOND).replaced_by == "R-2"
    newer = report("R-2", FIRST, SECOND)
    assert (newer.series, newer.told_by, newer.replaced_by) == ("R-1", (SECOND.id,), None)
    third = replaced("2026-03-01", "R-3", "R-2", version=3)
    assert report("R-3", FIRST, SECOND, third).series == "R-1"


def test_a_version_replaces_a_report_this_software_announced_for_this_patient() -> None:
    assert faults(SECOND) == {("unknown-report", "report/replaces")}
    other = replaced("2026-02-01", "R-2", "R-1", patient=OTHER_PATIENT)
    assert faults(FIRST, other) == {("other-patient", "report/replaces")}


def test_a_version_has_an_id_of_its_own() -> None:
    assert unread("report.replaced", report=_report("R-1", {"replaces": "R-1"})) == {("replaces-itself", "report/id")}
    assert unread("report.replaced", report=_report("R-1", {})) == {("missing-field", "report/replaces")}
    back = replaced("2026-03-01", "R-1", "R-2")
    assert faults(FIRST, SECOND, back) == {("replaces-itself", "report/id")}


def test_a_version_number_grows() -> None:
    for version in (1, 0):
        wrong = replaced("2026-02-01", "R-2", "R-1", version=version)
        assert faults(FIRST, wrong) == {("version-not-newer", "report/version")}
    assert notices(FIRST, replaced("2026-02-01", "R-2", "R-1")) == []


def test_a_report_replaced_twice_is_accepted_and_remarked() -> None:
    other = replaced("2026-03-01", "R-3", "R-1", version=2)
    assert notices(FIRST, SECOND, other) == ["report-replaced-again"]
    assert report("R-1", FIRST, SECOND, other).replaced_by == "R-3"
    late = replaced("2026-01-15", "R-3", "R-1", version=2)
    assert notices(FIRST, SECOND, late) == ["late-event", "report-replaced-again"]
    assert report("R-1", FIRST, SECOND, late).replaced_by == "R-2"


def test_a_cancelled_report_is_never_spoken_of_again() -> None:
    gone = cancelled("2026-03-01", "R-1")
    assert report("R-1", FIRST, gone).cancelled
    assert notices(FIRST, gone) == []
    for one in (cancelled("2026-03-02", "R-1"), shared("2026-03-02", "R-1")):
        assert faults(FIRST, gone, one) == {("report-cancelled", "report/id")}
    assert faults(FIRST, gone, SECOND) == {("report-cancelled", "report/replaces")}


def test_a_report_whose_newer_version_was_cancelled_may_be_replaced_again() -> None:
    story = (FIRST, SECOND, cancelled("2026-03-01", "R-2"), replaced("2026-04-01", "R-3", "R-1", version=3))
    assert notices(*story) == ["report-replaced-again"]
    assert report("R-1", *story).replaced_by == "R-3"


def test_only_a_report_announced_for_this_patient_is_cancelled() -> None:
    assert faults(cancelled("2026-03-01", "R-1")) == {("unknown-report", "report/id")}
    other = cancelled("2026-03-01", "R-1", patient=OTHER_PATIENT)
    assert faults(FIRST, other) == {("other-patient", "report/id")}


def test_what_is_shared_may_replace_a_report_too() -> None:
    newer = shared("2026-02-01", "R-2", replaces="R-1")
    assert notices(newer) == ["replaces-unknown"]
    assert report("R-1", FIRST, newer).replaced_by == "R-2"
    assert notices(FIRST, newer) == []


def test_reports_are_not_the_team_of_another() -> None:
    stranger = event("report.cancelled", "2026-03-01", report={"id": "R-1", "reason": "error"}, team={"id": "T-9"})
    assert faults(FIRST, stranger) == {("unknown-team", "team/id")}
