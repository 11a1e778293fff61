"""Is what a reference means among what its element allows: type, profile, and how it may be held?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gateway.validate.compile import Structures
from gateway.validate.element import Type
from gateway.validate.hold.literal import RESOURCE_TYPES
from gateway.validate.hold.references import Target, resolve
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

Conforms = Callable[[Run, Scope, str], bool]
Explain = Callable[[Run, Scope, str], None]

_DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"
_WHERE = {
    "contained": ("dans cette ressource même (« contained », désignée par #id)", "in this resource (“contained”, #id)"),
    "bundled": ("dans le même Bundle, désignée par sa « fullUrl »", "in the same Bundle, named by its “fullUrl”"),
    "referenced": ("ailleurs, désignée par son adresse", "elsewhere, named by its address"),
}
_HELD = {"contained": ("contained",), "bundled": ("bundled", "referenced"), "remote": ("referenced",)}


class Targets:
    """Judges targets by definitions, and by whoever says whether a resource conforms to a profile."""

    def __init__(self, structures: Structures, conforms: Conforms, explain: Explain | None = None) -> None:
        self._structures = structures
        self._conforms = conforms
        self._explain = explain
        self._allowed: dict[tuple[str, ...], dict[str, str]] = {}

    def check(self, run: Run, scope: Scope, place: Place, value: dict[str, Any], type: Type, profile: str) -> None:
        """Tell a target of another type or profile than `type` names, or held otherwise (ElementDefinition.type).

        A target that is not in the file is judged by its type alone, where its URL or `Reference.type` names one. What
        a target breaks of the only profile it may have is told at the target.
        """
        target = _target(run, scope, value)
        if type.aggregation and isinstance(value.get("reference"), str):
            held = "remote" if target is None else target.held
            if not any(way in type.aggregation for way in _HELD[held]):
                run.tell(place, "target-held", profile, **_where(type.aggregation))
        if target is None or not target.type or not type.targets:
            return
        allowed = self._types(type.targets)
        names = set(allowed.values())
        if target.type in names or "Resource" in names:
            asked = [canonical for canonical, name in allowed.items() if name == target.type]
            if target.scope is not None and not self._conforms_to_one(run, target.scope, asked):
                run.tell(place, "target-profile", profile, profiles=_listed(asked))
                if len(asked) == 1 and self._explain is not None:
                    self._explain(run, target.scope, asked[0])
        elif "" in names:
            run.tell(place, "target-unknown", profile, targets=_listed(c for c, name in allowed.items() if not name))
        else:
            run.tell(place, "target-type", profile, found=target.type, types=_listed(names))

    def _conforms_to_one(self, run: Run, target: Scope, asked: list[str]) -> bool:
        """Whether the target conforms to one of these at least. A base type asks nothing beyond the type itself."""
        return (
            any(_is_base(one) for one in asked) or not asked or any(self._conforms(run, target, one) for one in asked)
        )

    def _types(self, targets: tuple[str, ...]) -> dict[str, str]:
        """The FHIR type behind each target, "" for those whose definition is not there."""
        if targets not in self._allowed:
            self._allowed[targets] = {canonical: self._type(canonical) for canonical in targets}
        return self._allowed[targets]

    def _type(self, canonical: str) -> str:
        name = canonical.partition("|")[0].removeprefix(_DEFINITIONS)
        if name in ("Resource", "DomainResource"):
            return "Resource"
        if name in RESOURCE_TYPES:
            return name
        structure = self._structures.get(canonical)
        return "" if structure is None else structure.type


def _target(run: Run, scope: Scope, value: dict[str, Any]) -> Target | None:
    reference, named = value.get("reference"), value.get("type")
    target = resolve(run, scope, reference) if isinstance(reference, str) and reference else None
    if target is None and isinstance(named, str) and named.removeprefix(_DEFINITIONS) in RESOURCE_TYPES:
        return Target(named.removeprefix(_DEFINITIONS), None, "remote")
    return target


def _where(aggregation: Iterable[str]) -> dict[str, Any]:
    """Where a target may stand, in words (ElementDefinition.type.aggregation)."""
    places = [_WHERE[way] for way in aggregation if way in _WHERE]
    return {"fr": " ou ".join(fr for fr, _ in places), "en": " or ".join(en for _, en in places)}


def _is_base(canonical: str) -> bool:
    return canonical.partition("|")[0].removeprefix(_DEFINITIONS) in RESOURCE_TYPES


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(word[:200] for word in words))
