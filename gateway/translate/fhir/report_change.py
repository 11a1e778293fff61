"""report.replaced ⇄ the bundle of a report that supersedes another; report.cancelled ⇄ a mark, without content.

Both change the status of a DocumentReference where it is, found by its identifier (FHIRPath Patch). For a newer version
ITI-65 has a slice for it (MHD 4.2.3, UpdateDocumentRefs). No guide has a transaction that takes a document back: MHD's
list of states has no `entered-in-error`, which PDSm4DMP nevertheless maps a withdrawal to. A server that keeps to the
list refuses it, and says so.
"""

from __future__ import annotations

from gateway.model.event import Event, ReportCancelled, ReportReplaced
from gateway.model.faults import Fault
from gateway.model.known import Known
from gateway.translate.fhir import names
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON, said
from gateway.translate.fhir.report import ReportTold, Sharing
from gateway.translate.fhir.shelf import Entries, search


class Replacing(Sharing):
    """A newer version is shared, and the older one superseded."""

    event: type[Event] = ReportReplaced

    def write(self, event: ReportTold, known: Known, entries: Entries) -> JSON:
        """Put what Sharing puts, and the change of the older one's status (MHD 4.2.3 §ITI-65, UpdateDocumentRefs)."""
        beside = super().write(event, known, entries)
        _put_status(event.report.replaces or "", "superseded", entries)
        return beside

    def fits(self, received: Received, known: Known) -> bool:
        """A DocumentReference that replaces another, whose status changes."""
        found = [one for node in received.all("DocumentReference") for one in node.each("relatesTo")]
        replaces = any(one.text("code") == "replaces" for one in found)
        return replaces and bool(received.patched("DocumentReference"))


class Cancelling:
    """A report is taken back."""

    event: type[Event] = ReportCancelled
    profile: str | None = None
    shape: str = names.profile("report-cancellation")

    def write(self, event: ReportCancelled, known: Known, entries: Entries) -> JSON:
        """Put the change of status."""
        _put_status(event.report.id, "entered-in-error", entries)
        return {}

    def read(self, received: Received, known: Known) -> JSON:
        """Which report; the reason has no place in FHIR's own elements."""
        found = received.patched("DocumentReference")
        if not found:
            received.sources.faults.append(Fault("missing-field", about="PATCH DocumentReference", pointer="/entry"))
        id = next((value for system, value in found if names.is_ours(system, "report")), None)
        return said(report=said(id=id or (found[0][1] if found else None)))

    def fits(self, received: Received, known: Known) -> bool:
        """No DocumentReference, but one whose status changes where it is."""
        return bool(received.patched("DocumentReference")) and not received.all("DocumentReference")


KINDS = (Replacing(), Cancelling())


def without_older(bundle: JSON) -> JSON:
    """The bundle of a newer version for a server that never had the older one: it changes nothing that is not there.

    The newer one still says what it replaces, and reads back as the same event by the bundle's tag.
    """
    kept = [entry for entry in bundle["entry"] if entry["request"]["method"] != "PATCH"]
    return {**bundle, "entry": kept}


def _put_status(report: str, status: str, entries: Entries) -> None:
    """Put the change of status of a report shared before (FHIRPath Patch, R4 §fhirpatch)."""
    parts = [
        {"name": "path", "valueString": "DocumentReference.status"},
        {"name": "type", "valueCode": "replace"},
        {"name": "value", "valueCode": status},
    ]
    profile = {"meta": {"profile": [names.STATUS_PATCH]}} if status == "superseded" else {}  # all it allows
    resource = {"resourceType": "Parameters", **profile, "parameter": [{"name": "operation", "part": parts}]}
    where = search(entries.ours("report"), report)
    entries.add("status", resource, {"method": "PATCH", "url": f"DocumentReference?{where}"})
