"""Every definition compiled once: whole, or only what it adds to its type."""

from __future__ import annotations

from typing import Any

from gateway.validate.compile.delta import added_to
from gateway.validate.compile.snapshot import Definitions, with_snapshot
from gateway.validate.compile.structure import BadDefinition, structure_of
from gateway.validate.element import Structure

_TYPES = "http://hl7.org/fhir/StructureDefinition/"


class Structures:
    """Structures by canonical and by type name, memoised. Safe to share between threads: at worst one is built twice.

    A definition that is there and cannot be used is None too; why stands in `broken`, by canonical.
    """

    def __init__(self, library: Definitions) -> None:
        self.library = library
        self.broken: dict[str, BadDefinition] = {}
        self._whole: dict[str, Structure | None] = {}
        self._added: dict[str, Structure | None] = {}
        self._types: dict[str, Structure | None] = {}

    def get(self, canonical: str) -> Structure | None:
        """The whole definition; None when no package has it or it is broken (see `broken`)."""
        if canonical not in self._whole:
            self._whole[canonical] = self._compiled(canonical, self.library.structure_definition(canonical))
        return self._whole[canonical]

    def type(self, name: str) -> Structure | None:
        """The definition of a FHIR type by its name (`Patient`, `HumanName`, `string`); None for what R4 has not."""
        if name not in self._types:
            self._types[name] = self._compiled(_TYPES + name, self.library.type_definition(name))
        return self._types[name]

    def added(self, canonical: str) -> Structure | None:
        """Only what a profile asks beyond its base type (see `delta`); None as for `get`."""
        if canonical not in self._added:
            whole = self.get(canonical)
            self._added[canonical] = None if whole is None else added_to(whole, self.type)
        return self._added[canonical]

    def _compiled(self, canonical: str, definition: dict[str, Any] | None) -> Structure | None:
        if definition is None:
            return None
        try:
            return structure_of(with_snapshot(definition, self.library))
        except BadDefinition as bad:
            self.broken[canonical] = bad
            return None
