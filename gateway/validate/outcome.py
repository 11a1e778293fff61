"""Findings as FHIR says them: an OperationOutcome (R4, operationoutcome.html)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from gateway.validate.finding import Finding

Language = Literal["fr", "en"]

RULES_SYSTEM = "https://passerelle.example.org/fhir/CodeSystem/validation-rule"
"""Of `details.coding`: the rule, or the invariant's own key."""
SOURCE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-source"
_SOUND = {"fr": "Conforme : rien à signaler.", "en": "It conforms: nothing to say."}


def outcome(findings: Iterable[Finding], language: Language) -> dict[str, Any]:
    """The OperationOutcome of findings, one issue each; without any, one that says all is well.

    The place is `expression` (FHIRPath), the line in the source `location` (`Line 12`), the profile whose rule is
    broken the standard extension operationoutcome-issue-source, the rule `details.coding`.
    """
    issues = [_issue(finding, language) for finding in findings]
    sound = {"severity": "information", "code": "informational", "details": {"text": _SOUND[language]}}
    return {"resourceType": "OperationOutcome", "language": language, "issue": issues or [sound]}


def _issue(finding: Finding, language: Language) -> dict[str, Any]:
    issue: dict[str, Any] = {}
    if finding.profile:
        issue["extension"] = [{"url": SOURCE, "valueString": finding.profile}]
    issue |= {
        "severity": finding.severity,
        "code": finding.code,
        "details": {"coding": [{"system": RULES_SYSTEM, "code": finding.rule}], "text": _text(finding, language)},
    }
    if finding.line is not None:
        issue["location"] = [f"Line {finding.line}"]
    if finding.path:
        issue["expression"] = [finding.path]
    return issue


def _text(finding: Finding, language: Language) -> str:
    return finding.fr if language == "fr" else finding.en
