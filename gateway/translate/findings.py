"""What is wrong in one mapping table, and where: problems are kept, and reading goes on to find the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.translate.body import steps
from gateway.translate.dialect import Problem, Steps

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
                    self.problem(at_key(tree, name), f"{what} has no {name}")
        missing = [name for name in must if name not in tree]
        for name in missing:
            self.problem(at, f"{what} needs {name}")
        return not missing

    def path(self, said: CommentedMap, at: At) -> Steps | None:
        """The path a rule or a condition names, None when it names none that can be walked."""
        if not isinstance(said.get("path"), str):
            self.problem(at_key(said, "path") if "path" in said else at, "a rule needs a path, as /patient/name")
            return None
        try:
            return steps(said["path"])
        except ValueError as wrong:
            self.problem(at_value(said, "path"), str(wrong))
            return None


def at_key(tree: Any, name: Any) -> At:
    """Where a name stands in a mapping; the file's beginning when it is not there."""
    try:
        line, column = tree.lc.key(name)
    except (AttributeError, KeyError, TypeError):
        return (0, 0)
    return line, column


def at_value(tree: Any, name: Any) -> At:
    """Where the value of a name stands."""
    try:
        line, column = tree.lc.value(name)
    except (AttributeError, KeyError, TypeError):
        return (0, 0)
    return line, column
