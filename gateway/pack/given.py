"""A CDA document that a software brings as its report's document: what it must be to travel, and its PDF.

Its bytes are never touched. Its PDF is the one inside it (level 1), or is made of its header and narrative (level 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import BinaryIO, Literal, get_args
from uuid import UUID

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.event import Event, ReportReplaced, ReportShared
from gateway.model.facts import FIELDS
from gateway.model.faults import Fault, Notice, Place
from gateway.model.identity import InsKind
from gateway.model.report import Document, Mask
from gateway.pack.cda import read_cda, read_header
from gateway.pack.check import check_cda
from gateway.pack.draft import event_facts
from gateway.pack.header import INS_ROOTS, Header
from gateway.pack.narrative_page import check_narrative, read_narrative, write_narrative
from gateway.pack.opened import Opened, open_cda
from gateway.pack.packed import Earlier, Minted, Software
from gateway.pack.pdf_rules import LENIENT, PdfRules, weigh
from gateway.pack.xml import Element

CDA_TYPES = frozenset({
    "text/xml", "application/xml", "application/cda+xml", "application/hl7-cda+xml", "application/hl7-sda+xml",
})  # fmt: skip
GIVEN_LIMIT = 50_000_000  # bytes: a CDA is read whole, and twice what a mail may weigh is enough
RULES_TOLD = 10  # rules named in a notice

_LEVELS: tuple[Literal["R", "V"], ...] = ("R", "V")
_BETWEEN = re.compile(r"[\W_]+")
_FOR_REAL = {kind.oid: kind.for_real for kind in InsKind}


@dataclass(frozen=True, slots=True, repr=False)
class Given:
    """A document that came as CDA: its header, and the PDF inside it (None for level 3)."""

    data: bytes
    header: Header
    inner: bytes | None

    def pdf(self, minted: Minted, software: Software) -> bytes:
        """What a person reads: the very bytes inside, or the page of header and narrative (ECO.2.1.5)."""
        if self.inner is not None:
            return self.inner
        return write_narrative(read_narrative(self.data), self.header, minted, software)


def is_cda(document: Document) -> bool:
    """Whether a document is said to be a CDA, by its content type."""
    return document.content_type.partition(";")[0].strip().lower() in CDA_TYPES


def read_given(data: bytes) -> Given:
    """The document read. Raises Rejected as read_cda does, and `too-large` beyond GIVEN_LIMIT."""
    if len(data) > GIVEN_LIMIT:
        raise Rejected([Fault("too-large", about=f"{GIVEN_LIMIT // 1_000_000} MB")])
    cda = read_cda(data)
    return Given(data, cda.header, cda.body)


def check_given(
    data: bytes,
    event: ReportShared | ReportReplaced,
    at: Place,
    terms: Terms,
    *,
    production: bool | None,
    rules: PdfRules = LENIENT,
) -> tuple[Notice, ...]:
    """What the sender of a document should know, if it can travel.

    at          the document's place in the event
    production  whether identities must be real, False when they must not, None when nobody asks
    rules       what becomes of a PDF inside it

    Raises Rejected as read_given does, with `unsupported-document` for an encapsulated file that is no PDF,
    `no-narrative`, `incomplete-metadata`, `ins-in-document` for a matricule that may not leave, the code of an identity
    of the wrong kind, and as `weigh` does. Notices: `incoherent-document` at each field that the header says otherwise,
    `cda-rules-broken`, and those of `weigh`.
    """
    given = read_given(data)
    header, opened = given.header, open_cda(data)
    faults = [*_missing(header), *_ins_faults(opened, event, production)]
    notices = _incoherent(event, header)
    try:
        notices += _judged_body(given, opened, at, rules)
    except Rejected as refused:
        faults += refused.faults
    if faults:
        raise Rejected([Fault(fault.code, at, fault.about) for fault in dict.fromkeys(faults)])
    broken = {finding.rule for finding in check_cda(data, terms) if finding.severity == "error"}
    if broken:
        notices += (Notice("cda-rules-broken", at, ", ".join(sorted(broken)[:RULES_TOLD])),)
    return notices


def under_own_masks(event: Event, uploaded: BinaryIO | None = None) -> tuple[Event, tuple[Notice, ...]]:
    """The event hidden from whom the CDA document it brings is hidden from, and what its sender is told of that.

    uploaded  the content the event names

    Nobody receives a masked document because the event forgot a word; the event may mask it further. Its own level of
    confidentiality counts, when it says one. The document is taken as check_given passed it.
    """
    document = event.report.document if isinstance(event, ReportShared | ReportReplaced) else None
    if document is None or not is_cda(document) or not isinstance(event, ReportShared | ReportReplaced):
        return event, ()
    data = document.data if document.data is not None else uploaded.read(GIVEN_LIMIT + 1) if uploaded else None
    if data is None:
        return event, ()
    header, report = read_header(data), event.report
    asked = {code.code for code in header.masks}
    masks: tuple[Mask, ...] = tuple(mask for mask in get_args(Mask) if mask in asked or mask in report.masks)
    level = report.confidentiality or next((one for one in _LEVELS if one == header.confidentiality.code), None)
    told = ", ".join(mask for mask in masks if mask not in report.masks)
    changed = replace(event, report=replace(report, masks=masks if told else report.masks, confidentiality=level))
    return changed, (Notice("masks-of-document", ("report", "masks"), told),) if told else ()


def carried_by(seed: UUID, at: datetime | None, cda: bytes | None) -> Earlier:
    """The earlier exchange that carried a report; by the document it sent, when it is still kept.

    cda  that document: a software that brings its own CDA has numbered it itself
    """
    if cda is None:
        return Earlier(seed, at)
    header = read_header(cda)
    return Earlier(seed, at, header.id, header.set_id)


def _judged_body(given: Given, opened: Opened, at: Place, rules: PdfRules) -> tuple[Notice, ...]:
    """A PDF, or a narrative that can be put on paper."""
    if given.inner is None:
        check_narrative(opened)
        return ()
    if given.header.media_type.strip().lower() != "application/pdf":
        raise Rejected([Fault("unsupported-document")])
    return weigh(given.inner, at, rules, inside=True)


def _incoherent(event: ReportShared | ReportReplaced, header: Header) -> tuple[Notice, ...]:
    differences = event_facts(event, event.report.type).differences(header.facts)
    return tuple(Notice("incoherent-document", FIELDS[name]) for name in differences if name in FIELDS)


def _missing(header: Header) -> list[Fault]:
    """What neither the archive nor the mail can do without."""
    said = {
        "id": header.id.root,
        "code": header.code.code,
        "effectiveTime": header.effective,
        "recordTarget/patientRole/id": any(one.extension for one in header.subject.ids),
    }
    missing = [name for name, value in said.items() if not value]
    return [Fault("incomplete-metadata", about=", ".join(missing))] if missing else []


def _says(number: str, whole: Element, data: bytes) -> bool:
    """Whether a file says a number: in its bytes, comments included, or in its words, whatever stands between."""
    if any(number.encode(code) in data for code in ("ascii", "utf-16-le")):
        return True
    words = chain(whole.itertext(), (value for one in whole.iter() for value in one.attrib.values()))
    return number in _BETWEEN.sub("", "".join(map(str, words)))


def _ins_faults(opened: Opened, event: Event, production: bool | None) -> list[Fault]:
    """An INS leaves only with a qualified identity (INS/va1.53), and real ones and test ones never mix."""
    faults = []
    whole = opened.root.getroottree().getroot()  # a self-presenting document says things around the CDA, too
    roots = {(one.get("root") or "").strip() for one in whole.iter("{*}id") if one.get("extension")} & INS_ROOTS
    kept = event.patient.ins if event.patient.outgoing_ins is None else None
    told = kept is not None and _says(kept.number[:13], whole, opened.data)
    if event.patient.outgoing_ins is None and (roots or told):
        faults.append(Fault("ins-in-document"))
    if production is not None and any(_FOR_REAL[root] != production for root in roots):
        faults.append(Fault("test-identity-in-production" if production else "real-identity-in-test"))
    return faults
