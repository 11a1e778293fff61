"""The items of an instance that an element of a definition speaks of."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.validate.check.plan import PRIMITIVES
from gateway.validate.element import Element
from gateway.validate.place import Place


class Item(NamedTuple):
    """One value: where it is, what it is, the `_` object beside it when it is a primitive, and its type.

    `value` is None for a primitive that has extensions only. `code` is "" for an element with elements of its own.
    """

    place: Place
    value: Any
    beside: Any
    code: str


def items_of(item: Item, element: Element) -> list[Item]:
    """Every item of `element` in an object. A primitive has only what its `_` object holds."""
    held = item.value if isinstance(item.value, dict) else item.beside
    if not isinstance(held, dict):
        return []
    if element.choice:
        return _choices(held, item.place, element.name)
    name = element.name
    if name in held or "_" + name in held:
        return _items(held, name, name, item.place, element.code)
    return []


def items_named(item: Item, name: str) -> list[Item]:
    """The same for a name in a path, where `value` may mean `valueQuantity` and no type is known."""
    held = item.value if isinstance(item.value, dict) else item.beside
    if not isinstance(held, dict):
        return []
    if name in held or "_" + name in held:
        return _items(held, name, name, item.place, "")
    return _choices(held, item.place, name)


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
    if not isinstance(values, list) and not isinstance(besides, list):
        here = (place, key if values is not None else "_" + key, shown)
        return [Item(here, values, besides, _code(values, code))]
    values = values if isinstance(values, list) else []
    besides = besides if isinstance(besides, list) else []
    found = []
    for index in range(max(len(values), len(besides))):
        value = values[index] if index < len(values) else None
        beside = besides[index] if index < len(besides) else None
        if value is not None or beside is not None:
            top = (place, key if value is not None else "_" + key, shown)
            found.append(Item((top, index, f"[{index}]"), value, beside, _code(value, code)))
    return found


def _code(value: Any, code: str) -> str:
    if isinstance(value, dict):
        name = value.get("resourceType")
        if isinstance(name, str):
            return name
    return code
