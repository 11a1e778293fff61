"""The items of an instance that an element of a definition speaks of."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.validate.check.plan import PRIMITIVES
from gateway.validate.element import Element
from gateway.validate.place import Place

_NOTHING: dict[str, Any] = {}


class Item(NamedTuple):
    """One value: where it is, what it is, the `_` object beside it when it is a primitive, and its type.

    `value` is None for a primitive that has extensions only. `code` is "" for an element with elements of its own.
    """

    place: Place
    value: Any
    beside: Any
    code: str


def items_of(held: dict[str, Any], place: Place, element: Element) -> list[Item]:
    """Every item of `element` in an object that stands at `place`."""
    if element.choice:
        return _choices(held, place, element.name)
    return _items(held, element.name, element.name, place, element.code)


def items_named(item: Item, name: str) -> list[Item]:
    """Every item a name in a path means, where `value` may be `valueQuantity` and no type is known."""
    held = held_by(item)
    if name in held or "_" + name in held:
        return _items(held, name, name, item.place, "")
    return _choices(held, item.place, name)


def held_by(item: Item) -> dict[str, Any]:
    """The object that holds what is under an item: of a primitive, the one beside it."""
    held = item.value if isinstance(item.value, dict) else item.beside
    return held if isinstance(held, dict) else _NOTHING


def _choices(held: dict[str, Any], place: Place, name: str) -> list[Item]:
    found: list[Item] = []
    size = len(name)
    for key in held:
        bare = key[1:] if key.startswith("_") else key
        if not bare.startswith(name) or not bare[size : size + 1].isupper() or (bare != key and bare in held):
            continue
        code = bare[size].lower() + bare[size + 1 :]
        if code not in PRIMITIVES:
            code = bare[size:]
        found.extend(_items(held, bare, f"{name}.ofType({code})", place, code))
    return found


def _items(held: dict[str, Any], key: str, shown: str, place: Place, code: str) -> list[Item]:
    values, besides = held.get(key), held.get("_" + key)
    if besides is None:
        here = (place, key, shown)
        if values.__class__ is not list:
            return [] if values is None else [Item(here, values, None, _code(values, code))]
        return [
            Item((here, index, f"[{index}]"), value, None, _code(value, code))
            for index, value in enumerate(values or ())
            if value is not None
        ]
    if not isinstance(values, list) and not isinstance(besides, list):
        return [Item((place, key if values is not None else "_" + key, shown), values, besides, code)]
    return _paired(values, besides, key, shown, place, code)


def _paired(values: Any, besides: Any, key: str, shown: str, place: Place, code: str) -> list[Item]:
    """The items of a list of primitives, some of which have extensions, or nothing else."""
    values = values if isinstance(values, list) else []
    besides = besides if isinstance(besides, list) else []
    found = []
    for index in range(max(len(values), len(besides))):
        value = values[index] if index < len(values) else None
        beside = besides[index] if index < len(besides) else None
        if value is not None or beside is not None:
            top = (place, key if value is not None else "_" + key, shown)
            found.append(Item((top, index, f"[{index}]"), value, beside, code))
    return found


def _code(value: Any, code: str) -> str:
    """The type of a value: of a resource, what it says itself."""
    if value.__class__ is dict and "resourceType" in value:
        name = value["resourceType"]
        return name if isinstance(name, str) else code
    return code
