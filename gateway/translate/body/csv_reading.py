"""The cells of a table: bytes → rows, with the line each begins on (RFC 4180, and what spreadsheets make of it)."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from gateway.model.errors import Rejected
from gateway.model.faults import Fault

CELL_LIMIT = 1_000_000  # of one file
COLUMN_LIMIT = 2_000

_END = re.compile(r"[\r\n]")
_RUNS = re.compile(r"'+[=+\-@\t\r]")
_WOULD_RUN = re.compile(r"'*[=+\-@\t\r]")


class Row(NamedTuple):
    """One row: its cells, where it begins and ends, its line, and its number (row 1 is the first)."""

    cells: tuple[str, ...]
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
    found: list[Row] = []
    at, line, number, count = 0, 1, 1, 0
    while at < len(text):
        stop = _END.search(text, at)
        end = stop.start() if stop else len(text)
        if text.find(quote, at, end) < 0:
            cells = [cell.strip(" \t") for cell in text[at:end].split(delimiter)]
        else:
            quoted, end = _cells(text, at, line, delimiter, quote)
            cells = [cell for _, cell in quoted]
        if text.find("'", at, end) >= 0:
            cells = [_stands_for(cell) for cell in cells]
        count += len(cells)
        if count > CELL_LIMIT or len(cells) > COLUMN_LIMIT:
            limit = CELL_LIMIT if count > CELL_LIMIT else COLUMN_LIMIT
            raise Rejected([Fault("too-many", about=str(limit), line=line)])
        if any(cells):
            found.append(Row(tuple(cells), at, end, line, number))
        line += text.count("\n", at, end) + 1
        number += 1
        at = end + (2 if text.startswith("\r\n", end) else 1)
    return found


def starts(text: str, row: Row, delimiter: str, quote: str = '"') -> list[int]:
    """Where each cell of a row begins in the text."""
    return [start for start, _ in _cells(text, row.offset, row.line, delimiter, quote)[0]]


def _cells(text: str, at: int, line: int, delimiter: str, quote: str) -> tuple[list[tuple[int, str]], int]:
    """The cells of the row that begins there, each with its beginning, and where the row ends."""
    cell, begin = _pattern(delimiter, quote), at
    found: list[tuple[int, str]] = []
    while True:
        match = cell.match(text, at)
        if match is None:
            column = at - (text.rfind("\n", 0, at) + 1) + 1
            raise Rejected([Fault("not-csv", about=quote, line=line + text.count("\n", begin, at), column=column)])
        quoted, plain = match[1], match[2]
        found.append((at, quoted.replace(quote * 2, quote) if plain is None else plain.strip(" \t")))
        at = match.end()
        if not text.startswith(delimiter, at):
            return found, at
        at += 1


@lru_cache(maxsize=16)
def _pattern(delimiter: str, quote: str) -> re.Pattern[str]:
    mark, sign = re.escape(delimiter), re.escape(quote)
    end = rf"(?={mark}|\r?\n|\r|\Z)"
    return re.compile(rf"[ ]*{sign}((?:[^{sign}]|{sign}{sign})*+){sign}[ ]*{end}|([^{mark}\r\n{sign}]*){end}")


def _stands_for(cell: str) -> str:
    """A cell's text: the apostrophe that keeps a spreadsheet from running it is not part of it."""
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell


def write_cell(text: str, delimiter: str, quote: str = '"') -> str:
    """A cell no spreadsheet runs, and that reads back exactly: one that begins as a formula has an apostrophe first."""
    if not text or text.isalnum():
        return text
    if _WOULD_RUN.match(text):
        text = "'" + text
    if text != text.strip(" \t") or any(mark in text for mark in (delimiter, quote, "\n", "\r")):
        return quote + text.replace(quote, quote * 2) + quote
    return text
