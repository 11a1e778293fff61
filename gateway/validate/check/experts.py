"""Whom the walk asks about what is not its own matter: codes, invariants, references and extensions."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.validate.compile import Structures
from gateway.validate.hold import Holding
from gateway.validate.invariants import Invariants
from gateway.validate.terms import Terms


@dataclass(slots=True)
class Experts:
    """One of each. None only while they are being made: they ask the profile pass, which asks them."""

    structures: Structures
    terms: Terms | None = None
    invariants: Invariants | None = None
    hold: Holding | None = None
