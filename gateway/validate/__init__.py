"""validate: does a FHIR resource conform to its definitions? Offline, in JSON and XML, with findings one can act on."""

from __future__ import annotations

from gateway.validate.asked import no_such_profile, unreadable
from gateway.validate.finding import Finding, Severity
from gateway.validate.library import Library, open_library
from gateway.validate.outcome import outcome
from gateway.validate.rules import MATTERS
from gateway.validate.validator import Report, Validator

__all__ = [
    "MATTERS",
    "Finding",
    "Library",
    "Report",
    "Severity",
    "Validator",
    "no_such_profile",
    "open_library",
    "outcome",
    "unreadable",
]
