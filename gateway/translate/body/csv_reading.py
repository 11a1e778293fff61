"""The cells of a table: bytes → rows, with the line each begins on (RFC 4180, and what spreadsheets make of it)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from gateway.model.errors import Rejected
from gateway.model.faults import Fault

CELL_LIMIT = 1_000_000  # of one file
COLUMN_LIMIT = 2_000

_RUNS = re.compile(r"'+[=+\-@\t\r]")
_WOULD_RUN = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells and where each begins, where it ends, its line, and its number (row 1 is the first)."""

    cells: tuple[str, ...]
    starts: tuple[int, ...]
    offset: int
    end: int
    line: int
    number: int


def decode(body: bytes, encoding: str) -> str:
    """The text of a file. Raises Rejected `wrong-encoding` with its line; a byte order mark is passed over."""
    known = "utf-8" if encoding == "utf-8-bom" else encoding
    if known == "utf-8":
        body = body.removeprefix(codecs.BOM_UTF8)
    try:
        text = body.decode(known)
    except UnicodeDecodeError as wrong:
        line = body.count(b"\n", 0, wrong.start) + 1
        raise Rejected([Fault("wrong-encoding", about=encoding, line=line)]) from None
    nul = text.find("\x00")
    if nul >= 0:
        raise Rejected([Fault("not-csv", about="NUL", line=text.count("\n", 0, nul) + 1)])
    return text


def rows(text: str, delimiter: str, quote: str = '"') -> list[Row]:
    """The rows of a file that are not empty; those that are count in the numbers.

    Raises Rejected `not-csv` with line and column for a quote never closed or in the middle of a cell,
    `too-many` for more than CELL_LIMIT cells or COLUMN_LIMIT columns.
    """
    mark, sign = re.escape(delimiter), re.escape(quote)
    end = rf"(?={mark}|\r?\n|\r|\Z)"
    cell = re.compile(rf"[ ]*{sign}((?:[^{sign}]|{sign}{sign})*+){sign}[ ]*{end}|([^{mark}\r\n{sign}]*){end}")
    found: list[Row] = []
    at, line, count, start, number = 0, 1, 0, 0, 1
    cells: list[str] = []
    starts: list[int] = []
    row_line = 1
    while at <= len(text):
        match = cell.match(text, at)
        if match is None:
            breaks = text.count("\n", start, at)
            column = at - (text.rfind("\n", 0, at) + 1) + 1
            raise Rejected([Fault("not-csv", about=quote, line=row_line + breaks, column=column)])
        quoted, plain = match[1], match[2]
        cells.append(_stands_for(quoted.replace(quote * 2, quote) if plain is None else plain.strip(" \t")))
        starts.append(at)
        count += 1
        if count > CELL_LIMIT or len(cells) > COLUMN_LIMIT:
            limit = CELL_LIMIT if count > CELL_LIMIT else COLUMN_LIMIT
            raise Rejected([Fault("too-many", about=str(limit), line=row_line)])
        if quoted is not None:
            line += quoted.count("\n")
        at = match.end()
        if at < len(text) and text[at] == delimiter:
            at += 1
            continue
        if any(cells):
            found.append(Row(tuple(cells), tuple(starts), start, at, row_line, number))
        if at >= len(text):
            break
        at += 2 if text.startswith("\r\n", at) else 1
        line, number = line + 1, number + 1
        start, row_line = at, line
        cells, starts = [], []
    return found


def _stands_for(cell: str) -> str:
    """A cell's text: the apostrophe that keeps a spreadsheet from running it is not part of it."""
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell


def write_cell(text: str, delimiter: str, quote: str = '"') -> str:
    """A cell no spreadsheet runs, and that reads back exactly: one that begins as a formula has an apostrophe first."""
    if _WOULD_RUN.match(text):
        text = "'" + text
    if text != text.strip(" \t") or any(mark in text for mark in (delimiter, quote, "\n", "\r")):
        return quote + text.replace(quote, quote * 2) + quote
    return text
