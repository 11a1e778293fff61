"""The room's one hardened XML parser.

No DTD, no entity, no network, no huge tree; size and number of nodes are bounded before libxml2 sees a byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

XML_LIMIT = 32_000_000  # bytes
NODE_LIMIT = 200_000  # elements count twice, attributes ("=" signs) once: ten microseconds to read an element
TAG_LIMIT = 500  # attributes of one element
NAMESPACE_LIMIT = 20_000  # declarations
_LONG = 4 * TAG_LIMIT  # bytes: no tag with more attributes is shorter
_HEAD = 400  # characters: a declaration is shorter
_ENCODING = re.compile(rb"\bencoding\s*+=\s*+[\"']([^\"']*+)")
_UNICODE = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_OTHERS = frozenset({"utf-16", "utf-16le", "utf-16be", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "cp1252"})
# ASCII, UTF-8 or UTF-16: what begins in another way (UTF-32, EBCDIC) would be weighed by the wrong bytes.
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<[^\0]|\xff\xfe[^\0]|\xfe\xff\0[^\0]|<\0[^\0]|\0<\0[^\0]")
_ENTITY = 26  # XML_ERR_UNDECLARED_ENTITY

_parser = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)


@dataclass(frozen=True, slots=True)
class NotXml(Exception):
    """Bytes that cannot be read as XML. `rule`: one of rules/source.py; line and column from 1, 0 when not known."""

    rule: str
    line: int = 0
    column: int = 0
    limit: str = ""


def parse(data: bytes) -> Element:
    """The root element of a document. Comments and processing instructions are left out; bytes that are not UTF-8 where
    it says so become U+FFFD (see `wrong_encoding`).

    Raises NotXml: `file-too-large`, `encoding-unknown`, `xml-syntax`, `xml-entity`, `xml-doctype`.
    """
    _weigh(data)
    said = _encodings(data)
    if not _BEGIN.match(data):
        raise NotXml("xml-syntax", 1, 1)
    if not said <= _UNICODE | _OTHERS:
        raise NotXml("encoding-unknown", 1)
    if wrong_encoding(data) and said <= _UNICODE and b"\0" not in data[:4]:
        data = data.decode("utf-8", "replace").encode("utf-8")
    try:
        root = etree.fromstring(data, _parser)
    except etree.XMLSyntaxError as error:  # an error of libxml2 may quote the document: only its place is kept
        line, column = error.position
        rule = "xml-entity" if getattr(error, "code", 0) == _ENTITY else "xml-syntax"
        raise NotXml(rule, line or 0, column or 0) from None
    except (ValueError, LookupError):
        raise NotXml("xml-syntax") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotXml("xml-doctype", 1)
    return root


def wrong_encoding(data: bytes) -> int:
    """The line where a text stops being UTF-8, from 1; 0 when it is."""
    if not _encodings(data) <= _UNICODE:
        return 1
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return data.count(b"\n", 0, wrong.start) + 1
    return 0


def line_of(node: Element) -> int:
    """The line the opening tag of an element ends on, from 1: libxml2 keeps no other."""
    line: int | None = node.sourceline  # type: ignore[assignment]
    return line or 0


def text_of(root: Element) -> str:
    """An element as text, without what follows it."""
    return etree.tostring(root, encoding="unicode", with_tail=False)


def _encodings(data: bytes) -> set[str]:
    """The encodings its declaration names; "" is one for a declaration that does not end."""
    head = data[: 2 * _HEAD].replace(b"\0", b"")[:_HEAD]
    if b"<?xml" not in head[:8]:
        return set()
    said, end, _ = head.partition(b"?>")
    return {name.decode("latin-1").lower() for name in _ENCODING.findall(said)} if end else {""}


def _weigh(data: bytes) -> None:
    """Refuse what would cost more than it weighs: elements, attributes, namespaces."""
    if len(data) > XML_LIMIT:
        raise NotXml("file-too-large", limit=f"{XML_LIMIT // 1_000_000} MB")
    if 2 * (data.count(b"<") - data.count(b"</")) + data.count(b"=") > NODE_LIMIT:
        raise NotXml("file-too-large", limit=f"{NODE_LIMIT // 2} elements")
    if data.count(b"xmlns") + data.count(b"x\0m\0l\0n\0s") > NAMESPACE_LIMIT:
        raise NotXml("file-too-large", limit=f"{NAMESPACE_LIMIT} namespaces")
    long = (part.partition(b">")[0] for part in data.split(b"<") if len(part) > _LONG)
    if any(tag.count(b"=") > TAG_LIMIT for tag in long):
        raise NotXml("file-too-large", limit=f"{TAG_LIMIT} attributes")
