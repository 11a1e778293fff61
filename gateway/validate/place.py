"""Where in a resource a value stands: one link a step, so that walking costs little and only findings are spelled out.

A place is a chain of `(above, key, shown)`. `key` is the step in the JSON tree (`valueQuantity`, `_birthDate`, 2);
`shown` is the same step in FHIRPath (`value.ofType(Quantity)`, `birthDate`, `[2]`).
"""

from __future__ import annotations

from typing import Union

Key = str | int
Place = tuple[Union["Place", None], Key, str]


def at_root(resource_type: str) -> Place:
    """The place of a whole resource. Its key is the empty one: nothing stands above it."""
    return (None, "", resource_type)


def path_of(place: Place) -> str:
    """The FHIRPath of a place, every item of a list by its number: `Bundle.entry[0].resource.name[1].given[0]`."""
    shown: list[str] = []
    here: Place | None = place
    while here is not None:
        above, _, text = here
        shown.append(text if above is None or text.startswith("[") else "." + text)
        here = above
    return "".join(reversed(shown))


def keys_of(place: Place) -> tuple[Key, ...]:
    """The steps through the JSON tree, from the root; the root itself is ()."""
    keys: list[Key] = []
    here: Place | None = place
    while here is not None and here[0] is not None:
        keys.append(here[1])
        here = here[0]
    return tuple(reversed(keys))
