"""DIRECTORY extraction: mailboxes looked up in an on-disk index of the national text extraction.

The index is one SQLite file used as a file format: built once from an extraction, then only read. It is no database
of the gateway (those go through SQLAlchemy, in `record`): it holds public data, nothing is ever updated in it, and
losing it costs one rebuild. Memory stays flat whatever the size of the extraction.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from gateway.model.identity import Identifier, MailAddress
from gateway.route.addressee import Addressee
from gateway.route.choice import Choice
from gateway.route.directory.found import PERSONAL, Found, given
from gateway.route.directory.rows import BadExtraction, Row, rows
from gateway.route.grammar import MailboxType

FORMAT = "2"

_TABLES = """
CREATE TABLE bal (type TEXT, address TEXT, person TEXT, structure TEXT, paperless INTEGER, name TEXT);
CREATE TABLE told (name TEXT PRIMARY KEY, value TEXT);
"""
_INDEXES = """
CREATE INDEX by_person ON bal (person) WHERE person <> '';
CREATE INDEX by_structure ON bal (structure, type) WHERE structure <> '';
"""
Hit = tuple[str, str, int | None, str]
"""Address, structure, paperless, name."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The directory. `version` is a digest of the file's name, size and time; `bad_lines` could not be read."""

    index: Path
    version: str
    mailboxes: int
    bad_lines: int

    @classmethod
    def open(cls, source: Path, index: Path) -> Extraction:
        """Use `index` when it was made from `source` as it is now, else build it (atomically).

        Raises BadExtraction when `source` is missing or no extraction, or when the index cannot be written; one already
        there is then left.
        """
        version = _version(source)
        ready = _opened(index, version)
        if ready is not None:
            return ready
        _make(source, index, version)
        ready = _opened(index, version)
        if ready is None:
            raise BadExtraction("its index cannot be read back")
        return ready

    def find(self, choice: Choice) -> tuple[Found, ...]:
        """See `Directory`. RPPS and structure → PER; else PER of the RPPS; else ORG of the structure; by `prefer`.

        Where a structure has several mailboxes of a type, the one meant is not known: none of them is answered.
        """
        if ready := given(choice):
            return ready
        with closing(_connected(self.index)) as connection:
            found = [one for type in choice.prefer for one in _of_type(connection, type, choice.addressee)]
        best: dict[str, Found] = {}
        for one in found:
            best.setdefault(one.address.key, one)
        return tuple(best.values())

    def known(self, whom: Addressee) -> tuple[Found, ...]:
        """See `Directory`. Of a person: at any place of work."""
        everywhere = replace(whom, organizations=())
        found: dict[str, Found] = {}
        with closing(_connected(self.index)) as connection:
            for type in get_args(MailboxType):
                own = _of_person(connection, type, everywhere) if whom.kind == "professional" else ()
                for one in (*own, *_at_structures(connection, type, whom.organizations)):
                    found.setdefault(one.address.key, one)
        return tuple(found.values())

    def of_structure(self, identifier: Identifier, type: MailboxType) -> tuple[Found, ...]:
        """Every mailbox of that type a structure has, for a person to pick from."""
        with closing(_connected(self.index)) as connection:
            return _at_structures(connection, type, (identifier,))


def _of_type(connection: sqlite3.Connection, type: MailboxType, whom: Addressee) -> tuple[Found, ...]:
    if type in PERSONAL and whom.kind == "professional":
        found = _of_person(connection, type, whom)
        if found or type == "PER":
            return found
    if type == "PER":
        return ()
    found = _at_structures(connection, type, whom.organizations)
    return found if len(found) == 1 else ()


def _of_person(connection: sqlite3.Connection, type: MailboxType, whom: Addressee) -> tuple[Found, ...]:
    sites = {form for one in whom.organizations for form in _forms(one)}
    here: list[Found] = []
    elsewhere: list[Found] = []
    for key in whom.ids:
        scheme, _, number = key.partition(":")
        if scheme not in ("RPPS", "ADELI"):
            continue
        hits = connection.execute(
            "SELECT address, structure, paperless, name FROM bal WHERE person = ? AND person <> '' AND type = ?"
            " ORDER BY paperless DESC, address",
            (("8" if scheme == "RPPS" else "0") + number, type),
        )
        for hit in hits:
            at_site = hit[1] in sites
            because = f"{type} of {scheme} {number}" + (" at the structure meant" if at_site else "")
            (here if at_site else elsewhere).append(_found(type, hit, because))
    return tuple(here or elsewhere)


def _at_structures(
    connection: sqlite3.Connection, type: MailboxType, sites: tuple[Identifier, ...]
) -> tuple[Found, ...]:
    found: dict[str, Found] = {}
    for site in sites:
        hits = connection.execute(
            "SELECT address, structure, paperless, name FROM bal"
            " WHERE structure IN (?, ?) AND structure <> '' AND type = ? ORDER BY address",
            (*_forms(site), type),
        )
        for hit in hits:
            found.setdefault(hit[0], _found(type, hit, f"{type} of {site.scheme.value} {site.value}"))
    return tuple(found.values())


def _forms(identifier: Identifier) -> tuple[str, str]:
    """As the index writes it, and as it does when the extraction did not tell the scheme."""
    return identifier.structure_national or "", f"?{identifier.value}"


def _found(type: MailboxType, hit: Hit, because: str) -> Found:
    address, structure, paperless, name = hit
    return Found(
        address=MailAddress(address),
        type=type,
        because=because,
        organization=structure.removeprefix("?") or None,
        paperless=None if paperless is None else bool(paperless),
        name=name,
    )


def _connected(index: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _opened(index: Path, version: str) -> Extraction | None:
    if not index.exists():
        return None
    try:
        with closing(_connected(index)) as connection:
            told = dict(connection.execute("SELECT name, value FROM told").fetchall())
        if told["version"] != version or told["format"] != FORMAT:
            return None
        return Extraction(index, version, int(told["mailboxes"]), int(told["bad_lines"]))
    except (sqlite3.DatabaseError, KeyError, ValueError):
        return None


def _make(source: Path, index: Path, version: str) -> None:
    """Build beside the index and move it into place: workers that start together may both do it."""
    part: Path | None = None
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=index.name, suffix=".part", dir=index.parent)
        os.close(handle)
        part = Path(name)
        _build(source, part, version)
        part.replace(index)
    except (OSError, sqlite3.Error):
        raise BadExtraction("its index cannot be written") from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _build(source: Path, part: Path, version: str) -> None:
    bad = 0

    def good() -> Iterator[tuple[str, str, str, str, bool | None, str]]:
        nonlocal bad
        for row in rows(source):
            if row is None:
                bad += 1
            else:
                yield _cells(row)

    with closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")  # a half-built file is thrown away, never repaired
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA temp_store = FILE")
        connection.executescript(_TABLES)
        connection.executemany("INSERT INTO bal VALUES (?, ?, ?, ?, ?, ?)", good())
        connection.executescript(_INDEXES)
        (count,) = connection.execute("SELECT count(*) FROM bal").fetchone()
        facts = {"version": version, "format": FORMAT, "mailboxes": str(count), "bad_lines": str(bad)}
        connection.executemany("INSERT INTO told VALUES (?, ?)", facts.items())
        connection.commit()


def _cells(row: Row) -> tuple[str, str, str, str, bool | None, str]:
    return row.type, row.address, row.person, row.structure, row.paperless, row.name


def _version(source: Path) -> str:
    try:
        stat = source.stat()
    except OSError:
        raise BadExtraction("the file cannot be read") from None
    return hashlib.sha256(f"{source.name} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:16]
