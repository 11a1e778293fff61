"""The functions of FHIRPath by name: the function, and how many arguments it takes at least and at most."""

from __future__ import annotations

from gateway.validate.fhirpath.functions.collections import COLLECTIONS
from gateway.validate.fhirpath.functions.fhir import FHIR
from gateway.validate.fhirpath.functions.function import Function
from gateway.validate.fhirpath.functions.kinds import KINDS
from gateway.validate.fhirpath.functions.numbers import NUMBERS
from gateway.validate.fhirpath.functions.texts import TEXTS

FUNCTIONS: dict[str, tuple[Function, int, int]] = {**COLLECTIONS, **KINDS, **TEXTS, **NUMBERS, **FHIR}
