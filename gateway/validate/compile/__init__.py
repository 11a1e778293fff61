"""compile: definitions as published become the elements the checks walk."""

from __future__ import annotations

from gateway.validate.compile.structure import BadDefinition, structure_of
from gateway.validate.compile.structures import Structures

__all__ = ["BadDefinition", "Structures", "structure_of"]
