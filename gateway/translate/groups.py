"""The groups of a table: lines used in several places, found by name, included, or lying beside other lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.translate.findings import At, Findings, at_key, at_value, meant
from gateway.translate.path import Path
from gateway.translate.source import Condition
from gateway.translate.sources import Sources

Stack = tuple[str, ...]
"""The groups being read, outermost first: none may come again inside itself."""


class Groups:
    """The groups of one file."""

    def __init__(self, findings: Findings, groups: Mapping[str, Any], sources: Sources) -> None:
        self._findings, self._groups, self._sources = findings, groups, sources

    def at(self, name: str) -> At:
        """Where a group stands."""
        return at_key(self._groups, name)

    def lines(self, body: CommentedMap, stack: Stack) -> list[tuple[str, Any, At]]:
        """The lines of a body: those of the groups it includes, its own in their stead where both speak."""
        lines: dict[str, tuple[str, Any, At]] = {}
        for one in self._included(body, stack):
            own = one.get("fields", CommentedMap())
            if self._findings.mapping(own, at_key(one, "fields"), "fields"):
                lines |= {name: (name, said, at_key(own, name)) for name, said in own.items()}
        return list(lines.values())

    def _included(self, body: CommentedMap, stack: Stack) -> list[CommentedMap]:
        """The groups a body includes, and those they include, then the body itself."""
        found: list[CommentedMap] = []
        names = body.get("include", [])
        for name in names if isinstance(names, list) else [names]:
            group = self.get(name, at_key(body, "include"), stack)
            if group is not None:
                found += self._included(group, (*stack, name))
        return [*found, body]

    def get(self, name: Any, at: At, stack: Stack) -> CommentedMap | None:
        """The group of that name; None when there is none, when it is no group, or inside itself."""
        if not isinstance(name, str) or name not in self._groups:
            self._findings.problem(at, f"no such group: {name}{meant(name, self._groups)}")
            return None
        if name in stack:
            self._findings.problem(at, f"group {name} contains itself")
            return None
        group: CommentedMap = self._groups[name]
        where = at_key(self._groups, name)
        may = ("fields", "include", "ignore", "always")
        return group if self._findings.mapping(group, where, f"group {name}", (), may) else None

    def beside(self, body: CommentedMap, stack: Stack) -> tuple[list[Condition], list[Path]]:
        """What `always` and `ignore` say in a body, in the groups it includes, and in those whose places lie beside."""
        always: list[Condition] = []
        ignored: list[Path] = []
        for one in self._included(body, stack):
            always += [condition for condition in self._sources.conditions(one, "always") if condition.values]
            ignored += self._sources.paths(one, "ignore")
        for _, said, _ in self.lines(body, stack):
            if not isinstance(said, CommentedMap) or "group" not in said or "path" in said:
                continue
            name = said["group"]
            if isinstance(self._groups.get(name), CommentedMap) and name not in stack:
                with self._sources.prefixed(self.prefix(said)):
                    more = self.beside(self._groups[name], (*stack, name))
                always, ignored = always + more[0], ignored + more[1]
        return always, ignored

    def prefix(self, said: CommentedMap) -> str:
        """What the names of a group's places begin with, as a rule says."""
        prefix = said.get("prefix", "")
        if isinstance(prefix, str):
            return prefix
        self._findings.problem(at_value(said, "prefix"), "prefix is the text before each name of the group's places")
        return ""

    def check(self) -> None:
        """Say what is wrong with groups, those nobody uses included."""
        for name in self._groups:
            self.get(name, at_key(self._groups, name), ())
