"""The names of a place: what an extension's context may call the element it stands on (FHIR R4 §2.4.0.2).

`Patient.contact[0].name` is `Patient.contact.name`, `HumanName` and `Element`; `Questionnaire.item.item` is
`Questionnaire.item` too; a resource is its type and what that derives from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.validate.compile import Structures
from gateway.validate.element import Element
from gateway.validate.place import Place
from gateway.validate.run import Scope

_OF_TYPE = re.compile(r"(.*)\.ofType\((\w+)\)")
_DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"
_MOST = 10_000  # places that are remembered

Steps = tuple[str, ...]


def steps_to(scope: Scope, place: Place) -> Steps:
    """The FHIRPath steps from the resource of `scope` to a place, its type first, without the numbers of items."""
    steps: list[str] = []
    here: Place | None = place
    while here is not None and here is not scope.place and here[0] is not None:
        if not here[2].startswith("["):
            steps.append(here[2])
        here = here[0]
    steps.append(str(scope.resource.get("resourceType")))
    return tuple(reversed(steps))


class Contexts:
    """Names places by definitions; each is found out once."""

    def __init__(self, structures: Structures) -> None:
        self._structures = structures
        self._known: dict[Steps, tuple[frozenset[str], str]] = {}

    def names(self, steps: Steps) -> frozenset[str]:
        """Every name of the element at the end of `steps`. Of what no definition has, only the path itself."""
        return self._at(steps)[0]

    def type(self, steps: Steps) -> str:
        """The type of the element at the end of `steps`; "" when no definition tells it."""
        return self._at(steps)[1]

    def _at(self, steps: Steps) -> tuple[frozenset[str], str]:
        found = self._known.get(steps)
        if found is None:
            if len(self._known) > _MOST:
                self._known.clear()
            found = self._known[steps] = self._walked(steps)
        return found

    def _walked(self, steps: Steps) -> tuple[frozenset[str], str]:
        structure = self._structures.type(steps[0])
        node = None if structure is None else structure.root
        paths, code = self._ancestors(steps[0]), steps[0]
        for step in steps[1:]:
            found = _OF_TYPE.fullmatch(step)
            name, of_type = (found[1], found[2]) if found else (step, "")
            child = None if node is None else self._child(node, name)
            ends = ("", "[x]") if child is not None and child.choice else ("",)
            paths = [f"{path}.{name}{end}" for path in paths for end in ends]
            if child is not None and child.content and not child.children:  # an item in an item is an item
                paths.append(child.content.rpartition("#")[2])
            code = of_type or (child.types[0].code if child is not None and len(child.types) == 1 else "")
            own = self._structures.type(code) if code and code not in ("BackboneElement", "Element") else None
            paths += self._ancestors(code)
            node = child if own is None else own.root
        return frozenset(paths), code

    def _child(self, node: Element, name: str) -> Element | None:
        if not node.children and node.content:
            path = node.content.rpartition("#")[2].split(".")
            structure = self._structures.type(path[0])
            referred = None if structure is None else structure.root
            for step in path[1:]:
                referred = None if referred is None else _named(referred.children, step)
            node = referred or node
        return _named(node.children, name)

    def _ancestors(self, code: str) -> list[str]:
        """A type and what it derives from. Of a type that is not known, itself."""
        found: list[str] = []
        while code and code not in found:
            found.append(code)
            structure = self._structures.type(code)
            base = "" if structure is None else structure.base
            code = base.removeprefix(_DEFINITIONS) if base.startswith(_DEFINITIONS) else ""
        return found


def _named(elements: Iterable[Element], name: str) -> Element | None:
    return next((element for element in elements if element.name == name), None)
