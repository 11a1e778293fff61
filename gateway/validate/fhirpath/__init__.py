"""FHIRPath 2.0 with the functions of FHIR R4: an expression becomes a Python function over typed parts of a resource.

It knows the types of definitions (not a fixed list), is safe to share between threads, counts its work, and says
NotEvaluated instead of guessing.
"""

from __future__ import annotations

from gateway.validate.fhirpath.compiling import compile_expression
from gateway.validate.fhirpath.context import Context, Evaluate, Members, Surroundings
from gateway.validate.fhirpath.values import Item, NotEvaluated, truth

__all__ = [
    "Context",
    "Evaluate",
    "Item",
    "Members",
    "NotEvaluated",
    "Surroundings",
    "compile_expression",
    "truth",
]
