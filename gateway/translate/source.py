"""A source: the place or places of theirs that make one value, read and written; and the conditions they hang on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate.path import ABSENT, TEXT, Path, Steps, called, locate, nearest, put, reach, same
from gateway.translate.verb import Unsayable


@dataclass(frozen=True, slots=True)
class Condition:
    """A place of theirs that holds one of these words; without words, one that is there, or is not (`present`)."""

    path: Path
    values: tuple[str | int | bool, ...] = ()
    present: bool = True

    def holds(self, raw: Any) -> bool:
        """True when it does."""
        value = reach(raw, self.path)
        if self.values:
            return any(same(value, one) for one in self.values)
        return (value is not ABSENT) is self.present

    def excludes(self, other: Condition) -> bool:
        """True when both can never hold at once."""
        if self.path != other.path:
            return False
        if self.values and other.values:
            return not {(type(one), one) for one in self.values} & {(type(one), one) for one in other.values}
        return bool(not self.present and (other.values or other.present)) or (
            not other.present and bool(self.values or self.present)
        )

    def write(self, out: dict[str, Any]) -> None:
        """Make it hold in a body being written; Unsayable when another word stands there."""
        if self.values:
            there = reach(out, self.path)
            if there is ABSENT:
                put(out, self.path, self.values[0])
            elif not any(same(there, one) for one in self.values):
                raise Unsayable("it needs another word at a place that is written already")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule reads and writes.

    path    where it is written, and read first; `others` are read when it is not there
    parts   several places that make one text, with `join` between them or of these `lengths`; then there is no path
    only    the rule is used only when these hold, and makes them hold
    blanks  their words for nothing; `blank` is written when we have nothing
    text    whether an element's text is meant when it has attributes
    """

    path: Path = ()
    others: tuple[Path, ...] = ()
    parts: tuple[Path, ...] = ()
    join: str = ""
    lengths: tuple[int, ...] = ()
    only: tuple[Condition, ...] = ()
    blanks: tuple[Any, ...] = ()
    blank: Any = None
    text: bool = False
    get: Callable[[Any], Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        simple = len(self.path) == 1 and not (self.others or self.only or self.blanks)
        name = self.path[0] if simple else None

        def of_name(raw: Any) -> Any:
            return raw.get(name, ABSENT)

        def of_element(raw: Any) -> Any:
            value = raw.get(name, ABSENT)
            return value if type(value) is str else self._get(raw)

        object.__setattr__(self, "get", self._get if not simple else of_element if self.text else of_name)

    @property
    def paths(self) -> Iterator[Path]:
        """Every place of the value it may read."""
        yield from self.parts or (self.path, *self.others)

    def _get(self, raw: Any) -> Any:
        if self.only and not all(condition.holds(raw) for condition in self.only):
            return ABSENT
        for path in self.parts[:1] or (self.path, *self.others):
            value = self._joined(raw) if self.parts else self._at(raw, path)
            if value is not ABSENT:
                return value
        return ABSENT

    def _at(self, raw: Any, path: Path) -> Any:
        value = reach(raw, path)
        if self.text:
            if type(value) is dict:
                value = value.get(TEXT, ABSENT)
            elif type(value) is list:
                value = [item.get(TEXT, ABSENT) if type(item) is dict else item for item in value]
        return ABSENT if self.blanks and any(same(value, blank) for blank in self.blanks) else value

    def _joined(self, raw: Any) -> Any:
        found = [self._at(raw, path) for path in self.parts]
        while found and found[-1] is ABSENT:
            found.pop()
        if not found:
            return ABSENT
        if ABSENT in found:
            raise Rejected([Fault("missing-field", (), called(self.parts[found.index(ABSENT)]))])
        return self.join.join(found) if all(isinstance(part, str) for part in found) else found[0]

    def steps(self, raw: Any) -> Steps:
        """The place its value was read at in this body; where it is looked for first, when there is none."""
        paths = list(self.paths)
        there = (path for path in paths if self._at(raw, path) is not ABSENT)
        return locate(raw, next(there, paths[0]))

    def gap(self, raw: Any) -> Steps:
        """The first of its parts that is not there."""
        return nearest(raw, next((part for part in self.parts if self._at(raw, part) is ABSENT), self.parts[0]))

    def put(self, out: dict[str, Any], value: Any) -> None:
        """Write a value, and what it hangs on. Raises Unsayable."""
        for condition in self.only:
            condition.write(out)
        if not self.parts:
            put(out, self.path, value)
            return
        for path, part in zip(self.parts, self._cut(value), strict=False):
            put(out, path, part)

    def _cut(self, value: Any) -> list[str]:
        text = str(value)
        if self.lengths:
            ends = [sum(self.lengths[: index + 1]) for index in range(len(self.lengths))]
            if len(text) != ends[-1]:
                raise Unsayable(f"it does not have {ends[-1]} characters")
            return [text[end - length : end] for end, length in zip(ends, self.lengths, strict=True)]
        pieces = text.split(self.join, len(self.parts) - 1)
        if not all(pieces):
            raise Unsayable("one of its parts is empty")
        return pieces
