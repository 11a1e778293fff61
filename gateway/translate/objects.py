"""Rules whose value is an object, or made by other rules: groups, lists of them, and choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.faults import Fault, Place
from gateway.translate.path import ABSENT, TEXT, Path, Steps, Where, locate, merge, reach
from gateway.translate.rule import Line, OneValue, inward
from gateway.translate.source import Source
from gateway.translate.verb import Unsayable

if TYPE_CHECKING:
    from gateway.translate.seen import Seen
    from gateway.translate.shape import Shape


@dataclass(frozen=True, slots=True)
class Grouped:
    """One object, by a shape. Without a source its places lie beside the others.

    short   the field of the shape that may stand for the whole, and `terse`: is written so when nothing else is set
    inside  its places lie among others, and may all be absent
    """

    at: Line
    source: Source | None
    shape: Shape
    short: str | None = None
    terse: bool = True
    inside: bool = False

    @property
    def paths(self) -> Iterator[Path]:
        """The object's place; its own places are the shape's."""
        return self.source.paths if self.source else iter(())

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The object the shape reads."""
        if self.source is None:
            return self.shape.read(raw, seen, at, steps, inside=True) or ABSENT
        theirs = self.source.get(raw)
        if theirs is ABSENT:
            return theirs
        return self.of(theirs, seen, at, steps + self.source.steps(raw) if seen else ())

    def of(self, theirs: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The object of one of theirs."""
        if isinstance(theirs, dict):
            return self.shape.read(theirs, seen, at, steps, inside=self.inside)
        if theirs is None or not (self.short or self.shape.text):
            if theirs is not None and seen:
                seen.refuse(at, steps, [Fault("wrong-type", about="object")])
            elif theirs is not None:
                raise Rejected([Fault("wrong-type", about="object")])
            return theirs
        if self.shape.text:
            return self.shape.read({TEXT: theirs}, seen, at, steps)
        alone = self.alone
        whole = inward(alone.verb)
        inner = seen.turning(alone, (*at, *alone.at.field), steps, whole, theirs) if seen else whole(theirs)
        return {self.short: inner}

    @property
    def alone(self) -> OneValue:
        """The rule of the field that may stand for the whole."""
        rule = self.shape.rule((self.short or "",))
        assert isinstance(rule, OneValue)
        return rule

    def written(self, value: Any, *, strict: bool = False) -> Any:
        """The object as the shape writes it."""
        if self.short and self.terse and value.keys() == {self.short}:
            return self.alone.verb.outward(value[self.short])
        inner: dict[str, Any] = {}
        self.shape.write(value, inner, strict=strict)
        return inner

    def say(self, value: Any, out: dict[str, Any], *, strict: bool = False) -> None:
        """Write the object; nothing when none of its fields has a place."""
        inner = self.written(value, strict=strict)
        if self.source is None:
            merge(out, inner)
        elif inner != {} or not value:
            self.source.put(out, inner)


@dataclass(frozen=True, slots=True)
class Each:
    """A list of objects: theirs at a path, or the rows of a table.

    rows  the rows of the event: one in which no place of the shape is filled is passed over
    lone  one object alone is a list of one, as in XML
    """

    at: Line
    source: Source
    item: Grouped
    rows: bool = False
    lone: bool = False

    @property
    def paths(self) -> Iterator[Path]:
        """Where the list stands."""
        return self.source.paths

    @property
    def tests(self) -> tuple[tuple[tuple[str, ...], Any], ...]:
        """What tells the items meant from others of the same name."""
        last = self.source.path[-1]
        return last.tests if isinstance(last, Where) else ()

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The objects the shape reads."""
        theirs = self._theirs(raw)
        if theirs is ABSENT:
            return theirs
        where = steps + locate(raw, self._path) if seen else ()
        if seen:
            seen.note(self, at, where, theirs)
        if not isinstance(theirs, list) or len(theirs) > form.LIST_LIMIT:
            return theirs  # the model says which of the two is wrong
        last = self.source.path[-1]
        items: list[Any] = []
        for number, one in enumerate(theirs):
            if isinstance(last, Where) and not last.holds(one):
                continue
            item = self.item.of(one, seen, (*at, len(items)), (*where, number))
            if item or not self.rows:
                items.append(item)
        return items if items or not (self.rows or self.tests) else ABSENT

    @property
    def _path(self) -> Path:
        return self.source.path[:-1] if self.tests else self.source.path

    def _theirs(self, raw: Any) -> Any:
        """The whole list, those not meant included."""
        if not self.tests:
            theirs = self.source.get(raw)
        elif all(condition.holds(raw) for condition in self.source.only):
            theirs = reach(raw, self._path)
        else:
            return ABSENT
        return [theirs] if self.lone and theirs is not ABSENT and not isinstance(theirs, list) else theirs

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """Write the objects; as rows, beside what stands in them already, or by themselves when they are told apart."""
        written = [self.item.written(one) for one in value]
        if not self.rows or self.tests:
            self.source.put(out, written)
            return
        there = out.setdefault(str(self.source.path[0]), [])
        there += [{} for _ in range(len(written) - len(there))]
        for row, one in zip(there, written, strict=False):
            row.update(one)


@dataclass(frozen=True, slots=True)
class Items:
    """A list put together from single places, each by a rule of its own, in their order."""

    at: Line
    rules: tuple[Any, ...]

    @property
    def paths(self) -> Iterator[Path]:
        """Every place of every item."""
        for rule in self.rules:
            yield from rule.paths

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The items that are there."""
        items: list[Any] = []
        for rule in self.rules:
            item = rule.value(raw, seen, (*at, len(items)), steps)
            if item is not ABSENT:
                items.append(item)
        return items or ABSENT

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """Each item by the first rule not used yet that can say it. Raises Unsayable when none can."""
        free = list(self.rules)
        for item in value:
            for rule in free:
                mine: dict[str, Any] = {}
                try:
                    rule.say(item, mine, strict=True) if isinstance(rule, Grouped) else rule.say(item, mine)
                except Unsayable:
                    continue
                if mine:
                    merge(out, mine)
                    free.remove(rule)
                    break
            else:
                raise Unsayable("no place is left for one of its items")


@dataclass(frozen=True, slots=True)
class FirstOf:
    """Several rules for one field: the first whose places say something is read, the first that can is written."""

    at: Line
    rules: tuple[Any, ...]

    @property
    def paths(self) -> Iterator[Path]:
        """Every place of every rule."""
        for rule in self.rules:
            yield from rule.paths

    def value(self, raw: Any, seen: Seen | None, at: Place, steps: Steps) -> Any:
        """The first value there is."""
        for rule in self.rules:
            value = rule.value(raw, seen, at, steps)
            if value is not ABSENT:
                return value
        return ABSENT

    def say(self, value: Any, out: dict[str, Any]) -> None:
        """By the first rule that can. Raises Unsayable, as the last one does."""
        for rule in self.rules:
            mine: dict[str, Any] = {}
            try:
                rule.say(value, mine)
            except Unsayable:
                if rule is self.rules[-1]:
                    raise
                continue
            merge(out, mine)
            return
