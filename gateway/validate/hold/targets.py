"""Is what a reference means among what its element allows: type, profile, and how it may be held?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from gateway.validate.compile import Structures
from gateway.validate.element import Type
from gateway.validate.hold.literal import RESOURCE_TYPES
from gateway.validate.hold.references import Target, resolve
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

Conforms = Callable[[Run, Scope, str], bool]

_DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"
_known: WeakKeyDictionary[Structures, dict[tuple[str, ...], dict[str, str]]] = WeakKeyDictionary()
_HELD = {"contained": ("contained",), "bundled": ("bundled", "referenced"), "remote": ("referenced",)}


def check_target(
    run: Run,
    scope: Scope,
    place: Place,
    value: dict[str, Any],
    type: Type,
    profile: str,
    structures: Structures,
    conforms: Conforms,
) -> None:
    """Tell a target of another type or profile than `type` names, or held otherwise (ElementDefinition.type).

    A target that is not in the file is judged by its type alone, where its URL or `Reference.type` names one.
    """
    target = _target(run, scope, value)
    if type.aggregation:
        _check_held(run, place, value, target, type, profile)
    if target is None or not target.type or not type.targets:
        return
    allowed = _allowed(type.targets, structures)
    names = allowed.values()
    if target.type not in names and "Resource" not in names:
        if "" in names:
            run.tell(place, "target-unknown", profile, targets=_listed(c for c, name in allowed.items() if not name))
        else:
            run.tell(place, "target-type", profile, found=target.type, types=_listed(set(names)))
        return
    if target.scope is not None:
        _check_profile(
            run,
            place,
            target.scope,
            [c for c, name in allowed.items() if name == target.type],
            profile,
            structures,
            conforms,
        )


def _allowed(targets: tuple[str, ...], structures: Structures) -> dict[str, str]:
    """The FHIR type behind each target, "" for those whose definition is not there."""
    known = _known.setdefault(structures, {})
    if targets not in known:
        known[targets] = {canonical: _type_of(canonical, structures) for canonical in targets}
    return known[targets]


def _target(run: Run, scope: Scope, value: dict[str, Any]) -> Target | None:
    reference, named = value.get("reference"), value.get("type")
    target = resolve(run, scope, reference) if isinstance(reference, str) and reference else None
    if target is None and isinstance(named, str) and named.removeprefix(_DEFINITIONS) in RESOURCE_TYPES:
        return Target(named.removeprefix(_DEFINITIONS), None, "remote")
    return target


def _check_held(run: Run, place: Place, value: dict[str, Any], target: Target | None, type: Type, profile: str) -> None:
    if not isinstance(value.get("reference"), str):
        return
    held = "remote" if target is None else target.held
    if not any(way in type.aggregation for way in _HELD[held]):
        run.tell(place, "target-held", profile, allowed=_listed(type.aggregation))


def _check_profile(
    run: Run,
    place: Place,
    target: Scope,
    asked: list[str],
    profile: str,
    structures: Structures,
    conforms: Conforms,
) -> None:
    profiles = [canonical for canonical in asked if not _is_base(canonical)]
    if len(profiles) < len(asked) or not profiles:
        return
    if not any(conforms(run, target, canonical) for canonical in profiles):
        run.tell(place, "target-profile", profile, profiles=_listed(profiles))


def _is_base(canonical: str) -> bool:
    return canonical.partition("|")[0].removeprefix(_DEFINITIONS) in RESOURCE_TYPES


def _type_of(canonical: str, structures: Structures) -> str:
    name = canonical.partition("|")[0].removeprefix(_DEFINITIONS)
    if name in RESOURCE_TYPES or name in ("Resource", "DomainResource"):
        return "Resource" if name == "DomainResource" else name
    structure = structures.get(canonical)
    return "" if structure is None else structure.type


def _listed(words: Any) -> str:
    return ", ".join(sorted(str(word)[:200] for word in words))
