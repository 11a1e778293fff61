"""StructureDefinition JSON → Structure: the flat list of a snapshot becomes a tree, slices beside what they slice.

The tree is built from the order of the list and its paths; ids are only kept. Publishers differ in how they spell ids,
never in the order (FHIR R4, ElementDefinition §2.26.7.2).
"""

from __future__ import annotations

from typing import Any

from gateway.validate.compile.narrative import narrative_constraints
from gateway.validate.element import Binding, Constraint, Element, Slicing, Structure, Type

_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_MAX_VALUE_SET = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
_MIN_LENGTH = "http://hl7.org/fhir/StructureDefinition/minLength"
_OF_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition."
_ADDITIONAL = ("http://hl7.org/fhir/tools/StructureDefinition/additional-binding", _OF_R5 + "binding.additional")
_VALUED = ("fixed", "pattern", "minValue", "maxValue")
_SYSTEM_TYPES = "http://hl7.org/fhirpath/System."
_TYPES = "http://hl7.org/fhir/StructureDefinition/"


class BadDefinition(ValueError):
    """A definition that cannot be used. `where`: path or id of the element that is wrong, "" for the whole."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{what}: {where}" if where else what)
        self.what, self.where = what, where


def structure_of(definition: dict[str, Any]) -> Structure:
    """Read a StructureDefinition that has a snapshot.

    Raises BadDefinition when it has none, or when the list is no tree.
    """
    elements = (definition.get("snapshot") or {}).get("element")
    if not isinstance(elements, list) or not elements:
        raise BadDefinition("no snapshot", str(definition.get("url", "")))
    url = str(definition.get("url", ""))
    try:
        root = _tree(elements)
        return Structure(
            url=url,
            version=str(definition.get("version", "")),
            name=str(definition.get("name", "")),
            type=str(definition.get("type", "")).removeprefix(_TYPES),
            kind=str(definition.get("kind", "")),
            base=str(definition.get("baseDefinition", "")),
            derivation=str(definition.get("derivation", "")),
            abstract=definition.get("abstract") is True,
            root=root.element(url),
            contexts=tuple((c.get("type", ""), c.get("expression", "")) for c in definition.get("context", ())),
            context_invariants=tuple(definition.get("contextInvariant", ())),
        )
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        if isinstance(error, BadDefinition):
            raise
        raise BadDefinition("not shaped as a StructureDefinition", url) from error


class _Node:
    """An ElementDefinition on its way to an Element: what stands under it is still being gathered."""

    __slots__ = ("above", "children", "definition", "path", "slice_name", "slices")

    def __init__(self, definition: dict[str, Any], path: str, above: _Node | None, slice_name: str = "") -> None:
        self.definition, self.path, self.above, self.slice_name = definition, path, above, slice_name
        self.children: list[_Node] = []
        self.slices: list[_Node] = []

    def element(self, own: str) -> Element:
        children = tuple(child.element(own) for child in self.children)
        slices = tuple(part.element(own) for part in self.slices)
        return element_of(self.definition, self.path, self.slice_name, own, children, slices)


def _tree(elements: list[dict[str, Any]]) -> _Node:
    root = _Node(elements[0], elements[0]["path"], None)
    latest = {root.path: root}
    for definition in elements[1:]:
        path: str = definition["path"]
        above = latest.get(path.rpartition(".")[0])
        if above is None:
            raise BadDefinition("an element stands under none", path)
        node = _placed(definition, path, above)
        latest[path] = node
        latest[node.path] = node
    return root


def _placed(definition: dict[str, Any], path: str, above: _Node) -> _Node:
    """Hang one ElementDefinition under its parent: a child, a slice of a child, or a slice of a slice."""
    slice_name = str(definition.get("sliceName", ""))
    sliced = _sibling(above, path)
    if sliced is None:
        node = _Node(definition, path, above)
        above.children.append(node)
        return node
    if not slice_name:
        slice_name = path.rpartition(".")[2]  # `Observation.valueQuantity` beside `Observation.value[x]`
    node = _Node(definition, sliced.path, above, slice_name)
    owner = next((s for s in sliced.slices if slice_name.startswith(s.slice_name + "/")), sliced)
    owner.slices.append(node)
    return node


def _sibling(above: _Node, path: str) -> _Node | None:
    for child in above.children:
        if child.path == path:
            return child
        if child.path.endswith("[x]"):
            stem = child.path[:-3]
            if path.startswith(stem) and path[len(stem) : len(stem) + 1].isupper():
                return child
    return None


def element_of(
    definition: dict[str, Any],
    path: str,
    slice_name: str = "",
    own: str = "",
    children: tuple[Element, ...] = (),
    slices: tuple[Element, ...] = (),
) -> Element:
    """One ElementDefinition as an Element. `own`: canonical of its definition, left out of its constraints."""
    name = path.rpartition(".")[2]
    choice = name.endswith("[x]")
    types = tuple(_type(t) for t in definition.get("type", ()))
    codes = {each.code for each in types}
    valued = [key for key in definition if key.startswith(_VALUED)]
    extended = "extension" in definition
    return Element(
        path=path,
        id=str(definition.get("id", path)),
        name=name.removesuffix("[x]"),
        choice=choice,
        slice_name=slice_name,
        min=int(definition.get("min", 0)),
        max=_max(definition.get("max", "*")),
        types=types,
        fixed=_valued(definition, "fixed") if valued else None,
        pattern=_valued(definition, "pattern") if valued else None,
        binding=_binding(definition.get("binding")),
        constraints=(
            *(_constraint(c, own) for c in definition.get("constraint", ())),
            *narrative_constraints(definition),
        ),
        min_value=_valued(definition, "minValue") if valued else None,
        max_value=_valued(definition, "maxValue") if valued else None,
        max_length=_length(definition.get("maxLength")),
        min_length=_length(next(iter(_extended(definition, _MIN_LENGTH)), None)) if extended else None,
        must_have_value=extended and True in _extended(definition, _OF_R5 + "mustHaveValue"),
        value_alternatives=_texts(_extended(definition, _OF_R5 + "valueAlternatives")) if extended else (),
        modifier=definition.get("isModifier") is True,
        content=str(definition.get("contentReference", "")),
        code=codes.pop() if len(codes) == 1 else "",
        children=children,
        slicing=_slicing(definition.get("slicing")),
        slices=slices,
    )


def _max(text: str) -> int | None:
    return None if text == "*" else int(text)


def _length(said: Any) -> int | None:
    return None if said is None else int(said)


def _texts(said: Any) -> tuple[str, ...]:
    """A list of texts as it should be. Raises TypeError for anything else."""
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise TypeError("no list of texts")
    return tuple(said)


def _valued(definition: dict[str, Any], stem: str) -> tuple[Any] | None:
    for key, value in definition.items():
        if key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper():
            return (value,)
    return None


def _extended(definition: dict[str, Any], url: str) -> list[Any]:
    """The values of an element's extensions of that URL."""
    return [
        value
        for extension in definition.get("extension", ())
        if extension.get("url") == url
        for key, value in extension.items()
        if key.startswith("value")
    ]


def _type(raw: dict[str, Any]) -> Type:
    code = str(raw.get("code", "")).removeprefix(_TYPES)
    if code.startswith(_SYSTEM_TYPES):
        code = code.removeprefix(_SYSTEM_TYPES)
        code = code[0].lower() + code[1:]
        for extension in raw.get("extension", ()):
            if extension.get("url") == _FHIR_TYPE:
                code = str(extension.get("valueUrl") or extension.get("valueUri") or code)
    return Type(
        code=code,
        profiles=_texts(raw.get("profile", [])),
        targets=_texts(raw.get("targetProfile", [])),
        aggregation=_texts(raw.get("aggregation", [])),
    )


def _binding(raw: dict[str, Any] | None) -> Binding | None:
    if raw is None:
        return None
    most, additional = "", []
    for extension in raw.get("extension", ()):
        if extension.get("url") == _MAX_VALUE_SET:
            most = str(extension.get("valueCanonical") or extension.get("valueUri") or "")
        elif extension.get("url") in _ADDITIONAL:
            said = {part.get("url"): part for part in extension.get("extension", ())}
            if "usage" not in said and "purpose" in said and "valueSet" in said:
                purpose, value_set = said["purpose"].get("valueCode"), said["valueSet"].get("valueCanonical")
                additional.append((str(purpose), str(value_set)))
    return Binding(str(raw.get("strength", "example")), str(raw.get("valueSet", "")), most, tuple(additional))


def _constraint(raw: dict[str, Any], own: str) -> Constraint:
    source = str(raw.get("source", ""))
    return Constraint(
        key=str(raw.get("key", "")),
        severity=str(raw.get("severity", "error")),
        human=str(raw.get("human", "")),
        expression=str(raw.get("expression", "")),
        source="" if source.partition("|")[0] == own else source,
    )


def _slicing(raw: dict[str, Any] | None) -> Slicing | None:
    if raw is None:
        return None
    return Slicing(
        discriminators=tuple((str(d.get("type", "")), str(d.get("path", ""))) for d in raw.get("discriminator", ())),
        rules=str(raw.get("rules", "open")),
        ordered=raw.get("ordered") is True,
    )
