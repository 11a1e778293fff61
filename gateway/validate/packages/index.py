"""What a package defines, told without keeping it in memory: one row a definition.

The package's own `.index.json` is not used: it is missing as often as it is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from gateway.validate.packages.cache import Cache

FORMAT = 1  # of what is kept; another number is worked out again
LARGEST = 60_000_000  # bytes: no definition is as large, and a larger file is not opened


class Row(NamedTuple):
    """One definition: its resource type, canonical, and what one must know to choose between several.

    type     of a StructureDefinition: the type it defines or constrains
    role     of a StructureDefinition its derivation, of a CodeSystem its content (complete, fragment, supplement…)
    supplements  of a CodeSystem: the system it adds to, without version
    """

    kind: str
    url: str
    version: str
    file: str
    type: str
    role: str
    supplements: str


@dataclass(frozen=True, slots=True)
class Index:
    """The rows of one folder, and the names of the files that are no JSON."""

    rows: tuple[Row, ...]
    unreadable: tuple[str, ...] = ()


def row_of(resource: Any, file: str) -> Row | None:
    """The row of a resource; None when it is none that has a canonical URL."""
    if not isinstance(resource, dict) or not _text(resource, "url") or not _text(resource, "resourceType"):
        return None
    kind = resource["resourceType"]
    role = _text(resource, {"StructureDefinition": "derivation", "CodeSystem": "content"}.get(kind, ""))
    supplements = _text(resource, "supplements").partition("|")[0] if kind == "CodeSystem" else ""
    return Row(kind, resource["url"], _text(resource, "version"), file, _text(resource, "type"), role, supplements)


def index_of(folder: Path, cache: Cache) -> Index:
    """The definitions that lie in a folder (not in folders below it), from the cache while no file changed."""
    files = _files(folder)
    seal = _seal(files)
    name = f"index {folder.resolve()}"
    kept = _kept(cache.read(name), seal, {file for file, _, _ in files})
    if kept is None:
        kept = _read(folder, (file for file, size, _ in files if size <= LARGEST))
        cache.write(
            name, {"format": FORMAT, "seal": seal, "rows": list(map(list, kept.rows)), "unreadable": kept.unreadable}
        )
    return kept


def _files(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of change of each file that may hold a definition, by name."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".json") and not entry.name.startswith(".") and entry.is_file():
                held = entry.stat()
                found.append((entry.name, held.st_size, held.st_mtime_ns))
    return sorted(found)


def _seal(files: Iterable[tuple[str, int, int]]) -> str:
    return sha256(repr(list(files)).encode("utf-8", "surrogateescape")).hexdigest()


def _read(folder: Path, files: Iterable[str]) -> Index:
    rows: list[Row] = []
    unreadable: list[str] = []
    for file in files:
        try:
            resource = orjson.loads((folder / file).read_bytes())
        except (OSError, ValueError):
            unreadable.append(file)
            continue
        if row := row_of(resource, file):
            rows.append(row)
    return Index(tuple(rows), tuple(unreadable))


def _kept(told: Any, seal: str, files: set[str]) -> Index | None:
    """What the cache says, if it is of this form, of these files, and names no other."""
    if not isinstance(told, dict) or told.get("format") != FORMAT or told.get("seal") != seal:
        return None
    rows, unreadable = told.get("rows"), told.get("unreadable")
    if not isinstance(rows, list) or not isinstance(unreadable, list):
        return None
    width = len(Row._fields)
    whole = all(type(row) is list and len(row) == width and all(type(cell) is str for cell in row) for row in rows)
    if not whole or not {row[3] for row in rows} <= files or not all(type(name) is str for name in unreadable):
        return None
    return Index(tuple(map(Row._make, rows)), tuple(unreadable))


def _text(resource: dict[str, Any], name: str) -> str:
    value = resource.get(name)
    return value if isinstance(value, str) else ""
