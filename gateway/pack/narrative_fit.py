"""A narrative made to fit its pages: grids without holes, widths, sizes, and where a long word may break.

What is given to typst is decided here, so that nothing can overlap, run out of its column or fill memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.pack.narrative import Block, Run

Cell: TypeAlias = dict[str, Any]
Row: TypeAlias = list[Cell]

PAGE, FLIPPED = 174.0, 261.0  # mm of text across A4, upright and on its side
COLUMN_LIMIT = 40  # a wider table is told row by row
FLIPPED_FROM = 11  # columns
SPAN_LIMIT = 3_000  # rows that cells of one group reach over, together; beyond, each keeps to its own row
ROWS_TOGETHER = 1_000  # rows of one table in the PDF (ISO 19005-1 §6.1.12 bounds what is in one place)

_SIZES = ((6, 9.5), (9, 8.5), (12, 7.5), (16, 6.5), (COLUMN_LIMIT, 5.5))  # up to so many columns, points
_TEXT = 10.5  # points, outside tables
_LETTER = 0.175  # mm of a letter's width for each point of its size
_WIDE = {**dict.fromkeys("mwMWŒœ@%—", 0.31), **dict.fromkeys("iljtfrI.,;:'()[]|!", 0.12)}
_WORD = re.compile(r"\S+")


@dataclass(slots=True)
class _Notes:
    """Footnotes by the number they get here; a reference counts only when its footnote exists."""

    numbers: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def find(self, told: Any) -> None:
        """Number every footnote below."""
        if isinstance(told, dict):
            if "note" in told:
                self.made += 1
                self.numbers.setdefault(told["id"] or f" {self.made}", self.made)
                told["n"] = self.made
            for value in told.values():
                self.find(value)
        elif isinstance(told, list):
            for value in told:
                self.find(value)


def fit(sections: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The sections as style/document.typ takes them."""
    notes = _Notes()
    for section in sections:
        notes.find(section["blocks"])
    return [
        {**section, "blocks": [_fitted(block, PAGE, _TEXT, notes, top=True) for block in section["blocks"]]}
        for section in sections
    ]


def _fitted(block: Block, width: float, size: float, notes: _Notes, *, top: bool = False) -> Block:
    for kind in ("p", "caption"):
        if kind in block and "list" not in block and "table" not in block:
            return {kind: _broken(block[kind], width, size, notes)}
    if "list" in block:
        items = [[_fitted(one, width - 8, size, notes) for one in item] for item in block["list"]]
        caption = _broken(block["caption"], width, size, notes)
        return {"list": items, "numbers": block["numbers"], "caption": caption}
    return _fitted_table(block, width, size, notes, top=top) if "table" in block else block


def _broken(runs: Sequence[Run], width: float, size: float, notes: _Notes) -> list[Run]:
    """The runs, words longer than a line apart from the others: they may break anywhere."""
    return [part for run in runs for part in _parts(run, width / size, notes)]


def _breadth(word: str) -> float:
    """mm that a word takes for each point of its size, as if it were bold."""
    return sum(_WIDE.get(char) or (0.27 if char.isupper() or char > "\u2000" else 0.19) for char in word)


def _parts(run: Run, room: float, notes: _Notes) -> Iterator[Run]:
    if "note" in run:
        yield {"note": [part for one in run["note"] for part in _parts(one, PAGE / _TEXT, notes)], "n": run["n"]}
    elif "ref" in run:
        if run["ref"] in notes.numbers:
            yield {"ref": notes.numbers[run["ref"]]}
    elif "x" in run:
        rest = 0
        for word in _WORD.finditer(run["x"]):
            if _breadth(word.group()) > room:
                if rest < word.start():
                    yield {**run, "x": run["x"][rest : word.start()]}
                yield {**run, "x": word.group(), "long": max(int(room / 0.5), 1)}
                rest = word.end()
        if rest < len(run["x"]):
            yield {**run, "x": run["x"][rest:]}
    else:
        yield run


# — tables


def _fitted_table(block: Block, width: float, size: float, notes: _Notes, *, top: bool) -> Block:
    groups = block["table"]
    head, body = groups["thead"], [*groups["tbody"], *groups["tfoot"]]
    columns = max(_columns(head), _columns(groups["tbody"]), _columns(groups["tfoot"]), 1)
    caption = _broken(block["caption"], width, size, notes)
    if columns > COLUMN_LIMIT or width < 12 + 2 * columns:
        told = [[run for cell in row for run in _in_line(cell["x"])] for row in [*head, *body]]
        return {"lines": [_broken(row, width, size, notes) for row in told], "caption": caption}
    flipped = top and columns >= FLIPPED_FROM
    width = FLIPPED if flipped else width
    small = min(size, next(points for most, points in _SIZES if columns <= most))
    if not head and len(body) > 1 and body[0] and all(cell["h"] and cell["r"] == 1 for cell in body[0]):
        head, body = body[:1], body[1:]
    elif not body:
        head, body = [], head
    inset = 1.5 if columns <= 9 else 0.7
    shares = _shares([*head, *body], columns, block["shares"], small, width, 2 * inset)
    room = [width * share - 2 * inset for share in shares]
    tbody = len(groups["tbody"]) - (1 if head and not groups["thead"] else 0)
    rows = [*_laid(body[:tbody], columns), *_laid(body[tbody:], columns)] if tbody >= 0 else _laid(body, columns)
    return {
        "widths": [round(share * 1000) for share in shares],
        "head": [_cell(cell, room, small, notes) for row in _laid(head, columns) for cell in row],
        "repeat": sum(_length(cell["x"]) for row in head for cell in row) < 600,
        "parts": [[_cell(cell, room, small, notes) for row in part for cell in row] for part in _parted(rows)],
        "caption": caption,
        "size": small,
        "inset": inset,
        "flipped": flipped,
    }


def _cell(cell: Cell, room: Sequence[float], size: float, notes: _Notes) -> Cell:
    width = max(sum(room[cell["at"] : cell["at"] + cell["c"]]), 1.0)
    blocks = [_fitted(block, width, size, notes) for block in cell["x"]]
    lines = _length(cell["x"]) * size * _LETTER / width
    told: Cell = {"b": blocks} if not _plain(blocks) else {"x": blocks[0]["p"][0]["x"] if blocks else ""}
    for name, usual in (("c", 1), ("r", 1), ("h", False), ("a", "left")):
        if cell[name] != usual:
            told[name] = cell[name]
    if cell["r"] > 1 or lines > 20 or any("p" not in block for block in blocks):
        told["breaks"] = True
    return told


def _plain(blocks: Sequence[Block]) -> bool:
    if not blocks:
        return True
    runs = blocks[0].get("p", ())
    return len(blocks) == len(runs) == 1 and runs[0].get("f") == "" and not {"to", "long"} & set(runs[0])


def _columns(rows: Sequence[Row]) -> int:
    return max((cell["at"] + cell["c"] for row in _laid(rows, 0) for cell in row), default=0)


def _laid(rows: Sequence[Row], columns: int) -> list[Row]:
    """The rows of one group with each cell at its column: spans cut where they meet another, holes filled.

    columns  how many there are; with 0 nothing is filled, and spans are cut only where they must be
    """
    taken: dict[int, int] = {}  # column → the first row in which it is free again
    laid = []
    flat = sum(min(cell["r"], len(rows) - n) - 1 for n, row in enumerate(rows) for cell in row) > SPAN_LIMIT
    for n, row in enumerate(rows):
        placed: Row = []
        at = 0
        for cell in row:
            while taken.get(at, 0) > n:
                at += 1
            across = next((k for k in range(1, cell["c"]) if taken.get(at + k, 0) > n), cell["c"])
            across = min(across, COLUMN_LIMIT + 1)
            down = 1 if flat else min(cell["r"], len(rows) - n)
            placed.append({**cell, "at": at, "c": across, "r": down})
            for k in range(across):
                taken[at + k] = n + down
            at += across
            if at > COLUMN_LIMIT:  # told row by row anyway
                break
        laid.append(_filled(placed, taken, n, columns) if columns else placed)
    return laid


def _filled(placed: Row, taken: dict[int, int], n: int, columns: int) -> Row:
    for at in range(columns):
        if taken.get(at, 0) <= n:
            placed.append({"x": [], "c": 1, "r": 1, "h": False, "a": "left", "at": at})
    return sorted(placed, key=lambda cell: int(cell["at"]))


def _parted(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in parts of about ROWS_TOGETHER, cut where no cell reaches over."""
    start, reach = 0, 0
    for n, row in enumerate(rows):
        if n >= start + ROWS_TOGETHER and n >= reach:
            yield rows[start:n]
            start = n
        reach = max(reach, n + max((cell["r"] for cell in row), default=1))
    if start < len(rows):
        yield rows[start:]


def _shares(
    rows: Sequence[Row], columns: int, asked: Sequence[int], size: float, width: float, gap: float
) -> list[float]:
    """What part of the width each column gets: what it asks; else room for its longest word, the rest by its text."""
    if len(asked) == columns and all(asked):
        return [share / sum(asked) for share in asked]
    longest, total, count = [gap + size * 0.4] * columns, [1.0] * columns, [1] * columns
    for row in _laid(rows, columns):
        for cell in row:
            if cell["c"] == 1 and (text := _text(cell["x"])):
                at, word = cell["at"], max(map(_breadth, text[:2_000].split()), default=0.0)
                longest[at] = max(longest[at], min(word, 5.0) * size + gap)
                total[at], count[at] = total[at] + min(len(text), 300), count[at] + 1
    spare = max(width - sum(longest), 0.0)
    means = [min(sum_of / how_many, 120.0) for sum_of, how_many in zip(total, count, strict=True)]
    rooms = [one + spare * mean / sum(means) for one, mean in zip(longest, means, strict=True)]
    return [room / sum(rooms) for room in rooms]


def _length(blocks: Sequence[Block]) -> int:
    return len(_text(blocks))


def _text(blocks: Sequence[Block]) -> str:
    return " ".join("".join(run.get("x", " ") for run in _in_line([block])) for block in blocks)


def _in_line(blocks: Sequence[Block]) -> list[Run]:
    """What blocks say, as the runs of one line."""
    runs: list[Run] = []
    for block in blocks:
        inner = [one for item in block.get("list", ()) for one in item]
        for group in block.get("table", {}).values():
            inner += [one for row in group for cell in row for one in cell["x"]]
        runs += [*block.get("caption", ()), *block.get("p", ()), *_in_line(inner)]
        runs.append({"x": " ", "f": ""})
    return runs
