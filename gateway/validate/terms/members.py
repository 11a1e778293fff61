"""The codes of a value set, compact: for each system the codes judged one by one, and one verdict for all the others.

Sets are united, intersected and subtracted in three-valued logic, so that what is missing of a value set makes only
those codes undecided that depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.validate.terms.verdict import NO, Verdict, either

Rest = Verdict | Callable[[str], Verdict]
Operation = Callable[[Verdict, Verdict], Verdict]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What is known of the codes of one system.

    listed  the verdict of each code named; rest: of every other one
    fold    the system does not tell upper from lower case: `listed` has casefolded codes
    """

    listed: Mapping[str, Verdict]
    rest: Rest
    fold: bool = False

    def judge(self, code: str) -> Verdict:
        """The verdict of one code."""
        found = self.listed.get(code.casefold() if self.fold else code)
        if found is not None:
            return found
        rest = self.rest
        return rest if isinstance(rest, Verdict) else rest(code)

    def folded(self) -> Part:
        """The same for a system that does not tell cases."""
        return (
            self if self.fold else Part({code.casefold(): told for code, told in self.listed.items()}, self.rest, True)
        )


NO_CODE = Part({}, NO)


@dataclass(slots=True, eq=False)
class Members:
    """The members of a value set: by system, and what holds of any other system.

    title, canonical: what to call it, and its url with its version. said: its codes in words, once asked for (binding).
    """

    parts: dict[str, Part] = field(default_factory=dict)
    elsewhere: Verdict = NO
    title: str = ""
    canonical: str = ""
    said: dict[bool, dict[str, Any]] = field(default_factory=dict)

    def judge(self, system: str, code: str) -> Verdict:
        """Is `code` of `system` a member?"""
        part = self.parts.get(system)
        return self.elsewhere if part is None else part.judge(code)

    def judge_code(self, code: str) -> Verdict:
        """Is `code` a member, whatever system it is from (elements of type code, string, uri)?"""
        verdict = self.elsewhere
        for part in self.parts.values():
            verdict = either(verdict, part.judge(code))
            if verdict.answer:
                break
        return verdict

    def with_system(self, system: str) -> bool:
        """Whether any code of this system may be a member."""
        part = self.parts.get(system)
        return part is not None and part is not NO_CODE

    def systems(self) -> list[str]:
        """The systems its codes are from; none when others may have members too."""
        return [system for system in self.parts if self.with_system(system)] if self.elsewhere == NO else []

    def codes(self) -> Iterator[tuple[str, str]]:
        """Every (system, code) that is surely a member and named. In a system without cases: casefolded."""
        for system, part in self.parts.items():
            for code, verdict in part.listed.items():
                if verdict.answer:
                    yield system, code

    def all_named(self) -> bool:
        """Whether `codes` has every member."""
        return self.elsewhere == NO and all(
            part.rest == NO and all(told.answer is not None for told in part.listed.values())
            for part in self.parts.values()
        )


def combined(a: Members, b: Members, operation: Operation) -> Members:
    """The members after `either`, `both` or `but_not`."""
    parts = {}
    for system in {**a.parts, **b.parts}:
        left, right = a.parts.get(system), b.parts.get(system)
        parts[system] = _combined(left or Part({}, a.elsewhere), right or Part({}, b.elsewhere), operation)
    return Members(parts, operation(a.elsewhere, b.elsewhere))


def _combined(a: Part, b: Part, operation: Operation) -> Part:
    if operation is either:
        if not a.listed and a.rest == NO:
            return b
        if not b.listed and b.rest == NO:
            return a
    if a.fold != b.fold:
        a, b = a.folded(), b.folded()
    rest = _rest(a.rest, b.rest, operation)
    listed = {code: operation(a.judge(code), b.judge(code)) for code in {**a.listed, **b.listed}}
    return Part(listed, rest, a.fold)


def _rest(a: Rest, b: Rest, operation: Operation) -> Rest:
    if isinstance(a, Verdict) and isinstance(b, Verdict):
        return operation(a, b)
    return lambda code: operation(
        a if isinstance(a, Verdict) else a(code),
        b if isinstance(b, Verdict) else b(code),
    )
