"""What a site lets pass of the PDFs it is given: what is refused, what is told, what will be converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Literal

from gateway.model.errors import Rejected
from gateway.model.faults import Fault, Notice, Place
from gateway.pack.pdf import Judgement, judge
from gateway.pack.pdf_active import Active

MOST_PAGES_TOLD = 5


@dataclass(frozen=True, slots=True)
class PdfRules:
    """A site's own rules.

    archival  a PDF that does not claim PDF/A-1: carried as it is and told, refused, or converted before it leaves
    active    a PDF that would do something beside being read: carried and told, or refused
    """

    archival: Literal["warn", "refuse", "convert"] = "warn"
    active: Literal["warn", "refuse"] = "warn"


LENIENT = PdfRules()
"""Everything whole and open passes."""


def weigh(
    source: bytes | BinaryIO, at: Place, rules: PdfRules = LENIENT, *, inside: bool = False
) -> tuple[Notice, ...]:
    """What its sender should know of a PDF, `at` its place in the event.

    inside  it is the body of somebody's CDA: it stays as it is whatever the rules (ECO.2.1.5)

    Raises Rejected with every fault: `not-a-pdf`, `encrypted-pdf`, `broken-pdf`, `too-large`; by the rules
    `pdf-not-archival` and the codes of ACTIVE_CODES.
    """
    judged = judge(source)
    if judged.fault:
        raise Rejected([Fault(judged.fault, at, judged.limit)])
    active = [(one.code, _pages(one)) for one in judged.active]
    faults = [Fault(code, at, about) for code, about in active if rules.active == "refuse"]
    if rules.archival == "refuse" and not judged.archival:
        faults.append(Fault("pdf-not-archival", at))
    if faults:
        raise Rejected(faults)
    told = tuple(Notice(code, at, about) for code, about in active)
    if to_convert(judged, rules) and not inside:
        return (*told, Notice("pdf-to-convert", at))
    if judged.archival:
        return told
    kept = judged.signed and rules.archival == "convert" and not inside
    return (*told, Notice("pdf-signed" if kept else "pdf-not-archival", at))


def to_convert(judged: Judgement, rules: PdfRules) -> bool:
    """Whether the rules ask for a PDF/A-1 in its place. What it would do is no part of one; a signature is kept."""
    return rules.archival == "convert" and not judged.signed and not (judged.archival and not judged.active)


def _pages(active: Active) -> str:
    if not active.pages:
        return "document"
    shown = ", ".join(map(str, active.pages[:MOST_PAGES_TOLD]))
    return f"page {shown}{'…' if len(active.pages) > MOST_PAGES_TOLD else ''}"
