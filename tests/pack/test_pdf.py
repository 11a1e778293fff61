"""Judging a PDF: what can travel, and that no bytes make it stumble."""

from __future__ import annotations

import io
import random
import time
import zipfile
import zlib

import pikepdf
import pytest

from gateway.pack.pdf import JUDGED_WITHIN, judge
from gateway.pack.pdf_pages import PAGE_LIMIT
from tests.pack.material import small_pdf
from tests.pack.raw_pdf import PAGE, one_page, raw_pdf, saved


def locked(**passwords: str) -> bytes:
    return saved(small_pdf(), encryption=pikepdf.Encryption(**passwords))


def without_pages() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(out)
    return out.getvalue()


def stream_bomb(size: int) -> bytes:
    """A cross-reference stream that unpacks to `size` bytes of zeros."""
    packed = zlib.compress(bytes(size), 9)
    body = b"%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    head = b"3 0 obj<</Type/XRef/Size 4/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    return body + head + packed + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(body)


def xmp_bomb() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(small_pdf())) as pdf:
        metadata = pikepdf.Stream(pdf, bytes(200_000_000))
        pdf.Root.Metadata = pdf.make_indirect(metadata)
        pdf.save(out, compress_streams=True, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def page_tree(depth: int, kids: int = 1) -> bytes:
    """One page under `depth` levels; with two kids a level, the page is named 2 ** depth times."""
    levels = [
        b"<</Type/Pages/Count 1/Kids[%b]%b>>" % (b"%d 0 R " % (n + 3) * kids, b"/Parent %d 0 R" % (n + 1) if n else b"")
        for n in range(depth)
    ]
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", *levels, PAGE)


def many_pages(count: int) -> bytes:
    kids = b"".join(b"%d 0 R " % (n + 3) for n in range(count))
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count), *[PAGE] * count
    )


def polyglot() -> bytes:
    """A PDF that is a ZIP file as well."""
    out = io.BytesIO(small_pdf())
    with zipfile.ZipFile(out, "a") as file:
        file.writestr("setup.exe", b"MZ")
    return out.getvalue()


def amended(data: bytes) -> bytes:
    """The same with a second revision after it, which says nothing new."""
    at = data.rindex(b"startxref")
    table, root = int(data[at:].split()[1]), b"/Root %d 0 R" % catalog_of(data)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        size = int(pdf.trailer.Size)
    new = b"\n%d 0 obj\n(rien)\nendobj\n" % size
    place = len(data) + 1
    xref = b"xref\n%d 1\n%010d 00000 n \ntrailer<</Size %d%b/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return data + new + xref % (size, place, size + 1, root, table, len(data) + len(new))


def catalog_of(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return pdf.Root.objgen[0]


def test_an_ordinary_pdf_travels() -> None:
    judged = judge(small_pdf())
    assert (judged.fault, judged.pages, judged.active, judged.archival) == (None, 1, (), False)


def test_a_pdf_after_a_few_stray_bytes_travels() -> None:
    assert judge(b"\xef\xbb\xbf\r\n" + small_pdf()).fault is None


HONEST = {
    "linearised": lambda: saved(linearize=True),
    "object streams": lambda: saved(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "no object streams": lambda: saved(object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "plain streams": lambda: saved(compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized),
    "amended": lambda: amended(saved(object_stream_mode=pikepdf.ObjectStreamMode.disable)),
}


@pytest.mark.parametrize("way", HONEST)
def test_a_pdf_written_in_any_lawful_way_travels_with_its_claim(way: str) -> None:
    judged = judge(HONEST[way]())
    assert (judged.fault, judged.archival) == (None, True)


def test_hundreds_of_pages_that_say_too_little_of_themselves_travel() -> None:
    kids = b"".join(b"%d 0 R " % (n + 3) for n in range(300))
    bare = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
    data = raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%b]/Count 300>>" % kids, *[bare] * 300)
    assert (judge(data).fault, judge(data).pages) == (None, 300)


@pytest.mark.parametrize("data", [b"", b"%", b"PK\3\4", b"<html>", b"\x00" * 2000 + b"%PDF-1.4", b"compte rendu"])
def test_what_is_not_a_pdf_is_said_so(data: bytes) -> None:
    assert judge(data).fault == "not-a-pdf"


@pytest.mark.parametrize("passwords", [{"owner": "o", "user": "u"}, {"owner": "o", "user": ""}])
def test_a_locked_pdf_is_said_so_whoever_may_open_it(passwords: dict[str, str]) -> None:
    assert judge(locked(**passwords)).fault == "encrypted-pdf"


def test_more_pages_than_any_document_has_are_too_much() -> None:
    judged = judge(many_pages(PAGE_LIMIT + 1))
    assert (judged.fault, judged.limit) == ("too-large", "10000 pages")


HOSTILE = {
    "cut": small_pdf()[:-200],
    "header alone": b"%PDF-1.4\n",
    "no page": without_pages(),
    "bomb": stream_bomb(300_000_000),
    "arrays": b"%PDF-1.4\n1 0 obj" + b"[" * 5_000_000,
    "dictionaries": b"%PDF-1.4\n1 0 obj" + b"<</a " * 2_000_000,
    "objects": b"%PDF-1.4\n" + b"".join(b"%d 0 obj<<>>endobj\n" % n for n in range(400_000)),
    "noise": b"%PDF-1.4\n" + random.Random(1).randbytes(15_000_000),
    "wrong place of the table": small_pdf().replace(b"startxref", b"startxref\n1 %"),
    "page tree without end": page_tree(1).replace(b"Kids[3 0 R ]", b"Kids[2 0 R ]"),
    "deep page tree": page_tree(100_000),
    "doubling page tree": page_tree(60, kids=2),
    "a table that leads to itself": raw_pdf(b"<<>>").replace(b"/Root", b"/Prev 50/Root"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_or_hostile_pdf_is_broken_within_a_moment(name: str) -> None:
    before = time.process_time()
    assert judge(HOSTILE[name]).fault == "broken-pdf"
    assert time.process_time() - before < 0.5


def test_a_pdf_that_is_another_file_too_travels_only_as_a_whole_pdf() -> None:
    assert judge(polyglot()).fault in {None, "broken-pdf"}
    assert judge(b"PK\3\4" + small_pdf()).fault in {None, "broken-pdf"}


def test_a_file_that_keeps_its_reader_busy_is_let_go() -> None:
    ticks = iter(range(0, 10_000, int(JUDGED_WITHIN)))
    assert judge(small_pdf(), clock=lambda: next(ticks)).fault == "broken-pdf"
    assert judge(small_pdf(), clock=lambda: 0.0).fault is None


def test_metadata_that_unpack_without_end_are_not_unpacked() -> None:
    data = xmp_bomb()
    before = time.process_time()
    assert judge(data).claim is None
    assert time.process_time() - before < 0.5


def test_a_signature_is_seen() -> None:
    assert judge(one_page(b"/AcroForm<</SigFlags 3/Fields[]>>")).signed
    assert judge(one_page(b"/Perms<</DocMDP 3 0 R>>")).signed
    assert not judge(one_page(b"/AcroForm<</SigFlags 2/Fields[]>>")).signed
    assert not judge(small_pdf()).signed


def test_a_thousand_altered_pdfs_get_a_judgement() -> None:
    whole = small_pdf("x", "a-1b")
    chance = random.Random(20261120)
    broken = 0
    for _ in range(1000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        broken += judge(bytes(data)).fault is not None
    assert 0 < broken < 1000
