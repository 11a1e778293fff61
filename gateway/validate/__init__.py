"""validate: does a FHIR resource conform to its definitions? Offline, in JSON and XML, with findings one can act on."""

from __future__ import annotations

from gateway.validate.finding import Finding, Severity

__all__ = ["Finding", "Severity"]
