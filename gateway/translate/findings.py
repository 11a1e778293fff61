"""What is wrong in one mapping table, and where: problems are kept, and reading goes on to find the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from gateway.translate.dialect import Problem

At = tuple[int, int]
"""Line and column as the YAML reader counts them, from 0."""


class Findings:
    """The problems of one file so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: set[Problem] = set()

    def problem(self, at: At, what: str) -> None:
        """Keep a problem; whoever found it goes on with the rest."""
        self.problems.add(Problem(self.file, at[0] + 1, at[1] + 1, what))

    def mapping(self, tree: Any, at: At, what: str, must: Sequence[str] = (), may: Sequence[str] | None = None) -> bool:
        """True when `tree` is a mapping that has what it must; with `must` or `may`, nothing else is allowed in it."""
        if not isinstance(tree, CommentedMap):
            self.problem(at, f"{what} is a mapping of names")
            return False
        if must or may is not None:
            for name in tree:
                if name not in must and name not in (may or ()):
                    self.problem(at_key(tree, name), f"{what} has no {name}{meant(name, [*must, *(may or ())])}")
        missing = [name for name in must if name not in tree]
        for name in missing:
            self.problem(at, f"{what} needs {name}")
        return not missing

    def text(self, tree: CommentedMap, name: str, at: At) -> bool:
        """True when that name leads to a text; a problem otherwise."""
        if isinstance(tree.get(name), str):
            return True
        self.problem(at_value(tree, name) if name in tree else at, f"{name} is a text")
        return False


def meant(name: Any, known: Iterable[Any]) -> str:
    """`; did you mean …?` when a known word is near."""
    near = get_close_matches(str(name), [str(one) for one in known], 1, 0.7)
    return f"; did you mean {near[0]}?" if near else ""


def at_key(tree: Any, name: Any) -> At:
    """Where a name stands in a mapping, or an item in a list; the file's beginning when it is not there."""
    try:
        line, column = (tree.lc.item if isinstance(tree, CommentedSeq) else tree.lc.key)(name)
    except (AttributeError, KeyError, TypeError):
        return (0, 0)
    return line, column


def at_value(tree: Any, name: Any) -> At:
    """Where the value of a name stands."""
    try:
        line, column = (tree.lc.item if isinstance(tree, CommentedSeq) else tree.lc.value)(name)
    except (AttributeError, KeyError, TypeError):
        return (0, 0)
    return line, column
