"""A dialect: how one practice software speaks, as rules read in both directions. `table.py` reads it from its file.

One rule joins one field of ours to one path of theirs. A shape is the rules of one class of the model; rules of
objects within objects, or of repeated ones, lead to a shape of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

from gateway.model.errors import Broken
from gateway.model.event import Event
from gateway.translate.verb import Verb

Steps = tuple[str, ...]
Places: TypeAlias = Mapping[str, Union["Places", "Rule", "Condition"]]
"""Every place of their body that is read, as a tree of names."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a table: which file, where (line and column count from 1), and what."""

    file: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


class MappingFault(Broken):
    """Tables that cannot be used; `problems` names every one at once."""

    code = "broken-mapping"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("; ".join(map(str, self.problems)), advice="Correct the mapping table")


@dataclass(frozen=True, slots=True)
class Rule:
    """`field` of ours ⇄ `path` of theirs, by a verb (one value) or a shape (an object), once or `many` times.

    short  the one field of the shape that may stand for the whole object
    terse  whether it is written so too, when nothing else is set
    """

    field: Steps
    path: Steps
    line: int
    column: int
    verb: Verb | None = None
    shape: Shape | None = None
    many: bool = False
    short: str | None = None
    terse: bool = True

    @property
    def alone(self) -> Rule:
        """The rule of the field that may stand for the whole object."""
        assert self.shape is not None
        return next(rule for rule in self.shape.rules if rule.field == (self.short,))


@dataclass(frozen=True, slots=True)
class Shape:
    """The rules that fill one class of the model from one object of theirs.

    needs  objects of ours the class requires and the rules fill piece by piece: they exist even when nothing is said,
           so that the model can name what is missing in them
    """

    rules: tuple[Rule, ...]
    places: Places
    needs: tuple[Steps, ...] = ()

    def rule(self, field: Sequence[str | int]) -> Rule | None:
        """The rule of exactly that field."""
        return next((rule for rule in self.rules if rule.field == tuple(field)), None)


@dataclass(frozen=True, slots=True)
class Condition:
    """A place of their body that holds a fixed value: read to tell kinds of event apart, written as it is."""

    path: Steps
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of event as the software tells it."""

    kind: type[Event]
    when: tuple[Condition, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Dialect:
    """One practice software. `source` says where its words were learnt."""

    name: str
    version: str
    source: str
    file: str
    told: tuple[Told, ...]

    def of(self, kind: str) -> Told | None:
        """How that type of event is told, None when the table has it not."""
        return next((told for told in self.told if told.kind.type == kind), None)
