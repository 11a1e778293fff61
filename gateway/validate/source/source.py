"""What reading a file gives, whether it was JSON or XML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.validate.place import Key, at_root
from gateway.validate.run import Told

FILE = at_root("")
"""The place of what concerns the file and no resource."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read.

    tree  the resource as its JSON tree; decimals are Decimal and keep their digits; None when it cannot be read
    told  what is wrong with its text
    line  the line of a place, from 1: its own, else that of the nearest place around it; None when none is known
    """

    tree: dict[str, Any] | None
    told: tuple[Told, ...]
    line: Callable[[tuple[Key, ...]], int | None]


def refused(rule: str, line: int | None = None, *, after: Sequence[Told] = (), **words: Any) -> Source:
    """A file that cannot be read, why, and on which line. `after`: what was told of it before."""
    return Source(None, (*after, tell_file(rule, **words)), lambda _: line)


def tell_file(rule: str, **words: Any) -> Told:
    """Something told of the file itself."""
    return Told(FILE, rule, "", None, "", words)
