"""What the gate answers: yes on a stated ground, not yet, or no; and every rule it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Ground = Literal["in-team", "named", "own-patient", "received"]
"""Why the recipient may have it (L05): a member of the care team, the sender's explicit act, the patient's own, or they
got the report that is corrected or taken back (RGPD, article 19).
"""


class Verdict(StrEnum):
    """`hold` can become a permit once something is put right; `deny` is the end of the leg."""

    PERMIT = "permit"
    HOLD = "hold"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One judgement, made for the audit log: rule ids and codes only.

    rule     the rule that decided, a denial before a hold; a permit stands on its ground, `L05`
    reason   its code in model/reasons.py; None for a permit
    ground   the ground of a permit; None otherwise
    checked  every rule, in order, and whether it was met
    """

    verdict: Verdict
    rule: str
    reason: str | None
    ground: Ground | None
    checked: tuple[tuple[str, bool], ...]

    def __post_init__(self) -> None:
        permits = self.verdict is Verdict.PERMIT
        if permits != (self.ground is not None) or permits != (self.reason is None):
            raise ValueError("a permit has a ground, and only a permit; anything else has a reason")
        if permits and not all(met for _, met in self.checked):
            raise ValueError("a permit has met every rule")

    @property
    def permitted(self) -> bool:
        """True when the leg may go now."""
        return self.verdict is Verdict.PERMIT
