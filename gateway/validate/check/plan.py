"""What a profile adds, ready to be walked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from gateway.validate.element import Element, Slicing, Structure, Type

_DEFAULT = "@default"  # the slice of what is in no other (FHIR R4 §5.1.0.8)
PRIMITIVES = frozenset(
    {"base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer"}
    | {"markdown", "oid", "positiveInt", "string", "time", "unsignedInt", "uri", "url", "uuid", "xhtml"}
)


@dataclass(slots=True, eq=False)
class Plan:
    """One element of a profile's delta.

    profile   canonical of the profile, with its version
    called    the name people use: `value[x]`
    types     by code; several of one code are one, with the profiles and targets of all
    default   the slice of the items that are in no other
    name      the JSON key, and companion: that of the `_` object beside; not those of a choice
    asked     whether something is told when there is no item at all; sought: that, or its key is not known beforehand
    judged    whether the value itself is checked for anything but its children; bounded: for its fixed value or limits
    criteria  of a slice: what its items are known by; by_url: of sliced extensions, which slices have a url; marks:
              of a slice, the first in words (all made at first use: see slicing and marks)
    """

    element: Element
    profile: str
    called: str
    types: dict[str, Type]
    judged: bool
    bounded: bool
    children: list[Plan] = field(default_factory=list)
    slices: list[Plan] = field(default_factory=list)
    default: Plan | None = None
    name: str = ""
    companion: str = ""
    asked: bool = False
    sought: bool = False
    criteria: Any = None
    by_url: dict[str, list[int]] | None = None
    marks: dict[str, Any] | None = None


def plan_of(delta: Structure) -> Plan:
    """The plan of a delta (`Structures.added`)."""
    return _plan(delta.root, delta.canonical)


def within(plan: Plan, part: Any) -> Plan:
    """A plan for a part of the fixed value or pattern of another: that it has this."""
    name = plan.element.name
    return Plan(
        Element(plan.element.path, plan.element.id, name, pattern=(part,)),
        plan.profile,
        name,
        {},
        judged=True,
        bounded=True,
    )


def _plan(element: Element, profile: str) -> Plan:
    called = element.name + ("[x]" if element.choice else "") + (":" + element.slice_name if element.slice_name else "")
    slices = [_plan(_inheriting(part, element.slicing), profile) for part in element.slices]
    default = next((part for part in slices if part.element.slice_name == _DEFAULT), None)
    asked = element.min > 0 or any(part.asked for part in slices)
    return Plan(
        element=element,
        profile=profile,
        called=called,
        types=_by_code(element.types),
        judged=_bounded(element) or _judged(element),
        bounded=_bounded(element),
        children=[_plan(child, profile) for child in element.children],
        slices=[part for part in slices if part is not default],
        default=default,
        name=element.name,
        companion="_" + element.name,
        asked=asked,
        sought=asked or element.choice,
    )


def _inheriting(part: Element, slicing: Slicing | None) -> Element:
    """Slices of a slice that does not say how they are told apart are told apart as it is itself."""
    if part.slices and part.slicing is None and slicing is not None:
        return replace(part, slicing=Slicing(slicing.discriminators))
    return part


def _by_code(types: tuple[Type, ...]) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for each in types:
        other = found.get(each.code)
        if other is not None:
            profiles = other.profiles + each.profiles if other.profiles and each.profiles else ()
            targets = other.targets + each.targets if other.targets and each.targets else ()
            each = Type(each.code, profiles, targets, other.aggregation + each.aggregation)
        found[each.code] = each
    return found


def _judged(element: Element) -> bool:
    return bool(
        element.types or element.binding or element.constraints or element.must_have_value or element.value_alternatives
    )


def _bounded(element: Element) -> bool:
    return bool(
        element.fixed
        or element.pattern
        or element.min_value
        or element.max_value
        or element.max_length
        or element.min_length
    )
