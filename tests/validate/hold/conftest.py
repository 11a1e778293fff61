"""A validator with the base types only and a few invented definitions, and what it says of one matter."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.validate import Validator, open_library
from gateway.validate.rules import MATTERS

ROOT = "https://demo.example.org/fhir/StructureDefinition/"
OURS = {rule for name in ("references", "extensions", "bundles", "definitions") for rule in MATTERS[name]}

Said = set[tuple[str, str]]
Judge = Callable[..., Said]


def extension(name: str, contexts: list[tuple[str, str]], **more: Any) -> dict[str, Any]:
    """A simple extension of boolean value."""
    modifier = {"isModifier": True, "isModifierReason": "it does"} if more.pop("modifier", False) else {}
    return {
        "resourceType": "StructureDefinition",
        "url": ROOT + name,
        "version": "1.0",
        "name": name,
        "status": "active",
        "kind": "complex-type",
        "abstract": False,
        "type": "Extension",
        "context": [{"type": kind, "expression": expression} for kind, expression in contexts],
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {
            "element": [
                {"id": "Extension", "path": "Extension", **modifier},
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": ROOT + name},
                {
                    "id": "Extension.value[x]",
                    "path": "Extension.value[x]",
                    "min": 1,
                    "type": [{"code": "boolean"}],
                },
            ]
        },
        **more,
    }


def profile(name: str, type: str, *elements: dict[str, Any]) -> dict[str, Any]:
    """A profile of a resource type: what its elements ask."""
    return {
        "resourceType": "StructureDefinition",
        "url": ROOT + name,
        "version": "1.0",
        "name": name,
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": type,
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/" + type,
        "derivation": "constraint",
        "differential": {"element": [{"id": type, "path": type}, *elements]},
    }


def _practitioners(*targets: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "Patient.generalPractitioner",
        "path": "Patient.generalPractitioner",
        "type": [{"code": "Reference", "targetProfile": list(targets), **more}],
    }


DEFINITIONS = [
    extension("on-patient", [("element", "Patient"), ("element", "Patient.name"), ("element", "Patient.contact")]),
    extension("on-types", [("element", "ContactPoint"), ("element", "DomainResource.text"), ("element", "boolean")]),
    extension("on-choice", [("element", "Patient.deceased[x]"), ("element", "BackboneElement")]),
    extension("anywhere", [("element", "Element")]),
    extension("in-anywhere", [("extension", ROOT + "anywhere")]),
    extension("at-home", [("fhirpath", "Patient.address.where(use = 'home')")]),
    extension("if-active", [("element", "Patient")], contextInvariant=["active"]),
    extension("on-items", [("element", "Questionnaire.item"), ("element", "Questionnaire.item.initial.value[x]")]),
    extension("by-function", [("fhirpath", "Patient.descendants()")]),
    extension("if-itself", [("element", "Patient")], contextInvariant=["%extension.value = active"]),
    extension("changes", [("element", "Patient")], modifier=True),
    profile("named", "Practitioner", {"id": "Practitioner.name", "path": "Practitioner.name", "min": 1}),
    profile("with-named", "Patient", _practitioners(ROOT + "named")),
    profile("with-unknown", "Patient", _practitioners(ROOT + "not-installed")),
    profile("with-contained", "Patient", _practitioners(ROOT + "named", aggregation=["contained"])),
    profile("with-bundled", "Patient", _practitioners(ROOT + "named", aggregation=["bundled"])),
]


@pytest.fixture(scope="session")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    folder: Path = tmp_path_factory.mktemp("definitions")
    files = [folder / f"{definition['name']}.json" for definition in DEFINITIONS]
    for file, definition in zip(files, DEFINITIONS, strict=True):
        file.write_text(json.dumps(definition))
    return Validator(open_library(packages=[], definitions=files))


@pytest.fixture
def said(validator: Validator) -> Judge:
    """What is said of a resource on references, extensions, Bundles and definitions: (path, rule)."""

    def judge(resource: dict[str, Any], *profiles: str) -> Said:
        report = validator.check_tree(resource, profiles=[ROOT + name for name in profiles])
        return {(finding.path, finding.rule) for finding in report.findings if finding.rule in OURS}

    return judge
