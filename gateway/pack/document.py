"""One exchange, packed whole: the PDF a person reads, the CDA around it, the archive around that."""

from __future__ import annotations

from typing import BinaryIO

from gateway.model.codes import Terms
from gateway.model.errors import Broken, Rejected
from gateway.model.event import Event, ReportShared
from gateway.model.faults import Fault, Notice, Place
from gateway.model.known import Known
from gateway.model.report import Document
from gateway.pack.cda import read_header, write_cda
from gateway.pack.draft import draft, event_facts
from gateway.pack.names import patient_line, pdf_name
from gateway.pack.packed import Minted, Packed, Software
from gateway.pack.page import write_page
from gateway.pack.pdf import PDF_LIMIT, judge
from gateway.pack.xdm import Enclosed, assemble, read_archive


def check_document(event: Event, uploaded: BinaryIO | None = None) -> tuple[Notice, ...]:
    """Whether the document an event brings can travel; asked when the event is accepted.

    uploaded  the content the event names, to be read from any place; it is never read whole

    Raises Rejected `unsupported-document`, `not-a-pdf`, `encrypted-pdf`, `broken-pdf` or `too-large`.
    Notice: `pdf-not-archival`. An event without document, or whose content is not here, passes.
    """
    document = _brought(event)
    if document is None:
        return ()
    at: Place = ("report", "document", "data" if document.data is not None else "content")
    if not _is_pdf(document):
        raise Rejected([Fault("unsupported-document", at)])
    source = uploaded if document.data is None else document.data
    if source is None:
        return ()
    judgement = judge(source)
    if judgement.fault:
        about = f"{PDF_LIMIT // 1_000_000} MB" if judgement.fault == "too-large" else ""
        raise Rejected([Fault(judgement.fault, at, about)])
    return () if judgement.archival else (Notice("pdf-not-archival", at),)


def pack(
    event: Event, known: Known, terms: Terms, minted: Minted, software: Software, team_type: str = "SYNTH"
) -> Packed:
    """Make the documents of one exchange, once for all its legs. The same arguments give the same bytes.

    known      what is known of the event's team and plan, before or after it
    team_type  the document type of team events (JDV_J07); no national one exists

    The document is taken as check_document passed it. Raises Rejected `unknown-code` for a report of no known type,
    Broken for an uploaded content that was not put into the event, or for settings of ours.
    """
    header = draft(event, known, terms, minted, software, team_type)
    document = _brought(event)
    if document and document.data is None:
        raise Broken("an uploaded content was not put into its event", advice="Fetch it before packing")
    pdf = (document.data if document else None) or write_page(event, known, terms, minted, software, header)
    cda = write_cda(header, pdf)
    masks = event.report.masks if isinstance(event, ReportShared) else ()
    read = read_header(cda)  # metadata and facts come from what was written, not from what was meant
    archive = assemble([(Enclosed(cda, masks), read)], minted, software, terms)
    opened = read_archive(archive)
    if opened.findings:
        raise Broken("an archive of ours contradicts itself", advice="Report this to the makers of the gateway")
    return Packed(
        cda=cda,
        pdf=pdf,
        pdf_name=pdf_name(header),
        archive=archive,
        type_code=header.code.code,
        type_label=header.code.display,
        title=header.title,
        ins_complete=header.subject.ins_complete,
        patient_line=patient_line(event.patient),
        facts={"event": event_facts(event, header.code.code), "cda": read.facts, "xdm": opened.facts},
    )


def _brought(event: Event) -> Document | None:
    return event.report.document if isinstance(event, ReportShared) else None


def _is_pdf(document: Document) -> bool:
    return document.content_type.partition(";")[0].strip().lower() == "application/pdf"
