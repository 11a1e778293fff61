"""What an invariant is about: the value at a place, with its type and what may stand in it."""

from __future__ import annotations

from typing import Any

from gateway.validate.check.shape import Shape, Shapes
from gateway.validate.fhirpath import Item
from gateway.validate.place import Key, Place
from gateway.validate.run import Scope

_IN_PLACE = ("BackboneElement", "Element", "")


def subject_at(shapes: Shapes, scope: Scope, place: Place, value: Any, type_code: str) -> Item:
    """The item of a value. For an element with elements of its own (`Patient.contact`) the place tells which it is."""
    if isinstance(value, dict):
        name = value.get("resourceType")
        if isinstance(name, str) and (type_code[:1].isupper() or not type_code):
            return Item(value, name, shapes.of_type(name))
        if type_code[:1].islower() and type_code != "xhtml" and "." not in type_code:
            return Item(None, type_code, None, value)
        if type_code in _IN_PLACE or "." in type_code:
            return Item(value, type_code if "." not in type_code else "BackboneElement", _shape(shapes, scope, place))
        return Item(value, type_code, shapes.of_type(type_code))
    return Item(value, type_code, None, _beside(scope, place))


def _keys(scope: Scope, place: Place) -> list[Key]:
    """The steps from the resource to a place."""
    keys: list[Key] = []
    here: Place | None = place
    while here is not None and here is not scope.place:
        keys.append(here[1])
        here = here[0]
    return keys[::-1]


def _shape(shapes: Shapes, scope: Scope, place: Place) -> Shape | None:
    shape = shapes.of_type(str(scope.resource.get("resourceType", "")))
    for key in _keys(scope, place):
        if isinstance(key, int):
            continue
        field = shape.fields.get(key) or shape.companions.get(key) if shape is not None else None
        if field is None:
            return None
        shape = shapes.of(field)
    return shape


def _beside(scope: Scope, place: Place) -> Any:
    """The `_name` beside a primitive: its id and extensions; None when there is none."""
    keys = _keys(scope, place)
    named = next((at for at in range(len(keys) - 1, -1, -1) if isinstance(keys[at], str)), None)
    if named is None or len(keys) - named > 2:
        return None
    keys = [*keys[:named], f"_{keys[named]}", *keys[named + 1 :]]
    here: Any = scope.resource
    for key in keys:
        if isinstance(here, dict):
            here = here.get(key)
        elif isinstance(here, list) and isinstance(key, int) and key < len(here):
            here = here[key]
        else:
            return None
    return here
