"""Little profiles made in a line or two, and a validator that knows them and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.validate import Finding, Validator, open_library

URL = "http://example.org/StructureDefinition/"
Element = dict[str, Any]
BESIDE = ("dom-6", "core-absent")  # what is always told here: no narrative, no core package


def profile(name: str, of: str, *elements: Element, **more: Any) -> dict[str, Any]:
    """A profile of a type by its differential. The elements' paths come without the type: `name.family`."""
    kind = "complex-type" if of in ("Extension", "Identifier", "HumanName", "ContactPoint", "Quantity") else "resource"
    rows = [{"id": of, "path": of}]
    for element in elements:
        path = f"{of}.{element['path']}" if element["path"] else of
        row = {**element, "path": ".".join(step.partition(":")[0] for step in path.split(".")), "id": path}
        last = path.rpartition(".")[2]
        if ":" in last:
            row["sliceName"] = last.partition(":")[2]
        rows.append(row)
    return {
        "resourceType": "StructureDefinition",
        "url": URL + name,
        "version": "1.0.0",
        "name": name,
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": kind,
        "abstract": False,
        "type": of,
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/" + of,
        "derivation": "constraint",
        "differential": {"element": rows},
        **more,
    }


def sliced(path: str, *discriminators: tuple[str, str], rules: str = "open", **more: Any) -> Element:
    """An element whose items are told apart."""
    told = [{"type": kind, "path": where} for kind, where in discriminators]
    return {"path": path, "slicing": {"discriminator": told, "rules": rules, "ordered": False, **more}}


class Desk:
    """A validator of the definitions given; base types are made from models."""

    def __init__(self, folder: Path, *definitions: dict[str, Any]) -> None:
        files = []
        for number, definition in enumerate(definitions):
            file = folder / f"{number}.json"
            file.write_text(json.dumps(definition), encoding="utf-8")
            files.append(file)
        self.validator = Validator(open_library(packages=[], definitions=files, cache=None))
        self.first = definitions[0]["url"] if definitions else ""

    def findings(self, resource: Any, *profiles: str) -> list[Finding]:
        """What is found in a resource by the profiles named, or by the first definition."""
        asked = [URL + name for name in profiles] or ([self.first] if self.first else [])
        return [f for f in self.validator.check_tree(resource, profiles=asked).findings if f.rule not in BESIDE]

    def told(self, resource: Any, *profiles: str) -> list[tuple[str, str]]:
        """(path, rule) of the errors and of what is not supported."""
        return [
            (f.path, f.rule)
            for f in self.findings(resource, *profiles)
            if f.severity in ("error", "fatal") or f.code == "not-supported"
        ]
