"""A mapping table: YAML 1.2 → Dialect, every problem at once with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import reduce
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from gateway.model.codes import Terms
from gateway.model.event import KINDS
from gateway.model.form import grammar
from gateway.translate.body import steps
from gateway.translate.dialect import Condition, Dialect, MappingFault, Places, Problem, Rule, Shape, Steps, Told
from gateway.translate.verb import Verb
from gateway.translate.verbs import VERBS, Code

At = tuple[int, int]

_OURS = ("pairs", "terms")  # filled by us, never written in a table


def load_table(file: Path, terms: Terms) -> Dialect:
    """The dialect of a file. Raises MappingFault with every problem found."""
    try:
        tree = YAML(typ="rt", pure=True).load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        where: At = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise MappingFault([Problem(file.name, where[0], where[1], f"not YAML: {wrong.problem}")]) from None
    except (YAMLError, UnicodeDecodeError, OSError) as wrong:
        raise MappingFault([Problem(file.name, 1, 1, f"cannot be read: {type(wrong).__name__}")]) from None
    table = _Table(file.name, terms)
    dialect = table.dialect(tree)
    if table.problems or dialect is None:
        raise MappingFault(sorted(table.problems))
    return dialect


class _Table:
    def __init__(self, file: str, terms: Terms) -> None:
        self.file, self.terms = file, terms
        self.problems: set[Problem] = set()
        self.groups: Any = {}
        self.codes: Any = {}
        self._shapes: dict[tuple[type, str], Shape] = {}

    def problem(self, at: At, what: str) -> None:
        """Keep a problem; whoever found it goes on with the rest."""
        self.problems.add(Problem(self.file, at[0] + 1, at[1] + 1, what))

    # — the file as a whole

    def dialect(self, tree: Any) -> Dialect | None:
        if not self._map(
            tree, (0, 0), "a mapping table", ("dialect", "version", "source", "events"), ("groups", "codes")
        ):
            return None
        for name in ("dialect", "version", "source"):
            if not isinstance(tree.get(name), str) or not tree[name].strip():
                self.problem(_value(tree, name), f"{name} is a text, in quotes when it looks like a number")
        if isinstance(tree["dialect"], str) and not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", tree["dialect"]):
            self.problem(_value(tree, "dialect"), "a dialect's name is small letters, digits and hyphens")
        for name, kept in (("groups", "groups"), ("codes", "codes")):
            if self._map(tree.get(name, CommentedMap()), _key(tree, name), name):
                setattr(self, kept, tree.get(name, {}))
        self._check_codes()
        told = []
        if self._map(tree["events"], _key(tree, "events"), "events"):
            told = [one for kind in tree["events"] if (one := self._told(kind, tree["events"])) is not None]
            self._told_apart(told, tree["events"])
            if not tree["events"]:
                self.problem(_key(tree, "events"), "a dialect tells at least one type of event")
        return Dialect(tree["dialect"], tree["version"], tree["source"], self.file, tuple(told))

    def _told(self, kind: str, events: CommentedMap) -> Told | None:
        at = _key(events, kind)
        if kind not in KINDS:
            self.problem(at, f"no such type of event: {kind}")
            return None
        body = events[kind]
        if not self._map(body, at, f"event {kind}", ("when", "fields"), ("include",)):
            return None
        when = tuple(self._conditions(body["when"], _key(body, "when")))
        return Told(KINDS[kind], when, self._shape(KINDS[kind], body, at, (), when))

    def _conditions(self, when: Any, at: At) -> Iterator[Condition]:
        for one in when if isinstance(when, list) else [when]:
            if not self._map(one, at, "when", ("path", "is")):
                continue
            path = self._path(one)
            if not isinstance(one["is"], (str, int, bool)):
                self.problem(_value(one, "is"), "a condition is a text, a whole number or true/false")
            elif path:
                yield Condition(path, one["is"])

    def _told_apart(self, told: Sequence[Told], events: CommentedMap) -> None:
        for index, one in enumerate(told):
            for other in told[:index]:
                if not any(a.path == b.path and a.value != b.value for a in one.when for b in other.when):
                    what = f"{one.kind.type} cannot be told from {other.kind.type}: give them another value at one path"
                    self.problem(_key(events, one.kind.type), what)

    def _check_codes(self) -> None:
        for name, table in self.codes.items():
            if not self._map(table, _key(self.codes, name), f"code table {name}"):
                continue
            seen: dict[Any, Any] = {}
            for theirs, ours in table.items():
                if not isinstance(ours, str) or not isinstance(theirs, (str, int, bool)):
                    self.problem(_key(table, theirs), "a code table joins their text, number or flag to a text of ours")
                elif ours in seen:
                    self.problem(_key(table, theirs), f"code table {name}: {ours} is already written {seen[ours]}")
                else:
                    seen[ours] = theirs

    # — shapes and rules

    def _shape(
        self, kind: type, body: CommentedMap, at: At, stack: tuple[str, ...], when: tuple[Condition, ...] = ()
    ) -> Shape:
        rules = tuple(self._rules(kind, body, stack))
        needs = tuple(self._covered(kind, rules, at, ()))
        return Shape(rules, self._places(rules, when, at), needs)

    def _rules(self, kind: type, body: CommentedMap, stack: tuple[str, ...]) -> Iterator[Rule]:
        for name, said, at in self._lines(body, stack):
            field = tuple(str(name).split("."))
            hint = self._hint(kind, field, at)
            if hint is None or not self._map(said, at, f"the rule of {name}"):
                continue
            if sum(word in said for word in ("verb", "group", "each")) != 1:
                self.problem(at, f"{name}: a rule has one of verb, group or each")
                continue
            if "verb" in said:
                yield from self._verb_rule(field, hint, said, at)
            else:
                yield from self._group_rule(field, hint, said, at, stack)

    def _lines(self, body: CommentedMap, stack: tuple[str, ...]) -> list[tuple[str, Any, At]]:
        """The lines of a body: those of the groups it includes, its own in their stead where both speak."""
        lines: dict[str, tuple[str, Any, At]] = {}
        included = body.get("include", [])
        for name in included if isinstance(included, list) else [included]:
            group = self._group(name, _key(body, "include"), stack)
            if group is not None:
                lines |= {line[0]: line for line in self._lines(group, (*stack, name))}
        own = body["fields"]
        if self._map(own, _key(body, "fields"), "fields"):
            lines |= {name: (name, said, _key(own, name)) for name, said in own.items()}
        return list(lines.values())

    def _group(self, name: Any, at: At, stack: tuple[str, ...]) -> CommentedMap | None:
        if not isinstance(name, str) or name not in self.groups:
            self.problem(at, f"no such group: {name}")
            return None
        if name in stack:
            self.problem(at, f"group {name} contains itself")
            return None
        group = self.groups[name]
        known = self._map(group, _key(self.groups, name), f"group {name}", ("fields",), ("include",))
        return group if known else None

    def _verb_rule(self, field: Steps, hint: Any, said: CommentedMap, at: At) -> Iterator[Rule]:
        item, many = _item(hint)
        if said.get("list", False) is not many:
            self.problem(at, f"{'.'.join(field)} {'is a list: add list: true' if many else 'is no list'}")
        path = self._path(said, at)
        verb = self._verb(said, item, at)
        if verb is not None and path is not None:
            if not verb.fits(item):
                self.problem(_value(said, "verb"), f"verb {said['verb']} does not fill {'.'.join(field)}")
            yield Rule(field, path, at[0] + 1, at[1] + 1, verb=verb, many=many)

    def _group_rule(
        self, field: Steps, hint: Any, said: CommentedMap, at: At, stack: tuple[str, ...]
    ) -> Iterator[Rule]:
        item, many = _item(hint)
        name = said["each"] if "each" in said else said["group"]
        self._map(said, at, "a rule with group or each", (), ("path", "group", "each", "short"))
        group = self._group(name, at, stack)
        if not is_dataclass(item) or not isinstance(item, type) or many is not ("each" in said):
            what = (
                "a list of objects: use each"
                if many
                else "one value"
                if not is_dataclass(item)
                else "one object: use group"
            )
            self.problem(at, f"{'.'.join(field)} is {what}")
            return None
        if group is None:
            return None
        if "path" not in said and not many:
            for rule in self._rules(item, group, (*stack, name)):
                yield replace(rule, field=field + rule.field)
            return None
        path = self._path(said, at)
        if (item, name) not in self._shapes:
            self._shapes[item, name] = self._shape(item, group, _key(self.groups, name), (*stack, name))
        shape, short = self._shapes[item, name], said.get("short")
        alone = shape.rule((short,)) if isinstance(short, str) else None
        if short is not None and (alone is None or alone.many):
            self.problem(_value(said, "short"), f"group {name} has no single field {short}")
        elif path is not None:
            yield Rule(field, path, at[0] + 1, at[1] + 1, shape=shape, many=many, short=short)
        return None

    def _hint(self, kind: type, field: Steps, at: At) -> Any:
        hint: Any = kind
        for name in field:
            if not is_dataclass(hint) or not isinstance(hint, type) or name not in grammar(hint):
                self.problem(at, f"no such field: {'.'.join(field)} in {kind.__name__}")
                return None
            hint = _bare(grammar(hint)[name][0])
        return hint

    def _covered(self, kind: type, rules: Sequence[Rule], at: At, above: Steps) -> Iterator[Steps]:
        """Say which required fields have no rule; give those of ours that are filled piece by piece."""
        for name, (hint, must) in grammar(kind).items():
            mine = [rule for rule in rules if rule.field[0] == name]
            if must and not mine:
                self.problem(at, f"{'.'.join((*above, name))} is required in {kind.__name__} and has no rule")
            deeper = [replace(rule, field=rule.field[1:]) for rule in mine if len(rule.field) > 1]
            if deeper:
                needs = list(self._covered(_bare(hint), deeper, at, (*above, name)))
                if must:
                    yield (*above, name)
                    yield from needs

    def _places(self, rules: Sequence[Rule], when: Sequence[Condition], at: At) -> Places:
        root: dict[str, Any] = {}
        read: list[Rule | Condition] = [*when, *rules]
        for one in read:
            *parents, last = one.path
            node: Any = reduce(
                lambda inner, step: inner.setdefault(step, {}) if isinstance(inner, dict) else inner, parents, root
            )
            if not isinstance(node, dict) or last in node:
                where = (one.line - 1, one.column - 1) if isinstance(one, Rule) else at
                self.problem(where, f"/{'/'.join(one.path)} is read twice")
            else:
                node[last] = one
        return root

    # — verbs

    def _verb(self, said: CommentedMap, item: Any, at: At) -> Verb | None:
        name = said["verb"]
        if name not in VERBS:
            self.problem(_value(said, "verb"), f"no such verb: {name}; verbs are {', '.join(VERBS)}")
            return None
        kinds = {field.name: str(field.type) for field in fields(VERBS[name]) if field.name not in _OURS}  # type: ignore[arg-type]
        options: dict[str, Any] = {}
        for option in (word for word in said if word not in ("path", "verb", "list")):
            value = said[option]
            if option not in kinds:
                self.problem(
                    _key(said, option), f"verb {name} takes no {option}; it takes {', '.join(kinds) or 'nothing'}"
                )
                return None
            if kinds[option].startswith("tuple"):
                value = tuple(value) if isinstance(value, list) else (value,)
            texts = value if isinstance(value, tuple) else (value,)
            wordy = kinds[option] == "str" or kinds[option].startswith("tuple")
            if wordy and not all(isinstance(text, str) for text in texts):
                self.problem(_value(said, option), f"{option} is a text")
                return None
            options[option] = value
        if VERBS[name] is Code and not self._code_options(options, item, said):
            return None
        try:
            return VERBS[name](**options)
        except (TypeError, ValueError, KeyError, OSError) as wrong:
            self.problem(at, f"verb {name}: {wrong}")
            return None

    def _code_options(self, options: dict[str, Any], item: Any, said: CommentedMap) -> bool:
        lists = options.get("of", ()) + options.get("also", ())
        unknown = [name for name in lists if name not in self.terms.names()]
        for name in unknown:
            self.problem(_key(said, "of" if "of" in said else "also"), f"no such national list: {name}")
        table = options.get("table")
        if table and table not in self.codes:
            self.problem(_value(said, "table"), f"no such code table: {table}")
        if unknown or (table and table not in self.codes):
            return False
        options["terms"] = self.terms
        if table:
            pairs = self.codes[table]
            for theirs, ours in pairs.items():
                if get_origin(item) is Literal and ours not in get_args(item):
                    self.problem(_key(pairs, theirs), f"{ours} is none of {', '.join(get_args(item))}")
                elif lists and self.terms.find(str(ours), *lists) is None:
                    self.problem(_key(pairs, theirs), f"{ours} is not in {', '.join(lists)}")
            options["pairs"] = {(type(theirs), theirs): ours for theirs, ours in pairs.items()}
        return True

    # — pieces

    def _path(self, said: CommentedMap, at: At = (0, 0)) -> Steps | None:
        if not isinstance(said.get("path"), str):
            self.problem(_key(said, "path") if "path" in said else at, "a rule needs a path, as /patient/name")
            return None
        try:
            return steps(said["path"])
        except ValueError as wrong:
            self.problem(_value(said, "path"), str(wrong))
            return None

    def _map(self, tree: Any, at: At, what: str, must: Sequence[str] = (), may: Sequence[str] | None = None) -> bool:
        """True when `tree` is a mapping that has what it must; with `must` or `may`, nothing else is allowed in it."""
        if not isinstance(tree, CommentedMap):
            self.problem(at, f"{what} is a mapping of names")
            return False
        if must or may is not None:
            for name in tree:
                if name not in must and name not in (may or ()):
                    self.problem(_key(tree, name), f"{what} has no {name}")
        missing = [name for name in must if name not in tree]
        for name in missing:
            self.problem(at, f"{what} needs {name}")
        return not missing


def _key(tree: Any, name: Any) -> At:
    try:
        line, column = tree.lc.key(name)
    except (AttributeError, KeyError, TypeError):
        return (0, 0)
    return line, column


def _value(tree: Any, name: Any) -> At:
    try:
        line, column = tree.lc.value(name)
    except (AttributeError, KeyError, TypeError):
        return (0, 0)
    return line, column


def _bare(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return next(arm for arm in get_args(hint) if arm is not NoneType)
    return hint


def _item(hint: Any) -> tuple[Any, bool]:
    return (_bare(get_args(hint)[0]), True) if get_origin(hint) is tuple else (hint, False)
