"""Grows an instance of a profile from its snapshot: what it requires, and what it is asked to have beside.

It knows the definitions and nothing of the validator, which judges what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from gateway.validate import Library
from gateway.validate.compile import Structures
from gateway.validate.element import Binding, Element, Structure, Type

PRIMITIVES: dict[str, Any] = {
    "boolean": True, "integer": 1, "positiveInt": 1, "unsignedInt": 1, "decimal": 1, "string": "Exemple",
    "markdown": "Exemple", "code": "exemple", "id": "exemple", "uri": "urn:ietf:rfc:3986",
    "url": "https://exemple.example.org", "canonical": "https://exemple.example.org/x", "oid": "urn:oid:1.2.250.1",
    "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "date": "2024-02-29", "dateTime": "2024-02-29T10:00:00Z",
    "instant": "2024-02-29T10:00:00Z", "time": "10:00:00", "base64Binary": "YQ==",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">Exemple</div>',
}  # fmt: skip
CHOSEN = {
    "Bundle.type": "collection",
    "Bundle.entry.request.method": "POST",
    "Attachment.contentType": "application/pdf",
    "DocumentReference.content.attachment.contentType": "application/pdf",
}
"""Values whose first code would ask for more, or cannot be listed."""
DEPTH = 12
_TYPES = "http://hl7.org/fhir/StructureDefinition/"


class Grower:
    """Grows instances of the definitions of a library."""

    def __init__(self, library: Library, structures: Structures) -> None:
        self._library, self._structures = library, structures
        self._contained: list[dict[str, Any]] = []
        self._must_contain = False
        self._number = 0

    def instance(self, canonical: str, wanted: frozenset[str] = frozenset()) -> dict[str, Any]:
        """An instance with every required element, and the optional ones whose ids are `wanted`."""
        structure = self._structures.get(canonical)
        assert structure is not None, canonical
        self._number = 0
        return self._resource(structure, wanted, 0)

    def optional(self, canonical: str) -> list[str]:
        """The ids of what a profile speaks of and does not require, outermost first."""
        delta = self._structures.added(canonical)
        ids = list(_ids(delta.root)) if delta else []
        return sorted(ids, key=lambda one: one.count("."))

    def _resource(self, structure: Structure, wanted: frozenset[str], depth: int) -> dict[str, Any]:
        outer, self._contained = self._contained, []
        self._must_contain = _must_contain(structure)
        tree: dict[str, Any] = {"resourceType": structure.type}
        tree |= self._object(structure.root, structure.type, wanted, depth)
        if self._contained:
            tree["contained"] = self._contained
        self._contained = outer
        return settled(tree)

    def _object(self, element: Element, owner: str, wanted: frozenset[str], depth: int) -> dict[str, Any]:
        """What stands in an element of the type `owner`."""
        tree: dict[str, Any] = {}
        for child in element.children if depth <= DEPTH else ():
            if child.name == "contained" and not any(part.min for part in child.slices):
                continue  # what is contained without a slice is what references bring
            items = list(self._items(child, wanted, depth))
            if not items or child.max == 0:
                continue
            if child.name == "contained":
                self._contained += [self._named(value) for _, value in items]
                continue
            kind, value = items[0]
            key = child.name + (kind.code[:1].upper() + kind.code[1:] if child.choice else "")
            tree[key] = [value for _, value in items] if self._is_list(child, owner) else value
        return tree

    def _named(self, held: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        return held | {"id": f"c{self._number}"}

    def _items(self, child: Element, wanted: frozenset[str], depth: int) -> Iterator[tuple[Type, Any]]:
        """(type, value) of each item of an element: one a required or wanted slice, then as many as its minimum."""
        made = 0
        for part in child.slices:
            for _ in range(0 if part.max == 0 else max(part.min, _asked(part, wanted))):
                made += 1
                yield self._value(part, child, wanted | _telling_apart(child, part), depth)
        for _ in range(max(child.min, 0 if made else _asked(child, wanted)) - made):
            yield self._value(child, child, wanted, depth)

    def _is_list(self, child: Element, owner: str) -> bool:
        """Whether JSON has a list here: the base type decides, not the profile."""
        structure = self._structures.type(owner)
        if structure is None or owner in ("BackboneElement", "Element"):
            structure = self._structures.type(child.path.partition(".")[0])
        element: Element | None = structure.root if structure else None
        known = self._child(element, child.name)
        if known is None:
            for step in child.path.split(".")[1:]:
                element = self._child(element, step.removesuffix("[x]"))
            known = element
        return known is not None and (known.max is None or known.max > 1)

    def _child(self, element: Element | None, name: str) -> Element | None:
        for one in element.children if element else ():
            if one.name == name:
                return one
        if element and not element.children and element.types:
            of_type = self._structures.type(element.types[0].code)
            return self._child(of_type.root, name) if of_type else None
        return None

    def _value(self, element: Element, whole: Element, wanted: frozenset[str], depth: int) -> tuple[Type, Any]:
        types = element.types or whole.types
        kind = types[0] if types else Type("BackboneElement")
        if element.fixed is not None:
            return kind, deepcopy(element.fixed[0])
        value = self._of_type(element, whole, kind, wanted, depth)
        if element is not whole and isinstance(value, dict) and "resourceType" not in value:
            value = self._object(whole, kind.code, frozenset(), depth + 1) | value
        return kind, _merged(value, element.pattern[0]) if element.pattern is not None else value

    def _of_type(self, element: Element, whole: Element, kind: Type, wanted: frozenset[str], depth: int) -> Any:
        binding = element.binding or whole.binding
        code = kind.code
        if element.path in CHOSEN:
            return CHOSEN[element.path]
        if code in PRIMITIVES:
            return self._code(binding, PRIMITIVES[code]) if code in ("code", "uri", "string") else PRIMITIVES[code]
        base = self._structures.type(code)
        if base is not None and base.kind == "resource":
            return self._held(kind, wanted, depth)
        if kind.profiles and (profile := self._structures.get(kind.profiles[0])) is not None:
            value = self._object(profile.root, code, wanted, depth + 1)
            if element.children:
                value = _merged(value, self._object(element, code, wanted, depth + 1))
        elif element.children:
            value = self._object(element, code, wanted, depth + 1)
        else:
            value = self._object(base.root, code, wanted, depth + 1) if base else {}
        if code == "Reference" and "reference" not in value and "identifier" not in value:
            value |= self._reference(kind, depth)
        if code == "Extension" and not {"extension", *(key for key in value if key.startswith("value"))} & set(value):
            value |= self._some_value(element, kind, depth)
        return self._complete(value, code, binding)

    def _some_value(self, element: Element, kind: Type, depth: int) -> dict[str, Any]:
        """A value for an extension that needs none of its elements but, as all do, one."""
        profile = self._structures.get(kind.profiles[0]) if kind.profiles else self._structures.type("Extension")
        owner = element if element.children else profile.root if profile else element
        for child in owner.children:
            if child.name == "extension" and any(part.max != 0 for part in child.slices):
                part = next(part for part in child.slices if part.max != 0)
                return {"extension": [self._value(part, child, frozenset(), depth + 1)[1]]}
            if child.name == "value" and child.max != 0:
                found, value = self._value(child, child, frozenset(), depth + 1)
                return {"value" + found.code[:1].upper() + found.code[1:]: value}
        return {}

    def _complete(self, value: dict[str, Any], code: str, binding: Binding | None) -> dict[str, Any]:
        """No element is empty: what says nothing yet says something of its type."""
        coding = self._coding(binding)
        if code == "Coding" and "code" not in value:
            if "system" in value:
                known = (self._library.code_system(value["system"]) or {}).get("concept")
                return value | {"code": known[0]["code"] if known else "exemple"}
            value |= coding or {"system": "https://exemple.example.org/s", "code": "exemple"}
        elif code == "CodeableConcept" and not value.get("coding"):
            value |= {"coding": [coding]} if coding else {"text": "Exemple"}
        elif not value:
            some: dict[str, dict[str, Any]] = {
                "Identifier": {"system": "https://exemple.example.org/id", "value": "1"},
                "HumanName": {"family": "Exemple"},
                "Address": {"city": "Exemple"},
                "ContactPoint": {"system": "phone", "value": "0123456789"},
                "Period": {"start": "2024-02-29"},
                "Annotation": {"text": "Exemple"},
                "Attachment": {"contentType": "application/pdf", "url": "https://exemple.example.org/a"},
                "Quantity": {"value": 1},
                "Narrative": {"status": "generated", "div": PRIMITIVES["xhtml"]},
                "Meta": {"lastUpdated": PRIMITIVES["instant"]},
                "Timing": {"event": [PRIMITIVES["dateTime"]]},
            }
            value |= some.get(code, {})
        return value

    def _reference(self, kind: Type, depth: int) -> dict[str, Any]:
        target = kind.targets[0] if kind.targets else _TYPES + "Patient"
        structure = self._structures.get(target)
        name = structure.type if structure else target.rpartition("/")[2]
        name = "Patient" if name in ("Resource", "DomainResource") else name
        for held in self._contained:
            if held["resourceType"] in {self._type_of(one) for one in kind.targets or (target,)}:
                return {"reference": "#" + held["id"]}
        asked = kind.aggregation == ("contained",)
        asked = asked or (self._must_contain and structure is not None and not _must_contain(structure))
        if asked and structure is not None and depth < DEPTH:
            held = self._named(self._resource(structure, frozenset(), depth + 1))
            self._contained.append(held)
            return {"reference": "#" + held["id"]}
        return {"reference": f"{name}/1"}

    def _type_of(self, target: str) -> str:
        structure = self._structures.get(target)
        return structure.type if structure else ""

    def _held(self, kind: Type, wanted: frozenset[str], depth: int) -> dict[str, Any]:
        profile = self._structures.get(kind.profiles[0] if kind.profiles else _TYPES + "Basic")
        return self._resource(profile, wanted, depth + 1) if profile else {"resourceType": "Basic"}

    def _code(self, binding: Binding | None, otherwise: Any) -> Any:
        coding = self._coding(binding)
        return coding["code"] if coding else otherwise

    def _coding(self, binding: Binding | None) -> dict[str, Any] | None:
        return first_code(self._library, binding.value_set) if binding and binding.strength != "example" else None


def settled(tree: dict[str, Any]) -> dict[str, Any]:
    """A resource with what invariants of its type ask for beside its elements."""
    if tree["resourceType"] == "Organization" and "identifier" not in tree:
        tree.setdefault("name", "Exemple")
    if tree["resourceType"] == "Bundle":
        for number, entry in enumerate(tree.get("entry", ())):
            resource = entry.setdefault("resource", settled({"resourceType": "Organization"}))
            entry.setdefault("fullUrl", f"urn:uuid:c757873d-ec9a-4326-a141-{number:012d}")
            if tree.get("type") in ("transaction", "batch"):
                entry["request"] = {"method": "POST"} | entry.get("request", {}) | {"url": resource["resourceType"]}
            else:
                entry.pop("request", None)
    return tree


def _must_contain(structure: Structure) -> bool:
    return any(child.name == "contained" and child.min > 0 for child in structure.root.children)


def _ids(element: Element) -> Iterator[str]:
    for child in (*element.children, *element.slices):
        if child.max != 0:
            if child.min == 0:
                yield child.id
            yield from _ids(child)


def _telling_apart(child: Element, part: Element) -> frozenset[str]:
    """The ids of the elements by which a slice is told from others."""
    paths = child.slicing.discriminators if child.slicing else ()
    return frozenset(f"{part.id}.{path}" for _, path in paths if path.replace(".", "").isalnum())


def _asked(element: Element, wanted: frozenset[str]) -> int:
    return int(
        element.path == "Bundle.entry.request"
        or element.id in wanted
        or any(one.startswith(element.id + ".") for one in wanted)
    )


def first_code(library: Library, canonical: str, depth: int = 0) -> dict[str, Any] | None:
    """A code of a value set that is listed in it, or in a code system it includes; None when that cannot be said."""
    value_set = library.value_set(canonical) if depth < 4 else None
    for include in ((value_set or {}).get("compose") or {}).get("include", ()):
        system = include.get("system")
        if include.get("filter"):
            continue
        listed = include.get("concept") or (library.code_system(system) or {}).get("concept", ()) if system else ()
        for concept in listed:
            return {"system": system, "code": concept["code"]}
        if system and not (library.code_system(system) or {}).get("concept"):
            return {"system": system, "code": "exemple"}
        for inner in include.get("valueSet", ()):
            if (found := first_code(library, inner, depth + 1)) is not None:
                return found
    return None


def _merged(value: Any, asked: Any) -> Any:
    """`value` with all that `asked` has."""
    if isinstance(value, dict) and isinstance(asked, dict):
        return value | {key: _merged(value.get(key), held) for key, held in asked.items()}
    if isinstance(value, list) and isinstance(asked, list):
        return [_merged(one, other) for one, other in zip(value, asked, strict=False)] + asked[len(value) :]
    return deepcopy(asked)
