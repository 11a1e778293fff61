"""The filters of a value set on a code system (ValueSet.compose.include.filter, R4 §4.9.5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from gateway.validate.terms.system import System, concepts, values_of

_CODE = frozenset({"code", "concept"})
_LONGEST = 200
"""Characters of a code that a pattern is tried on; longer ones are taken not to match."""

_TOKEN = re.compile(
    r"\\[wWdDsSbB]|\\[^0-9A-Za-z]|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?:)?|[*+?]|\{\d{0,3},?\d{0,3}\}|[^\[\\(*+?{}]"
)
_REPEAT = re.compile(r"[*+]|\{.*\}")


def matching(system: System, definition: dict[str, Any], filters: Iterable[dict[str, Any]]) -> set[str] | None:
    """The codes of a system that pass every filter; None when one of them cannot be evaluated here."""
    found = set(system.displays)
    for one in filters:
        name, op, value = one.get("property"), one.get("op"), one.get("value")
        if not (isinstance(name, str) and isinstance(op, str) and isinstance(value, str)):
            return None
        passing = _passing(system, definition, name, op, value)
        if passing is None:
            return None
        found &= passing
    return found


def _passing(system: System, definition: dict[str, Any], name: str, op: str, value: str) -> set[str] | None:
    code = system.key(value)
    if op in _HIERARCHY:
        return _HIERARCHY[op](system, code)
    if name in ("parent", "child") and op in ("=", "in"):
        wanted = [system.key(each) for each in _listed(value, op)]
        step = _children if name == "parent" else _parents
        return {each for one in wanted for each in step(system, one)}
    test = _test(op, value)
    if test is None:
        return None
    values: dict[str, tuple[str, ...]]
    if name in _CODE:
        values = {code: (code,) for code in system.displays}
        test = _test(op, code) or test
    elif name in ("display", "designation"):
        values = {code: called[:1] if name == "display" else called[1:] for code, called in system.displays.items()}
    else:
        values = {system.key(c["code"]): tuple(map(_text, values_of(c, name))) for c, _ in concepts(definition)}
    return {code for code, held in values.items() if test(held)}


def descendants(system: System, code: str) -> set[str]:
    """Every code under `code`, not itself."""
    found: set[str] = set()
    waiting = list(system.children.get(code, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(system.children.get(one, ()))
    return found & system.displays.keys()


def _children(system: System, code: str) -> set[str]:
    return set(system.children.get(code, ())) & system.displays.keys()


def _parents(system: System, code: str) -> set[str]:
    return {above for above, under in system.children.items() if code in under}


def _is_a(system: System, code: str) -> set[str]:
    return descendants(system, code) | ({code} & system.displays.keys())


def _generalizes(system: System, code: str) -> set[str]:
    found, waiting = set(), [code]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(_parents(system, one))
    return found & system.displays.keys()


_HIERARCHY: dict[str, Callable[[System, str], set[str]]] = {
    "is-a": _is_a,
    "descendent-of": descendants,
    "is-not-a": lambda system, code: set(system.displays) - _is_a(system, code),
    "generalizes": _generalizes,
}


def _test(op: str, value: str) -> Callable[[tuple[str, ...]], bool] | None:
    """What the values a concept has for the property must be; None for an operator that is none of R4's."""
    if op == "=":
        return lambda held: value in held
    if op in ("in", "not-in"):
        wanted = frozenset(_listed(value, op))
        return (lambda held: not wanted.isdisjoint(held)) if op == "in" else (lambda held: wanted.isdisjoint(held))
    if op == "exists":
        return lambda held: bool(held) == (value == "true")
    if op == "regex":
        pattern = pattern_of(value)
        return None if pattern is None else lambda held: any(matches(pattern, text) for text in held)
    return None


def _listed(value: str, op: str) -> list[str]:
    return [value] if op == "=" else [each.strip() for each in value.split(",")]


def _text(value: Any) -> str:
    """A property's value as filters write it: a Coding as `system#code`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"{value.get('system', '')}#{value.get('code', '')}"
    return str(value)


def pattern_of(text: str) -> re.Pattern[str] | None:
    """A regex filter compiled; None when it is none, or could take more than a moment on some code.

    Taken: characters, classes, groups and choices, where only a character or a class is repeated, and at most three
    of them without an end. A repeated group may take exponential time.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text or sum(token in ("*", "+") or token.endswith(",}") for token in tokens) > 3:
        return None
    if any(before == ")" and _REPEAT.fullmatch(after) for before, after in pairwise(tokens)):
        return None
    try:
        return re.compile(text)
    except (re.error, OverflowError):
        return None


def matches(pattern: re.Pattern[str], code: str) -> bool:
    """Whether the whole code matches."""
    return len(code) <= _LONGEST and pattern.fullmatch(code) is not None
