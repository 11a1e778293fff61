"""A StructureDefinition: its differential speaks of elements its base has, and names profiles of the types it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.validate.compile import Structures
from gateway.validate.element import Element, Structure
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

_DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"


def check_profile(run: Run, scope: Scope, structures: Structures) -> None:
    """Tell an unknown base, elements the base does not have, and profiles of another type than the element's."""
    one = scope.resource
    canonical = one.get("baseDefinition")
    base = structures.get(canonical, run) if isinstance(canonical, str) else None
    if base is None:
        if isinstance(canonical, str):
            run.tell((scope.place, "baseDefinition", "baseDefinition"), "base-unknown", canonical[:200])
        return
    constrains = one.get("derivation") == "constraint"
    for place, element in _elements(scope.place, one):
        path = element.get("path")
        if constrains and isinstance(path, str) and not _has(base, path, structures):
            run.tell((place, "path", "path"), "element-not-in-base", base.canonical, base=base.name)
        _check_types(run, place, element, structures)


def _elements(place: Place, one: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    differential = one.get("differential")
    elements = differential.get("element") if isinstance(differential, dict) else None
    above = ((place, "differential", "differential"), "element", "element")
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        if isinstance(element, dict):
            yield (above, index, f"[{index}]"), element


def _check_types(run: Run, place: Place, element: dict[str, Any], structures: Structures) -> None:
    types = element.get("type")
    for number, each in enumerate(types if isinstance(types, list) else []):
        code = each.get("code") if isinstance(each, dict) else None
        profiles = each.get("profile") if isinstance(each, dict) else None
        for index, canonical in enumerate(profiles if isinstance(profiles, list) else []):
            profile = structures.get(canonical, run) if isinstance(canonical, str) else None
            if profile is not None and isinstance(code, str) and not _is_of(profile, code, structures):
                at = ((place, "type", "type"), number, f"[{number}]")
                there = ((at, "profile", "profile"), index, f"[{index}]")
                run.tell(there, "type-profile", profile.canonical, type=profile.type)


def _is_of(profile: Structure, code: str, structures: Structures) -> bool:
    """A profile of the type itself: a type that derives from it (Count, of Quantity) is another type."""
    return profile.type in (code, code.removeprefix(_DEFINITIONS)) or code in ("Resource", "DomainResource", "Element")


def _has(base: Structure, path: str, structures: Structures) -> bool:
    """Is there an element at `path` in the base, going on into the types of its elements?"""
    steps = path.split(".")
    if steps[0] != base.type or len(steps) > 40:
        return steps[0] == base.type
    here: list[Element] = [base.root]
    for step in steps[1:]:
        if not here:
            return False
        found = [child for node in here for child in _children(node, structures) if _is_called(child, step)]
        here = found
        if any(child.types and child.types[0].code in ("Resource", "DomainResource") for child in found):
            return True
    return bool(here)


def _children(node: Element, structures: Structures) -> Iterator[Element]:
    if node.children:
        yield from node.children
    if node.content:
        path = node.content.rpartition("#")[2]
        structure = structures.type(path.partition(".")[0])
        referred = structure.root if structure is not None else None
        for step in path.split(".")[1:]:
            referred = next((c for c in referred.children if c.name == step), None) if referred is not None else None
        if referred is not None:
            yield from referred.children
    for each in node.types:
        structure = structures.type(each.code)
        if structure is not None:
            yield from structure.root.children


def _is_called(element: Element, step: str) -> bool:
    """By its name, or by the name of a choice with one of its types (`valueQuantity`)."""
    if not element.choice:
        return element.name == step
    rest = step.removeprefix(element.name)
    return step.startswith(element.name) and (
        rest in ("", "[x]") or any(rest.lower() == each.code.lower() for each in element.types)
    )
