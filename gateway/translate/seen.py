"""What a careful reading sees: every fault, and which rule read which value where. Only a body with a fault, or one
somebody asks about, is read so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateway.model.errors import Rejected
from gateway.model.faults import Fault, Place
from gateway.translate.body import NAME_LIMIT, Written
from gateway.translate.path import ABSENT, Steps, called, nearest, reach

if TYPE_CHECKING:
    from gateway.translate.source import Source

FAULT_LIMIT = 1_000  # faults told at once: beyond, the body is not an attempt at an event


class Again(Exception):
    """Something is wrong in the body: it is read again, with care."""


@dataclass(frozen=True, slots=True)
class Note:
    """One place of ours: who filled it (a rule, or a shape), from where in the body, what stood there, and how."""

    by: Any
    steps: Steps
    raw: Any
    how: str = "read"


class Seen:
    """The faults and notes of one reading."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.faults: list[Fault] = []
        self.notes: dict[Place, Note] = {}
        self._refused: set[Place] = set()

    def note(self, by: Any, at: Place, steps: Steps, raw: Any, how: str = "read") -> None:
        """Keep where a place of ours came from; a shape that reads the value of a rule is kept in the rule's stead."""
        self.notes[at] = Note(by, steps, raw, how)

    def reading(self, rule: Any, raw: Any, at: Place, steps: Steps, source: Source, turn: Callable[[Any], Any]) -> Any:
        """Read a source and turn what it holds."""
        try:
            theirs = source.get(raw)
        except Rejected as wrong:
            self.refuse(at, steps + source.gap(raw), wrong.faults)
            return ABSENT
        return theirs if theirs is ABSENT else self.turning(rule, at, steps + source.steps(raw), turn, theirs)

    def turning(self, rule: Any, at: Place, steps: Steps, turn: Callable[[Any], Any], theirs: Any) -> Any:
        """Turn one value of theirs; what a verb refuses is kept, and passed on as it is."""
        self.note(rule, at, steps, theirs)
        try:
            return turn(theirs)
        except Rejected as wrong:
            self.refuse(at, steps, wrong.faults, theirs)
            return theirs

    def refuse(self, at: Place, steps: Steps, faults: Iterable[Fault], raw: Any = None) -> None:
        """Keep the faults of a value; the model's about the same are then not told a second time."""
        self._refused.add(at)
        for fault in faults:
            self.faults.append(self._told(fault.under(*at), steps + _as_far(raw, fault.at)))

    def strange(self, steps: Steps, fault: Fault) -> bool:
        """Keep a fault about a place of theirs; False when there are enough of them."""
        if len(str(steps[-1])) > NAME_LIMIT:
            steps = steps[:-1]
        self.faults.append(self._told(fault, steps))
        return len(self.faults) < FAULT_LIMIT

    def told_theirs(self, faults: Iterable[Fault]) -> Iterable[Fault]:
        """Faults in our words, at their place in the body, save those about a value refused already."""
        for fault in faults:
            if not any(fault.at[:length] in self._refused for length in range(1, len(fault.at) + 1)):
                yield self._placed(fault)

    def _placed(self, fault: Fault) -> Fault:
        """Down to the nearest place that was read, then where its shape looks for the rest."""
        for length in range(len(fault.at), -1, -1):
            if (note := self.notes.get(fault.at[:length])) is not None:
                break
        else:
            return fault
        rest = fault.at[length:]
        if rest and hasattr(note.by, "rules") and hasattr(note.by, "places"):
            return self._missing(fault, note, rest)
        return self._told(fault, note.steps + _as_far(note.raw, rest))

    def _missing(self, fault: Fault, note: Note, rest: Place) -> Fault:
        rules = [rule for count in range(len(rest), 0, -1) if (rule := note.by.rule(rest[:count]))]
        if not rules:
            rules = [rule for rule in note.by.rules if rule.at.field[: len(rest)] == rest]
        paths = [path for rule in rules for path in list(rule.paths)[:1]]
        if not paths:
            return self._told(fault, note.steps)
        there = (path for path in paths if reach(note.raw, path) is not ABSENT)
        path = next(there, paths[0])
        exact = fault.code == "missing-field" and rest in [rule.at.field for rule in rules]
        steps = nearest(note.raw, path)
        return self._told(replace(fault, about=called(path)) if exact else fault, note.steps + steps)

    def _told(self, fault: Fault, steps: Steps) -> Fault:
        line, column = self.written.spot(steps)
        return replace(fault, pointer=self.written.pointer(steps), line=line, column=column)


def _as_far(raw: Any, rest: Place) -> Steps:
    """As many of these steps as lead somewhere: an object a verb passed whole has our own names in it."""
    steps: Steps = ()
    for step in rest:
        inside = (isinstance(raw, dict) and step in raw) or (isinstance(raw, list) and isinstance(step, int))
        if not inside or len(str(step)) > NAME_LIMIT:
            break
        raw, steps = raw[step], (*steps, step)
    return steps
