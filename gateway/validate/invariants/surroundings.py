"""What an expression asks of the validator around it: references, codes, profiles, narrative, the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from gateway.validate.compile import Structures
from gateway.validate.fhirpath import Item, Members, NotEvaluated
from gateway.validate.run import Run, Scope
from gateway.validate.xhtml import xhtml_faults

Resolve = Callable[[Run, Scope, str], Any]
Conforms = Callable[[Run, Scope, str], bool]


class Verdict(Protocol):
    """Whether a code is in a value set; None when there is no telling."""

    @property
    def answer(self) -> bool | None:
        """Yes, no, or no telling."""


class Terminology(Protocol):
    """What is asked of the terminology."""

    def holds(self, value_set: str, value: Any) -> Verdict:
        """Whether a value (code, Coding, CodeableConcept) is in a value set."""


class Within:
    """One evaluation's surroundings: a run, and the resource the expression is about."""

    __slots__ = ("_conforms", "_members", "_now", "_resolve", "_run", "_scope", "_structures", "_terms")

    def __init__(
        self,
        run: Run,
        scope: Scope,
        members: Members,
        structures: Structures,
        terms: Terminology | None,
        resolve: Resolve | None,
        conforms: Conforms | None,
        now: Callable[[], datetime],
    ) -> None:
        self._run = run
        self._scope = scope
        self._members = members
        self._structures = structures
        self._terms = terms
        self._resolve = resolve
        self._conforms = conforms
        self._now = now

    def resolve(self, reference: str) -> Item | None:
        """The resource a reference leads to, when it is in the file."""
        target = self._resolve(self._run, self._scope, reference) if self._resolve else None
        if target is None or target.scope is None:
            return None
        return self._members.whole(target.scope.resource)

    def member_of(self, item: Item, value_set: str) -> bool:
        """Whether a code, Coding or CodeableConcept is in a value set; NotEvaluated when it cannot be known offline."""
        answer = self._terms.holds(value_set, item.value).answer if self._terms else None
        if answer is None:
            raise NotEvaluated("a value set that is not here whole")
        return answer

    def subsumes(self, system: str, above: str, below: str) -> bool:
        """Only equality can be told: hierarchies are asked through value sets."""
        if above == below:
            return True
        raise NotEvaluated("subsumption is not supported")

    def conforms_to(self, item: Item, canonical: str) -> bool:
        """Whether a resource conforms to a profile; NotEvaluated when the profile is not here."""
        if self._conforms is None or self._structures.get(canonical) is None or not isinstance(item.value, dict):
            raise NotEvaluated("a profile that is not here")
        if item.value is self._scope.resource:
            return self._conforms(self._run, self._scope, canonical)
        held = self._run.memo.get(("scope", id(item.value)))
        scope = held if isinstance(held, Scope) else Scope(item.value, self._scope.place, "other", self._scope)
        return self._conforms(self._run, scope, canonical)

    def html_checks(self, text: str) -> bool:
        """The narrative holds what R4 allows, and something at all."""
        return not xhtml_faults(text)

    def now(self) -> str:
        """The time of this evaluation."""
        return self._now().isoformat(timespec="milliseconds")
