"""What a PDF says it is: its PDF/A claim, in XMP (ISO 16684-1), whatever prefix, form or encoding it is written in."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from gateway.model.errors import Rejected
from gateway.pack.xml import parse

XMP_LIMIT = 1_000_000  # bytes of metadata

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"  # ISO 19005-1 §6.7.11, and every part since
_UTF_32_AND_16 = (  # how "<?xpacket" and "<x:xmpmeta" begin, without their byte order mark
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_DECLARATION = re.compile(r"^<\?xml\s[^>]*\?>")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim to be PDF/A, not a proof. `part` 1 to 4; `level` "A", "B", "U", "E", "F", or "" where part 4 has none.

    intent  the file also has an output intent for PDF/A, as colours that depend on a device need
    """

    part: int
    level: str
    intent: bool = False


def read_claim(pdf: pikepdf.Pdf) -> Claim | None:
    """The claim of an open file; None when it makes none that can be read."""
    metadata = pdf.Root.get("/Metadata")
    if not isinstance(metadata, pikepdf.Stream):
        return None
    try:
        said = dict(_said(_xmp(metadata)))
    except (Rejected, UnicodeError):
        return None
    part, level = said.get("part", ""), said.get("conformance", "").upper()
    if part not in ("1", "2", "3", "4") or level not in ("", "A", "B", "U", "E", "F"):
        return None
    return Claim(int(part), level, _has_intent(pdf))


def _said(xmp: bytes) -> Iterator[tuple[str, str]]:
    """Each property of the claim, written as an attribute or as an element of a description."""
    for described in parse(_utf_8(xmp)).iter(f"{_RDF}Description"):
        written = [*described.attrib.items(), *((str(child.tag), child.text or "") for child in described)]
        for name, value in written:
            if str(name).startswith(_PDFA):
                yield str(name).removeprefix(_PDFA), str(value).strip()


def _utf_8(xmp: bytes) -> bytes:
    """The packet in UTF-8, without mark, declaration or the padding some writers end it with."""
    for mark in _MARKS:
        xmp = xmp.removeprefix(mark)
    encoding = next((name for begin, name in _UTF_32_AND_16 if xmp.startswith(begin)), "utf-8")
    text = xmp.decode(encoding).strip("\0\ufeff \t\r\n")
    return _DECLARATION.sub("", text).strip().encode()


def _xmp(metadata: pikepdf.Stream) -> bytes:
    """The packet, at most XMP_LIMIT of it. PDF/A-1 wants it unfiltered; of filters Flate alone is read."""
    raw, kind = metadata.read_raw_bytes(), metadata.get("/Filter")
    if isinstance(kind, pikepdf.Array) and len(kind) <= 1:
        kind = kind[0] if len(kind) else None
    if kind is None:
        return raw[:XMP_LIMIT]
    if kind != pikepdf.Name.FlateDecode:
        return b""
    try:
        return zlib.decompressobj().decompress(raw, XMP_LIMIT)
    except zlib.error:
        return b""


def _has_intent(pdf: pikepdf.Pdf) -> bool:
    """ISO 19005-1 §6.2.2: GTS_PDFA1, in all parts."""
    intents = pdf.Root.get("/OutputIntents")
    if not isinstance(intents, pikepdf.Array) or len(intents) > 50:
        return False
    return any(isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/GTS_PDFA1" for one in intents)
