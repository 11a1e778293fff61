"""The base pass: a resource against its FHIR type, every element once."""

from __future__ import annotations

from typing import Any

from gateway.validate.check.experts import Experts
from gateway.validate.check.items import Item
from gateway.validate.check.profile import ProfilePass
from gateway.validate.check.shape import PRIMITIVE, RESOURCE, Field, Shape, Shapes
from gateway.validate.element import Element
from gateway.validate.place import Key, Place
from gateway.validate.run import IDS, Run, Scope
from gateway.validate.xhtml import check_text

_QUANTITIES = frozenset({"Quantity", "Age", "Count", "Distance", "Duration"})
_HELD_AS = {"contained": "contained", "Bundle.entry": "entry", "Parameters.parameter": "parameter"}


class TypePass:
    """Checks structure, types, cardinalities, and asks the experts about codes, invariants and references.

    Profiles that a type itself asks for (an extension's own definition, SimpleQuantity, `meta.profile`) are left to
    the profile pass.
    """

    def __init__(
        self,
        experts: Experts,
        shapes: Shapes,
        profiles: ProfilePass,
    ) -> None:
        self._experts = experts
        self._shapes = shapes
        self._profiles = profiles

    def resource(self, run: Run, scope: Scope) -> None:
        """Check one resource whole. A type that R4 has not is told, and nothing else."""
        name = scope.resource.get("resourceType")
        if not isinstance(name, str) or not name:
            run.tell((scope.place, "resourceType", "resourceType"), "no-resource-type")
            return
        shape = self._shapes.of_type(name)
        if shape is None or not shape.resource:
            run.tell(scope.place, "unknown-resource-type")
            return
        if shape.abstract:
            run.tell(scope.place, "abstract-type", shape.url, type=shape.name)
            return
        run.memo["scope", id(scope.resource)] = scope
        self._object(run, scope, scope.place, scope.resource, shape)
        self._laws(run, scope, scope.place, scope.resource, name, shape.constraints, shape.url)
        if self._experts.terms is not None:
            self._experts.terms.check_definition(run, scope)
        hold = self._experts.hold
        if hold is not None:
            hold.check_resource(run, scope)
            for profile in hold.claimed(run, scope):
                self._profiles.resource(run, scope, profile.canonical)

    def _object(self, run: Run, scope: Scope, place: Place, value: dict[str, Any], shape: Shape) -> None:
        run.step(4 + 2 * len(value))
        fields, chosen = shape.fields, None
        if not value:
            run.tell(place, "empty", shape.url)
        if "id" in value and not shape.resource and isinstance(value["id"], str):
            run.memo.setdefault((IDS, id(scope.resource)), []).append((place, value["id"]))
        for key, held in value.items():
            field = fields.get(key)
            if field is None:
                self._other_key(run, scope, place, key, held, value, shape)
            elif field.many:
                self._many(run, scope, place, held, field, shape, value)
            elif held.__class__ is list:
                run.tell((place, key, field.shown), "not-single", shape.url, element=field.key)
            elif field.plain and field.fault(held) is None and (held.__class__ is not str or "<" not in held):
                pass  # what most values are: nothing to tell, so no place is needed
            elif field.kind == PRIMITIVE:
                self._primitive(run, scope, (place, key, field.shown), held, field, shape)
            else:
                self._one(run, scope, (place, key, field.shown), held, field, shape)
            if shape.choices and (key in shape.choices or key[:1] == "_"):
                chosen = [*(chosen or ()), key]
        for element, keys in shape.required:
            if keys[0] not in value and not any(key in value or "_" + key in value for key in keys):
                run.tell(place, "min", shape.url, element=_called(element), min=element.min, found=0)
        if chosen is not None and len(chosen) > 1:
            _check_choices(run, place, chosen, shape)

    def _other_key(
        self, run: Run, scope: Scope, place: Place, key: Key, held: Any, value: dict[str, Any], shape: Shape
    ) -> None:
        if key == "resourceType" and shape.resource:
            return
        field = shape.companions.get(str(key))
        if field is None:
            run.tell((place, key, str(key)[:64]), "unknown-element", shape.url, type=shape.name)
        elif not field.many:
            self._companion(run, scope, (place, key, field.shown), held, field, field.key in value)
        elif isinstance(held, list):
            values = value.get(field.key)
            self._companions(run, scope, (place, key, field.shown), held, field, values, shape)
        else:
            run.tell((place, key, field.shown), "not-a-list", shape.url, element=field.key)

    def _many(
        self, run: Run, scope: Scope, place: Place, held: Any, field: Field, shape: Shape, value: dict[str, Any]
    ) -> None:
        here = (place, field.key, field.shown)
        if not isinstance(held, list):
            run.tell(here, "not-a-list", shape.url, element=field.key)
            held = [held]
        run.step(len(held))
        if not held:
            run.tell(here, "empty", shape.url)
        most = field.element.max
        if most is not None and len(held) > most:
            run.tell(here, "max", shape.url, element=field.key, max=most, found=len(held))
        companions = value.get("_" + field.key) if field.kind == PRIMITIVE else None
        for index, item in enumerate(held):
            there = (here, index, f"[{index}]")
            if item is None and isinstance(companions, list) and index < len(companions) and companions[index]:
                continue
            self._one(run, scope, there, item, field, shape)

    def _one(self, run: Run, scope: Scope, place: Place, value: Any, field: Field, shape: Shape) -> None:
        if field.kind == PRIMITIVE:
            self._primitive(run, scope, place, value, field, shape)
        elif value is None:
            run.tell(place, "empty", shape.url)
        elif not isinstance(value, dict):
            run.tell(place, "not-an-object", shape.url, element=field.key)
        elif field.kind == RESOURCE:
            held_as = "contained" if field.key == "contained" else _HELD_AS.get(shape.name, "other")
            self.resource(run, Scope(value, place, held_as, scope))
        else:
            self._complex(run, scope, place, value, field, shape)

    def _primitive(self, run: Run, scope: Scope, place: Place, value: Any, field: Field, shape: Shape) -> None:
        fault = field.fault(value)
        if fault is not None:
            run.tell(place, fault, shape.url, type=field.type.code)
            return
        if value.__class__ is str and ("<" in value or field.type.code == "xhtml"):
            check_text(run, place, field.type.code, value)
        terms = self._experts.terms
        if field.binding is not None and terms is not None:
            terms.check_binding(run, place, value, field.type.code, field.binding, shape.url)
        if field.constrained:  # ele-1 holds: a value is there
            self._laws(run, scope, place, value, field.type.code, field.constraints, shape.url)
        if field.type.code == "canonical" and self._experts.hold is not None:
            self._experts.hold.check_reference(run, scope, place, value, field.type, shape.url)

    def _complex(self, run: Run, scope: Scope, place: Place, value: dict[str, Any], field: Field, shape: Shape) -> None:
        code = field.type.code
        own = self._shapes.of(field)
        if own is None:
            run.tell(place, "unknown-type", shape.url, type=code)
            return
        self._object(run, scope, place, value, own)
        terms, hold = self._experts.terms, self._experts.hold
        if terms is not None:
            if field.binding is not None:
                terms.check_binding(run, place, value, code, field.binding, shape.url)
            if code == "Coding":
                terms.check_coding(run, place, value)
            elif code in _QUANTITIES:
                terms.check_unit(run, place, value)
        if field.constrained or "id" in value or "_id" in value:  # without an id ele-1 holds
            self._laws(run, scope, place, value, code or own.name, field.constraints, shape.url)
        if hold is not None:
            if code == "Reference":
                hold.check_reference(run, scope, place, value, field.type, shape.url)
            elif code == "Attachment":
                hold.check_attachment(run, scope, place, value)
            elif code == "Extension":
                definition = hold.check_extension(run, scope, place, value, field.key)
                if definition is not None:
                    self._profiles.value(run, scope, Item(place, value, None, code), definition.canonical)
        for profile in field.type.profiles:
            self._profiles.value(run, scope, Item(place, value, None, code), profile)

    def _companions(
        self, run: Run, scope: Scope, place: Place, held: list[Any], field: Field, values: Any, shape: Shape
    ) -> None:
        beside = values if isinstance(values, list) else []
        if not held:
            run.tell(place, "empty", shape.url)
        if values is None and field.element.max is not None and len(held) > field.element.max:
            run.tell(place, "max", shape.url, element=field.key, max=field.element.max, found=len(held))
        for index, item in enumerate(held):
            has_value = index < len(beside) and beside[index] is not None
            if item is not None:
                self._companion(run, scope, (place, index, f"[{index}]"), item, field, has_value)
            elif index >= len(beside):
                run.tell((place, index, f"[{index}]"), "empty", shape.url)

    def _companion(self, run: Run, scope: Scope, place: Place, value: Any, field: Field, has_value: bool) -> None:
        """The `_` object beside a primitive: its id and extensions (FHIR R4 §2.6.2.3)."""
        shape = self._shapes.of_type(field.type.code) or self._shapes.of_type("Element")
        if not isinstance(value, dict):
            run.tell(place, "not-an-object", "", element="_" + field.key)
        elif shape is not None:
            self._object(run, scope, place, value, shape)
            if not has_value:
                self._laws(run, scope, place, value, field.type.code, field.constraints, shape.url)

    def _laws(
        self, run: Run, scope: Scope, place: Place, value: Any, code: str, constraints: Any, profile: str
    ) -> None:
        if constraints and self._experts.invariants is not None:
            self._experts.invariants.check(run, scope, place, value, code, constraints, profile)


def _check_choices(run: Run, place: Place, keys: list[str], shape: Shape) -> None:
    """An element of several types has one of them: `valueString` or `valueQuantity`, and its own `_` object."""
    found: dict[str, set[str]] = {}
    for key in keys:
        bare = key.removeprefix("_")
        if bare in shape.choices:
            found.setdefault(shape.choices[bare], set()).add(bare)
    for called, types in found.items():
        if len(types) > 1:
            run.tell(place, "one-choice", shape.url, element=called, found=len(types))


def _called(element: Element) -> str:
    return element.name + "[x]" if element.choice else element.name
