"""terms: code systems, value sets and bindings, decided offline as far as the definitions at hand go."""

from __future__ import annotations

from gateway.validate.terms.terms import Terms
from gateway.validate.terms.verdict import Verdict

__all__ = ["Terms", "Verdict"]
