"""Contained resources and the ids inside a resource: each is there once."""

from __future__ import annotations

from gateway.validate.run import IDS, Run, Scope


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
    found = run.memo.pop((IDS, id(scope.resource)), None)
    if found is None or scope.resource.get("resourceType") == "StructureDefinition":
        return
    seen: set[str] = set()
    for place, key in found:
        if key in seen:
            run.tell(place, "element-same-id")
        seen.add(key)
