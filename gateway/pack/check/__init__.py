"""Whether a CDA document keeps the rules of the French header: every one that it breaks, by rule and place."""

from __future__ import annotations

from gateway.pack.check.ask import RULES, check_cda
from gateway.pack.check.rule import Finding, Rule

__all__ = ["RULES", "Finding", "Rule", "check_cda"]
