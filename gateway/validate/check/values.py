"""Values that a profile fixes, shapes or bounds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.validate.element import Element


def keeps_fixed(element: Element, value: Any, code: str) -> bool:
    """Whether a value of a type is the one an element fixes, if it fixes one."""
    return not element.fixed or is_fixed(value, element.fixed[0]) or _is_same_canonical(value, element.fixed[0], code)


def keeps_pattern(element: Element, value: Any, code: str) -> bool:
    """Whether a value of a type has what the pattern of an element has, if there is one."""
    asked = element.pattern
    return not asked or fits_pattern(value, asked[0]) or _is_same_canonical(value, asked[0], code)


def is_fixed(value: Any, fixed: Any) -> bool:
    """Whether a value is the fixed one, whole: same keys, same order of items (ElementDefinition.fixed[x])."""
    if fixed.__class__ is str:
        return bool(value == fixed)
    if isinstance(fixed, dict):
        return (
            isinstance(value, dict)
            and value.keys() == fixed.keys()
            and all(is_fixed(value[key], fixed[key]) for key in fixed)
        )
    if isinstance(fixed, list):
        return isinstance(value, list) and len(value) == len(fixed) and all(map(is_fixed, value, fixed))
    return _same(value, fixed)


def fits_pattern(value: Any, pattern: Any) -> bool:
    """Whether a value has at least what the pattern has; each item of a list in it is met by some item
    (ElementDefinition.pattern[x])."""
    if pattern.__class__ is str:
        return bool(value == pattern)
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            key in value and fits_pattern(value[key], part) for key, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(fits_pattern(item, part) for item in value) for part in pattern)
    return _same(value, pattern)


def exceeds(value: Any, bound: Any, code: str) -> int:
    """1 when a value lies above a bound, -1 below, 0 when it is the bound, cannot be told, or is of another kind.

    Dates and times of different precision are compared as far as both go. A Quantity is compared in its own unit only.
    """
    if isinstance(bound, dict):
        if not isinstance(value, dict) or any(value.get(key) != bound.get(key) for key in ("system", "code")):
            return 0
        return exceeds(value.get("value"), bound.get("value"), "decimal")
    if isinstance(bound, bool) or isinstance(value, bool):
        return 0
    if isinstance(bound, int | float | Decimal):
        return _order(_number(value), _number(bound)) if isinstance(value, int | float | Decimal) else 0
    if isinstance(value, str) and isinstance(bound, str):
        return _order_of_times(value, bound)
    return 0


def _is_same_canonical(value: Any, asked: Any, code: str) -> bool:
    """Whether a canonical is the one asked for, where one of the two leaves the version open.

    Guides are published with every canonical pinned, those that `meta.profile` must have too, while their own examples
    claim these profiles without a version. Two versions that differ are two canonicals.
    """
    if code != "canonical" or not isinstance(value, str) or not isinstance(asked, str):
        return False
    url, _, version = value.partition("|")
    asked_url, _, asked_version = asked.partition("|")
    return url == asked_url and not (version and asked_version)


def _order(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _order_of_times(value: str, bound: str) -> int:
    if "T" in value and "T" in bound and len(value) > 19 and len(bound) > 19:
        try:
            return _order(datetime.fromisoformat(value), datetime.fromisoformat(bound))
        except (ValueError, TypeError):
            return 0
    size = min(len(value), len(bound), 10 if "T" in value or "T" in bound else 64)
    return _order(value[:size], bound[:size])


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    if isinstance(value, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return _number(value) == _number(other)
    return type(value) is type(other) and bool(value == other)


def _number(value: float | Decimal) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
