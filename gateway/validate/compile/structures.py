"""Every definition compiled once: whole, or only what it adds to its type."""

from __future__ import annotations

from typing import Any, TypeVar

from gateway.validate.compile.delta import added_to
from gateway.validate.compile.snapshot import Definitions, with_snapshot
from gateway.validate.compile.structure import BadDefinition, structure_of
from gateway.validate.element import Structure
from gateway.validate.run import Run

Kept = TypeVar("Kept")

_MOST_NAMES, _LONGEST = 10_000, 300
"""Names remembered, and characters of one: instances give them, and must not fill the memory."""
_READING = 1_000
"""Steps of a run: about two milliseconds."""


class Structures:
    """Structures by canonical and by type name, each made once, by whatever name it is asked for.

    Safe to share between threads: at worst one is made twice. A definition that is there and cannot be used is None
    too; why stands in `broken`, by canonical.
    """

    def __init__(self, library: Definitions) -> None:
        self.library = library
        self.broken: dict[str, BadDefinition] = {}
        self._made: dict[tuple[str, str], Structure | BadDefinition] = {}
        self._deltas: dict[int, Structure] = {}
        self._whole: dict[str, Structure | None] = {}
        self._types: dict[str, Structure | None] = {}

    def get(self, canonical: str, run: Run | None = None) -> Structure | None:
        """The whole definition; None when no package has it or it is broken (see `broken`).

        run  what pays for reading the definition, where an instance and no definition names it
        """
        try:
            return self._whole[canonical]
        except KeyError:
            definition = self.library.structure_definition(canonical)
        if definition is None:
            return _remembered(self._whole, canonical, None)
        if run is not None:
            run.step(_READING)
        named = (str(definition.get("url", "")), str(definition.get("version", "")))
        made = self._made.get(named)
        if made is None:
            made = self._made[named] = self._compiled(definition)
        if isinstance(made, BadDefinition):
            _remembered(self.broken, canonical, made)
            made = None
        return _remembered(self._whole, canonical, made)

    def type(self, name: str) -> Structure | None:
        """The definition of a FHIR type by its name (`Patient`, `HumanName`, `string`); None for what R4 has not."""
        try:
            return self._types[name]
        except KeyError:
            definition = self.library.type_definition(name)
        made = None if definition is None else self._compiled(definition)
        return _remembered(self._types, name, None if isinstance(made, BadDefinition) else made)

    def added(self, canonical: str) -> Structure | None:
        """Only what a profile asks beyond its base type (see `delta`); None as for `get`."""
        whole = self.get(canonical)
        if whole is None:
            return None
        delta = self._deltas.get(id(whole))
        if delta is None:
            delta = self._deltas[id(whole)] = added_to(whole, self.type)
        return delta

    def _compiled(self, definition: dict[str, Any]) -> Structure | BadDefinition:
        try:
            return structure_of(with_snapshot(definition, self.library))
        except BadDefinition as bad:
            return bad


def _remembered(names: dict[str, Kept], name: str, value: Kept) -> Kept:
    if len(names) >= _MOST_NAMES:
        names.clear()
    if len(name) <= _LONGEST:
        names[name] = value
    return value
