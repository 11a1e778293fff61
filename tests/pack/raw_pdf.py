"""PDFs written by hand, object by object, for what no ordinary tool would write."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf

from tests.pack.material import small_pdf

PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<<>>>>"


def raw_pdf(*objects: bytes) -> bytes:
    """Objects 1 and up; the first is the catalog. The cross-reference table is right."""
    written, starts, at = [b"%PDF-1.7\n"], [], 9
    for number, held in enumerate(objects, start=1):
        starts.append(at)
        written.append(b"%d 0 obj\n%b\nendobj\n" % (number, held))
        at += len(written[-1])
    written.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    written += [b"%010d 00000 n \n" % start for start in starts]
    written.append(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, at))
    return b"".join(written)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), entries, data)


def one_page(catalog: bytes = b"", page: bytes = b"", more: Sequence[bytes] = ()) -> bytes:
    """A page with these entries under a catalog with those; `more` are objects 4 and up."""
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        PAGE[:-2] + page + b">>",
        *more,
    )


def two_pages(second: bytes, more: Sequence[bytes] = ()) -> bytes:
    """Two pages, the second with these entries; `more` are objects 5 and up."""
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
        PAGE,
        PAGE[:-2] + second + b">>",
        *more,
    )


def claiming(xmp: bytes, entries: bytes = b"") -> bytes:
    """A page whose metadata are this packet."""
    return one_page(b"/Metadata 4 0 R", more=[stream(xmp, b"/Type/Metadata/Subtype/XML" + entries)])


def saved(data: bytes | None = None, **how: object) -> bytes:
    """The small PDF, written again by qpdf in another way."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data or small_pdf("Compte rendu", "a-1b"))) as pdf:
        pdf.save(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


def saved_with_script(data: bytes) -> bytes:
    """The same file, with a script that runs when it is opened."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        pdf.save(out)
    return out.getvalue()
