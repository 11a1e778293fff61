"""Judging a PDF: what can travel, and that no bytes make it stumble."""

from __future__ import annotations

import io
import random
import time
import zlib

import pikepdf
import pytest

from gateway.pack.pdf import Judgement, judge
from tests.pack.material import small_pdf


def locked(**passwords: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(small_pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(**passwords))
    return out.getvalue()


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


def test_an_ordinary_pdf_travels_and_its_claim_is_read() -> None:
    assert judge(small_pdf()) == Judgement(archival=False)
    assert judge(small_pdf("x", "a-1b")) == Judgement(archival=True)
    assert judge(small_pdf("x", "a-1a")) == Judgement(archival=True)
    assert judge(small_pdf("x", "a-2b")) == Judgement(archival=False)


def test_a_pdf_after_a_few_stray_bytes_travels() -> None:
    assert judge(b"\xef\xbb\xbf\r\n" + small_pdf()).fault is None


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"<html>", b"\x00" * 2000 + b"%PDF-1.4", b"compte rendu"])
def test_what_is_not_a_pdf_is_said_so(data: bytes) -> None:
    assert judge(data).fault == "not-a-pdf"


@pytest.mark.parametrize("passwords", [{"owner": "o", "user": "u"}, {"owner": "o", "user": ""}])
def test_a_locked_pdf_is_said_so_whoever_may_open_it(passwords: dict[str, str]) -> None:
    assert judge(locked(**passwords)).fault == "encrypted-pdf"


HOSTILE = {
    "cut": small_pdf()[:-200],
    "header alone": b"%PDF-1.4\n",
    "no page": without_pages(),
    "bomb": stream_bomb(300_000_000),
    "arrays": b"%PDF-1.4\n1 0 obj" + b"[" * 5_000_000,
    "dictionaries": b"%PDF-1.4\n1 0 obj" + b"<</a " * 2_000_000,
    "objects": b"%PDF-1.4\n" + b"".join(b"%d 0 obj<<>>endobj\n" % n for n in range(400_000)),
    "noise": b"%PDF-1.4\n" + random.Random(1).randbytes(15_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_or_hostile_pdf_is_broken_within_a_moment(name: str) -> None:
    before = time.process_time()
    assert judge(HOSTILE[name]).fault == "broken-pdf"
    assert time.process_time() - before < 0.5


def test_metadata_that_unpack_without_end_are_not_unpacked() -> None:
    data = xmp_bomb()
    before = time.process_time()
    assert judge(data) == Judgement(archival=False)
    assert time.process_time() - before < 0.5


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
