"""National code lists: what a code is called, and in which list it lives.

The lists travel as CSV in `mappings/tables/`, one file a list; `Terms` is handed to whoever needs names for codes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A code as an event writes it: bare, or as `{"list": "G15", "code": "60"}` where several lists are allowed."""

    SHORT: ClassVar[str] = "code"
    code: str
    list: str | None = None
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a code list. `oid` and `url` name the code system, as CDA and FHIR want it."""

    code: str
    display: str
    oid: str
    url: str


class Terms:
    """Every code list the gateway knows, by short name: G15, R94, J07, J02…"""

    def __init__(self, lists: Mapping[str, Mapping[str, Term]]) -> None:
        self._lists = lists

    @classmethod
    def load(cls, folder: Path) -> Terms:
        """Read each `NAME.csv` of a folder: columns code, display, oid, url; lines that begin with # are remarks.

        A correspondence table has a fifth column `to`: `code` is then looked up, and the term found is `to`,
        with the display and code system of `to`.
        """
        lists = {}
        for file in sorted(folder.glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as lines:
                rows = csv.DictReader(line for line in lines if not line.startswith("#"))
                lists[file.stem] = {
                    row["code"]: Term(row.get("to") or row["code"], row["display"], row["oid"], row["url"])
                    for row in rows
                }
        return cls(lists)

    def find(self, code: str, *names: str) -> Term | None:
        """The term of that code in the first of these lists that holds it."""
        for name in names:
            if term := self._lists.get(name, {}).get(code):
                return term
        return None

    def term(self, coded: Coded, *default: str) -> Term | None:
        """The term a Coded means: in its own list when it names one, else in the field's default lists."""
        return self.find(coded.code, *((coded.list,) if coded.list else default))

    def pairs(self, name: str) -> Mapping[str, Term]:
        """A whole list, or a correspondence table (code → the term it corresponds to); empty when not known."""
        return self._lists.get(name, {})

    def names(self) -> Iterable[str]:
        """The short names of the lists known."""
        return self._lists.keys()
