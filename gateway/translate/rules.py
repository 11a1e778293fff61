"""The rules of a table, checked against the model: fields that exist, filled once, none required left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.model.errors import Rejected
from gateway.model.form import grammar, refused
from gateway.translate.code import Code
from gateway.translate.collisions import collisions
from gateway.translate.covered import left_out, needed, twice
from gateway.translate.findings import At, Findings, at_key, at_value, meant
from gateway.translate.groups import Groups, Stack
from gateway.translate.hints import bare, is_class, item
from gateway.translate.known_places import places_of
from gateway.translate.objects import Each, FirstOf, Grouped, Items
from gateway.translate.options import Options
from gateway.translate.path import ABSENT, Path, Where
from gateway.translate.rule import Constant, Field, Line, OneValue, Rule, Several, Values
from gateway.translate.shape import Shape, fields_of
from gateway.translate.source import Condition
from gateway.translate.sources import OBJECT_WORDS, PLACE_WORDS, Sources
from gateway.translate.verb import Verb
from gateway.translate.verbs import SEVERAL

KINDS = ("verb", "group", "each", "items", "value")
VERB_WORDS = ("verb", "list", "split", "default", *PLACE_WORDS)
GROUP_WORDS = ("group", "short", "short-read", *OBJECT_WORDS)
BESIDE_WORDS = ("group", "prefix")
EACH_WORDS = ("each", "rows", "short", "short-read", *OBJECT_WORDS)


class Rules:
    """Makes the shapes of a table from its events and groups."""

    def __init__(self, findings: Findings, groups: Groups, options: Options, sources: Sources) -> None:
        self._findings, self._groups, self._options, self._sources = findings, groups, options, sources
        self._shapes: dict[tuple[type, str, str, Path, tuple[Path, ...]], Shape] = {}

    def shape(
        self,
        kind: type,
        body: CommentedMap,
        at: At,
        when: Sequence[Condition] = (),
        stack: Stack = (),
        further: Sequence[CommentedMap] = (),
        known: Sequence[Path] = (),
    ) -> Shape:
        """The shape that fills `kind` by the lines of `body` (an event or a group), which stands at `at`.

        further  mappings whose `ignore` and `always` hold here too
        known    places that tell this object from others of its name
        """
        rules = tuple(self._rules(kind, body, stack))
        always, ignored = self._groups.beside(body, stack)
        with self._sources.prefixed(None):
            for said in further:
                always += [one for one in self._sources.conditions(said, "always") if one.values]
                ignored += self._sources.paths(said, "ignore")
        fields = [field for rule in rules for field in fields_of(rule)]
        for where, what in (*twice(rules), *collisions(rules, when, always)):
            self._findings.problem(where or at, what)
        for what in left_out(kind, fields):
            self._findings.problem(at, what)
        places = places_of(rules, when, always, [*ignored, *known], format=self._sources.format)
        return Shape(rules, places, tuple(needed(kind, fields)), always, ignored)

    def _rules(self, kind: type, body: CommentedMap, stack: Stack) -> Iterator[Rule]:
        for name, said, at in self._groups.lines(body, stack):
            fields = tuple(tuple(one.strip().split(".")) for one in str(name).split(","))
            hints = [self._hint(kind, field, at) for field in fields]
            if None in hints:
                continue
            rules = self._rule(fields, hints, said, at, stack)
            # A rule that is wrong still stands for its fields: their absence is no second problem.
            yield from rules or [
                Constant(Line(field=field, line=at[0] + 1, column=at[1] + 1, verb=""), "") for field in fields
            ]

    def _rule(self, fields: tuple[Field, ...], hints: list[Any], said: Any, at: At, stack: Stack) -> list[Rule]:
        if isinstance(said, list) and said and len(fields) == 1:
            made = [self._one(fields, hints, one, at_value(said, index), stack) for index, one in enumerate(said)]
            if not all(len(one) == 1 for one in made):
                return []
            return [FirstOf(made[0][0].at, tuple(one[0] for one in made))]
        return self._one(fields, hints, said, at, stack)

    def _one(self, fields: tuple[Field, ...], hints: list[Any], said: Any, at: At, stack: Stack) -> list[Rule]:
        named = ", ".join(".".join(field) for field in fields)
        if not self._findings.mapping(said, at, f"the rule of {named}"):
            return []
        kinds = [word for word in KINDS if word in said]
        if len(kinds) != 1:
            self._findings.problem(at, f"{named}: a rule has one of verb, group or each; or else items, or value")
            return []
        line = Line(
            field=fields[0], line=at[0] + 1, column=at[1] + 1, verb=str(said["verb"]) if "verb" in said else kinds[0]
        )
        if len(fields) > 1:
            return self._several(fields, hints, said, at, line)
        makers: dict[str, Any] = {
            "verb": self._verb,
            "group": self._group_rule,
            "each": self._each,
            "items": self._items,
            "value": self._value,
        }
        rules: list[Rule] = makers[kinds[0]](line, hints[0], said, at, stack)
        return rules

    # — one rule of each kind

    def _verb(self, line: Line, hint: Any, said: CommentedMap, at: At, _: Stack) -> list[Rule]:
        one, many = item(hint)
        listed = said.get("list", "split" in said and many)
        if "paths" in said and many and listed is True and not {"join", "lengths"} & said.keys():
            return self._spread(line, hint, said, at)
        if not (isinstance(listed, bool) or listed == "one") or bool(listed) is not many:  # 0 and 1 are neither
            what = "is a list: add list: true, or list: one when they write a single value" if many else "is no list"
            self._findings.problem(at, f"{'.'.join(line.field)} {what}")
        source = self._sources.source(said, at, value=True)
        verb = self._options.verb(said, (one,), at, VERB_WORDS)
        if verb is None or source is None:
            return []
        if many and listed != "one":
            split = said.get("split", "")
            if not isinstance(split, str) or ("split" in said and not split):
                self._findings.problem(at_value(said, "split"), "split is the text between the values")
                return []
            if "default" in said:
                self._findings.problem(at_key(said, "default"), "a list has no default")
            return [Values(line, source, verb, split)]
        if "split" in said:
            self._findings.problem(at_key(said, "split"), "split makes a list; for several fields there is verb: split")
        single = OneValue(line, source, verb, self._default(said, verb))
        return [Items(line, (single,))] if many else [single]

    def _spread(self, line: Line, hint: Any, said: CommentedMap, at: At) -> list[Rule]:
        """A list whose values stand at a path each."""
        for word in ("split", "default"):
            if word in said:
                self._findings.problem(at_key(said, word), f"{word} goes with path")
        one, _ = item(hint)
        verb = self._options.verb(said, (one,), at, VERB_WORDS)
        rules = []
        for index in range(len(said["paths"]) if isinstance(said["paths"], list) else 0):
            alone = CommentedMap(
                {word: said[word] for word in said if word != "paths"} | {"path": said["paths"][index]}
            )
            source = self._sources.source(alone, at, value=True)
            if source and verb:
                rules.append(OneValue(line, source, verb))
        if not rules:
            self._findings.problem(at_value(said, "paths"), "paths is a list of paths")
        return [Items(line, tuple(rules))] if rules else []

    def _default(self, said: CommentedMap, verb: Verb) -> Any:
        if "default" not in said:
            return ABSENT
        theirs = self._sources.word(said["default"])
        if not isinstance(theirs, (str, int, bool)):
            self._findings.problem(at_value(said, "default"), "default is a word of theirs")
            return ABSENT
        try:
            verb.inward(theirs)
        except Rejected as wrong:
            self._findings.problem(at_value(said, "default"), f"default is a word of theirs: {wrong.faults[0].text.en}")
            return ABSENT
        return theirs

    def _several(self, fields: Sequence[Field], hints: list[Any], said: CommentedMap, at: At, line: Line) -> list[Rule]:
        named = ", ".join(".".join(field) for field in fields)
        if "verb" not in said or any(item(hint)[1] for hint in hints):
            self._findings.problem(
                at, f"{named}: several fields share one verb ({', '.join(SEVERAL)}), and none is a list"
            )
            return []
        for word in ("list", "split", "default"):
            if word in said:
                self._findings.problem(at_key(said, word), f"a rule of several fields has no {word}")
        source = self._sources.source(said, at, value=True)
        verb = self._options.verb(said, tuple(hints), at, VERB_WORDS)
        if verb is not None and not isinstance(verb, Code) and len(fields) != 2:
            self._findings.problem(at, f"verb {said['verb']} fills two fields")
            return []
        return [Several(line, tuple(fields), source, verb)] if source and verb else []

    def _value(self, line: Line, hint: Any, said: CommentedMap, at: At, _: Stack) -> list[Rule]:
        self._findings.mapping(said, at, "a rule with value", ("value",), ())
        one, many = item(hint)
        value = said["value"]
        if is_class(one) or many is not isinstance(value, list):
            what = "an object: give each of its fields a value" if is_class(one) else "a list" if many else "one value"
            self._findings.problem(at_value(said, "value"), f"{'.'.join(line.field)} is {what}")
            return []
        told = list(value) if many else value
        wrong = refused(hint, told)
        if wrong:
            self._findings.problem(
                at_value(said, "value"), f"{'.'.join(line.field)} cannot be that: {wrong[0].text.en}"
            )
            return []
        return [Constant(line, told)]

    def _items(self, line: Line, hint: Any, said: CommentedMap, at: At, stack: Stack) -> list[Rule]:
        self._findings.mapping(said, at, "a rule with items", ("items",), ())
        one, many = item(hint)
        words = said["items"]
        if not many or not isinstance(words, list) or not words:
            what = "a list: items are rules, one for each place" if many else "no list"
            self._findings.problem(at, f"{'.'.join(line.field)} is {what}")
            return []
        rules: list[Rule] = []
        for index, word in enumerate(words):
            where = at_value(words, index)
            made = self._beside(line, one, word, where, stack) or self._one((line.field,), [one], word, where, stack)
            if len(made) == 1 and isinstance(made[0], (OneValue, Grouped)):
                rules += made
            elif made:
                self._findings.problem(where, "an item has a verb or a group")
        return [Items(line, tuple(rules))] if len(rules) == len(words) else []

    def _beside(self, line: Line, one: Any, said: Any, at: At, stack: Stack) -> list[Rule]:
        """An item whose fields stand each at a place of its own, beside the others."""
        if not isinstance(said, CommentedMap) or "group" not in said or "path" in said or not is_class(one):
            return []
        self._findings.mapping(said, at, "an item with group", ("group",), ("prefix",))
        group = self._groups.get(said["group"], at_value(said, "group"), stack)
        if group is None:
            return []
        with self._sources.prefixed(self._groups.prefix(said)):
            shape = self._shape_of(one, said["group"], group, (*stack, said["group"]))
        at_item = Line(field=line.field, line=at[0] + 1, column=at[1] + 1, verb=said["group"])
        return [Grouped(at_item, None, shape)]

    def _group_rule(self, line: Line, hint: Any, said: CommentedMap, at: At, stack: Stack) -> list[Rule]:
        one, many = item(hint)
        if "path" in said:
            self._findings.mapping(said, at, "a rule with group or each", (), GROUP_WORDS)
        else:
            self._findings.mapping(said, at, "a rule with group and no path", (), BESIDE_WORDS)
        if not self._is_object(line, one, many, at, each=False):
            return []
        group = self._groups.get(said["group"], at_value(said, "group"), stack)
        if group is None:
            return []
        inner = (*stack, said["group"])
        if "path" in said:
            rule = self._object(line, one, group, said, at, inner)
            return [rule] if rule else []
        with self._sources.prefixed(self._groups.prefix(said)):
            return [moved(rule, line.field) for rule in self._rules(one, group, inner)]

    def _each(self, line: Line, hint: Any, said: CommentedMap, at: At, stack: Stack) -> list[Rule]:
        one, many = item(hint)
        self._findings.mapping(said, at, "a rule with group or each", (), EACH_WORDS)
        if not self._is_object(line, one, many, at, each=True):
            return []
        group = self._groups.get(said["each"], at_value(said, "each"), stack)
        if group is None:
            return []
        inner = (*stack, said["each"])
        if "rows" not in said:
            grouped = self._object(line, one, group, said, at, inner)
            if grouped is None or grouped.source is None:
                return []
            return [Each(line, grouped.source, grouped, lone=self._sources.format == "xml")]
        source = self._sources.rows(said, at)
        shape = self._shape_of(one, said["each"], group, inner)
        return [Each(line, source, Grouped(line, source, shape, inside=True), rows=True)] if source else []

    def _is_object(self, line: Line, one: Any, many: bool, at: At, *, each: bool) -> bool:
        if is_class(one) and many is each:
            return True
        what = "one value" if not is_class(one) else "a list: use each" if many else "one object: use group"
        self._findings.problem(at, f"{'.'.join(line.field)} is {what}")
        return False

    def _object(
        self, line: Line, one: Any, group: CommentedMap, said: CommentedMap, at: At, inner: Stack
    ) -> Grouped | None:
        """The rule of an object with a place of its own."""
        source = self._sources.source(said, at, value=False)
        with self._sources.prefixed(None):
            last = source.path[-1] if source else ""
            known = tuple(test for test, _ in last.tests) if isinstance(last, Where) else ()
            shape = self._shape_of(one, inner[-1], group, inner, known)
        key = "short-read" if "short-read" in said else "short"
        short = said.get(key)
        if short is not None and not (isinstance(short, str) and isinstance(shape.rule((short,)), OneValue)):
            self._findings.problem(at_value(said, key), f"group {inner[-1]} has no single field {short}")
            return None
        return Grouped(line, source, shape, short=short, terse=key == "short") if source else None

    def _shape_of(self, one: type, name: str, group: CommentedMap, stack: Stack, known: tuple[Path, ...] = ()) -> Shape:
        key = (one, name, self._sources.prefix, self._sources.above, known)
        if key not in self._shapes:
            self._shapes[key] = self.shape(one, group, self._groups.at(name), stack=stack, known=known)
        return self._shapes[key]

    # — names

    def _hint(self, kind: type, field: Field, at: At) -> Any:
        hint: Any = kind
        for name in field:
            if not is_class(hint) or name not in grammar(hint):
                known = grammar(hint) if is_class(hint) else ()
                near = meant(name, known) or f"; {hint.__name__} has {', '.join(known)}" if known else ""
                self._findings.problem(at, f"no such field: {'.'.join(field)} in {kind.__name__}{near}")
                return None
            hint = bare(grammar(hint)[name][0])
        return hint


def moved(rule: Any, above: Field) -> Any:
    """The same rule, for a field further down."""
    if isinstance(rule, Several):
        return replace(rule, at=rule.at.moved(above), fields=tuple(above + field for field in rule.fields))
    if isinstance(rule, (Items, FirstOf)):
        return replace(rule, at=rule.at.moved(above), rules=tuple(moved(one, above) for one in rule.rules))
    return replace(rule, at=rule.at.moved(above))
