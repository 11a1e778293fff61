"""Where an expression is evaluated: the resource around it, what `$this` is, and how much work it may still do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from gateway.validate.check.shape import PRIMITIVE, RESOURCE, Field, Shape, Shapes
from gateway.validate.fhirpath.values import Item, NotEvaluated

Collection = list[Any]
_Key = tuple[str, str, Field]  # of JSON, of the `_name` beside it, what it holds
_Keys = tuple[tuple[_Key, ...], frozenset[str]]  # of one name, and all that JSON may call them
_NO_KEYS: _Keys = ((), frozenset())


class Surroundings(Protocol):
    """What an expression may ask of the validator around it. Each raises NotEvaluated when there is no telling."""

    def resolve(self, reference: str) -> Item | None:
        """The resource a literal reference leads to; None when it is not at hand."""

    def member_of(self, item: Item, value_set: str) -> bool:
        """Whether a code, Coding or CodeableConcept is in a value set."""

    def subsumes(self, system: str, above: str, below: str) -> bool:
        """Whether a code of a system stands above another, or is it."""

    def conforms_to(self, item: Item, canonical: str) -> bool:
        """Whether a resource conforms to a profile."""

    def html_checks(self, text: str) -> bool:
        """Whether a narrative holds what R4 allows, and something at all."""

    def now(self) -> str:
        """The time of the evaluation, ISO 8601 with its zone."""


class Members:
    """What an item holds, by FHIRPath name, with the types the definitions give."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._named: dict[Shape, dict[str, _Keys]] = {}

    def whole(self, resource: Mapping[str, Any]) -> Item:
        """A resource as an item."""
        code = resource.get("resourceType")
        name = code if isinstance(code, str) else "Resource"
        return Item(resource, name, self.shapes.of_type(name))

    def named(self, item: Item, name: str, found: Collection) -> None:
        """Add to `found` what stands in an item under a name; a choice is found by its stem: `value`."""
        value = item.value
        if isinstance(value, dict):
            if item.shape is None:
                self._untyped(value, name, found)
            else:
                keys, every = self._keys(item.shape).get(name, _NO_KEYS)
                if every.isdisjoint(value):
                    return
                for key, beside, field in keys:
                    if key in value or beside in value:
                        self._held(value, field, found)
        elif name == "value" and value is not None:
            found.append(item)  # a primitive is an element whose one part is its value (R4 §2.24.0.1); CDS counts on it
        if item.more.__class__ is dict and name in ("extension", "id"):
            self.named(Item(item.more, "Element", self.shapes.of_type("Element")), name, found)

    def children(self, item: Item, found: Collection) -> None:
        """Add to `found` everything that stands right under an item, in its order."""
        value, shape = item.value, item.shape
        if isinstance(value, dict):
            for key in value:
                field = shape.fields.get(key) if shape else None
                if field is None and shape and key[:1] == "_" and key[1:] not in value:
                    field = shape.companions.get(key)
                if field is not None:
                    self._held(value, field, found)
                elif shape is None and key != "resourceType":
                    self._untyped(value, key, found)
        if item.more.__class__ is dict:
            self.children(Item(item.more, "Element", self.shapes.of_type("Element")), found)

    def has(self, item: Item, name: str) -> bool:
        """Whether anything stands in an item under a name: what `named` would find, without taking it out."""
        value = item.value
        if value.__class__ is dict and item.shape is not None and item.more is None:
            keys, every = self._keys(item.shape).get(name, _NO_KEYS)
            return not every.isdisjoint(value) and any(
                bool(value.get(key)) or value.get(key) in (0, "") or bool(value.get(beside)) for key, beside, _ in keys
            )
        found: Collection = []
        self.named(item, name, found)
        return bool(found)

    def _keys(self, shape: Shape) -> dict[str, _Keys]:
        named = self._named.get(shape)
        if named is None:
            gathered: dict[str, list[_Key]] = {}
            for field in shape.fields.values():
                gathered.setdefault(field.element.name, []).append((field.key, "_" + field.key, field))
            named = self._named[shape] = {
                name: (tuple(keys), frozenset(key for one in keys for key in one[:2]))
                for name, keys in gathered.items()
            }
        return named

    def _held(self, value: Mapping[str, Any], field: Field, found: Collection) -> None:
        held = value.get(field.key)
        code = field.type.code
        if field.kind == PRIMITIVE:
            more = value.get("_" + field.key)
            if isinstance(held, list) or isinstance(more, list):
                held, more = held if isinstance(held, list) else [], more if isinstance(more, list) else []
                for index in range(max(len(held), len(more))):
                    one = held[index] if index < len(held) else None
                    beside = more[index] if index < len(more) else None
                    if one is not None or beside is not None:
                        found.append(Item(one, code, None, beside))
            elif held is not None or more is not None:
                found.append(Item(held, code, None, more))
            return
        for one in held if isinstance(held, list) else (held,):
            if not isinstance(one, dict):
                continue
            found.append(self.whole(one) if field.kind == RESOURCE else Item(one, code, self.shapes.of(field)))

    def _untyped(self, value: Mapping[str, Any], name: str, found: Collection) -> None:
        """Of what no definition is known the JSON speaks for itself."""
        held = value.get(name)
        found.extend(Item(one, "") for one in (held if isinstance(held, list) else [held]) if one is not None)


class Context:
    """One evaluation. `this`: what `$this` is, as a collection; `spend` bounds the work."""

    __slots__ = ("around", "index", "members", "resource", "root", "spent", "subject", "this", "total", "variables")

    def __init__(
        self,
        members: Members,
        around: Surroundings,
        *,
        subject: Item,
        resource: Item,
        root: Item,
        steps: int,
    ) -> None:
        self.members = members
        self.around = around
        self.subject = subject
        self.resource = resource
        self.root = root
        self.spent = -steps
        self.this: Collection = [subject]
        self.index = 0
        self.total: Collection = []
        self.variables: dict[str, Collection] = {}

    def spend(self, steps: int) -> None:
        """Count work done; NotEvaluated when it is too much."""
        self.spent += steps
        if self.spent > 0:
            raise NotEvaluated("too much work")

    def each(self, items: Collection) -> Iterator[Collection]:
        """Every item in turn as `$this`, alone in a collection, with its `$index`."""
        this, index = self.this, self.index
        self.spend(len(items))
        try:
            for at, item in enumerate(items):
                self.index = at
                self.this = focus = [item]
                yield focus
        finally:
            self.this, self.index = this, index


Evaluate = Callable[[Context, Collection], Collection]
