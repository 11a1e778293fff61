"""Findings that stand until a binding takes them back: a guide may name codes, and choose them, as R4 alone does not.

The base type is checked before the profiles; what it finds is right unless a profile knows better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gateway.validate.run import Run, Told

_KEY = "terms: provisional findings"


def note_last(run: Run, value: dict[str, Any]) -> None:
    """The finding told last is about `value` (a Coding or CodeableConcept of the instance) and may be taken back."""
    run.memo.setdefault(_KEY, {}).setdefault(id(value), []).append((run.told, run.told[-1]))


def are_any(run: Run, values: Iterable[dict[str, Any]]) -> bool:
    """Whether anything about these values may be taken back: mostly nothing may."""
    noted = run.memo.get(_KEY, {})
    return any(noted.get(id(value)) for value in values)


def take_back(run: Run, value: dict[str, Any], which: Callable[[Told], bool]) -> None:
    """Take back such findings about `value`."""
    noted = run.memo.get(_KEY, {}).get(id(value), [])
    for entry in [entry for entry in noted if which(entry[1])]:
        noted.remove(entry)
        where, finding = entry
        run.step(len(where) // 20)  # a hostile file must not make this cost the square of its size
        where[:] = [one for one in where if one is not finding]
