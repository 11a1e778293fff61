"""The narrative of a level-3 CDA document, read into what a page is made of: sections of blocks of runs.

A run is a text in one style; a block is a paragraph, a list, a table, a picture or a remark of ours. An element that is
not known keeps its text. Source: CDA R2, Narrative Block (NarrativeBlock.xsd).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.pack.pictures import Picture
from gateway.pack.xml import Element

TEXT_LIMIT = 600_000  # characters of one narrative, about 200 pages
CELL_LIMIT = 40_000  # cells and rows of tables, items of lists
SECTION_LIMIT = 2_000
DEPTH_LIMIT = 6  # lists and tables within each other; what lies deeper keeps its text, in the paragraph it stands in
TABLE_LIMIT = 4_000  # tables and lists: one inside another costs many times its cells
REFERENCE_LIMIT = 1_000  # places where a picture or a file is shown
NOTE_LIMIT = 300  # footnotes: each is set anew until its page is full
RUN_LIMIT = 60_000  # changes of style and line breaks
RUNS_TOGETHER = 1_000  # runs of one paragraph; a longer one goes on in the next
HEADING_LIMIT = 6

Run: TypeAlias = dict[str, Any]
Block: TypeAlias = dict[str, Any]
Show: TypeAlias = Callable[[str], Block]
"""Gives the block that shows what a renderMultiMedia refers to."""

_NO_TEXT = "[Fichier joint à la place du texte, non reproduit ici : il est dans le document électronique.]"
_LIMITS = {
    "characters": TEXT_LIMIT,
    "cells": CELL_LIMIT,
    "tables and lists": TABLE_LIMIT,
    "references": REFERENCE_LIMIT,
    "sections": SECTION_LIMIT,
    "footnotes": NOTE_LIMIT,
    "runs": RUN_LIMIT,
}
_BLANKS = re.compile("[ \t\r\n]+")
_STYLES = {"bold": "b", "italic": "i", "emphasis": "i", "underline": "u"}
_REVISED = {"insert": "u", "delete": "s"}
_SCRIPTS = {"sub": "_", "sup": "^"}
_LINK = re.compile(r"(?:https?://|mailto:)[\x21-\x7e]{1,2000}", re.ASCII)
_NUMBERS = {"littleroman": "i.", "bigroman": "I.", "littlealpha": "a.", "bigalpha": "A."}


@dataclass(frozen=True, slots=True, repr=False)
class Narrative:
    """`sections` in order, each with its `level` (1 is the highest), its `title` and its `blocks`.

    pictures  what the blocks refer to by number
    """

    sections: tuple[dict[str, Any], ...]
    pictures: tuple[Picture, ...] = ()


@dataclass(slots=True)
class _Measure:
    """What has been read, against the limits."""

    counted: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, number: int = 1) -> None:
        """Raises Rejected `too-large`."""
        self.counted[what] += number
        if self.counted[what] > _LIMITS[what]:
            raise Rejected([Fault("too-large", about=f"{_LIMITS[what]} {what}")])


@dataclass(slots=True)
class _Sink:
    """Blocks made so far, and the runs of the paragraph being read."""

    measure: _Measure
    blocks: list[Block] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def text(self, words: str | None, style: str, link: str = "") -> None:
        """Blanks fold into one, none at the start of a line (as browsers show a narrative)."""
        told = _BLANKS.sub(" ", words or "")
        before = self.runs[-1] if self.runs else None
        if before is None or "br" in before or before.get("x", "").endswith(" "):
            told = told.removeprefix(" ")
        if not told:
            return
        self.measure.count("characters", len(told))
        if before and before.get("f") == style and before.get("to", "") == link:
            before["x"] += told
        else:
            self.add({"x": told, "f": style, **({"to": link} if link else {})})

    def add(self, run: Run) -> None:
        """One more run of this paragraph."""
        self.measure.count("runs")
        self.runs.append(run)

    def end(self, kind: str = "p") -> None:
        """What was read becomes a paragraph, if it says anything."""
        said = [n for n, run in enumerate(self.runs) if not _empty(run)]
        if said:
            runs = self.runs[said[0] : said[-1] + 1]
            self.blocks += [{kind: runs[n : n + RUNS_TOGETHER]} for n in range(0, len(runs), RUNS_TOGETHER)]
        self.runs = []

    def put(self, block: Block) -> None:
        """A block that stands by itself."""
        self.end()
        self.blocks.append(block)


def read_sections(body: Element, show: Show) -> tuple[dict[str, Any], ...]:
    """The sections of a structuredBody in order, those inside another after its text, one level deeper.

    Raises Rejected `too-large` for more than a page-maker should be asked to set.
    """
    reader = _Reader(show, _Measure())
    found: list[dict[str, Any]] = []
    reader.sections(body, 1, found)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Reader:
    show: Show
    measure: _Measure

    def sections(self, above: Element, level: int, found: list[dict[str, Any]]) -> None:
        """Those directly under `above`."""
        for component in _named(above, "component"):
            for section in _named(component, "section"):
                self.measure.count("sections")
                title = " ".join(" ".join(words(one) for one in _named(section, "title")).split())
                self.measure.count("characters", len(title))
                sink = _Sink(self.measure)
                for text in _named(section, "text"):
                    if text.get("representation") == "B64":
                        sink.put({"remark": _NO_TEXT})
                    else:
                        self.inside(text, "", sink, 0)
                sink.end()
                found.append({"level": min(level, HEADING_LIMIT), "title": title, "blocks": sink.blocks})
                self.sections(section, level + 1, found)

    def inside(self, element: Element, style: str, sink: _Sink, depth: int, link: str = "") -> None:
        """The text and the children of an element."""
        sink.text(element.text, style, link)
        for child in element:
            if isinstance(child.tag, str):
                self.one(child, style, sink, depth, link)
            sink.text(child.tail, style, link)

    def one(self, element: Element, style: str, sink: _Sink, depth: int, link: str) -> None:
        """One element, whatever it is."""
        name = _local(element)
        style = _merged(style, _styled(element) + _SCRIPTS.get(name, ""))
        match name:
            case "br":
                sink.add({"br": True})
            case "linkHtml":
                self._link(element, style, sink, depth)
            case "footnote":
                self.measure.count("footnotes")
                note = self._blocks(element, style, DEPTH_LIMIT)
                sink.add({"note": [run for block in note for run in block.get("p", [])], "id": _id(element)})
            case "footnoteRef":
                sink.add({"ref": element.get("IDREF", "")})
            case "paragraph" | "caption":
                sink.end()
                self.inside(element, style, sink, depth, link)
                sink.end("caption" if name == "caption" else "p")
            case "renderMultiMedia":
                for id in (element.get("referencedObject") or "").split():
                    self.measure.count("references")
                    sink.put(self.show(id))
                self.inside(element, style, sink, depth, link)
            case "list" if depth < DEPTH_LIMIT:
                sink.put(self._list(element, style, depth + 1))
            case "table" if depth < DEPTH_LIMIT:
                sink.put(self._table(element, style, depth + 1))
            case "item" | "td" | "th":  # out of place, or too deep
                sink.text(" ", style)
                self.inside(element, style, sink, depth, link)
                sink.text(" ", style)
            case _:
                self.inside(element, style, sink, depth, link)

    def _link(self, element: Element, style: str, sink: _Sink, depth: int) -> None:
        href = (element.get("href") or "").strip()
        to = href if _LINK.fullmatch(href) else ""
        if words(element).strip():
            self.inside(element, style, sink, depth, to)
        else:
            sink.text(href if to else "", style, to)

    def _blocks(self, element: Element, style: str, depth: int) -> list[Block]:
        sink = _Sink(self.measure)
        self.inside(element, style, sink, depth)
        sink.end()
        return sink.blocks

    def _captions(self, element: Element, style: str, depth: int) -> list[Run]:
        found = [block for one in _named(element, "caption") for block in self._blocks(one, style, depth)]
        runs: list[Run] = []
        for block in found:
            runs += block.get("p") or block.get("caption") or []
        return runs

    def _list(self, element: Element, style: str, depth: int) -> Block:
        self.measure.count("tables and lists")
        items = []
        for item in element:
            if isinstance(item.tag, str) and _local(item) != "caption":
                items.append(self._blocks(item, _merged(style, _styled(item)), depth))
        self.measure.count("cells", len(items))
        ordered = element.get("listType") == "ordered"
        numbers = _NUMBERS.get((element.get("styleCode") or "").lower().replace("xlisttype", ""), "1.")
        return {"list": items, "numbers": numbers if ordered else "", "caption": self._captions(element, style, depth)}

    def _table(self, element: Element, style: str, depth: int) -> Block:
        self.measure.count("tables and lists")
        groups: dict[str, list[list[dict[str, Any]]]] = {"thead": [], "tbody": [], "tfoot": []}
        for child in element:
            name = _local(child) if isinstance(child.tag, str) else ""
            if name == "tr":
                groups["tbody"].append(self._row(child, style, element, element, depth))
            elif name in groups:
                rows = (self._row(row, style, child, element, depth) for row in child if isinstance(row.tag, str))
                groups[name].extend(rows)
        return {"table": groups, "caption": self._captions(element, style, depth), "shares": _shares(element)}

    def _row(self, row: Element, style: str, group: Element, table: Element, depth: int) -> list[dict[str, Any]]:
        self.measure.count("cells")  # a row takes room even when it is empty
        cells = []
        for cell in row:
            if not isinstance(cell.tag, str):
                continue
            self.measure.count("cells")
            said = _merged(_merged(_merged(style, _styled(group)), _styled(row)), _styled(cell))
            align = next((value for one in (cell, row, group) if (value := one.get("align"))), "")
            told = {
                "x": self._blocks(cell, said, depth),
                "c": _span(cell, "colspan"),
                "r": _span(cell, "rowspan"),
                "h": _local(cell) == "th",
                "a": align if align in ("center", "right") else "left",
            }
            cells.append(told)
        return cells


def _empty(run: Run) -> bool:
    return "br" in run or run.get("x") == " "


def _named(element: Element, name: str) -> Sequence[Element]:
    return [child for child in element if isinstance(child.tag, str) and _local(child) == name]


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _id(element: Element) -> str:
    return element.get("ID") or ""


def _styled(element: Element) -> str:
    """The styles an element asks for; several may be one word (`BoldItalics`)."""
    said = (element.get("styleCode") or "").lower()
    found = "".join(flag for name, flag in _STYLES.items() if name in said)
    return found + _REVISED.get(element.get("revised") or "", "")


def _merged(style: str, more: str) -> str:
    return "".join(sorted({*style, *more})) if more else style


def _span(element: Element, name: str) -> int:
    said = element.get(name) or ""
    return min(max(int(said), 1), 1_000) if said.isascii() and said.isdecimal() and len(said) < 6 else 1


def _shares(table: Element) -> list[int]:
    """What share of the width each column asks for, as far as columns say it; 0 where one does not."""
    columns = [*_named(table, "col"), *(col for group in _named(table, "colgroup") for col in _named(group, "col"))]
    found = [share for column in columns[:100] for share in [_percent(column)] * _span(column, "span")]
    return found[:100]


def _percent(element: Element) -> int:
    said = (element.get("width") or "").strip().removesuffix("%")
    return int(said) if said.isascii() and said.isdecimal() and 0 < len(said) < 4 else 0


def words(element: Element) -> str:
    """All text below an element, as it stands."""
    return "".join(str(text) for text in element.itertext())
