"""A dialect: how one practice software speaks, as rules read in both directions. `table.py` reads it from its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.model.errors import Broken
from gateway.model.event import Event
from gateway.translate.body import Format
from gateway.translate.path import Path
from gateway.translate.shape import Shape
from gateway.translate.source import Condition


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a table: which file, where (line and column count from 1), and what.

    `harmless`: the table can be used as it is (something in it is never used).
    """

    file: str
    line: int
    column: int
    what: str
    harmless: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


class MappingFault(Broken):
    """Tables that cannot be used; `problems` names every one at once."""

    code = "broken-mapping"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("; ".join(map(str, self.problems)), advice="Correct the mapping table")


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of event as the software tells it, the line of the table that begins it, and the place it is within."""

    kind: type[Event]
    when: tuple[Condition, ...]
    shape: Shape
    line: int = 1
    column: int = 1
    within: Path = ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """One practice software. `source` says where its words were learnt, `body` how its bodies are written."""

    name: str
    version: str
    source: str
    file: str
    body: Format
    told: tuple[Told, ...]

    @property
    def format(self) -> str:
        """`json`, `xml` or `csv`."""
        return self.body.name

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types of its bodies, the one it writes first."""
        return self.body.media_types

    @property
    def encoding(self) -> str:
        """The character set its bodies are written in."""
        return self.body.charset

    def of(self, kind: str) -> Told | None:
        """How that type of event is told, None when the table has it not."""
        return next((told for told in self.told if told.kind.type == kind), None)
