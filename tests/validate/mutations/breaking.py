"""Breaks one rule of a profile at a time in an instance that keeps them all: each mutant is wrong, and we know where.

It walks the snapshot of the profile along the instance. What it cannot be sure to break it leaves alone: what tells an
optional slice apart, for without it an item is in no slice and may be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from gateway.validate import Library
from gateway.validate.compile import Structures
from gateway.validate.element import Element, Structure, Type
from tests.validate.mutations.growing import PRIMITIVES, first_code

Keys = tuple[str | int, ...]
_BAD = {
    "boolean": "vrai", "integer": 1.5, "positiveInt": 0, "unsignedInt": -1, "decimal": "1,5", "string": "",
    "markdown": "", "code": "deux  blancs", "id": "é", "uri": "deux mots", "url": "deux mots",
    "canonical": "deux mots", "oid": "1.2.3", "uuid": "1-2-3", "date": "2024-02-30", "dateTime": "2024-02-29T10:00:00",
    "instant": "2024-02-29", "time": "25:00:00", "base64Binary": "%%%",
}  # fmt: skip
_OPEN = {"Resource", "DomainResource"}


@dataclass(frozen=True)
class Mutant:
    """An instance with one fault.

    kind  the rule that is broken; at: the FHIRPath of the fault
    else_at  where it may be told as well: what told a required slice apart is wrong, so that the slice is missing
    """

    kind: str
    tree: dict[str, Any]
    at: str
    else_at: str = ""

    def is_told_by(self, path: str) -> bool:
        """Whether a finding's path is the place, or the one that should hold it, or something in it."""
        above = self.at.rpartition(".")[0]
        outside = self.at.removesuffix("]").rpartition("[")[0] if self.at.endswith("]") else above
        return path in (self.at, above, outside, self.else_at) or path.startswith((self.at + ".", self.at + "["))


@dataclass(frozen=True)
class Spot:
    """A value of the instance: where it is, and the element of the profile it is an instance of."""

    element: Element
    kind: Type
    keys: Keys
    path: str
    value: Any
    above: Keys
    holder: str


class Breaker:
    """Breaks instances of the profiles of a library."""

    def __init__(self, library: Library, structures: Structures) -> None:
        self._library, self._structures = library, structures

    def mutants(self, structure: Structure, tree: dict[str, Any]) -> Iterator[Mutant]:
        """Every mutant of an instance, in the order of the snapshot."""
        yield self._foreign(tree, (), structure.type)
        yield from self._below(structure.root, structure.type, tree, (), structure.type, tree)

    def _below(
        self, element: Element, owner: str, value: dict[str, Any], keys: Keys, path: str, tree: dict[str, Any]
    ) -> Iterator[Mutant]:
        for child in element.children or self._of_type(owner):
            spots = list(_spots(child, value, keys, path))
            if spots:
                yield from self._counts(child, spots, tree)
                for spot in spots:
                    part, certain = self._slice(child, spot, spots)
                    if part is not None:
                        yield from self._slice_counts(part, spot, spots, tree, certain=certain)
                        spot = replace(spot, element=part)
                    if part is None or certain:
                        apart = _telling_apart(child, spot) if part else ()
                        for mutant in self._value(spot, child, tree):
                            told = part is not None and mutant.at.startswith(apart)
                            yield replace(mutant, else_at=spot.holder) if told else mutant
            elif child.max == 0 and not child.choice and child.types and child.types[0].code in PRIMITIVES:
                changed = PRIMITIVES[child.types[0].code]
                yield Mutant("forbidden", _with(tree, (*keys, child.name), changed), f"{path}.{child.name}")

    def _of_type(self, name: str) -> tuple[Element, ...]:
        structure = self._structures.type(name)
        return structure.root.children if structure else ()

    def _counts(self, child: Element, spots: list[Spot], tree: dict[str, Any]) -> Iterator[Mutant]:
        first = spots[0]
        key = first.above[-1]
        if child.min > 0:
            yield Mutant(
                "required", _without(_without(tree, first.above), (*first.above[:-1], f"_{key}")), first.holder
            )
        listed = first.keys != first.above
        if child.max is not None and child.max > 0:
            many = [deepcopy(first.value)] * (child.max + 1) if listed else [first.value, first.value]
            yield Mutant("beyond max", _with(tree, first.above, many), first.holder + "." + str(child.name))

    def _slice(self, child: Element, spot: Spot, spots: list[Spot]) -> tuple[Element | None, bool]:
        """The slice an item is in, and whether it may be broken: it is then the only one of a required slice."""
        for part in child.slices:
            if self._is_in(part, child, spot.value):
                same = sum(self._is_in(part, child, one.value) for one in spots)
                return part, part.min > 0 and same == part.min
        return None, not child.slices

    def _is_in(self, part: Element, child: Element, value: Any) -> bool:
        paths = child.slicing.discriminators if child.slicing else ()
        asked = [(path, self._asked(part, path)) for kind, path in paths if kind in ("value", "pattern")]
        return bool(asked) and all(want is not None and _has(_at(value, path), want) for path, want in asked)

    def _asked(self, part: Element, path: str) -> Any:
        """What a slice asks for at the path that tells it apart."""
        if path == "url" and part.types and part.types[0].profiles:
            return part.types[0].profiles[0].partition("|")[0]
        here = part
        for step in path.split(".") if path != "$this" else ():
            found = next((one for one in here.children if one.name == step), None)
            if found is None:
                return None
            here = found
            if here.fixed is not None or here.pattern is not None:
                break
        held = here.fixed or here.pattern
        return _at(held[0], path.removeprefix("$this").partition(here.name)[2].strip(".")) if held else None

    def _slice_counts(
        self, part: Element, spot: Spot, spots: list[Spot], tree: dict[str, Any], *, certain: bool
    ) -> Iterator[Mutant]:
        listed = spot.keys != spot.above
        if not listed:
            return
        rest = [one.value for one in spots if one is not spot]
        if certain:
            changed = _with(tree, spot.above, rest) if rest else _without(tree, spot.above)
            yield Mutant("slice min", changed, spot.holder)
        if part.max == 1:
            again = [*[one.value for one in spots], deepcopy(spot.value)]
            yield Mutant("slice max", _with(tree, spot.above, again), f"{spot.holder}.{part.name}")

    def _value(self, spot: Spot, whole: Element, tree: dict[str, Any]) -> Iterator[Mutant]:
        element, code = spot.element, spot.kind.code
        if isinstance(spot.value, dict):
            if spot.value.get("resourceType"):
                return  # a resource has its own profile: it is broken by itself
            yield self._foreign(tree, spot.keys, spot.path)
            yield Mutant("empty", _with(tree, spot.keys, {}), spot.path)
            yield Mutant("wrong type", _with(tree, spot.keys, "texte"), spot.path)
            yield from self._held(spot, whole, tree)
            yield from self._below(element if element.children else whole, code, spot.value, spot.keys, spot.path, tree)
        elif code in _BAD:
            yield Mutant("bad primitive", _with(tree, spot.keys, _BAD[code]), spot.path)
            yield Mutant("wrong type", _with(tree, spot.keys, {"a": 1}), spot.path)
        asked = element.fixed or element.pattern
        if asked is not None:
            yield Mutant("fixed or pattern", _with(tree, spot.keys, _otherwise(spot.value, asked[0])), spot.path)
        yield from self._bound(spot, whole, tree)

    def _foreign(self, tree: dict[str, Any], keys: Keys, path: str) -> Mutant:
        return Mutant("unknown element", _with(tree, (*keys, "elementInconnu"), "x"), path)

    def _held(self, spot: Spot, whole: Element, tree: dict[str, Any]) -> Iterator[Mutant]:
        """Rules of some datatypes that are easily broken."""
        code, value = spot.kind.code, spot.value
        types = spot.element.types or whole.types
        if code == "Reference":
            yield Mutant("reference", _with(tree, spot.keys, {"reference": "#absent"}), spot.path)
            targets = {self._named(target) for kind in types for target in kind.targets}
            if targets and not targets & _OPEN:
                other = next(name for name in ("Basic", "Slot", "Media") if name not in targets)
                yield Mutant("target", _with(tree, spot.keys, {"reference": f"{other}/1"}), spot.path)
        elif code == "Period":
            backwards = {**value, "start": "2024-02-29", "end": "2023-01-01"}
            yield Mutant("invariant", _with(tree, spot.keys, backwards), spot.path)
        elif code == "ContactPoint" and "value" in value:
            without = {key: held for key, held in value.items() if key != "system"}
            yield Mutant("invariant", _with(tree, spot.keys, without), spot.path)
        elif code == "Extension":
            both = {**value, "valueString": "x", "extension": [{"url": "http://x.example.org", "valueString": "x"}]}
            yield Mutant("invariant", _with(tree, spot.keys, both), spot.path)

    def _named(self, target: str) -> str:
        structure = self._structures.get(target)
        return structure.type if structure else target.partition("|")[0].rpartition("/")[2]

    def _bound(self, spot: Spot, whole: Element, tree: dict[str, Any]) -> Iterator[Mutant]:
        binding = spot.element.binding or whole.binding
        if binding is None or binding.strength != "required":
            return
        known = first_code(self._library, binding.value_set)
        if known is None or known["code"] == "exemple":
            return
        wrong: Any = known | {"code": "zz-aucun-code"}
        if spot.kind.code == "CodeableConcept":
            wrong = {"coding": [wrong]}
        elif spot.kind.code != "Coding":
            wrong = "zz-aucun-code"
        yield Mutant("binding", _with(tree, spot.keys, wrong), spot.path)


def _spots(child: Element, value: dict[str, Any], keys: Keys, path: str) -> Iterator[Spot]:
    """The items of an element in an object."""
    for kind in child.types or (Type("BackboneElement"),):
        key = child.name + kind.code[:1].upper() + kind.code[1:] if child.choice else child.name
        shown = f"{path}.{child.name}.ofType({kind.code})" if child.choice else f"{path}.{child.name}"
        if key not in value:
            continue
        held, above = value[key], (*keys, key)
        if isinstance(held, list):
            for number, item in enumerate(held):
                yield Spot(child, kind, (*above, number), f"{shown}[{number}]", item, above, path)
        else:
            yield Spot(child, kind, above, shown, held, above, path)
        return


def _telling_apart(child: Element, spot: Spot) -> tuple[str, ...]:
    """The places of an item that tell its slice apart."""
    paths = child.slicing.discriminators if child.slicing else ()
    return tuple(spot.path if path == "$this" else f"{spot.path}.{path.partition('.')[0]}" for _, path in paths)


def _with(tree: dict[str, Any], keys: Keys, value: Any) -> dict[str, Any]:
    """A copy with another value at a place."""
    copy = deepcopy(tree)
    here: Any = copy
    for key in keys[:-1]:
        here = here[key]
    here[keys[-1]] = deepcopy(value)
    return copy


def _without(tree: dict[str, Any], keys: Keys) -> dict[str, Any]:
    """A copy with nothing at a place."""
    copy = deepcopy(tree)
    here: Any = copy
    for key in keys[:-1]:
        here = here[key]
    here.pop(keys[-1], None)
    return copy


def _at(value: Any, path: str) -> Any:
    """What stands at a dotted path; of lists the first."""
    for step in path.split(".") if path and path != "$this" else ():
        value = value.get(step) if isinstance(value, dict) else None
        value = value[0] if isinstance(value, list) and value else value
    return value


def _has(value: Any, asked: Any) -> bool:
    """Whether a value has all that is asked."""
    if isinstance(asked, dict):
        return isinstance(value, dict) and all(_has(value.get(key), held) for key, held in asked.items())
    if isinstance(asked, list):
        return isinstance(value, list) and all(any(_has(one, want) for one in value) for want in asked)
    return bool(value == asked)


def _otherwise(value: Any, asked: Any) -> Any:
    """The value with a word of what is asked replaced."""
    if isinstance(asked, dict):
        key = next(iter(asked))
        return {**value, key: _otherwise(value.get(key), asked[key])}
    if isinstance(asked, list):
        return [_otherwise(value[0], asked[0])]
    return not asked if isinstance(asked, bool) else "autre" if isinstance(asked, str) else asked + 1
