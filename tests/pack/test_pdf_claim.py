"""The PDF/A claim is read whatever its prefix, form, encoding or filter, and only where there is one."""

from __future__ import annotations

import zlib

import pytest

from gateway.pack.pdf import judge
from gateway.pack.pdf_claim import Claim
from tests.pack.material import small_pdf
from tests.pack.raw_pdf import claiming, one_page, stream

RDF = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</rdf:RDF></x:xmpmeta>'
ELEMENTS = (
    '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
    "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>"
)
ATTRIBUTES = (
    '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="1"'
    " pdfaid:conformance='B'/>"
)
PACKET = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' + RDF + "\n" + " " * 2000 + '<?xpacket end="w"?>'
HALVES = ATTRIBUTES.replace(" pdfaid:conformance='B'", "") + ATTRIBUTES.replace(' pdfaid:part="1"', "")

WRITTEN = {
    "elements": PACKET.format(ELEMENTS).encode(),
    "attributes": PACKET.format(ATTRIBUTES).encode(),
    "another prefix": PACKET.format(ELEMENTS.replace("pdfaid", "a")).encode(),
    "two descriptions": PACKET.format(HALVES).encode(),
    "blanks around": PACKET.format(ELEMENTS.replace(">1<", ">\n 1 <")).encode(),
    "no packet": RDF.format(ELEMENTS).encode(),
    "a declaration": b'<?xml version="1.0" encoding="UTF-8"?>' + RDF.format(ELEMENTS).encode(),
    "a mark": b"\xef\xbb\xbf" + PACKET.format(ELEMENTS).encode(),
    "UTF-16, big": b"\xfe\xff" + PACKET.format(ELEMENTS).encode("utf-16-be"),
    "UTF-16, big, no mark": PACKET.format(ELEMENTS).encode("utf-16-be"),
    "UTF-16, little, no mark": PACKET.format(ELEMENTS).encode("utf-16-le"),
    "UTF-16, little": b"\xff\xfe" + PACKET.format(ELEMENTS).encode("utf-16-le"),
    "UTF-32": b"\xff\xfe\0\0" + PACKET.format(ELEMENTS).encode("utf-32-le"),
    "padded with NUL": PACKET.format(ELEMENTS).encode() + bytes(512),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_claim_is_read_however_it_is_written(way: str) -> None:
    assert judge(claiming(WRITTEN[way])).claim == Claim(1, "B")


@pytest.mark.parametrize("entries", [b"/Filter/FlateDecode", b"/Filter[/FlateDecode]"])
def test_a_claim_in_a_compressed_stream_is_read(entries: bytes) -> None:
    assert judge(claiming(zlib.compress(WRITTEN["elements"]), entries)).claim == Claim(1, "B")


@pytest.mark.parametrize(
    ("standard", "claim"),
    [
        ("a-1a", Claim(1, "A", intent=True)),
        ("a-1b", Claim(1, "B", intent=True)),
        ("a-2b", Claim(2, "B", intent=True)),
        ("a-2u", Claim(2, "U", intent=True)),
        ("a-3b", Claim(3, "B", intent=True)),
        ("a-4", Claim(4, "", intent=True)),
    ],
)
def test_every_part_and_level_is_read_and_part_1_alone_is_archival(standard: str, claim: Claim) -> None:
    judged = judge(small_pdf("x", standard))
    assert judged.claim == claim
    assert judged.archival == (claim.part == 1)


NO_CLAIM = {
    "nothing": b"",
    "a word in a text": RDF.format("<rdf:Description><a>pdfaid:part=1</a></rdf:Description>").encode(),
    "the prefix bound to something else": RDF.format(ELEMENTS.replace("aiim.org", "exemple.fr")).encode(),
    "an unknown part": RDF.format(ELEMENTS.replace(">1<", ">11<")).encode(),
    "not a number": RDF.format(ELEMENTS.replace(">1<", ">un<")).encode(),
    "no XML": b"pdfaid:part='1'",
    "an entity": b"<!DOCTYPE x [<!ENTITY e '1'>]>" + RDF.format(ELEMENTS.replace(">1<", ">&e;<")).encode(),
    "half a character": b"\xff\xfe" + PACKET.format(ELEMENTS).encode("utf-16-le")[:-1] + b"\xd8",
    "bytes of no encoding": WRITTEN["elements"].replace(b"W5M0", b"\xe9\xe8"),
}


@pytest.mark.parametrize("what", NO_CLAIM)
def test_what_only_looks_like_a_claim_is_none(what: str) -> None:
    judged = judge(claiming(NO_CLAIM[what]))
    assert (judged.fault, judged.claim) == (None, None)


def test_metadata_that_are_no_stream_claim_nothing() -> None:
    assert judge(one_page(b"/Metadata (pdfaid:part=1)")).claim is None
    assert judge(one_page(b"/Metadata 4 0 R", more=[stream(b"x", b"/Filter/LZWDecode")])).claim is None
