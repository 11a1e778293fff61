"""Judges constraints: a Python function for those nearly every element has, FHIRPath for all others.

What cannot be judged (prose without expression, an expression that is not understood, asks for what is not here or
takes too long) is told as information, once a constraint. Built once, shared by threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.validate.check.shape import Shapes
from gateway.validate.compile import Structures
from gateway.validate.element import Constraint
from gateway.validate.fhirpath import (
    Context,
    Evaluate,
    Item,
    Members,
    NotEvaluated,
    compile_expression,
    truth,
)
from gateway.validate.finding import Severity
from gateway.validate.invariants.french import in_french
from gateway.validate.invariants.narrative import narrative_control
from gateway.validate.invariants.native import NATIVE, POINTED, Native, needs_more_than_an_id
from gateway.validate.invariants.subject import subject_at
from gateway.validate.invariants.surroundings import Conforms, Resolve, Terminology, Within
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope

MOST_STEPS = 300_000  # of one evaluation: a fifth of a second; R4's heaviest on its largest example takes 40,000
_ASKING = 8  # steps of the walk that an evaluation costs, whatever it does
MOST_KEPT = 10_000  # expressions and lists of constraints kept; all published packages together have a tenth of it


@dataclass(frozen=True, slots=True)
class _Judged:
    """A constraint, and its expression compiled; None where a Python function judges, or nothing can (`why`)."""

    constraint: Constraint
    severity: Severity
    evaluate: Evaluate | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The constraints of an element, by who judges them. `with_id`: those that only an object with an id can break
    (ele-1, that nearly every element has)."""

    constraints: tuple[Constraint, ...]
    natives: tuple[tuple[Native, _Judged], ...]
    with_id: tuple[tuple[Native, _Judged], ...]
    others: tuple[_Judged, ...]


class Invariants:
    """Judges invariants of elements, and single expressions (contexts of extensions)."""

    def __init__(
        self,
        structures: Structures,
        shapes: Shapes,
        terms: Terminology | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._structures = structures
        self._members = Members(shapes)
        self._terms = terms
        self._now = now
        self._resolve: Resolve | None = None
        self._conforms: Conforms | None = None
        self._expressions: dict[str, Evaluate | NotEvaluated] = {}
        self._judged: dict[int, _Prepared] = {}

    def acquaint(self, resolve: Resolve | None, conforms: Conforms | None) -> None:
        """Whom expressions ask about references (`resolve()`) and profiles (`conformsTo()`)."""
        self._resolve, self._conforms = resolve, conforms

    def check(
        self,
        run: Run,
        scope: Scope,
        place: Place,
        value: Any,
        type_code: str,
        constraints: tuple[Constraint, ...],
        profile: str,
    ) -> None:
        """Tell every constraint that a value does not meet, under its own key.

        `value` is the JSON of the element; for a primitive that has only extensions, the object that holds them.
        """
        known = self._judged.get(id(constraints))
        if known is None or known.constraints is not constraints:
            known = self._prepared(constraints)
        for native, judged in known.natives:
            if not native(value, scope, run):
                self._tell(run, scope, place, value, judged, profile)
        if known.with_id and value.__class__ is dict and ("id" in value or "_id" in value):
            for native, judged in known.with_id:
                if not native(value, scope, run):
                    self._tell(run, scope, place, value, judged, profile)
        for judged in known.others:
            if judged.evaluate is None or ("not-judged", judged.constraint.expression) in run.memo:
                self._tell_not_judged(run, place, judged.constraint, judged.why, profile)
            elif not self._met(run, scope, place, value, type_code, judged, profile):
                self._tell(run, scope, place, value, judged, profile)

    def holds(self, run: Run, scope: Scope, value: Any, type_code: str, expression: str) -> bool | None:
        """Whether an expression is true of a value; None when it cannot be evaluated."""
        evaluate = self._compiled(expression)
        if isinstance(evaluate, NotEvaluated):
            return None
        subject = subject_at(self._members.shapes, scope, scope.place, value, type_code)
        try:
            return self._evaluated(run, scope, subject, evaluate) is True
        except NotEvaluated:
            return None

    def _prepared(self, constraints: tuple[Constraint, ...]) -> _Prepared:
        """Kept by the identity of the tuple, kept with it: hashing constraints costs more than judging them."""
        if len(self._judged) >= MOST_KEPT:
            self._judged.clear()
        natives: list[tuple[Native, _Judged]] = []
        others: list[_Judged] = []
        for constraint in constraints:
            severity: Severity = "warning" if constraint.severity == "warning" else "error"
            expression = constraint.expression
            if native := NATIVE.get(expression) or narrative_control(expression):
                natives.append((native, _Judged(constraint, severity)))
            elif not expression:
                others.append(_Judged(constraint, severity))
            elif isinstance(evaluate := self._compiled(expression), NotEvaluated):
                others.append(_Judged(constraint, severity, why=str(evaluate)))
            else:
                others.append(_Judged(constraint, severity, evaluate))
        with_id = tuple(pair for pair in natives if pair[0] is needs_more_than_an_id)
        always = tuple(pair for pair in natives if pair not in with_id)
        prepared = self._judged[id(constraints)] = _Prepared(constraints, always, with_id, tuple(others))
        return prepared

    def _compiled(self, expression: str) -> Evaluate | NotEvaluated:
        known = self._expressions.get(expression)
        if known is None:
            if len(self._expressions) >= MOST_KEPT:
                self._expressions.clear()
            try:
                known = compile_expression(expression)
            except NotEvaluated as why:
                known = why
            except RecursionError:
                known = NotEvaluated("too deep")
            self._expressions[expression] = known
        return known

    def _met(
        self, run: Run, scope: Scope, place: Place, value: Any, type_code: str, judged: _Judged, profile: str
    ) -> bool:
        subject = subject_at(self._members.shapes, scope, place, value, type_code)
        assert judged.evaluate is not None
        try:
            return self._evaluated(run, scope, subject, judged.evaluate) is True
        except NotEvaluated as why:
            run.memo["not-judged", judged.constraint.expression] = True
            self._tell_not_judged(run, place, judged.constraint, str(why), profile)
            return True

    def _evaluated(self, run: Run, scope: Scope, subject: Item, evaluate: Evaluate) -> bool | None:
        """An empty answer is no yes: an invariant that says nothing is not met, as the reference has it."""
        members = self._members
        resource = subject if subject.value is scope.resource else members.whole(scope.resource)
        holder = scope.above if scope.held_as == "contained" else None
        root = resource if holder is None else members.whole(holder.resource)
        around = Within(run, scope, members, self._structures, self._terms, self._resolve, self._conforms, self._now)
        context = Context(members, around, subject=subject, resource=resource, root=root, steps=MOST_STEPS)
        try:
            return truth(evaluate(context, [subject]))
        except RecursionError as error:
            raise NotEvaluated("too deep") from error
        finally:
            run.step(_ASKING + (MOST_STEPS + context.spent) // 2)

    def _tell(self, run: Run, scope: Scope, place: Place, value: Any, judged: _Judged, profile: str) -> None:
        constraint = judged.constraint
        pointed = POINTED.get(constraint.expression)
        places = [place] if pointed is None else pointed(value, place)
        source, human = constraint.source or profile, _in_a_line(constraint.human)
        for each in places:
            run.tell(
                each,
                "invariant",
                source,
                severity=judged.severity,
                key=constraint.key,
                constraint=constraint.key,
                fr=in_french(constraint.key, source) or human,
                en=human,
            )

    def _tell_not_judged(self, run: Run, place: Place, constraint: Constraint, why: str, profile: str) -> None:
        told = ("not-judged", constraint.key, profile)
        if told in run.memo:
            return
        run.memo[told] = True
        run.tell(
            place,
            "invariant-not-evaluated" if why or constraint.expression else "invariant-prose",
            constraint.source or profile,
            constraint=constraint.key,
            human=_in_a_line(constraint.human),
            why=why,
        )


def _in_a_line(text: str) -> str:
    """The author's sentence, in one line of at most 300 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:299] + "…"
