"""One exchange, packed whole: the PDF a person reads, the CDA around it, the archive around that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from gateway.model.codes import Terms
from gateway.model.errors import Broken, Rejected
from gateway.model.event import Event, ReportCancelled, ReportReplaced, ReportShared
from gateway.model.faults import Fault, Notice, Place
from gateway.model.known import Known
from gateway.model.report import Document
from gateway.pack.cda import write_and_read_cda
from gateway.pack.draft import draft, event_facts, withdrawals
from gateway.pack.facts import form_facts
from gateway.pack.given import GIVEN_LIMIT, Given, check_given, is_cda, read_given
from gateway.pack.header import Header
from gateway.pack.matter import is_newer_version, label, report_of, type_of
from gateway.pack.metadata import read_metadata
from gateway.pack.names import patient_line, pdf_names
from gateway.pack.packed import Attached, Earlier, Minted, Packed, Software
from gateway.pack.page import write_page
from gateway.pack.pdf_rules import LENIENT, PdfRules, weigh
from gateway.pack.xdm import DOCUMENT_LIMIT, Enclosed, assemble
from gateway.pack.xds import Action


def check_document(
    event: Event,
    uploaded: BinaryIO | None = None,
    *,
    terms: Terms,
    production: bool | None = None,
    rules: PdfRules = LENIENT,
) -> tuple[Notice, ...]:
    """Whether the document an event brings can travel; asked when the event is accepted.

    uploaded    the content the event names, to be read from any place; a PDF is never read whole
    production  whether identities must be real, False when they must not, None when nobody asks
    rules       what becomes of PDFs that are not archival, or would do something beside being read

    A PDF raises Rejected and is told of as `weigh` does; a CDA document as check_given, and as the PDF inside it;
    anything else `unsupported-document`. An event without document, or whose content is not here, passes.
    """
    document = _brought(event)
    if document is None or not isinstance(event, ReportShared | ReportReplaced):
        return ()
    at: Place = ("report", "document", "data" if document.data is not None else "content")
    if not _is_pdf(document) and not is_cda(document):
        raise Rejected([Fault("unsupported-document", at)])
    source = uploaded if document.data is None else document.data
    if source is None:
        return ()
    if _is_pdf(document):
        return weigh(source, at, rules)
    data = source if isinstance(source, bytes) else source.read(GIVEN_LIMIT + 1)
    try:
        return check_given(data, event, at, terms, production=production, rules=rules)
    except Rejected as refused:
        raise Rejected([Fault(fault.code, at, fault.about) for fault in refused.faults]) from None


def pack(
    event: Event,
    known: Known,
    terms: Terms,
    minted: Minted,
    software: Software,
    team_type: str = "SYNTH",
    previous: Sequence[Earlier] = (),
    issuer: str = "",
) -> Packed:
    """Make the documents of one exchange, once for all its legs. The same arguments give the same bytes.

    known      what is known once the event is counted
    team_type  the document type of team events (JDV_J07); no national one exists
    previous   the exchanges by which the report that this event replaces or takes back reached someone, oldest first;
               without them a newer version names no parent document, and a cancellation only its set
    issuer     whose words the report's id is in: a tenant's software may number its reports as another one does

    The document is taken as check_document passed it. One that came as CDA goes as it is, and what is said of it on
    the outside (type, metadata, X-MSS headers, name of the PDF) is what its own header says. Raises Rejected
    `unknown-code` for a report of no known type, Broken for an uploaded content that was not put into the event, or
    for settings of ours.
    """
    kind = type_of(event, terms, team_type)
    if given := _given(event):
        pdf = given.pdf(minted, software)
        enclosed: tuple[tuple[Enclosed, Header], ...] = ((_addressed(given.data, event), given.header),)
    else:
        drawn = draft(event, known, terms, minted, software, team_type, previous, issuer)
        takes_back = isinstance(event, ReportCancelled)
        headers = withdrawals(drawn, previous[-DOCUMENT_LIMIT:]) if takes_back else (drawn,)
        pdf = _brought_pdf(event) or write_page(event, known, terms, minted, software, drawn, previous)
        enclosed = tuple(_enclosed(one, pdf, event) for one in headers)
    archive, metadata = assemble(enclosed, minted, software, terms)
    told = read_metadata(metadata)  # what was written counts; the archive whole would be the document once more
    if told.findings:
        raise Broken("an archive of ours contradicts itself", advice="Report this to the makers of the gateway")
    (first, header), *others = enclosed
    names = pdf_names([read for _, read in enclosed])
    return Packed(
        cda=first.data,
        pdf=pdf,
        pdf_name=names[0],
        archive=archive,
        type_code=header.code.code,
        type_label=header.code.display,
        label=label(event, header.code),
        title=header.title,
        ins_complete=header.subject.ins_complete,
        patient_line=patient_line(event.patient),
        facts=form_facts(
            event_facts(event, kind.code),
            [(read, entry) for (_, read), entry in zip(enclosed, told.entries, strict=True)],
        ),
        also=tuple(
            Attached(code=one.code.code, ins_complete=one.subject.ins_complete, pdf=pdf, pdf_name=name)
            for (_, one), name in zip(others, names[1:], strict=True)
        ),
    )


def _enclosed(header: Header, pdf: bytes, event: Event) -> tuple[Enclosed, Header]:
    """A document for the archive, and its header as it reads: what was written counts, not what was meant."""
    cda, read = write_and_read_cda(header, pdf)
    return _addressed(cda, event), read


def _addressed(cda: bytes, event: Event) -> Enclosed:
    """A document with what the event asks of its recipient beyond its header."""
    report = report_of(event)
    action: Action | None = "replace" if is_newer_version(event) else None
    if isinstance(event, ReportCancelled):
        action = "delete"
    return Enclosed(cda, report.masks if report else (), action)


def _brought(event: Event) -> Document | None:
    report = report_of(event)
    return report.document if report else None


def _given(event: Event) -> Given | None:
    """The CDA an event brings. Raises Broken for an uploaded content that was not put into the event."""
    document = _brought(event)
    if document is None:
        return None
    if document.data is None:
        raise Broken("an uploaded content was not put into its event", advice="Fetch it before packing")
    return read_given(document.data) if is_cda(document) else None


def _brought_pdf(event: Event) -> bytes | None:
    document = _brought(event)
    return document.data if document else None


def _is_pdf(document: Document) -> bool:
    return document.content_type.partition(";")[0].strip().lower() == "application/pdf"
