"""invariants: the constraints of definitions, judged on the parts of a resource they are about."""

from __future__ import annotations

from gateway.validate.invariants.invariants import Invariants

__all__ = ["Invariants"]
