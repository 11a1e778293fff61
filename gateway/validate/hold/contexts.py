"""The names of a place: what an extension's context may call the element it stands on (FHIR R4 §2.4.0.2).

`Patient.contact[0].name` is `Patient.contact.name`, `HumanName` and `Element`; a resource is its type and what that
derives from.
"""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from gateway.validate.compile import Structures
from gateway.validate.element import Element, Structure
from gateway.validate.place import Place
from gateway.validate.run import Scope

_OF_TYPE = re.compile(r"(.*)\.ofType\((\w+)\)")
_DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"
_known: WeakKeyDictionary[Structures, dict[tuple[str, ...], tuple[frozenset[str], str]]] = WeakKeyDictionary()


def steps_to(scope: Scope, place: Place) -> tuple[str, ...]:
    """The FHIRPath steps from the resource of `scope` to a place, its type first, without the numbers of items."""
    steps: list[str] = []
    here: Place | None = place
    while here is not None and here is not scope.place and here[0] is not None:
        if not here[2].startswith("["):
            steps.append(here[2])
        here = here[0]
    steps.append(str(scope.resource.get("resourceType")))
    return tuple(reversed(steps))


def names_at(steps: tuple[str, ...], structures: Structures) -> frozenset[str]:
    """Every name of the element at the end of `steps`. Of what no definition has, only the path itself."""
    return _known_at(steps, structures)[0]


def type_at(steps: tuple[str, ...], structures: Structures) -> str:
    """The type of the element at the end of `steps`; "" when no definition tells it."""
    return _known_at(steps, structures)[1]


def _known_at(steps: tuple[str, ...], structures: Structures) -> tuple[frozenset[str], str]:
    known = _known.setdefault(structures, {})
    if steps not in known:
        if len(known) > 10_000:
            known.clear()
        known[steps] = _walked(steps, structures)
    return known[steps]


def _walked(steps: tuple[str, ...], structures: Structures) -> tuple[frozenset[str], str]:
    structure = structures.type(steps[0])
    node = None if structure is None else structure.root
    paths, code = _ancestors(steps[0], structures), steps[0]
    for step in steps[1:]:
        found = _OF_TYPE.fullmatch(step)
        name, of_type = (found[1], found[2]) if found else (step, "")
        child = None if node is None else _child(node, name, structures)
        ends = ("", "[x]") if child is not None and child.choice else ("",)
        paths = [f"{path}.{name}{end}" for path in paths for end in ends]
        code = of_type or (child.types[0].code if child is not None and len(child.types) == 1 else "")
        own = structures.type(code) if code and code not in ("BackboneElement", "Element") else None
        paths += _ancestors(code, structures)
        node = child if own is None else own.root
    return frozenset(paths), code


def _child(node: Element, name: str, structures: Structures) -> Element | None:
    if not node.children and node.content:
        path = node.content.rpartition("#")[2]
        structure = structures.type(path.partition(".")[0])
        node = (_at(structure, path) if structure is not None else None) or node
    return next((child for child in node.children if child.name == name), None)


def _at(structure: Structure, path: str) -> Element | None:
    node: Element | None = structure.root
    for name in path.split(".")[1:]:
        node = None if node is None else next((child for child in node.children if child.name == name), None)
    return node


def _ancestors(code: str, structures: Structures) -> list[str]:
    """A type and what it derives from. Of a type that is not known, itself."""
    found: list[str] = []
    while code and code not in found and len(found) < 20:
        found.append(code)
        structure = structures.type(code)
        base = "" if structure is None else structure.base
        code = base.removeprefix(_DEFINITIONS) if base.startswith(_DEFINITIONS) else ""
    return found
