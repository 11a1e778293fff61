"""Published invariants on published resources: each constraint beside each part of a resource it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from gateway.validate import open_library
from gateway.validate.check.shape import PRIMITIVE, RESOURCE, Shapes
from gateway.validate.compile import Structures
from gateway.validate.element import Constraint
from gateway.validate.fhirpath import Item, Members
from tests.conftest import SHARED
from tests.validate.invariants.edits import is_filled

PACKAGES = SHARED / "fhir-packages"
EXAMPLES = sorted(PACKAGES.glob("*/examples/*.json"))
CASES = sorted((SHARED / "samples" / "fhir-test-cases").glob("*.json"))


@cache
def structures() -> Structures:
    return Structures(open_library(packages=[PACKAGES]))


@cache
def shapes() -> Shapes:
    return Shapes(structures())


@cache
def members() -> Members:
    return Members(shapes())


@cache
def resources() -> tuple[dict[str, Any], ...]:
    """Examples of the guides and HL7's cases, the large ones left out."""
    found = []
    for file in (*EXAMPLES, *CASES):
        text = file.read_bytes()
        if len(text) > 60_000:
            continue
        try:
            tree = json.loads(text, parse_float=Decimal)
        except ValueError:
            continue
        if isinstance(tree, dict) and is_filled(tree) and shapes().of_type(str(tree.get("resourceType"))):
            found.append(tree)
    return tuple(found)


@cache
def expressions() -> frozenset[str]:
    """Every expression of every constraint in every package."""
    found = set()
    for file in PACKAGES.glob("*/package/StructureDefinition-*.json"):
        definition = json.loads(file.read_bytes())
        for view in ("snapshot", "differential"):
            for element in definition.get(view, {}).get("element", ()):
                found |= {c["expression"] for c in element.get("constraint", ()) if c.get("expression")}
    return frozenset(found)


def judged(resource: dict[str, Any]) -> Iterator[tuple[Item, Item, Constraint]]:
    """(resource, part, constraint of that part), for the resource, what is in it and what it holds."""
    yield from _judged(members().whole(resource))


def _judged(whole: Item) -> Iterator[tuple[Item, Item, Constraint]]:
    waiting: list[tuple[Item, Any]] = [(whole, whole.shape.constraints if whole.shape else ())]
    while waiting:
        item, constraints = waiting.pop()
        for constraint in constraints:
            if constraint.expression:
                yield whole, item, constraint
        if not isinstance(item.value, dict) or item.shape is None:
            continue
        for key, held in item.value.items():
            field = item.shape.fields.get(key)
            for one in held if isinstance(held, list) else (held,):
                if field is None or one is None:
                    continue
                if field.kind == RESOURCE:
                    if isinstance(one, dict):
                        yield from _judged(members().whole(one))
                elif field.kind == PRIMITIVE:
                    waiting.append((Item(one, field.type.code, None), field.constraints))
                elif isinstance(one, dict):
                    waiting.append((Item(one, field.type.code, shapes().of(field)), field.constraints))
