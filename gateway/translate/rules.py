"""The rules of a table, checked against the model: fields that exist, filled once, none required left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.model.form import grammar
from gateway.translate.dialect import Condition, Places, Rule, Shape, Steps
from gateway.translate.findings import At, Findings, at_key, at_value
from gateway.translate.hints import bare, is_class, item
from gateway.translate.options import Options
from gateway.translate.verb import Verb

Stack = tuple[str, ...]
"""The groups being read, outermost first: none may come again inside itself."""


class Rules:
    """Makes the shapes of a table from its events and groups."""

    def __init__(self, findings: Findings, groups: Mapping[str, Any], options: Options) -> None:
        self._findings, self._groups, self._options = findings, groups, options
        self._shapes: dict[tuple[type, str], Shape] = {}

    def shape(self, kind: type, body: CommentedMap, at: At, when: Sequence[Condition] = (), stack: Stack = ()) -> Shape:
        """The shape that fills `kind` by the lines of `body` (an event or a group), which stands at `at`."""
        rules = tuple(self._rules(kind, body, stack))
        self._once(rules)
        needs = tuple(self._covered(kind, rules, at, ()))
        return Shape(rules, self._places(rules, when, at), needs)

    def _rules(self, kind: type, body: CommentedMap, stack: Stack) -> Iterator[Rule]:
        for name, said, at in self._lines(body, stack):
            field = tuple(str(name).split("."))
            hint = self._hint(kind, field, at)
            if hint is None or not self._findings.mapping(said, at, f"the rule of {name}"):
                continue
            if sum(word in said for word in ("verb", "group", "each")) != 1:
                self._findings.problem(at, f"{name}: a rule has one of verb, group or each")
                continue
            made = self._verb_rule if "verb" in said else self._group_rule
            rules = made(field, hint, said, at, stack)
            # A rule that is wrong still stands for its field: its absence is no second problem.
            yield from rules or [Rule(field, ("", *field), at[0] + 1, at[1] + 1, verb=Verb())]

    def _lines(self, body: CommentedMap, stack: Stack) -> list[tuple[str, Any, At]]:
        """The lines of a body: those of the groups it includes, its own in their stead where both speak."""
        lines: dict[str, tuple[str, Any, At]] = {}
        included = body.get("include", [])
        for name in included if isinstance(included, list) else [included]:
            group = self._group(name, at_key(body, "include"), stack)
            if group is not None:
                lines |= {line[0]: line for line in self._lines(group, (*stack, name))}
        own = body["fields"]
        if self._findings.mapping(own, at_key(body, "fields"), "fields"):
            lines |= {name: (name, said, at_key(own, name)) for name, said in own.items()}
        return list(lines.values())

    def _group(self, name: Any, at: At, stack: Stack) -> CommentedMap | None:
        if not isinstance(name, str) or name not in self._groups:
            self._findings.problem(at, f"no such group: {name}")
            return None
        if name in stack:
            self._findings.problem(at, f"group {name} contains itself")
            return None
        group: CommentedMap = self._groups[name]
        where = at_key(self._groups, name)
        return group if self._findings.mapping(group, where, f"group {name}", ("fields",), ("include",)) else None

    def _verb_rule(self, field: Steps, hint: Any, said: CommentedMap, at: At, _: Stack) -> list[Rule]:
        one, many = item(hint)
        if said.get("list", False) is not many:
            self._findings.problem(at, f"{'.'.join(field)} {'is a list: add list: true' if many else 'is no list'}")
        path = self._findings.path(said, at)
        verb = self._options.verb(said, one, at)
        if verb is None or path is None:
            return []
        return [Rule(field, path, at[0] + 1, at[1] + 1, verb=verb, many=many)]

    def _group_rule(self, field: Steps, hint: Any, said: CommentedMap, at: At, stack: Stack) -> list[Rule]:
        one, many = item(hint)
        name = said["each"] if "each" in said else said["group"]
        self._findings.mapping(
            said, at, "a rule with group or each", (), ("path", "group", "each", "short", "short-read")
        )
        if not is_class(one) or many is not ("each" in said):
            what = "one value" if not is_class(one) else "a list: use each" if many else "one object: use group"
            self._findings.problem(at, f"{'.'.join(field)} is {what}")
            return []
        group = self._group(name, at, stack)
        if group is None:
            return []
        if "path" not in said and not many:
            return [replace(rule, field=field + rule.field) for rule in self._rules(one, group, (*stack, name))]
        path = self._findings.path(said, at)
        if (one, name) not in self._shapes:
            where = at_key(self._groups, name)
            self._shapes[one, name] = self.shape(one, group, where, stack=(*stack, name))
        shape, key = self._shapes[one, name], "short-read" if "short-read" in said else "short"
        short = said.get(key)
        alone = shape.rule((short,)) if isinstance(short, str) else None
        if short is not None and (alone is None or alone.many):
            self._findings.problem(at_value(said, key), f"group {name} has no single field {short}")
            return []
        if path is None:
            return []
        return [Rule(field, path, at[0] + 1, at[1] + 1, shape=shape, many=many, short=short, terse=key == "short")]

    def _hint(self, kind: type, field: Steps, at: At) -> Any:
        hint: Any = kind
        for name in field:
            if not is_class(hint) or name not in grammar(hint):
                self._findings.problem(at, f"no such field: {'.'.join(field)} in {kind.__name__}")
                return None
            hint = bare(grammar(hint)[name][0])
        return hint

    # — what the rules make together

    def _once(self, rules: Sequence[Rule]) -> None:
        seen: set[Steps] = set()
        for rule in rules:
            for length in range(1, len(rule.field) + 1):
                if rule.field[:length] in seen or any(one[: len(rule.field)] == rule.field for one in seen):
                    at = (rule.line - 1, rule.column - 1)
                    self._findings.problem(at, f"{'.'.join(rule.field)} is filled twice")
                    break
            seen.add(rule.field)

    def _covered(self, kind: type, rules: Sequence[Rule], at: At, above: Steps) -> Iterator[Steps]:
        """Say which required fields have no rule; give those of ours that are filled piece by piece."""
        for name, (hint, must) in grammar(kind).items():
            mine = [rule for rule in rules if rule.field[0] == name]
            if must and not mine:
                what = f"{'.'.join((*above, name))} is required in {kind.__name__} and has no rule"
                self._findings.problem(at, what)
            deeper = [replace(rule, field=rule.field[1:]) for rule in mine if len(rule.field) > 1]
            if deeper and len(deeper) == len(mine):
                needs = list(self._covered(bare(hint), deeper, at, (*above, name)))
                if must:
                    yield (*above, name)
                    yield from needs

    def _places(self, rules: Sequence[Rule], when: Sequence[Condition], at: At) -> Places:
        root: dict[str, Any] = {}
        read: list[Rule | Condition] = [*when, *rules]
        for one in read:
            node: Any = root
            for step in one.path[:-1]:
                node = node.setdefault(step, {}) if isinstance(node, dict) else node
            if not isinstance(node, dict) or one.path[-1] in node:
                where = (one.line - 1, one.column - 1) if isinstance(one, Rule) else at
                self._findings.problem(where, f"/{'/'.join(one.path)} is read twice")
            else:
                node[one.path[-1]] = one
        return root
