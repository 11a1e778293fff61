"""A body that is a table: a heading, and one row or several rows following each other for one event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate.body.csv_reading import Row, decode, rows, starts, write_cell
from gateway.translate.body.written import NAME_LIMIT, Part, Spot, Written
from gateway.translate.path import Steps
from gateway.translate.verb import Unsayable

ROWS = ""  # the place that holds the event's rows one by one; no column has this name


@dataclass(frozen=True, slots=True)
class Csv:
    """Tables of text.

    delimiter  one character; `encoding` as Python names it, `utf-8-bom` writes a byte order mark
    key        columns that are equal in all rows of one event; none: a row is an event
    columns    their names in the order of the file; needed to write one, and to read one without `heading`
    """

    name: ClassVar[str] = "csv"
    media_types: ClassVar[tuple[str, ...]] = ("text/csv",)
    delimiter: str = ";"
    encoding: str = "utf-8"
    key: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    heading: bool = True
    newline: str = "\r\n"

    @property
    def charset(self) -> str:
        """What is read and written."""
        return self.encoding.lower().removesuffix("-bom")

    def read(self, body: bytes) -> Written:
        """The one event of a table. Raises Rejected: see `csv_reading.rows`, `_table` below; `one-event-only`."""
        text = decode(body, self.encoding)
        heading, table = self._table(text)
        events = list(self._events(heading, table))
        if not events:
            raise Rejected([Fault("not-csv", about="0 row", line=1)])
        if len(events) > 1:
            (second, row) = events[1][0]
            raise Rejected([Fault("one-event-only", pointer=f"row {second}", line=row.line)])
        return _written(text, heading, events[0], self.delimiter)

    def split(self, body: bytes) -> tuple[Part, ...]:
        """Each event of a table: its rows below the heading."""
        text = decode(body, self.encoding)
        heading, table = self._table(text)
        top = self._top(text, table)
        parts = []
        for event in self._events(heading, table):
            (first, begin), (last, end) = event[0], event[-1]
            where = f"row {first}" if first == last else f"rows {first}-{last}"
            body = self._encoded(top + text[begin.offset : end.end] + self.newline)
            shift = begin.line - 1 - top.count("\n")
            parts.append(Part(body, where, row=first - (2 if self.heading else 1), line=shift))
        return tuple(parts)

    def _top(self, text: str, table: list[tuple[int, Row]]) -> str:
        """The heading as it stands in the file."""
        return text[: rows(text, self.delimiter)[0].end] + self.newline if self.heading and table else ""

    def _table(self, text: str) -> tuple[tuple[str, ...], list[tuple[int, Row]]]:
        """The columns and the numbered rows. Raises Rejected `duplicate-column`, `row-length`, every one at once."""
        table = rows(text, self.delimiter)
        heading = self.columns
        faults: list[Fault] = []
        if self.heading:
            if not table:
                raise Rejected([Fault("not-csv", about="0 row", line=1)])
            heading = table[0].cells
            while heading and not heading[-1]:  # some exports end every row with a separator
                heading = heading[:-1]
            for index, name in enumerate(heading):
                if name in heading[:index] or not name:
                    code = "duplicate-column" if name else "not-csv"
                    faults.append(Fault(code, (), "" if name else "?", "row 1", table[0].line, index + 1))
        numbered = [(row.number, row) for row in table[1 if self.heading else 0 :]]
        for number, row in numbered:
            if len(row.cells) < len(heading) or any(row.cells[len(heading) :]):
                about = f"{len(row.cells)} / {len(heading)}"
                faults.append(Fault("row-length", (), about, f"row {number}", row.line))
        if faults:
            raise Rejected(faults[:1_000])
        return heading, numbered

    def _events(self, heading: tuple[str, ...], table: list[tuple[int, Row]]) -> Iterator[list[tuple[int, Row]]]:
        places = [heading.index(name) for name in self.key if name in heading]
        event: list[tuple[int, Row]] = []
        for numbered in table:
            if event and not (places and _alike(event[0][1], numbered[1], places)):
                yield event
                event = []
            event.append(numbered)
        if event:
            yield event

    def write(self, tree: dict[str, Any]) -> bytes:
        """The table of one event: what it says as a whole stands in every row."""
        own = tree.pop(ROWS, [])
        unknown = sorted({name for row in (tree, *own) for name in row} - set(self.columns))
        if unknown:
            raise Unsayable(f"no column {unknown[0]}")
        lines = [self.columns] if self.heading else []
        for row in own or [{}]:
            cells = tree | row
            lines.append(tuple(str(cells.get(name, "")) for name in self.columns))
        text = "".join(
            self.delimiter.join(write_cell(cell, self.delimiter) for cell in line) + self.newline for line in lines
        )
        return self._encoded(text)

    def _encoded(self, text: str) -> bytes:
        try:
            return text.encode("utf-8-sig" if self.encoding == "utf-8-bom" else self.encoding)
        except UnicodeEncodeError:
            raise Unsayable(f"a character that {self.encoding} does not have") from None


def _alike(one: Row, other: Row, places: list[int]) -> bool:
    return all(one.cells[place] == other.cells[place] for place in places)


def _written(text: str, heading: tuple[str, ...], event: list[tuple[int, Row]], delimiter: str) -> Written:
    each = [{name: cell for name, cell in zip(heading, row.cells, strict=False) if cell} for _, row in event]
    tree: dict[str, Any] = {}
    first: dict[str, int] = {}
    differs = set()
    for index, row in enumerate(each):
        for name, cell in row.items():
            if tree.setdefault(name, cell) != cell:
                differs.add(name)
            first.setdefault(name, index)
    tree[ROWS] = each

    def pointer(steps: Steps) -> str:
        index, names = _in_row(steps, first)
        row = f"row {event[index][0]}"
        named = names and len(str(names[0])) <= NAME_LIMIT
        return f'{row}, column "{names[0]}"' if named else row

    return Written(tree, pointer, partial(_spots, text, heading, event, first, delimiter), frozenset(differs))


def _in_row(steps: Steps, first: dict[str, int]) -> tuple[int, Steps]:
    """The row of the event a place is in, and the column."""
    if steps[:1] == (ROWS,) and len(steps) > 1:
        return int(steps[1]), steps[2:]
    return (first.get(str(steps[0]), 0), steps) if steps and steps[0] != ROWS else (0, ())


def _spots(
    text: str, heading: tuple[str, ...], event: list[tuple[int, Row]], first: dict[str, int], delimiter: str
) -> dict[Steps, Spot]:
    found: dict[Steps, Spot] = {(): (event[0][1].line, 1)}
    for index, (_, row) in enumerate(event):
        found[ROWS, index] = (row.line, 1)
        for name, start in zip(heading, starts(text, row, delimiter), strict=False):
            breaks = text.count("\n", row.offset, start)
            spot = (row.line + breaks, start - (text.rfind("\n", 0, start) + 1) + 1)
            found[ROWS, index, name] = spot
            if first.get(name, 0) == index:
                found[name,] = spot
    return found
