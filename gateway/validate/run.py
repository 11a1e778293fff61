"""One validation under way: what it found so far, what holds what, and how much work it may still do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.validate.finding import Severity
from gateway.validate.place import Place


class TooCostly(Exception):
    """The walk has done all the work it may: the instance and its profiles together ask for more."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A resource and what holds it: the answer to “from here, what does #p1 or urn:uuid:… mean?”.

    resource  the JSON tree; place: where it stands
    held_as   root | contained | entry (of a Bundle) | parameter | other (any other element of type Resource)
    above     the scope of the resource that holds this one; None for the root
    full_url  of a Bundle entry, "" elsewhere
    """

    resource: dict[str, Any]
    place: Place
    held_as: str = "root"
    above: Scope | None = None
    full_url: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding not yet spelled out: a place, a rule, the words of its sentence. `key`: an invariant's own."""

    place: Place
    rule: str
    profile: str
    severity: Severity | None
    key: str
    words: Mapping[str, Any]


MOST_STEPS = 500_000  # of about two microseconds: a check never takes over a second
IDS = "ids"
"""The memory of a run has, under this and a resource's identity, the ids of its elements: (place, id) each."""
_TELLING = 50  # steps a finding costs, which is to be spelled out


@dataclass(slots=True)
class Run:
    """What one validation gathers. `steps` is the work left: at 0 the walk stops and says so (`too-costly`)."""

    root: Scope
    steps: int = MOST_STEPS
    told: list[Told] = field(default_factory=list)
    memo: dict[Any, Any] = field(default_factory=dict)

    def step(self, cost: int = 1) -> None:
        """Count work done. Raises TooCostly when none is left."""
        self.steps -= cost
        if self.steps < 0:
            raise TooCostly

    def aside(self) -> Run:
        """A run that notes for itself what it finds, with the same memory. Give `steps` back when it is done."""
        return Run(self.root, self.steps, [], self.memo)

    def note(self, read: Sequence[Told]) -> None:
        """Take over what was found before the walk, as far as there is work left to spell it out."""
        self.told.extend(read[: self.steps // _TELLING])
        self.step(_TELLING * len(read))

    def tell(
        self,
        place: Place,
        rule: str,
        profile: str = "",
        *,
        severity: Severity | None = None,
        key: str = "",
        **words: Any,
    ) -> None:
        """Note a finding. `severity` replaces the rule's own, `key` its id (invariants)."""
        self.step(_TELLING)
        self.told.append(Told(place, rule, profile, severity, key, words))
