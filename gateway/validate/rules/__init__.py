"""Every rule of the validator by its stable id, one file a matter. Invariants speak under their own key."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule
from gateway.validate.rules.structure import STRUCTURE

__all__ = ["RULES", "Rule"]

RULES: dict[str, Rule] = {**STRUCTURE}
