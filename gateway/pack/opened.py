"""A CDA document opened: its elements, and the documents and images encapsulated in it, found in the file's own bytes.

What is encapsulated in base64 is cut out before the parser sees it: it may be larger than any text libxml2 takes, and a
header is read without copying or decoding it.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, replace

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.pack import xml
from gateway.pack.cda_parties import HL7, get
from gateway.pack.xml import Element

CDA_LIMIT = 150_000_000  # bytes, the encapsulated document included
BODY_LIMIT = 1_000  # encapsulated documents and images

_BODY = re.compile(  # lengths bounded, nothing tried twice: a tag made to be searched for ever is not
    rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(?:text|value)\b(?=[^<>]{0,400}?\brepresentation=[\"']B64[\"'])[^<>]{0,800}+>"
    rb"([^<&]*+)</"  # a character reference inside is for the parser
)
_CUT = "@cut-%d@"


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """`root` is the ClinicalDocument, `data` the file it stands in; `cuts` where each encapsulated content lies."""

    root: Element
    data: bytes
    cuts: tuple[tuple[int, int], ...]

    def encapsulated(self, element: Element) -> bytes:
        """What a `text` or `value` holds: decoded when it says that it is base64, else its text in UTF-8.

        Raises Rejected `bad-base64`.
        """
        said = element.text or ""
        if get(element, "representation") != "B64":
            return "".join(str(part) for part in element.itertext()).encode()
        found = re.fullmatch(r"@cut-(\d{1,4})@", said)
        if found and int(found[1]) < len(self.cuts):
            start, end = self.cuts[int(found[1])]
            return _decoded(self.data[start:end])
        return _decoded(said.encode())


def open_cda(data: bytes) -> Opened:
    """Open any CDA R2 document, self-presenting ones included.

    Raises Rejected `too-large`, `too-many`, `not-xml` or `not-a-cda`.
    """
    if len(data) > CDA_LIMIT:
        raise Rejected([Fault("too-large", about=f"{CDA_LIMIT // 1_000_000} MB")])
    if data.count(b"<") > xml.NODE_LIMIT:
        raise Rejected([Fault("too-large", about=f"{xml.NODE_LIMIT} nodes")])
    cuts: list[tuple[int, int]] = []
    kept: list[bytes] = []
    end = 0
    for found in _BODY.finditer(data) if b"B64" in data else ():
        if len(cuts) == BODY_LIMIT:
            raise Rejected([Fault("too-many", about=str(BODY_LIMIT))])
        start, stop = found.span(1)
        kept += [data[end:start], (_CUT % len(cuts)).encode()]
        cuts.append((start, stop))
        end = stop
    try:
        tree = xml.parse(b"".join([*kept, data[end:]]) if cuts else data)
    except Rejected as bad:
        raise Rejected([replace(fault, line=_line(fault.line, data, cuts)) for fault in bad.faults]) from None
    root = next(tree.iter(HL7 + "ClinicalDocument"), None)
    if root is None:
        raise Rejected([Fault("not-a-cda")])
    return Opened(root, data, tuple(cuts))


def _line(line: int, data: bytes, cuts: list[tuple[int, int]]) -> int:
    """The line of the file that is `line` of what was parsed: what was cut out before it had lines too."""
    for start, end in cuts:
        if line > data.count(b"\n", 0, start) + 1:
            line += data.count(b"\n", start, end)
    return line


def _decoded(content: bytes) -> bytes:
    try:
        return binascii.a2b_base64(content.translate(None, b" \t\r\n"), strict_mode=True)
    except (binascii.Error, ValueError):
        raise Rejected([Fault("bad-base64")]) from None
