"""Everything that is asked about codes, in one object."""

from __future__ import annotations

from typing import Any

from gateway.validate.element import Binding
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope
from gateway.validate.terms.binding import Bindings, held_in
from gateway.validate.terms.coding import Codings
from gateway.validate.terms.definition import check_definition
from gateway.validate.terms.definitions import Definitions
from gateway.validate.terms.valueset import ValueSets
from gateway.validate.terms.verdict import NO, NO_SYSTEM, Verdict


class Terms:
    """Code systems and value sets as far as they are at hand. Loads what is asked for; shared by threads."""

    def __init__(self, library: Definitions) -> None:
        self._sets = ValueSets(library)
        self._bindings = Bindings(self._sets)
        self._codings = Codings(library, self._sets)

    def check_binding(self, run: Run, place: Place, value: Any, type_code: str, binding: Binding, profile: str) -> None:
        """Tell when the code of an element is not in the value set it is bound to, or this cannot be known.

        value  of type code, string, uri, Coding, CodeableConcept or Quantity; of any other nothing is told
        """
        self._bindings.check(run, place, value, binding, profile)

    def check_coding(self, run: Run, place: Place, coding: dict[str, Any]) -> None:
        """Tell what is wrong with a Coding by itself: system, code, display."""
        self._codings.check(run, place, coding)

    def check_unit(self, run: Run, place: Place, quantity: dict[str, Any]) -> None:
        """The same for the unit of a Quantity: its system and code."""
        if "system" in quantity:
            self._codings.check(run, place, quantity)

    def check_definition(self, run: Run, scope: Scope) -> None:
        """Tell what is wrong with a CodeSystem or ValueSet as a definition; nothing of other resources."""
        check_definition(run, scope, self._sets)

    def member(self, value_set: str, system: str | None, code: str) -> Verdict:
        """Is a code in a value set (url or url|version)? `system` None: from whatever system."""
        members = self._sets.members(value_set)
        return members.judge_code(code) if system is None else members.judge(system, code)

    def holds(self, value_set: str, value: Any) -> Verdict:
        """Is the code of a value (string, Coding, CodeableConcept: any coding, Quantity) in a value set?

        A value without a code is in none, nor is a Coding without a system.
        """
        verdict = held_in(self._sets.members(value_set), value)
        return NO if verdict is None or verdict is NO_SYSTEM else verdict
