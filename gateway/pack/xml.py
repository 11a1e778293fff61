"""The room's one hardened parser, and how our XML is written.

No DTD, no entity, no network, no huge tree; size and number of nodes are bounded before libxml2 sees a byte.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from lxml import etree

from gateway.model.errors import Rejected
from gateway.model.faults import Fault

Element: TypeAlias = etree._Element

XML_LIMIT = 8_000_000  # bytes of markup, encapsulated documents apart
NODE_LIMIT = 250_000  # "<" and "=" signs: bounds elements and attributes
TAG_LIMIT = 500  # attributes of one element
NAMESPACE_LIMIT = 20_000  # declarations
ENCODINGS = frozenset({
    "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "iso-8859-15", "latin1",
    "windows-1252", "cp1252",
})  # fmt: skip
"""What health software writes. Others, such as UTF-7, serve to hide markup."""

_parser = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
# ASCII, UTF-8 or UTF-16: what begins in another way (UTF-32, EBCDIC) would be weighed by the wrong bytes.
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<[^\0]|\xff\xfe[^\0]|\xfe\xff\0[^\0]|<\0[^\0]|\0<\0[^\0]")
_HEAD = 400  # characters: a declaration is shorter
_ENCODING = re.compile(rb"\bencoding\s*+=\s*+[\"']([^\"']*+)")
_LONG = 4 * TAG_LIMIT  # bytes: no tag with more attributes is shorter
# What UTF-8 text may hold but XML 1.0 may not.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(data: bytes) -> Element:
    """The root element of a document.

    Raises Rejected `too-large` beyond XML_LIMIT or NODE_LIMIT, `not-xml` for anything malformed, with the line and
    column at which libxml2 gave up, or any DOCTYPE.
    """
    if len(data) > XML_LIMIT:
        raise Rejected([Fault("too-large", about=f"{XML_LIMIT // 1_000_000} MB")])
    _weigh(data)
    if not _BEGIN.match(data) or not _encodings(data) <= ENCODINGS:
        raise Rejected([Fault("not-xml")])
    try:
        root = etree.fromstring(data, _parser)
    except etree.XMLSyntaxError as error:  # an error of libxml2 may quote the document: only its place is kept
        raise Rejected([Fault("not-xml", line=error.position[0] or 0, column=error.position[1] or 0)]) from None
    except (ValueError, LookupError):
        raise Rejected([Fault("not-xml")]) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Rejected([Fault("not-xml")])
    return root


def _encodings(data: bytes) -> set[str]:
    """The encodings its declaration names; "" is one for a declaration that does not end."""
    head = data[: 2 * _HEAD].replace(b"\0", b"")[:_HEAD]
    if b"<?xml" not in head[:8]:
        return set()
    said, end, _ = head.partition(b"?>")
    return {name.decode("latin-1").lower() for name in _ENCODING.findall(said)} if end else {""}


def _weigh(data: bytes) -> None:
    """Refuse what would cost more than it weighs: elements, attributes, namespaces."""
    if data.count(b"<") + data.count(b"=") > NODE_LIMIT:
        raise Rejected([Fault("too-large", about=f"{NODE_LIMIT} nodes")])
    if data.count(b"xmlns") + data.count(b"x\0m\0l\0n\0s") > NAMESPACE_LIMIT:
        raise Rejected([Fault("too-large", about=f"{NAMESPACE_LIMIT} namespaces")])
    long = (part.partition(b">")[0] for part in data.split(b"<") if len(part) > _LONG)
    if any(tag.count(b"=") > TAG_LIMIT for tag in long):
        raise Rejected([Fault("too-large", about=f"{TAG_LIMIT} attributes")])


def write(root: Element) -> bytes:
    """UTF-8 bytes with an XML declaration; the same tree always gives the same bytes."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def clean(text: str) -> str:
    """The text with what XML 1.0 cannot hold replaced by U+FFFD."""
    return text if text.isprintable() else _UNWRITABLE.sub("\ufffd", text)


def new(tag: str, namespace: str) -> Element:
    """A root element in a default namespace; both are words of ours."""
    return etree.fromstring(f'<{tag} xmlns="{namespace}"/>', _parser)


def put_in(parent: Element, namespace: str, tag: str) -> Element:
    """Add an element of another namespace, which becomes the default one below it."""
    child = new(tag, namespace)
    parent.append(child)
    return child


def put(parent: Element, tag: str, text: str = "", /, **attributes: str) -> Element:
    """Add an element in the parent's own namespace; attributes that are empty are left out."""
    namespace, _, _ = str(parent.tag).rpartition("}")
    child = etree.SubElement(parent, f"{namespace}}}{tag}")
    for name, value in attributes.items():
        if value:
            child.set(name, clean(value))
    if text:
        child.text = clean(text)
    return child
