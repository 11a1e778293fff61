"""A tagged PDF as its structure tree tells it: what a screen reader says, in its order, page furniture left out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

_CHARS = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]*)>")


@dataclass(frozen=True)
class Said:
    """A piece of text, under the structure elements it stands in, outermost first (`Document`, `Table`, `TR`, `TD`)."""

    under: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Tagged:
    """A PDF's title, language, whether it says to be tagged, its text, and every structure element it has."""

    title: str
    language: str
    marked: bool
    said: tuple[Said, ...]
    elements: tuple[str, ...]

    def text(self, *without: str) -> str:
        """All text in order, without what stands under one of these elements."""
        return "".join(one.text for one in self.said if not {*without} & {*one.under})


def read_tagged(data: bytes) -> Tagged:
    """The PDF's tree. A font without ToUnicode, or a piece the tree names and no page has, fails."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        root = pdf.Root
        pieces = {page.obj.objgen: _pieces(page) for page in pdf.pages}
        elements: list[str] = []
        said = tuple(_walk(root.StructTreeRoot.K, (), None, pieces, elements))
        told = {piece for page in pieces.values() for piece in page}
        assert told, "nothing is tagged"
        return Tagged(
            title=str(pdf.docinfo.get("/Title", "")),
            language=str(root.get("/Lang", "")),
            marked=bool(root.MarkInfo.Marked),
            said=said,
            elements=tuple(elements),
        )


def _walk(node: Any, under: tuple[str, ...], page: Any, pieces: Any, elements: list[str]) -> Iterator[Said]:
    if isinstance(node, pikepdf.Array):
        for one in node:
            yield from _walk(one, under, page, pieces, elements)
    elif isinstance(node, pikepdf.Dictionary):
        page = node.get("/Pg", page)
        if "/S" in node:
            name = str(node.S)[1:]
            elements.append(name)
            if "/ActualText" in node:
                yield Said((*under, name), str(node.ActualText))
            else:
                yield from _walk(node.get("/K", pikepdf.Array()), (*under, name), page, pieces, elements)
        elif node.get("/Type") == "/MCR":
            yield Said(under, pieces[page.objgen][int(node.MCID)])
    else:
        yield Said(under, pieces[page.objgen][int(node)])


def _pieces(page: pikepdf.Page) -> dict[int, str]:
    """The text of each marked piece of a page, by its number."""
    fonts = {str(name): _unicode(font) for name, font in page.resources.get("/Font", {}).items()}
    found: dict[int, str] = {}
    open_marks: list[tuple[int | None, str | None]] = []
    codes: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):  # type: ignore[misc]
        match str(operator):
            case "Tf":
                codes = fonts[str(operands[0])]
            case "BDC" | "BMC":
                properties = operands[1] if len(operands) > 1 else {}
                if isinstance(properties, pikepdf.Name):
                    properties = page.resources.Properties[properties]
                number = int(properties["/MCID"]) if "/MCID" in properties else None
                actual = str(properties["/ActualText"]) if "/ActualText" in properties else None
                if number is not None:
                    found.setdefault(number, "")
                open_marks.append((number, actual))
                if actual is not None:
                    _say(found, open_marks, actual)
            case "EMC":
                open_marks.pop()
            case "Tj" | "TJ":
                shown = operands[0] if str(operator) == "TJ" else [operands[0]]
                if not any(actual is not None for _, actual in open_marks):
                    _say(found, open_marks, "".join(_decoded(bytes(one), codes) for one in shown if _is_text(one)))
    return found


def _is_text(one: Any) -> bool:
    return isinstance(one, pikepdf.String)


def _say(found: dict[int, str], marks: list[tuple[int | None, str | None]], text: str) -> None:
    number = next((number for number, _ in reversed(marks) if number is not None), None)
    if number is not None:
        found[number] += text


def _decoded(shown: bytes, codes: dict[int, str]) -> str:
    return "".join(codes[int.from_bytes(shown[n : n + 2], "big")] for n in range(0, len(shown), 2))


def _unicode(font: Any) -> dict[int, str]:
    """What each glyph of a font says, by its ToUnicode."""
    codes: dict[int, str] = {}
    for kind, body in _CHARS.findall(font.ToUnicode.read_bytes()):
        words = [bytes.fromhex(word.decode()) for word in _HEX.findall(body)]
        if kind == b"char":
            for code, text in zip(words[::2], words[1::2], strict=True):
                codes[int.from_bytes(code, "big")] = text.decode("utf-16-be")
        else:
            for low, high, text in zip(words[::3], words[1::3], words[2::3], strict=True):
                for step in range(int.from_bytes(high, "big") - int.from_bytes(low, "big") + 1):
                    told = int.from_bytes(text, "big") + step
                    codes[int.from_bytes(low, "big") + step] = told.to_bytes(len(text), "big").decode("utf-16-be")
    return codes
