"""Is it a PDF that can travel: whole, open to all, does it claim to be archival, and what would it do?

qpdf judges, under limits: no recovery of damaged files, no stream that grows without end. It runs no script and
renders nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from time import thread_time
from typing import BinaryIO, Literal, cast

import pikepdf
from pikepdf import settings

from gateway.pack.pdf_active import Active, find_active
from gateway.pack.pdf_claim import Claim, read_claim
from gateway.pack.pdf_pages import PAGE_LIMIT, TooManyPages, find_pages

PDF_LIMIT = 100_000_000  # bytes
STREAM_LIMIT = 32_000_000  # bytes one stream may grow to while the file's structure is read

JUDGED_WITHIN = 5.0  # seconds of processor; an honest file takes milliseconds, one of 100 MB and 50,000 objects two

Fault = Literal["not-a-pdf", "encrypted-pdf", "broken-pdf", "too-large"]

# Process-wide, once, before any PDF is opened (pikepdf's own advice).
settings.set_qpdf_limits(
    doc_max_warnings=1000,  # sloppy producers earn one a page
    parser_max_nesting=200,
    parser_max_container_size=200_000,
    flate_max_memory=STREAM_LIMIT,
    png_max_memory=STREAM_LIMIT,
    tiff_max_memory=STREAM_LIMIT,
    run_length_max_memory=STREAM_LIMIT,
    dct_max_memory=STREAM_LIMIT,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a file is, as far as it can be known without drawing it.

    fault   why it cannot travel, None when it can; `limit` is the one it goes beyond when it is `too-large`
    claim   the PDF/A it says it is
    active  what it would do beside being read
    signed  it bears a signature, which any change would break
    """

    fault: Fault | None = None
    limit: str = ""
    claim: Claim | None = None
    active: tuple[Active, ...] = ()
    signed: bool = False
    pages: int = 0

    @property
    def archival(self) -> bool:
        """It claims PDF/A-1: a claim, not a proof."""
        return self.claim is not None and self.claim.part == 1


class _TooLong(Exception):
    """The file keeps its reader busy without end."""


class _Timed(io.RawIOBase):
    """A file that stops being read when its reader has taken too long over it."""

    def __init__(self, source: BinaryIO, clock: Callable[[], float]) -> None:
        super().__init__()
        self._source, self._clock, self._until = source, clock, clock() + JUDGED_WITHIN

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._clock() > self._until:
            raise _TooLong
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def judge(source: bytes | BinaryIO, *, clock: Callable[[], float] = thread_time) -> Judgement:
    """Judge the bytes, or what can be read there from any place. Never raises for what they are.

    clock  seconds, by which JUDGED_WITHIN is measured
    """
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    if source.seek(0, io.SEEK_END) > PDF_LIMIT:
        return Judgement("too-large", f"{PDF_LIMIT // 1_000_000} MB")
    source.seek(0)
    if b"%PDF-" not in source.read(1024):  # ISO 32000-1, Annex H: readers look within the first 1024 bytes
        return Judgement("not-a-pdf")
    timed = cast(BinaryIO, _Timed(source, clock))
    try:
        with pikepdf.open(timed, attempt_recovery=False, inherit_page_attributes=False, suppress_warnings=True) as pdf:
            return Judgement("encrypted-pdf") if pdf.is_encrypted else _judge(pdf)
    except pikepdf.PasswordError:
        return Judgement("encrypted-pdf")
    except TooManyPages:
        return Judgement("too-large", f"{PAGE_LIMIT} pages")
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RuntimeError,
        OverflowError,
        MemoryError,
        RecursionError,
        _TooLong,
    ):
        return Judgement("broken-pdf")


def _judge(pdf: pikepdf.Pdf) -> Judgement:
    pages = find_pages(pdf)
    if not pages:
        return Judgement("broken-pdf")
    form = pdf.Root.get("/AcroForm")
    flags = form.get("/SigFlags", 0) if isinstance(form, pikepdf.Dictionary) else 0
    return Judgement(
        claim=read_claim(pdf),
        active=find_active(pdf, pages),
        signed="/Perms" in pdf.Root or (isinstance(flags, int) and bool(flags & 1)),  # ISO 32000-1 §12.7.2, §12.8.4
        pages=len(pages),
    )
