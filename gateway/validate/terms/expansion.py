"""Expansions of value sets: codes worked out by whoever published them (R4 §4.9.9)."""

from __future__ import annotations

from typing import Any

from gateway.validate.terms.members import Members, Part
from gateway.validate.terms.system import dicts
from gateway.validate.terms.verdict import NO, YES, Verdict

_CUT = frozenset({"count", "offset", "limitedExpansion", "filter"})
"""Parameters of an expansion that is not the whole of its value set."""
_CUT_EXTENSIONS = frozenset(
    {
        "http://hl7.org/fhir/StructureDefinition/valueset-toocostly",
        "http://hl7.org/fhir/StructureDefinition/valueset-unclosed",
    }
)


def expanded(expansion: dict[str, Any], canonical: str) -> tuple[Members, bool]:
    """The codes of an expansion of a value set, and whether they are all it has."""
    parts: dict[str, dict[str, Verdict]] = {}
    contained = contained_in(expansion)
    for one in contained:
        code = one.get("code")
        if isinstance(code, str) and one.get("abstract") is not True:
            parts.setdefault(str(one.get("system", "")), {})[code] = YES
    total = expansion.get("total")
    complete = not (
        (isinstance(total, int) and total > len(contained))
        or any(one.get("name") in _CUT for one in dicts(expansion.get("parameter")))
        or any(one.get("url") in _CUT_EXTENSIONS for one in dicts(expansion.get("extension")))
    )
    rest = NO if complete else Verdict(None, "value-set", canonical)
    return Members({system: Part(listed, rest) for system, listed in parts.items()}, rest), complete


def contained_in(expansion: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything an expansion contains, what is nested too."""
    found, waiting = [], dicts(expansion.get("contains"))
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(dicts(one.get("contains")))
    return found
