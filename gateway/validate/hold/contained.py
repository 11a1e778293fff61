"""Contained resources and the ids inside a resource: each is there once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.validate.place import Place
from gateway.validate.run import Run, Scope


def check_contained(run: Run, scope: Scope) -> None:
    """Tell contained resources with no id or with the id of another one (FHIR R4 §2.3.0.2)."""
    held = scope.resource.get("contained")
    if not isinstance(held, list):
        return
    seen: set[str] = set()
    for index, resource in enumerate(held):
        if not isinstance(resource, dict):
            continue
        place = ((scope.place, "contained", "contained"), index, f"[{index}]")
        key = resource.get("id")
        if not isinstance(key, str):
            run.tell(place, "contained-no-id")
        elif key in seen:
            run.tell(place, "contained-same-id")
        else:
            seen.add(key)


def check_ids(run: Run, scope: Scope) -> None:
    """Tell an element whose id another element of the same resource has (FHIR R4 §2.4: unique within the resource).

    Those of a StructureDefinition name elements of the type (ElementDefinition.id): its differential and its
    snapshot have the same ones, and sdf-16 and sdf-17 say the rest.
    """
    if scope.resource.get("resourceType") == "StructureDefinition":
        return
    ids = list(_ids(scope.resource))
    if len(ids) == len(set(ids)):
        return
    seen: set[str] = set()
    for place, key in _placed_ids(scope.place, scope.resource, True):
        if key in seen:
            run.tell(place, "element-same-id")
        seen.add(key)


def _ids(resource: dict[str, Any]) -> Iterator[str]:
    """The ids of all elements of a resource, those of resources it holds left out. Quick: nothing is placed."""
    todo: list[Any] = [held for held in resource.values() if type(held) is dict or type(held) is list]
    while todo:
        value = todo.pop()
        if type(value) is dict:
            if "resourceType" in value:
                continue
            key = value.get("id")
            if type(key) is str:
                yield key
            value = value.values()
        todo += [held for held in value if type(held) is dict or type(held) is list]


def _placed_ids(place: Place, value: dict[str, Any], whole: bool = False) -> Iterator[tuple[Place, str]]:
    if "resourceType" in value and not whole:
        return
    key = value.get("id")
    if isinstance(key, str) and not whole:
        yield place, key
    for name, held in value.items():
        there = (place, name, name.removeprefix("_"))
        if isinstance(held, dict):
            yield from _placed_ids(there, held)
        elif isinstance(held, list):
            for index, item in enumerate(held):
                if isinstance(item, dict):
                    yield from _placed_ids((there, index, f"[{index}]"), item)
