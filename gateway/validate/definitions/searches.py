"""Search parameters: what derives from one keeps its type, and a server says the type it has."""

from __future__ import annotations

from typing import Any, cast

from gateway.validate.compile import Structures
from gateway.validate.library import Library
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope


def check_search_parameter(run: Run, scope: Scope, structures: Structures) -> None:
    """A composite has components (R4 §SearchParameter.component); a derived one narrows what it derives from."""
    one = scope.resource
    if one.get("type") == "composite" and len(_items(one, "component")) < 2:
        run.tell(scope.place, "search-composite")
    origin = _defined(one.get("derivedFrom"), structures)
    if origin is None:
        return
    if one.get("type") != origin.get("type"):
        run.tell((scope.place, "type", "type"), "search-derived-type", type=str(origin.get("type")))
    bases = origin.get("base")
    allowed = set(bases) if isinstance(bases, list) else set()
    if "Resource" not in allowed and not set(_texts(one, "base")) <= allowed:
        run.tell((scope.place, "base", "base"), "search-derived-base", bases=", ".join(sorted(allowed)))


def check_capabilities(run: Run, scope: Scope, structures: Structures) -> None:
    """CapabilityStatement.rest…searchParam.type is that of the definition it names."""
    for place, rest in _placed(scope.place, scope.resource, "rest"):
        holders = [(place, rest), *_placed(place, rest, "resource")]
        for holder_place, holder in holders:
            for there, parameter in _placed(holder_place, holder, "searchParam"):
                definition = _defined(parameter.get("definition"), structures)
                if definition is not None and definition.get("type") != parameter.get("type"):
                    run.tell((there, "type", "type"), "search-parameter-type", type=str(definition.get("type")))


def _defined(canonical: Any, structures: Structures) -> dict[str, Any] | None:
    if not isinstance(canonical, str):
        return None
    return cast(Library, structures.library).find(canonical, "SearchParameter")


def _placed(place: Place, value: dict[str, Any], name: str) -> list[tuple[Place, dict[str, Any]]]:
    above = (place, name, name)
    held = value.get(name)
    items = held if isinstance(held, list) else []
    return [((above, index, f"[{index}]"), item) for index, item in enumerate(items) if isinstance(item, dict)]


def _items(value: dict[str, Any], name: str) -> list[Any]:
    held = value.get(name)
    return held if isinstance(held, list) else []


def _texts(value: dict[str, Any], name: str) -> list[str]:
    return [item for item in _items(value, name) if isinstance(item, str)]
