"""A body of XML, read and written. Paths begin below the root element; `/nom` is an element, `/@type` an attribute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate.body.written import Part, Spot, Written
from gateway.translate.body.xml_reading import Tree, start_tag, xpath
from gateway.translate.path import ABSENT, TEXT, Path, Steps, called, locate, put, reach
from gateway.translate.verb import Unsayable

ROOT = "#root"  # the place that holds the root element's name

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_QUOTES = {**_IN_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


@dataclass(frozen=True, slots=True)
class Xml:
    """Bodies of XML.

    root        the outermost element's name; empty when the type of event says it
    namespaces  prefix → namespace, "" for names without prefix; none: written without, read whatever it is
    events      where several events stand in one body
    indent      spaces a level, 0 for none; `encoding` is what is written: what is read says its own
    """

    name: ClassVar[str] = "xml"
    media_types: ClassVar[tuple[str, ...]] = ("application/xml", "text/xml")
    root: str = ""
    namespaces: Mapping[str, str] = field(default_factory=dict)
    events: Path = ()
    indent: int = 0
    encoding: str = "UTF-8"

    @property
    def charset(self) -> str:
        """What is written; a document read says its own."""
        return self.encoding.lower()

    def read(self, body: bytes) -> Written:
        """The one event of a document. Raises Rejected: see `Tree.parse`; `wrong-type` for another root element."""
        document = Tree(self.namespaces).parse(body)
        if self.root and document.root != self.root:
            raise Rejected([Fault("wrong-type", (), self.root, xpath(document.root, ()), *document.begins)])
        above, value = self._within(document)
        if isinstance(value, list):
            if len(value) > 1:
                raise Rejected([Fault("one-event-only", pointer=xpath(document.root, (*above, 1)))])
            above, value = (*above, 0), value[0]
        tree = value if isinstance(value, dict) else {TEXT: value} if value else {}
        if not self.root:
            tree[ROOT] = document.root
        return Written(
            tree,
            lambda steps: xpath(document.root, above + steps if steps != (ROOT,) else ()),
            partial(self._spots, body, above),
        )

    def _within(self, document: Tree) -> tuple[Steps, Any]:
        if not self.events:
            return (), document.value
        inner = reach(document.value, self.events)
        above = locate(document.value, self.events)
        if inner is ABSENT:
            raise Rejected(
                [Fault("missing-field", (), called(self.events), xpath(document.root, above), *document.begins)]
            )
        return above, inner

    def _spots(self, body: bytes, above: Steps) -> dict[Steps, Spot]:
        found = _Spots()
        wanted = _without_firsts(above)
        for at, spot in Tree(self.namespaces, places=True).parse(body).spots.items():
            told = _without_firsts(at)
            if told[: len(wanted)] == wanted:
                found[told[len(wanted) :]] = spot
        return found

    def split(self, body: bytes) -> tuple[Part, ...]:
        """Each event of a document that holds several, inside a copy of what stands around it."""
        document = Tree(self.namespaces, places=bool(self.events)).parse(body)
        if not self.events:
            return (Part(body, ""),)
        above, value = self._within(document)
        count = len(value) if isinstance(value, list) else 1
        return tuple(_parts(body, document, above, count))

    def write(self, tree: dict[str, Any]) -> bytes:
        """The document of one event."""
        name = tree.pop(ROOT, self.root)
        if self.events:
            inner, tree = tree, {}
            put(tree, self.events, inner)
        spaces = "".join(
            f' xmlns{":" if prefix else ""}{prefix}="{_escaped(uri, _IN_QUOTES)}"'
            for prefix, uri in self.namespaces.items()
        )
        lines: list[str] = []
        self._element(lines, name, tree, 0, spaces)
        text = f'<?xml version="1.0" encoding="{self.encoding}"?>\n' + "".join(lines) + ("\n" if self.indent else "")
        return text.encode(self.encoding, "xmlcharrefreplace")

    def _element(self, out: list[str], name: str, value: Any, depth: int, spaces: str = "") -> None:
        """Put an element, and all that is in it, at the end of what is written."""
        pad = "\n" + " " * (self.indent * depth) if self.indent and depth else ""
        text, inner, head = value, False, f"{pad}<{name}{spaces}"
        if type(value) is dict:
            text = value.get(TEXT, "")
            for key, one in value.items():
                if key[:1] == "@":
                    head += f' {key[1:]}="{_escaped(str(one), _IN_QUOTES)}"'
                elif key != TEXT:
                    inner = True
        text = str(text)
        if text != text.strip(" \t\r\n"):
            head += ' xml:space="preserve"'
        if not inner and not text:
            out.append(head + "/>")
            return
        out.append(f"{head}>{_escaped(text, _IN_TEXT)}")
        for key, one in value.items() if inner else ():
            if key[:1] != "@" and key != TEXT:
                for item in one if type(one) is list else [one]:
                    self._element(out, key, item, depth + 1)
        out.append(f"{(pad or chr(10)) if inner and self.indent else ''}</{name}>")


class _Spots(dict[Steps, Spot]):
    """Place → line and column; the first of its name is found with its number and without."""

    def __contains__(self, steps: object) -> bool:
        return isinstance(steps, tuple) and super().__contains__(_without_firsts(steps))

    def __getitem__(self, steps: Steps) -> Spot:
        return super().__getitem__(_without_firsts(steps))


def _without_firsts(steps: Steps) -> Steps:
    return tuple(step for step in steps if step != 0)


def _parts(body: bytes, document: Tree, above: Steps, count: int) -> Iterator[Part]:
    """Each of the events inside a copy of what stands around all of them."""
    steps = tuple(step for name in above for step in ((name, 0) if isinstance(name, str) else ()))
    ways = [steps[:length] for length in range(0, len(steps), 2)]
    prolog = body[: document.tags[()][0]]
    opening = prolog + b"".join(_tag(body, document.tags[way][0]) for way in ways)
    closing = b"".join(_to_its_end(body, document.tags[way][1]) for way in reversed(ways))
    before = opening.count(b"\n")
    width = len(opening[opening.rfind(b"\n") + 1 :].decode(document.encoding, "replace"))
    for index in range(count):
        place = (*steps[:-1], index)
        begin, end = document.tags[place]
        tag = _tag(body, begin)
        item = tag if tag.endswith(b"/>") else body[begin:end] + _to_its_end(body, end)
        line, column = document.spots[place]
        yield Part(
            opening + item + closing,
            xpath(document.root, (*above, index)),
            xpath(document.root, above),
            line=line - 1 - before,
            column=(before + 1, column - 1 - width),
        )


def _tag(body: bytes, begin: int) -> bytes:
    """The start tag that begins there. Raises Rejected in an encoding of more bytes a character."""
    if not (tag := start_tag(body, begin)):
        raise Rejected([Fault("wrong-encoding", about="UTF-8", line=1, column=1)])
    return tag


def _to_its_end(body: bytes, begin: int) -> bytes:
    """The end tag that begins there."""
    return body[begin : body.index(b">", begin) + 1]


def _escaped(text: str, marks: Mapping[str, str]) -> str:
    if text.isalnum():
        return text
    if not text.isprintable() and _UNWRITABLE.search(text):
        raise Unsayable("XML cannot hold a control character")
    for mark, written in marks.items():
        text = text.replace(mark, written)
    return text
