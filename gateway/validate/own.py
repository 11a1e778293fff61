"""Definitions of this product's own: with the snapshot made from their bases once, checking needs no package.

A reduced snapshot keeps every element and all that is checked of it, and leaves out what people read.
"""

from __future__ import annotations

import json
from typing import Any

from gateway.validate.compile.snapshot import with_snapshot
from gateway.validate.library import Library

JSON = dict[str, Any]

_KEPT = ("id", "path", "sliceName", "slicing", "min", "max", "contentReference", "type", "maxLength", "isModifier")
_VALUED = ("fixed", "pattern", "minValue", "maxValue")
_SAID = ("key", "severity", "human", "expression", "source")
_MAX_VALUE_SET = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_OF_TYPES = "http://hl7.org/fhir/StructureDefinition/"  # what R4's own types ask is checked without any profile


def completed(definition: JSON, library: Library) -> JSON:
    """The definition with a reduced snapshot made anew from its differential.

    Raises BadDefinition when a base is missing from `library`, or the differential does not fit it.
    """
    bare = {name: value for name, value in definition.items() if name != "snapshot"}
    elements = with_snapshot(bare, library)["snapshot"]["element"]
    snapshot = {"element": [_reduced(element) for element in elements]}
    return {name: value for name, value in bare.items() if name != "differential"} | {
        "snapshot": snapshot,
        "differential": bare["differential"],
    }


def written(definition: JSON) -> str:
    """The definition as its file holds it: one element a line, so that a change of one is a change of one line."""
    lines = []
    for name, value in definition.items():
        if name in ("snapshot", "differential"):
            elements = ",\n  ".join(_line(element) for element in value["element"])
            lines.append(f' "{name}": {{"element": [\n  {elements}\n ]}}')
        else:
            lines.append(f' "{name}": {_line(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _reduced(element: JSON) -> JSON:
    kept = {name: element[name] for name in _KEPT if name in element}
    kept |= {name: value for name, value in element.items() if name.startswith(_VALUED)}
    if not kept.get("isModifier"):
        kept.pop("isModifier", None)
    if "slicing" in kept:
        kept["slicing"] = {name: value for name, value in kept["slicing"].items() if name != "description"}
    if "type" in kept:
        kept["type"] = [_with(one, _FHIR_TYPE) for one in kept["type"]]
    binding = element.get("binding") or {}
    if binding.get("strength") in ("required", "extensible"):
        kept["binding"] = _with({name: binding[name] for name in binding if name != "description"}, _MAX_VALUE_SET)
    rules = [
        {name: rule[name] for name in _SAID if name in rule}
        for rule in element.get("constraint", ())
        if not str(rule.get("source", "")).startswith(_OF_TYPES)
    ]
    return {**kept, "constraint": rules} if rules else kept


def _with(part: JSON, url: str) -> JSON:
    """A part with no other extension than this one."""
    extensions = [one for one in part.get("extension", ()) if one.get("url") == url]
    rest = {name: value for name, value in part.items() if name != "extension"}
    return {**rest, "extension": extensions} if extensions else rest
