"""What every way of writing a body offers the engine: one event as a tree, and where each of its places stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Protocol

from gateway.model.faults import Fault
from gateway.translate.path import Steps

NAME_LIMIT = 200  # characters of a name that a pointer may repeat

Spot = tuple[int, int]
"""Line and column, both from 1, the column in characters; (0, 0) when not known."""


@dataclass
class Written:
    """One event as it stands in a body.

    tree     its places: names lead to texts, numbers, flags, trees and lists of them
    pointer  a place of the tree in the words of that writing: JSON Pointer, XPath, row and column
    spots    the line and column of each place, worked out when first asked; more than fits a mind is left out
    differs  columns in which the rows of one event say different things
    whole    the value of the whole body when two writings of it can be the same (JSON), else None
    """

    tree: dict[str, Any]
    pointer: Callable[[Steps], str]
    spots: Callable[[], Mapping[Steps, Spot]]
    differs: frozenset[str] = frozenset()
    whole: Any = None

    @cached_property
    def _spots(self) -> Mapping[Steps, Spot]:
        return self.spots()

    def spot(self, steps: Steps) -> Spot:
        """Where a place stands: its own line and column, else those of the nearest place around it."""
        for length in range(len(steps), -1, -1):
            if steps[:length] in self._spots:
                return self._spots[steps[:length]]
        return (0, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """One event of a file, as a body of its own.

    where   its place in the file, in the words of a fault's pointer; `inside` its place in its own body
    row     what to add to the rows a fault of this body names; `line` to its lines: they are then the file's
    column  the line of this body its event begins in, and what to add to columns there: others may stand before it
    """

    body: bytes
    where: str
    inside: str = ""
    row: int = 0
    line: int = 0
    column: tuple[int, int] = (0, 0)

    def in_file(self, fault: Fault) -> Fault:
        """A fault of this body, at its place in the file."""
        if self.where.startswith("row"):
            pointer = re.sub(r"^row (\d+)", lambda row: f"row {int(row[1]) + self.row}", fault.pointer)
        else:
            pointer = self.where + fault.pointer.removeprefix(self.inside)
        if not fault.line:
            return replace(fault, pointer=pointer)
        shift = self.column[1] if fault.column and fault.line == self.column[0] else 0
        return replace(fault, pointer=pointer, line=fault.line + self.line, column=fault.column + shift)


class Format(Protocol):
    """One way of writing bodies, with what a dialect says of it."""

    name: ClassVar[str]
    media_types: ClassVar[tuple[str, ...]]

    @property
    def charset(self) -> str:
        """The character set it writes, as a Content-Type names it."""
        ...

    def read(self, body: bytes) -> Written:
        """The one event of a body. Raises Rejected for a body that is not one event, well written."""
        ...

    def split(self, body: bytes) -> tuple[Part, ...]:
        """Each event of a file by itself. Raises Rejected when the file cannot be cut: nothing of it is then read."""
        ...

    def write(self, tree: dict[str, Any]) -> bytes:
        """The body of one event. The same tree always gives the same bytes. Raises Unsayable."""
        ...
