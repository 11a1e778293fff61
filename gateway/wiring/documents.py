"""Settings → what becomes of the PDFs that are brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config import Settings

if TYPE_CHECKING:
    from gateway.pack import Ghostscript, PdfRules


def pdf_rules_of(settings: Settings) -> PdfRules:
    """The rules of these settings."""
    from gateway.pack import PdfRules

    return PdfRules(settings.documents.pdf, settings.documents.active)


def converter_of(settings: Settings) -> Ghostscript | None:
    """The converter of these settings; None when they ask for none. Whether it is installed is for `check` to say."""
    from gateway.pack import Ghostscript

    documents = settings.documents
    if documents.pdf != "convert":
        return None
    return Ghostscript(documents.converter, seconds=documents.convert_within.total_seconds())
