"""The answer to a search: what matched, what was included, what is said about it (FHIR R4 §3.1.1.5.12)."""

from __future__ import annotations

from typing import Any

from gateway.validate.hold.literal import RESOURCE_TYPES
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope


def check_searchset(run: Run, scope: Scope) -> None:
    """Tell entries without search mode, without id, and matches of another type than the self link asks for."""
    entries = scope.resource.get("entry")
    listed = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    modes = [_mode(entry) for entry in listed]
    types = _asked(scope.resource)
    above = (scope.place, "entry", "entry")
    if listed and not any(modes):
        run.tell(scope.place, "search-no-modes", severity=_without_modes(listed, types))
    for index, (entry, mode) in enumerate(zip(listed, modes, strict=True)):
        place = (above, index, f"[{index}]")
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            run.tell(place, "search-no-resource")
        elif mode:
            _check_entry(run, (place, "resource", "resource"), resource, mode, types)
        elif any(modes):
            run.tell(place, "search-no-mode")


def _check_entry(run: Run, place: Place, resource: dict[str, Any], mode: str, types: tuple[str, ...]) -> None:
    name = resource.get("resourceType")
    if mode == "outcome":
        if name != "OperationOutcome":
            run.tell(place, "search-no-outcome")
        return
    if mode in ("match", "include") and not resource.get("id"):
        run.tell(place, "search-no-id")
    if mode == "match" and types and name not in types:
        run.tell(place, "search-other-type", types=", ".join(types))


def _without_modes(entries: list[dict[str, Any]], types: tuple[str, ...]) -> Any:
    """Nothing is lost where all are of the one type that was asked for."""
    names = {entry["resource"].get("resourceType") for entry in entries if isinstance(entry.get("resource"), dict)}
    names.discard("OperationOutcome")
    return "information" if len(names) <= 1 and (not types or names <= set(types)) else "warning"


def _mode(entry: dict[str, Any]) -> str:
    search = entry.get("search")
    mode = search.get("mode") if isinstance(search, dict) else None
    return mode if isinstance(mode, str) else ""


def _asked(bundle: dict[str, Any]) -> tuple[str, ...]:
    """The types the self link asks for: `[base]/Patient?…` or `[base]?_type=Patient,Observation`."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "self" and isinstance(link.get("url"), str):
            path, _, query = link["url"].partition("?")
            name = path.rstrip("/").rpartition("/")[2]
            if name in RESOURCE_TYPES:
                return (name,)
            for part in query.split("&"):
                if part.startswith("_type="):
                    return tuple(part.removeprefix("_type=").split(",")[:50])
    return ()
