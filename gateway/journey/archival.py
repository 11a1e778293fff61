"""archival: the PDF an event brings, made PDF/A-1 before it leaves, where the site's rules ask for it.

Done once, in `prepare`: every form and every parcel then holds the same bytes. What was sent stays with the exchange as
it came. Where no PDF/A-1 can be made of it, it leaves as it came: that a recipient reads it in time matters more than
that it can be kept for ever, and the log says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway import pack
from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange
from gateway.model.event import Event, ReportReplaced, ReportShared


def with_archival(
    gateway: Gateway, exchange: Exchange, event: Event, now: datetime, worker: str
) -> tuple[Event, tuple[Entry, ...]]:
    """The event with the PDF to carry, and what the audit log says of it; the event itself when nothing is to be done.

    The bytes of the document must be in the event. A CDA is never touched, though its bytes be a PDF too.
    """
    document = event.report.document if isinstance(event, ReportShared | ReportReplaced) else None
    if document is None or document.data is None or pack.is_cda(document):
        return event, ()
    facts: dict[str, str | int | bool] = {"size": len(document.data), "digest": gateway.seal(document.data)}
    try:
        made = pack.convert_pdf(document.data, gateway.pdf_rules, gateway.converter)
    except pack.NotConverted as kept:
        gateway.notice("document not converted", exchange=exchange.id, reason=kept.why)
        return event, (_entry("document-not-converted", exchange, now, worker, {**facts, "why": kept.why}),)
    if made is None:
        return event, ()
    assert isinstance(event, ReportShared | ReportReplaced)
    archival = replace(event, report=replace(event.report, document=replace(document, data=made)))
    facts |= {"became_size": len(made), "became": gateway.seal(made)}
    return archival, (_entry("document-converted", exchange, now, worker, facts),)


def _entry(kind: str, exchange: Exchange, now: datetime, worker: str, facts: dict[str, str | int | bool]) -> Entry:
    return Entry(
        kind=kind,
        at=now,
        tenant=exchange.tenant,
        actor=f"worker:{worker}",
        exchange=exchange.id,
        patient=exchange.patient,
        facts=facts,
    )
