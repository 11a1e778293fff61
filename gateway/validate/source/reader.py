"""One reader for both formats: what a file is, it says itself."""

from __future__ import annotations

from typing import Any

from gateway.validate.check.shape import Shapes
from gateway.validate.source.json import read_json
from gateway.validate.source.source import Source, refused
from gateway.validate.source.xml_tree import read_xml
from gateway.validate.source.xml_writing import write_xml

SIZE_LIMIT = 32_000_000  # bytes
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Reader:
    """Reads resources in JSON and XML. Built once; threads may share it."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes

    def read(self, data: bytes, *, media_type: str | None = None) -> Source:
        """The resource of a file. Whatever the bytes, it answers: what cannot be read is told, nothing is raised.

        media_type  of the file when it is known; else the first byte that is no blank tells JSON from XML.
        """
        if len(data) > SIZE_LIMIT:
            return refused("file-too-large", limit=f"{SIZE_LIMIT // 1_000_000} MB")
        match _format(data, media_type or ""):
            case "xml":
                return read_xml(data, self._shapes)
            case "json":
                return read_json(data)
            case _:
                return refused("no-resource", 1)

    def write_xml(self, tree: dict[str, Any]) -> bytes:
        """A resource as XML, in UTF-8 (see `xml_writing`)."""
        return write_xml(tree, self._shapes)


def _format(data: bytes, media_type: str) -> str:
    for name in ("json", "xml"):
        if name in media_type.lower():
            return name
    begin = data[:1000]
    for mark in _BOMS:
        begin = begin.removeprefix(mark)
    first = begin.strip(b"\0 \t\r\n")[:1]
    return "xml" if first == b"<" else "json" if first in (b"{", b"[", b'"', b"/", b"#") else ""
