"""Every rule of the validator by its stable id, one file a matter. Invariants speak under their own key."""

from __future__ import annotations

from gateway.validate.rules.bundles import BUNDLES
from gateway.validate.rules.definitions import DEFINITIONS
from gateway.validate.rules.extensions import EXTENSIONS
from gateway.validate.rules.invariants import INVARIANTS
from gateway.validate.rules.packages import PACKAGES
from gateway.validate.rules.primitives import PRIMITIVES
from gateway.validate.rules.references import REFERENCES
from gateway.validate.rules.rule import Rule
from gateway.validate.rules.slices import SLICES
from gateway.validate.rules.source import SOURCE
from gateway.validate.rules.structure import STRUCTURE
from gateway.validate.rules.terms import TERMS
from gateway.validate.rules.values import VALUES
from gateway.validate.rules.xhtml import XHTML

__all__ = ["MATTERS", "RULES", "Rule"]

MATTERS: dict[str, dict[str, Rule]] = {
    "source": SOURCE,
    "structure": STRUCTURE,
    "primitives": PRIMITIVES,
    "values": VALUES,
    "slices": SLICES,
    "terms": TERMS,
    "invariants": INVARIANTS,
    "xhtml": XHTML,
    "references": REFERENCES,
    "extensions": EXTENSIONS,
    "bundles": BUNDLES,
    "definitions": DEFINITIONS,
    "packages": PACKAGES,
}
"""The rules of each matter, in the order in which the reference lists them."""

RULES: dict[str, Rule] = {name: rule for rules in MATTERS.values() for name, rule in rules.items()}
