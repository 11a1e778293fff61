"""Every rule of the validator by its stable id, one file per matter. Invariants of profiles speak under their own key."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule
from gateway.validate.rules.structure import STRUCTURE

__all__ = ["RULES", "Rule"]

RULES: dict[str, Rule] = {**STRUCTURE}
