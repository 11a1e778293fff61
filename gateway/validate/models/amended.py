"""What R4B (4.3.0) changed of R4 (4.0.1), taken back where types are made from R4B's models.

Found by holding every model against HL7's own definitions; the tests do so again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

ROOT = "http://hl7.org/fhir/StructureDefinition/"

LATER = frozenset({
    "AdministrableProductDefinition", "Citation", "ClinicalUseDefinition", "CodeableReference", "EvidenceReport",
    "Ingredient", "ManufacturedItemDefinition", "MedicinalProductDefinition", "NutritionProduct",
    "PackagedProductDefinition", "RatioRange", "RegulatedAuthorization", "SubscriptionStatus", "SubscriptionTopic",
    "SubstanceDefinition",
})  # fmt: skip
"""Types R4 does not have."""
REWRITTEN = frozenset({"Evidence", "EvidenceVariable"})
"""Types R4B wrote anew: its models do not tell what R4 says of them."""

_SUBJECTS = ("Patient", "Group", "Device", "Location")
_TARGETS: Mapping[str, tuple[str, ...]] = {
    "Observation.subject": _SUBJECTS,
    "DiagnosticReport.subject": _SUBJECTS,
    "Group.member.entity": (
        "Patient", "Practitioner", "PractitionerRole", "Device", "Medication", "Substance", "Group",
    ),
}  # fmt: skip
_REQUIRED = frozenset({"MarketingStatus.country", "MarketingStatus.dateRange"})
_NO_CANONICAL = frozenset(
    {
        "ActivityDefinition.subject[x]",
        "PlanDefinition.subject[x]",
        "PlanDefinition.action.subject[x]",
    }
)
_ANY_TYPE = frozenset({
    "Extension.value[x]", "ElementDefinition.defaultValue[x]", "ElementDefinition.example.value[x]",
    "ElementDefinition.fixed[x]", "ElementDefinition.pattern[x]",
})  # fmt: skip


def known(names: Iterable[str]) -> list[str]:
    """Of the types a reference may lead to, those that R4 has."""
    return [name for name in names if name not in LATER]


def mended(element: dict[str, Any]) -> dict[str, Any]:
    """An element as R4 has it."""
    path = element["path"]
    if targets := _TARGETS.get(path):
        element["type"] = [{"code": "Reference", "targetProfile": [ROOT + name for name in targets]}]
    elif path in _REQUIRED:
        element["min"] = 1
    elif path in _NO_CANONICAL:
        element["type"] = [one for one in element["type"] if one["code"] != "canonical"]
    elif path in _ANY_TYPE:
        kept = [one for one in element["type"] if one["code"] not in LATER]
        element["type"] = [*kept, {"code": "Meta"}]
    return element
