"""The room's one hardened reader of a practice software's XML: bytes → tree, in one pass.

No DTD and so no entity, no network, nothing fetched; depth and number of marks are bounded while it reads, before
anything is kept. Expat rather than libxml2: it knows the line and column of everything it reads (XML 1.0, namespaces).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Any
from xml.parsers import expat

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate.body.written import NAME_LIMIT
from gateway.translate.path import TEXT, Steps

DEPTH_LIMIT = 100  # elements in elements
NODE_LIMIT = 200_000  # elements and attributes

_XML = "http://www.w3.org/XML/1998/namespace"
_SILENT = ("http://www.w3.org/2001/XMLSchema-instance", _XML)  # attributes about the document, not in it

_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*+>")
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")


class Tree:
    """A document as nested names: an element is its text, or a mapping of its attributes (`@name`), children and text.

    namespaces  prefix of the table → namespace. None at all: names alone count, whatever their namespace.
    `root` is the name of the outermost element, `begins` where it stands, `encoding` what the document says it is in;
    `spots` and `tags` are filled when places are asked for.
    """

    def __init__(self, namespaces: Mapping[str, str], *, places: bool = False) -> None:
        self._prefix = {uri: prefix for prefix, uri in namespaces.items()}
        self._spaced = bool(namespaces)
        self._open: list[tuple[str, Any, list[str], bool]] = []  # name, children, text, whether space counts in it
        self._told: dict[str, str] = {}
        self._count = 0
        self.places = places
        self.spots: dict[Steps, tuple[int, int]] = {}
        self.tags: dict[Steps, tuple[int, int]] = {}
        self._at: list[str | int] = []
        self._numbers: list[dict[str, int]] = [{}]
        self.encoding = "utf-8"
        self.root = ""
        self.begins = (1, 1)
        self.value: Any = None

    def parse(self, body: bytes) -> Tree:
        """Read a document. Raises Rejected `not-xml` with line and column, `too-deep`, `too-many`."""
        self._body = body
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = not self.places
        parser.ordered_attributes = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declared
        try:
            parser.Parse(body, True)
        except expat.ExpatError as wrong:
            raise Rejected([Fault("not-xml", line=wrong.lineno, column=wrong.offset + 1)]) from None
        except (ValueError, LookupError):  # an encoding Python does not know
            raise Rejected([Fault("wrong-encoding", about="UTF-8", line=1, column=1)]) from None
        return self

    def _here(self) -> tuple[int, int]:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _declared(self, _: str, encoding: str | None, __: int) -> None:
        self.encoding = encoding or self.encoding

    def _doctype(self, *_: Any) -> None:
        line, column = self._here()
        raise Rejected([Fault("not-xml", line=line, column=column)])

    def _begin(self, name: str, attributes: list[str]) -> None:
        self._count += 1 + len(attributes) // 2
        if len(self._open) >= DEPTH_LIMIT or self._count > NODE_LIMIT:
            code, about = ("too-many", NODE_LIMIT) if self._count > NODE_LIMIT else ("too-deep", DEPTH_LIMIT)
            line, column = self._here()
            raise Rejected([Fault(code, about=str(about), line=line, column=column)])
        told = self._told.get(name) or self._told.setdefault(name, self._name(name))
        children: dict[str, Any] = {}
        exact = bool(self._open) and self._open[-1][3]
        for key, value in zip(attributes[::2], attributes[1::2], strict=True) if attributes else ():
            if " " not in key:
                children["@" + key] = value
                continue
            space, _, local = key.rpartition(" ")
            if space == _XML and local == "space":
                exact = value == "preserve"
            elif space not in _SILENT:
                children["@" + self._name(key)] = value
        if not self._open:
            self.begins = self._here()
        self._open.append((told, children, [], exact))
        if self.places:
            self._place(told, attributes)

    def _place(self, name: str, attributes: list[str]) -> None:
        if len(self._open) > 1:
            number = self._numbers[-1].get(name, 0)
            self._numbers[-1][name] = number + 1
            self._at += [name, number]
        self._numbers.append({})
        here = self._here()
        self.spots[tuple(self._at)] = here
        begin = self._parser.CurrentByteIndex
        self.tags[tuple(self._at)] = (begin, 0)
        if attributes:
            spots = chain(self._spots_of_attributes(begin, here), repeat(here))
            for key, spot in zip(attributes[::2], spots, strict=False):
                self.spots[(*self._at, "@" + self._name(key))] = spot

    def _spots_of_attributes(self, begin: int, here: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Where each attribute of the start tag that begins there stands, in the order of the document."""
        tag = start_tag(self._body, begin).decode(self.encoding, "replace")
        line, since = here[0], 1 - here[1]  # where in the tag the line begins
        done = 0
        for found in _ATTRIBUTE.finditer(tag):
            breaks = tag.count("\n", done, found.start())
            if breaks:
                line, since = line + breaks, tag.rfind("\n", done, found.start()) + 1
            done = found.start()
            if found[1] != "xmlns" and not found[1].startswith("xmlns:"):
                yield line, found.start() - since + 1

    def _said(self, text: str) -> None:
        self._open[-1][2].append(text)
        if self.places and text.strip():
            self.spots.setdefault((*self._at, TEXT), self._here())

    def _end(self, _: str) -> None:
        name, children, texts, exact = self._open.pop()
        text = "".join(texts) if exact else "".join(texts).strip(" \t\r\n")
        value = children if children else text
        if text and children:
            children[TEXT] = text
        if self.places:
            self.tags[tuple(self._at)] = (self.tags[tuple(self._at)][0], self._parser.CurrentByteIndex)
            self._numbers.pop()
            del self._at[-2:]
            if self._open and not value:
                self._numbers[-1][name] -= 1  # as in the tree, where it is not counted
        if not self._open:
            self.root, self.value = name, value
        elif value:  # an element that says nothing is as good as none
            around = self._open[-1][1]
            there = around.get(name)
            if there is None:
                around[name] = value
            elif isinstance(there, list):
                there.append(value)
            else:
                around[name] = [there, value]

    def _name(self, name: str) -> str:
        """The name as the table writes it; one of a namespace the table has not stays whole, and is unknown."""
        space, _, local = name.rpartition(" ")
        if not space or not self._spaced:
            return local
        if space not in self._prefix:
            return f"{{{space}}}{local}"
        prefix = self._prefix[space]
        return f"{prefix}:{local}" if prefix else local


def start_tag(body: bytes, begin: int) -> bytes:
    """The start tag that begins there, quotes in mind; empty in an encoding of more bytes a character."""
    found = _TAG.match(body, begin)
    return found[0] if found else b""


def xpath(root: str, steps: Steps) -> str:
    """A place as an XPath, in the names of the table; items count from 1 there."""
    text = "/" + _shown(root)
    for step in steps:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        elif step != TEXT:
            text += "/" + _shown(step)
    return text


def _shown(name: str) -> str:
    named = re.sub(r"^(@?)\{.*\}", r"\1*:", name)
    return named if len(named) <= NAME_LIMIT else "*"
