"""The national text extraction of MSSanté mailboxes, line by line: UTF-8, `|`, a header, 31 columns.

It is published daily as a ZIP of one text file. A line that cannot be read is counted, never fatal.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, get_args

from gateway.model.errors import BadIdentifier, Broken
from gateway.model.identity import MailAddress
from gateway.route.grammar import MailboxType

COLUMNS = 31
LINE_LIMIT = 8_192  # bytes
NAME_LIMIT = 200  # characters
ROW_LIMIT = 5_000_000  # ten times France; a file without end stops here

_TYPES = frozenset(get_args(MailboxType))
_PERSON = {"8": "8", "RPPS": "8", "0": "0", "ADELI": "0"}  # TRE_G08
_STRUCTURE = {
    "0": "0", "ADELI-RANG": "0", "1": "1", "FINESS": "1", "2": "2", "SIREN": "2",
    "3": "3", "SIRET": "3", "4": "4", "RPPS-RANG": "4",
}  # fmt: skip


class BadExtraction(Broken):
    """The file is not an extraction of mailboxes at all."""

    code = "bad-extraction"

    def __init__(self, what: str) -> None:
        super().__init__(f"The directory extraction cannot be used: {what}", advice="Fetch it again")


@dataclass(frozen=True, slots=True)
class Row:
    """One mailbox. `person` and `structure` are prefixed national identifiers (810100054328, 1750000127), or empty.

    name  of the person who bears it, else of the structure; empty when not told
    """

    type: str
    address: str
    person: str
    structure: str
    paperless: bool | None
    name: str


def rows(source: Path) -> Iterator[Row | None]:
    """Every line after the header, None for one that cannot be read. Raises BadExtraction when nothing can."""
    try:
        with _opened(source) as file:
            header = _line(file)
            if header is None or not header.lower().startswith("type de bal|adresse bal|"):
                raise BadExtraction("it does not begin with the expected header")
            for _ in range(ROW_LIMIT):
                line = _line(file)
                if line == "":
                    return
                yield row_of(line.rstrip("\r\n")) if line is not None else None
        raise BadExtraction("it has too many lines")
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError):
        raise BadExtraction("the file cannot be read") from None


def row_of(line: str) -> Row | None:
    """One line. None unless it has 31 columns, a known type of mailbox, a readable address and a bearer."""
    cells = [cell.strip().strip('"') for cell in line.split("|")]
    if len(cells) not in (COLUMNS, COLUMNS + 1) or cells[0] not in _TYPES:  # the official file ends lines with a |
        return None
    try:
        address = MailAddress(cells[1]).key
    except BadIdentifier:
        return None
    person = cells[4] or _PERSON.get(cells[2].upper(), "?") * bool(cells[3]) + cells[3]
    structure = _structure(cells[5].upper(), cells[6])
    if not person and not structure:
        return None
    paperless = {"O": True, "OUI": True, "N": False, "NON": False}.get(cells[17].upper())
    return Row(cells[0], address, person, structure, paperless, _name(cells, bool(person)))


def _name(cells: list[str], of_person: bool) -> str:
    name = " ".join(f"{cells[10]} {cells[9]}".split()) if of_person else " ".join(cells[18].split())
    return name if name.isprintable() and len(name) <= NAME_LIMIT else ""


def _structure(kind: str, value: str) -> str:
    prefix = _STRUCTURE.get(kind, "?")
    already = prefix == "1" and len(value) == 10 and value[0] == "1"  # FINESS written in its IDNST form
    return value if already or not value else prefix + value


@contextmanager
def _opened(source: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(source):
        with source.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(source) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".txt")]
        if len(names) != 1:
            raise BadExtraction("the archive does not hold one text file")
        with archive.open(names[0]) as member:
            yield member


def _line(file: IO[bytes]) -> str | None:
    """The next line, empty at the end of the file; None for one too long or not UTF-8."""
    raw = file.readline(LINE_LIMIT)
    if len(raw) == LINE_LIMIT and not raw.endswith(b"\n"):
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(LINE_LIMIT)
        return None
    try:
        return raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8")
    except UnicodeDecodeError:
        return None
