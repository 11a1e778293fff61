"""Every dialect the gateway speaks: one YAML file each, in any of several folders."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate.dialect import Dialect, MappingFault, Problem
from gateway.translate.table import load_table


def tables_in(places: Iterable[Path]) -> list[Path]:
    """The files of tables in these folders, or these files themselves; a place that is not there counts as a file."""
    return [file for place in places for file in (sorted(place.glob("*.yaml")) if place.is_dir() else [place])]


class Dialects:
    """The dialects loaded, by name."""

    def __init__(self, dialects: Mapping[str, Dialect]) -> None:
        self._dialects = dialects

    @classmethod
    def load(
        cls, places: Sequence[Path], terms: Terms, *, only: Collection[str] = (), beside: Iterable[Dialect] = ()
    ) -> Dialects:
        """Read each `*.yaml` of these folders, or these files. Raises MappingFault with every problem of every file.

        only    the names wanted: tables that say they are another are not read. Empty: all
        beside  dialects read already, that come first
        """
        found = list(beside)
        problems: list[Problem] = []
        for file in tables_in(places):
            if only and file.is_file() and _named(file) not in (*only, ""):
                continue
            try:
                found.append(load_table(file, terms))
            except MappingFault as wrong:
                problems += wrong.problems
        try:
            dialects = cls.of(found)
        except MappingFault as wrong:
            problems += wrong.problems
        if problems:
            raise MappingFault(problems)
        return dialects

    @classmethod
    def of(cls, dialects: Iterable[Dialect]) -> Dialects:
        """These dialects. Raises MappingFault when two have one name."""
        found: dict[str, Dialect] = {}
        problems: list[Problem] = []
        for dialect in dialects:
            if dialect.name in found:
                what = f"dialect {dialect.name} is already told by {found[dialect.name].file}"
                problems.append(Problem(dialect.file, 1, 1, what))
            found[dialect.name] = dialect
        if problems:
            raise MappingFault(problems)
        return cls(found)

    def get(self, name: str) -> Dialect:
        """The dialect of that name. Raises Rejected `unknown-dialect`."""
        if name not in self._dialects:
            raise Rejected([Fault("unknown-dialect")])
        return self._dialects[name]

    def __iter__(self) -> Iterator[Dialect]:
        return iter(self._dialects.values())

    @property
    def names(self) -> Iterable[str]:
        """The names of the dialects, in order."""
        return sorted(self._dialects)


def _named(file: Path) -> str:
    """The dialect a table says it is, at a glance; empty when it must be read to know."""
    said = re.search(rb"^dialect: *([a-z0-9-]+) *\r?$", file.read_bytes(), re.MULTILINE)
    return said[1].decode("ascii") if said else ""
