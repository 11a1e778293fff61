"""Is a code in a set? Yes, no, or: it cannot be known here, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer about a code.

    answer   True, False, or None when it cannot be decided
    kind     why it is None: `system` (its content is not here), `value-set` (its definition is not here), `filter`
             (a filter this validator cannot evaluate), `circle` (a value set that imports itself), `fragment`
             (only a part of the system is here), `no-system` (the code names none)
    missing  the canonical of what is missing
    """

    answer: bool | None
    kind: str = ""
    missing: str = ""


YES = Verdict(True)
NO = Verdict(False)
NO_SYSTEM = Verdict(None, "no-system")


def either(a: Verdict, b: Verdict) -> Verdict:
    """Yes when one is, no when both are, else not known."""
    if a.answer or b.answer is False:
        return a
    return b if b.answer or a.answer is False else a


def both(a: Verdict, b: Verdict) -> Verdict:
    """No when one is, yes when both are, else not known."""
    if a.answer is False or b.answer:
        return a
    return b if b.answer is False or a.answer else a


def but_not(a: Verdict, b: Verdict) -> Verdict:
    """`a` less what is in `b`."""
    return both(a, b if b.answer is None else NO if b.answer else YES)
