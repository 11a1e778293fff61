"""Random edits of resources that leave them FHIR's JSON: what is there leaves, moves, is doubled or changes its word.

What is no FHIR JSON (empty arrays, a number where an object belongs) is another rule's matter than invariants.
"""

from __future__ import annotations

import copy
from random import Random
from typing import Any

TEXTS = ("x", "#x", "#", "male", "2024-05", "2024-05-12T10:00:00Z", "urn:oid:1.2", "searchset", "entered-in-error", "1")
NUMBERS = (0, 1, 2, 101)


def edited(resource: dict[str, Any], chance: Random) -> dict[str, Any]:
    """A copy with one to four edits."""
    tree = copy.deepcopy(resource)
    for _ in range(chance.randint(1, 4)):
        holder = chance.choice(_holders(tree))
        if isinstance(holder, list):
            _edit_list(holder, chance)
        else:
            _edit_object(holder, chance)
    return tree


def is_filled(tree: Any) -> bool:
    """Nothing in it is empty: no null, no empty array, object or text."""
    if isinstance(tree, (dict, list)):
        return bool(tree) and all(is_filled(one) for one in (tree.values() if isinstance(tree, dict) else tree))
    return tree is not None and tree != ""


def _holders(tree: Any) -> list[Any]:
    found, waiting = [], [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (dict, list)):
            found.append(one)
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return found


def _edit_list(items: list[Any], chance: Random) -> None:
    if len(items) > 1 and chance.random() < 0.4:
        del items[chance.randrange(len(items))]
    elif chance.random() < 0.6:
        items.append(copy.deepcopy(chance.choice(items)))
    else:
        chance.shuffle(items)


def _edit_object(held: dict[str, Any], chance: Random) -> None:
    keys = [key for key in held if key != "resourceType"]
    if not keys:
        return
    key = chance.choice(keys)
    value = held[key]
    if isinstance(value, (dict, list)) or chance.random() < 0.4:
        if len(keys) > 1:
            del held[key]
    elif isinstance(value, bool):
        held[key] = not value
    elif isinstance(value, str):
        held[key] = chance.choice(TEXTS)
    else:
        held[key] = chance.choice(NUMBERS)
