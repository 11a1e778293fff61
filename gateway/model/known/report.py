"""What an event does to a report.

Each version has an id of its own. A report that was cancelled is never spoken of again: what is shared instead has a
new id. An older version may be named again in `replaces`, for one whose newer version was withdrawn.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.model.errors import Rejected
from gateway.model.event import ReportCancelled, ReportReplaced, ReportShared
from gateway.model.faults import Fault, Notice
from gateway.model.known.state import Known, KnownReport, Notices, is_late, late, newest


def report_shared(known: Known, event: ReportShared, patient: str) -> tuple[Known, Notices]:
    """The report is known; the one it names in `replaces`, when it is known, is replaced."""
    faults = _cancelled(known)
    if known.replaced:
        faults += _older(known.replaced, event)
    if faults:
        raise Rejected(faults)
    unheard = event.report.replaces is not None and known.replaced is None
    notices = (Notice("replaces-unknown", ("report", "replaces")),) if unheard else ()
    return _carried(known, event, patient, notices)


def report_replaced(known: Known, event: ReportReplaced, patient: str) -> tuple[Known, Notices]:
    """The report is known, and the one it replaces is marked so."""
    assert known.replaced is not None  # `after` looked
    faults = _cancelled(known) + _older(known.replaced, event)
    if faults:
        raise Rejected(faults)
    return _carried(known, event, patient, ())


def report_cancelled(known: Known, event: ReportCancelled) -> tuple[Known, Notices]:
    """The report is taken back."""
    assert known.report is not None  # `after` looked
    if faults := _cancelled(known):
        raise Rejected(faults)
    held = known.report
    return replace(known, report=replace(held, cancelled=True, as_of=newest(held, event))), late(held, event)


def _cancelled(known: Known) -> list[Fault]:
    found = (("id", known.report), ("replaces", known.replaced))
    return [Fault("report-cancelled", ("report", name)) for name, one in found if one and one.cancelled]


def _older(replaced: KnownReport, event: ReportShared | ReportReplaced) -> list[Fault]:
    report, faults = event.report, []
    if report.id in (replaced.id, replaced.series):
        faults.append(Fault("replaces-itself", ("report", "id")))
    if report.version is not None and replaced.version is not None and report.version <= replaced.version:
        faults.append(Fault("version-not-newer", ("report", "version")))
    return faults


def _carried(
    known: Known, event: ReportShared | ReportReplaced, patient: str, notices: Notices
) -> tuple[Known, Notices]:
    held, old, report = known.report, known.replaced, event.report
    notices = (*(late(held, event) or late(old, event)), *notices)
    if held:
        notices += (Notice("report-shared-again", ("report", "id")),)
    if old and old.replaced_by not in (None, report.id):
        notices += (Notice("report-replaced-again", ("report", "replaces")),)
    versions = [one for one in (report.version, held.version if held else None) if one is not None]
    now = KnownReport(
        id=report.id,
        patient=patient,
        as_of=newest(held, event),
        series=old.series if old else held.series if held else report.id,
        version=max(versions, default=None),
        replaced_by=held.replaced_by if held else None,
        told_by=(*(held.told_by if held else ()), event.id),
    )
    if old and not (is_late(old, event) and old.replaced_by):
        old = replace(old, replaced_by=report.id, as_of=newest(old, event))
    return replace(known, report=now, replaced=old), notices
