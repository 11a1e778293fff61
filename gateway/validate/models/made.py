"""R4's types as StructureDefinitions, made from the models of `fhir.resources` where HL7's package is not installed.

The models are those of R4B (4.3.0), which names the same elements as R4 for what coordinated care exchanges. What
R4B changed is mended in `amended.py`, or not answered. Codes and invariants stand in tables beside this. Most flags and
all other bindings are in none of them: without the core package they are not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from gateway.validate.models import amended
from gateway.validate.models.codes import VERSION, bound_to
from gateway.validate.models.invariants import invariants_of

ROOT = "http://hl7.org/fhir/StructureDefinition/"
_SYSTEM = {
    "boolean": "Boolean", "decimal": "Decimal", "integer": "Integer", "positiveInt": "Integer",
    "unsignedInt": "Integer", "date": "Date", "dateTime": "DateTime", "instant": "DateTime", "time": "Time",
}  # fmt: skip
"""Types of FHIRPath the primitives hold; the others hold a String."""
PRIMITIVES = frozenset({
    *_SYSTEM, "base64Binary", "canonical", "code", "id", "markdown", "oid", "string", "uri", "url", "uuid", "xhtml",
})  # fmt: skip

Made = dict[str, Any]


def type_named(name: str) -> Made | None:
    """A type of R4 by its name; None for what R4 has not, or what its models of R4B are unlike."""
    if name in PRIMITIVES:
        return _primitive(name)
    model = _model(name)
    if model is None or not model.__module__.endswith("." + name.lower()) or name in amended.LATER | amended.REWRITTEN:
        return None
    parent = model.__mro__[1].__name__
    above = parent if _model(parent) else ""
    kinds = {one.__name__ for one in model.__mro__}
    elements = [{"id": name, "path": name, "min": 0, "max": "*"}, *_children(model, name, {model: name}, name)]
    for element in elements:
        inherited = invariants_of("DomainResource") if element["path"] == name and "DomainResource" in kinds else ()
        own = invariants_of(element["path"]) if element["path"] != "DomainResource" else ()
        if asked := [*inherited, *own]:
            element["constraint"] = asked
    return _definition(name, "resource" if "Resource" in kinds else "complex-type", above, elements)


def _definition(name: str, kind: str, above: str, elements: list[Made]) -> Made:
    base = {"baseDefinition": ROOT + above, "derivation": "specialization"} if above else {}
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": ROOT + name,
        "version": VERSION,
        "name": name,
        "status": "active",
        "kind": kind,
        "abstract": name in {"Resource", "DomainResource", "Element", "BackboneElement"},
        "type": name,
        **base,
        "snapshot": {"element": elements},
    }


def _primitive(name: str) -> Made:
    system = "http://hl7.org/fhirpath/System." + _SYSTEM.get(name, "String")
    elements = [
        {"id": name, "path": name, "min": 0, "max": "*"},
        _element(f"{name}.id", 0, "1", [{"code": "string"}]),
        _element(f"{name}.extension", 0, "0" if name == "xhtml" else "*", [{"code": "Extension"}]),
        _element(f"{name}.value", int(name == "xhtml"), "1", [{"code": system}]),
    ]
    return _definition(name, "primitive-type", "Element", elements)


def _model(name: str) -> Any:
    """The class of a type; None when R4B has none of that name. The library is slow to import: on first use."""
    from fhir.resources.R4B import get_fhir_model_class

    if not name.isalnum() or not name[:1].isupper():
        return None
    try:
        return get_fhir_model_class(name)
    except (KeyError, ValueError, ImportError):
        return None


def _children(model: Any, path: str, paths: dict[Any, str], root: str) -> Iterator[Made]:
    """The elements of a class in the order of the standard; a class met again refers to where it stood first."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    told: set[str] = set()
    for name in model.elements_sequence():
        field = fields[name]
        extra = field.json_schema_extra or {}
        if stem := extra.get("one_of_many"):
            if stem not in told:
                told.add(stem)
                yield _choice(f"{path}.{stem}[x]", [(n, f) for n, f in fields.items() if _stem(f) == stem])
            continue
        yield from _single(f"{path}.{name}", field, paths, root)


def _stem(field: Any) -> str:
    return str((field.json_schema_extra or {}).get("one_of_many", ""))


def _single(path: str, field: Any, paths: dict[Any, str], root: str) -> Iterator[Made]:
    extra = field.json_schema_extra or {}
    code, many = _typed(field.annotation)
    low, high = int(field.is_required() or extra.get("element_required", False)), "*" if many else "1"
    part = _model(code) if code not in PRIMITIVES and code.startswith(root) and code != root else None
    if part is None or part.__module__ != _model(root).__module__:
        yield amended.mended(_element(path, low, high, _types(code, extra)))
    elif part in paths:
        yield amended.mended(_element(path, low, high, []) | {"contentReference": "#" + paths[part]})
    else:
        paths[part] = path
        backbone = "BackboneElement" in {one.__name__ for one in part.__mro__}
        yield amended.mended(_element(path, low, high, [{"code": "BackboneElement" if backbone else "Element"}]))
        yield from _children(part, path, paths, root)


def _choice(path: str, among: list[tuple[str, Any]]) -> Made:
    stem = path.rpartition(".")[2][:-3]
    types = []
    for name, field in among:
        ending = name.removeprefix(stem)
        primitive = ending[0].lower() + ending[1:]
        types += _types(primitive if primitive in PRIMITIVES else ending, field.json_schema_extra or {})
    low = int(any((field.json_schema_extra or {}).get("one_of_many_required") for _, field in among))
    return amended.mended(_element(path, low, "1", types))


def _element(path: str, low: int, high: str, types: list[Made]) -> Made:
    element: Made = {"id": path, "path": path, "min": low, "max": high}
    if types:
        element["type"] = types
    if path.endswith((".modifierExtension", ".implicitRules")):
        element["isModifier"] = True
    if value_set := bound_to(path):
        element["binding"] = {"strength": "required", "valueSet": value_set}
    return element


def _types(code: str, extra: Made) -> list[Made]:
    targets = [ROOT + name for name in amended.known(extra.get("enum_reference_types", ()))]
    return [{"code": code, **({"targetProfile": targets} if targets and code == "Reference" else {})}]


def _typed(annotation: Any) -> tuple[str, bool]:
    """The FHIR type an annotation stands for, and whether it is a list of it."""
    for found in _leaves(annotation):
        if found is bool:
            return "boolean", _is_list(annotation)
        kind = found if isinstance(found, type) else type(found)
        if kind.__module__ == "fhir_core.types" and not isinstance(found, type):
            name = kind.__name__[0].lower() + kind.__name__[1:]
            return name, _is_list(annotation)
        if kind.__module__ == "abc" and kind.__name__.endswith("Type"):
            return kind.__name__.removesuffix("Type"), _is_list(annotation)
    raise ValueError(f"an annotation of no FHIR type: {annotation}")


def _leaves(annotation: Any) -> Iterator[Any]:
    inner: Iterable[Any] = get_args(annotation)
    if not inner:
        yield annotation
    for one in inner:
        yield from _leaves(one)


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is list or any(map(_is_list, get_args(annotation)))
