"""Bindings: must, should or may the code of an element come from a value set, and does it?"""

from __future__ import annotations

from functools import partial, reduce
from itertools import islice
from typing import Any

from gateway.validate.element import Binding
from gateway.validate.finding import Severity
from gateway.validate.place import Place
from gateway.validate.rules.terms import TERMS
from gateway.validate.run import Run, Told
from gateway.validate.terms.coding import MISNAMED, UNVERIFIED, same_display
from gateway.validate.terms.grammar import GRAMMARS
from gateway.validate.terms.members import Members
from gateway.validate.terms.provisional import are_any, note_last, take_back
from gateway.validate.terms.system import dicts
from gateway.validate.terms.valueset import ValueSets
from gateway.validate.terms.verdict import NO, NO_SYSTEM, Verdict, either

_FEW = 12
"""A value set with no more codes than this is told whole."""
_FEW_SYSTEMS = 3
"""The systems of a value set are told when they are no more than this."""
_RULE_OF = {
    "required": "not-in-value-set",
    "extensible": "outside-extensible",
    "preferred": "outside-preferred",
    "maximum": "outside-maximum",
}
_BINDING: frozenset[str] = frozenset({"required", "maximum"})


class Bindings:
    """Judges values against the value sets they are bound to."""

    def __init__(self, sets: ValueSets) -> None:
        self._sets = sets

    def check(self, run: Run, place: Place, value: Any, binding: Binding, profile: str) -> None:
        """Tell what is wrong with the code of an element: a string, Coding, CodeableConcept or Quantity."""
        self._check(run, place, value, binding.strength, binding.value_set, profile)
        if binding.max_value_set and binding.strength != "required":
            self._check(run, place, value, "maximum", binding.max_value_set, profile)
        for purpose, value_set in binding.additional:
            self._check(run, place, value, purpose, value_set, profile)

    def _check(self, run: Run, place: Place, value: Any, strength: str, value_set: str, profile: str) -> None:
        rule = _RULE_OF.get(strength)
        if rule is None or not value_set:
            return
        if value_set.startswith("#"):  # contained in the definition that binds to it
            value_set = profile.partition("|")[0] + value_set
        members = self._sets.members(value_set)
        verdict = held_in(members, value)
        if verdict is not None and verdict.answer:
            if not isinstance(value, str) and are_any(run, (value, *codings_in(value))):
                self._take_back(run, value, value_set, members, profile)
        elif verdict is None:
            self._no_code(run, place, value, strength, members, profile)
        elif verdict.answer is False:
            severity = _severity(strength, value, members)
            run.tell(place, rule, profile, severity=severity, **self._expected(members, value))
            if isinstance(value, dict) and (severity or TERMS[rule].severity) != "error":
                note_last(run, value)
        elif verdict.answer is None and _worth_telling(strength, verdict):
            severity = "warning" if strength in _BINDING else "information"
            name = called(members)
            run.tell(place, "binding-unverified", profile, severity=severity, value_set=name, missing=missing(verdict))

    def _take_back(self, run: Run, value: dict[str, Any], value_set: str, members: Members, profile: str) -> None:
        """What the value set of a guide answers: its codes are verified, are not outside R4's, and it may name them.

        The names are those of ValueSet.compose.include.concept, or of the expansion.
        """
        take_back(run, value, lambda told: told.rule not in (MISNAMED, UNVERIFIED) and told.profile != profile)
        for coding in codings_in(value):
            system, code = coding.get("system"), coding.get("code")
            if isinstance(system, str) and isinstance(code, str) and members.judge(system, code).answer:
                take_back(run, coding, lambda told: told.rule == UNVERIFIED)
                take_back(run, coding, partial(self._is_named, coding, value_set))

    def _is_named(self, coding: dict[str, Any], value_set: str, told: Told) -> bool:
        """Whether a finding on the display of a coding is answered by what the value set calls the code."""
        return told.rule == MISNAMED and any(
            same_display(coding["display"], name)
            for name in self._sets.displays(value_set, coding["system"], coding["code"])
        )

    def _no_code(self, run: Run, place: Place, value: Any, strength: str, members: Members, profile: str) -> None:
        """A value with a text, a unit or an extension only: a CodeableConcept must have a code, a Quantity need not."""
        if not isinstance(value, dict) or strength == "preferred" or not ("text" in value or "coding" in value):
            return
        severity: Severity = "error" if strength in _BINDING else "warning"
        run.tell(place, "no-code", profile, severity=severity, **self._expected(members, value))

    def _expected(self, members: Members, value: Any) -> dict[str, Any]:
        """What to say of a value set: its name, and its codes when they are few, else whose codes they are."""
        bare = isinstance(value, str)
        if bare not in members.said:
            members.said[bare] = self._in_words(members, bare)
        return members.said[bare]

    def _in_words(self, members: Members, bare: bool) -> dict[str, Any]:
        codes = list(islice(members.codes(), _FEW + 1))
        systems = members.systems()
        form = GRAMMARS.get(systems[0]) if len(systems) == 1 and not members.all_named() else None
        if 0 < len(codes) <= _FEW and members.all_named():
            by_system = {system: [code for held, code in codes if held == system] for system, _ in codes}
            listed = " ; ".join(self._listed(system, held, bare) for system, held in by_system.items())
            french, english = listed, listed.replace(" ; ", "; ")
        elif form is not None:
            french, english = form.fr, form.en
        elif bare or not 0 < len(systems) <= _FEW_SYSTEMS:
            french, english = "un code de ce jeu", "a code of this set"
        else:
            french = f"un code de ce jeu, du système {' ou '.join(systems)}"
            english = f"a code of this set, from {' or '.join(systems)}"
        return {"value_set": called(members), "fr": french, "en": english}

    def _listed(self, system: str, codes: list[str], bare: bool) -> str:
        """Codes of one system as it writes them, and where they are from unless the element takes a bare code."""
        known = self._sets.system(system)
        texts = ", ".join(code if known is None else known.written.get(code, code) for code in codes)
        return texts if bare else f"{texts} ({system})"


def held_in(members: Members, value: Any) -> Verdict | None:
    """Whether the code in a value is a member; None when the value has no code at all."""
    if isinstance(value, str):
        return members.judge_code(value)
    if not isinstance(value, dict):
        return None
    verdicts = [_judged(members, coding) for coding in codings_in(value) if isinstance(coding.get("code"), str)]
    return reduce(either, verdicts) if verdicts else None


def codings_in(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The Codings of a CodeableConcept; a Coding or Quantity itself."""
    return dicts(value["coding"]) if "coding" in value else [value]


def _judged(members: Members, coding: dict[str, Any]) -> Verdict:
    system = coding.get("system")
    if isinstance(system, str):
        return members.judge(system, coding["code"])
    # A code without a system means nothing; that it is missing is told of the Coding, unless no system has the code
    return NO if members.judge_code(coding["code"]).answer is False else NO_SYSTEM


def called(members: Members) -> str:
    """What to call a value set."""
    return f"{members.title} ({members.canonical})" if members.title else members.canonical


def missing(verdict: Verdict) -> str:
    """What is not here, for the sentence."""
    return verdict.missing[:200] or "?"


def _severity(strength: str, value: Any, members: Members) -> Severity | None:
    """Guides bind elements to their own codes where R4 has a maximum beside a preferred binding.

    `as-practitioner` has its languages from TRE_G00 where R4 names BCP 47. The reference validator judges by the
    guide alone; here R4's maximum is told, and forbids nothing but wrong codes of its own systems.
    """
    if strength != "maximum" or not isinstance(value, dict):
        return None
    systems = [one.get("system") for one in codings_in(value)]
    own = any(isinstance(system, str) and members.with_system(system) for system in systems)
    return None if own else "warning"


def _worth_telling(strength: str, verdict: Verdict) -> bool:
    """That a system is not here or not given is told of the Coding itself; of a weak binding this is enough."""
    if verdict is NO_SYSTEM:
        return False
    return strength in _BINDING or (strength == "extensible" and verdict.kind != "system")
