"""One rule of the validator: its severity, its issue type, and its sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.validate.finding import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """What `Run.tell` says of a rule. `{words}` in the sentences are filled by what the definition asks for.

    code: of http://hl7.org/fhir/issue-type.
    """

    severity: Severity
    code: str
    fr: str
    en: str
