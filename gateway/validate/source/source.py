"""What reading a file gives, whether it was JSON or XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.validate.place import Key, at_root
from gateway.validate.run import Told

FILE = at_root("")
"""The place of what concerns the file and no resource."""


@dataclass
class Source:
    """A file that was read.

    tree    the resource as its JSON tree; decimals are Decimal and keep their digits; None when it cannot be read
    told    what is wrong with its text
    lines   the line of each place that has one, worked out when first asked
    """

    tree: dict[str, Any] | None
    told: tuple[Told, ...]
    lines: Callable[[], Mapping[tuple[Key, ...], int]]

    @cached_property
    def _lines(self) -> Mapping[tuple[Key, ...], int]:
        return self.lines()

    def line(self, keys: tuple[Key, ...]) -> int | None:
        """The line of a place, from 1: its own, else that of the nearest place around it; None when none is known."""
        for length in range(len(keys), -1, -1):
            above = keys[:length]
            if above in self._lines:
                return self._lines[above]
            if above and isinstance(above[-1], str) and above[-1][:1] == "_":
                above = (*above[:-1], above[-1][1:])
                if above in self._lines:
                    return self._lines[above]
        return None


def refused(rule: str, line: int | None = None, *, after: Sequence[Told] = (), **words: Any) -> Source:
    """A file that cannot be read, why, and on which line. `after`: what was told of it before."""
    lines: dict[tuple[Key, ...], int] = {} if line is None else {(): line}
    return Source(None, (*after, tell_file(rule, **words)), lambda: lines)


def tell_file(rule: str, **words: Any) -> Told:
    """Something told of the file itself."""
    return Told(FILE, rule, "", None, "", words)
