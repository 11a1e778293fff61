"""What a validation found: one sentence per fault, with its place and the rule that was broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fatal", "error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    severity  `fatal` (the file cannot be read) and `error` make a file not valid
    code      of http://hl7.org/fhir/issue-type: structure, required, value, invariant, code-invalid, not-supported…
    path      FHIRPath of the place, "" when there is none (the bytes are no resource)
    line      in the source, from 1; None when it has none
    profile   canonical of the definition whose rule is broken, with its version when it has one; "" for the format
    rule      an invariant's own key (`pat-1`), else one of `gateway.validate.rules`
    fr, en    what is wrong and what would be right; the text of the definition may appear, never a value of the file
    """

    severity: Severity
    code: str
    path: str
    line: int | None
    profile: str
    rule: str
    fr: str
    en: str
