"""Is it a PDF that can travel: whole, open to all, and does it claim to be archival?

qpdf judges, under limits: no recovery of damaged files, no stream that grows without end. It runs no script and
renders nothing.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Literal

import pikepdf
from pikepdf import settings

PDF_LIMIT = 100_000_000  # bytes
STREAM_LIMIT = 32_000_000  # bytes one stream may grow to while the file's structure is read
XMP_LIMIT = 1_000_000  # bytes of metadata

Fault = Literal["not-a-pdf", "encrypted-pdf", "broken-pdf", "too-large"]

# Process-wide, once, before any PDF is opened (pikepdf's own advice).
settings.set_qpdf_limits(
    doc_max_warnings=50,
    parser_max_nesting=200,
    parser_max_container_size=1_000_000,
    flate_max_memory=STREAM_LIMIT,
    png_max_memory=STREAM_LIMIT,
    tiff_max_memory=STREAM_LIMIT,
    run_length_max_memory=STREAM_LIMIT,
    dct_max_memory=STREAM_LIMIT,
)

# ISO 19005-1 §6.7.11: the claim, written as an attribute or as an element.
_PART = re.compile(rb"pdfaid:part(?:=[\"']|>)\s*1\b")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`fault` is why it cannot travel, None when it can; `archival` when it claims PDF/A-1 (a claim, not a proof)."""

    fault: Fault | None = None
    archival: bool = False


def judge(source: bytes | BinaryIO) -> Judgement:
    """Judge the bytes, or what can be read there from any place. Never raises for what they are."""
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    if source.seek(0, io.SEEK_END) > PDF_LIMIT:
        return Judgement("too-large")
    source.seek(0)
    if b"%PDF-" not in source.read(1024):  # ISO 32000-1, Annex H: readers look within the first 1024 bytes
        return Judgement("not-a-pdf")
    try:
        with pikepdf.open(source, attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                return Judgement("encrypted-pdf")
            if not len(pdf.pages):
                return Judgement("broken-pdf")
            return Judgement(archival=_archival(pdf))
    except pikepdf.PasswordError:
        return Judgement("encrypted-pdf")
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        RuntimeError,
        OverflowError,
        MemoryError,
        RecursionError,
    ):
        return Judgement("broken-pdf")


def _archival(pdf: pikepdf.Pdf) -> bool:
    metadata = pdf.Root.get("/Metadata")
    if not isinstance(metadata, pikepdf.Stream):
        return False
    return bool(_PART.search(_xmp(metadata)))


def _xmp(metadata: pikepdf.Stream) -> bytes:
    """The XMP packet, at most XMP_LIMIT of it; PDF/A wants it unfiltered, other filters than Flate are not read."""
    raw, kind = metadata.read_raw_bytes(), metadata.get("/Filter")
    if kind is None:
        return raw[:XMP_LIMIT]
    if kind != pikepdf.Name.FlateDecode:
        return b""
    try:
        return zlib.decompressobj().decompress(raw, XMP_LIMIT)
    except zlib.error:
        return b""
