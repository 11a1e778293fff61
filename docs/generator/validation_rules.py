"""validation-rules.md: every rule of the profile validator, with its severity and words."""

from __future__ import annotations

from docs.generator.table import table
from gateway.validate import MATTERS

TITLES = {
    "source": "The file",
    "structure": "Elements",
    "primitives": "Values of primitive types",
    "values": "Values a profile asks for",
    "slices": "Slices",
    "terms": "Codes",
    "invariants": "Invariants",
    "xhtml": "Narrative",
    "references": "References and contained resources",
    "extensions": "Extensions",
    "bundles": "Bundles",
    "packages": "Packages",
}
"""Matter → the heading of its rules; one without a heading stands under its own name."""


def validation_rules() -> str:
    """The page."""
    parts = [
        "# Rules of the FHIR validator\n",
        "What `passerelle validate` and `$validate` tell. Ids are stable. `fatal` and `error` make a file not valid; "
        "`warning` and `information` do not. An invariant of a definition speaks under its own key (`dom-3`, `pat-1`), "
        "with the severity its author gave it. Words in braces come from the definition, never from the file.\n",
    ]
    for matter, rules in MATTERS.items():
        rows = [(f"`{name}`", rule.severity, f"`{rule.code}`", rule.fr, rule.en) for name, rule in rules.items()]
        parts += [
            f"## {TITLES.get(matter, matter.capitalize())}\n",
            table(("Rule", "Severity", "Issue type", "Français", "English"), rows),
        ]
    return "\n".join(parts)
