"""A shape: the rules that fill one class of the model from one object of theirs, and write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.model.faults import Fault, Place
from gateway.translate.objects import Each, FirstOf
from gateway.translate.path import ABSENT, TEXT, Path, Steps, locate, reach
from gateway.translate.places import Places
from gateway.translate.rule import Constant, Field, OneValue, Rule, Several
from gateway.translate.seen import Again, Seen
from gateway.translate.source import Condition, Source
from gateway.translate.verb import Unsayable, Verb


class Shape:
    """The rules of an event, or of a group.

    needs   objects of ours the class requires and the rules fill piece by piece: they exist even when nothing is said,
            so that the model can name what is missing in them
    always  places of theirs that always hold the same word; at an `ignored` one any other is read too
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        places: Places,
        needs: Sequence[Field] = (),
        always: Sequence[Condition] = (),
        ignored: Sequence[Path] = (),
    ) -> None:
        self.rules, self.places, self.needs, self.always = tuple(rules), places, tuple(needs), tuple(always)
        self._sure = [condition for condition in always if condition.path not in ignored]
        self.text = TEXT in places.names
        self._lines = [
            (_first(rule), rule.at.field, rule, _as_it_is(rule))
            for rule in rules
            if not isinstance(rule, (Several, Constant))
        ]
        self._several = [rule for rule in rules if isinstance(rule, Several)]
        self._fallbacks = [
            (rule.at.field, self._anchor(rule.at.field), rule) for rule in rules if _falls_back(rule) is not ABSENT
        ]
        self._guarded = self._guards()
        self.shared = _names(rules)
        self._asks = bool(self._sure or self._guarded)

    def rule(self, field: Sequence[str | int]) -> Rule | None:
        """The rule of exactly that field."""
        wanted = tuple(field)
        return next((rule for rule in self.rules if wanted in fields_of(rule)), None)

    # — inward

    def read(self, raw: dict[str, Any], seen: Seen | None, at: Place, steps: Steps, *, inside: bool = False) -> Any:
        """The tree of ours; `inside` when the shape's places lie among others and may all be absent: then it is empty.

        Raises Again, without `seen`, when anything is wrong.
        """
        if seen:
            seen.note(self, at, steps, raw)
        if not inside and (self._asks or not raw.keys() <= self.places.plain):
            self._unknown(raw, seen, steps)
        tree: dict[str, Any] = {}
        if not inside:
            for need in self.needs:
                fill(tree, need, {})
        for first, field, rule, as_it_is in self._lines:
            if first is not None and first not in raw:
                continue
            if as_it_is and seen is None:
                value = raw[first]
            else:
                value = rule.value(raw, seen, at + field if seen else at, steps)
                if value is ABSENT:
                    continue
            if len(field) == 1:
                tree[field[0]] = value
            else:
                fill(tree, field, value)
        for several in self._several:
            values = several.value(raw, seen, at + several.at.field if seen else at, steps)
            if isinstance(values, (list, tuple)):
                for field, value in zip(several.fields, values, strict=True):
                    if value is not None:
                        fill(tree, field, value)
            elif values is not ABSENT:
                fill(tree, several.at.field, values)
        if inside and not tree:
            return tree
        if inside:
            for need in self.needs:
                if reach(tree, need) is ABSENT:
                    fill(tree, need, {})
        for field, anchor, rule in self._fallbacks:
            if reach(tree, field) is ABSENT and (anchor is None or reach(tree, anchor) is not ABSENT):
                fill(tree, field, _falls_back(rule))
                if seen:
                    seen.note(rule, at + field, steps, raw, "constant" if isinstance(rule, Constant) else "default")
        return tree

    def _unknown(self, raw: dict[str, Any], seen: Seen | None, steps: Steps) -> None:
        for at, fault in self.places.strangers(raw, steps):
            if seen is None:
                raise Again
            if not seen.strange(at, fault):
                return
        for condition in self._sure:
            there = reach(raw, condition.path)
            if there is not ABSENT and not condition.holds(raw):
                if seen is None:
                    raise Again
                seen.strange(steps + locate(raw, condition.path), Fault("unknown-code", about=_words(condition)))
        for path, sources in self._guarded:
            if reach(raw, path) is not ABSENT and not any(
                all(one.holds(raw) for one in source.only) for source in sources
            ):
                if seen is None:
                    raise Again
                seen.strange(steps + locate(raw, path), Fault("unknown-field"))

    def _guards(self) -> list[tuple[Path, list[Source]]]:
        """The places read only under conditions: filled while none of them holds, they are unknown."""
        found: dict[Path, list[Source]] = {}
        for rule in self.rules:
            for one in rule.rules if isinstance(rule, FirstOf) else [rule]:
                source: Source | None = getattr(one, "source", None)
                if source is None:
                    continue
                for path in source.paths:
                    found.setdefault(path, []).append(source)
        return [(path, sources) for path, sources in found.items() if all(source.only for source in sources)]

    def _anchor(self, field: Field) -> Field | None:
        """The object that must be there already for a fallback below it to mean anything."""
        anchor = None
        for length in range(1, len(field)):
            above = field[:length]
            below = [rule for rule in self.rules if rule.at.field[:length] == above]
            if above in self.needs:
                continue
            if all(_falls_back(rule) is not ABSENT for rule in below):
                break
            anchor = above
        return anchor

    # — outward

    def write(self, tree: dict[str, Any], out: dict[str, Any], *, strict: bool = False) -> None:
        """Write the tree into a body. Raises Unsayable, with every part that cannot be written, when the rest is.

        strict  a constant of the dialect must be what we have to say; otherwise it is passed over
        """
        parts: list[tuple[Any, str]] = []
        for rule in self.rules:
            try:
                self._write(rule, tree, out)
            except Unsayable as why:
                if strict or not isinstance(rule, Constant):
                    parts += why.parts or [(rule.at, str(why))]
        for condition in self.always:
            condition.write(out)
        if parts:
            raise Unsayable(parts[0][1], parts)

    def _write(self, rule: Rule, tree: dict[str, Any], out: dict[str, Any]) -> None:
        if isinstance(rule, Several):
            values = [reach(tree, field) for field in rule.fields]
            if any(value is not ABSENT for value in values):
                rule.say([None if value is ABSENT else value for value in values], out)
            return
        value = reach(tree, rule.at.field)
        if value is not ABSENT:
            rule.say(value, out)
        elif isinstance(rule, OneValue) and rule.source.blank is not None:
            rule.source.put(out, rule.source.blank)


def fields_of(rule: Rule) -> tuple[Field, ...]:
    """The fields a rule fills."""
    return rule.fields if isinstance(rule, Several) else (rule.at.field,)


def fill(tree: dict[str, Any], field: Field, value: Any) -> None:
    """Put a value into a tree of ours, with every object on the way."""
    for name in field[:-1]:
        tree = tree.setdefault(name, {})
    if isinstance(tree, dict):
        tree[field[-1]] = value


def _names(rules: Sequence[Rule]) -> frozenset[str]:
    """The names its values are found by; in a table, the columns that speak of the whole event."""
    own = (rule for rule in rules if not (isinstance(rule, Each) and rule.rows))
    return frozenset(str(path[0]) for rule in own for path in rule.paths)


def _first(rule: Any) -> Any:
    """The name without which a rule has nothing to read, None when there is no single one."""
    source: Source | None = getattr(rule, "source", None)
    plain = source is not None and not source.others and not source.parts
    return source.path[0] if source is not None and plain and isinstance(source.path[0], str) else None


def _as_it_is(rule: Rule) -> bool:
    """True when what stands at its one place is the value: nothing of it needs to be turned."""
    if not isinstance(rule, OneValue) or type(rule.verb).inward is not Verb.inward:
        return False
    return rule.source == Source(rule.source.path, blank=rule.source.blank) and len(rule.source.path) == 1


def _falls_back(rule: Rule) -> Any:
    """What a rule says when nothing is said; ABSENT when it says nothing then."""
    if isinstance(rule, Constant):
        return rule.always
    if isinstance(rule, OneValue) and rule.default is not ABSENT:
        return rule.verb.inward(rule.default)
    return ABSENT


def _words(condition: Condition) -> str:
    return ", ".join(map(str, condition.values))
