"""report.cancelled ⇄ a transaction that marks the DocumentReference as entered in error, and carries no content.

No guide has such a transaction. PDSm changes a status by a conditional PATCH (flux 03); MHD's list of states has no
`entered-in-error`, which PDSm4DMP nevertheless maps the withdrawal of a document to: a server that keeps to the list
refuses it, and says so.
"""

from __future__ import annotations

from gateway.model.event import Event, ReportCancelled
from gateway.model.faults import Fault
from gateway.model.known import Known
from gateway.translate.fhir import names
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON, said
from gateway.translate.fhir.report import put_status
from gateway.translate.fhir.shelf import Entries


class Cancelling:
    """A report is taken back."""

    event: type[Event] = ReportCancelled
    profile: str | None = None

    def write(self, event: ReportCancelled, known: Known, entries: Entries) -> JSON:
        """Put the change of status."""
        put_status(event.report.id, "entered-in-error", entries)
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


KINDS = (Cancelling(),)
