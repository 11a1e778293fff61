"""Is it the same, alike, less or more? (FHIRPath 2.0 §6.1, §6.2)"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.validate.fhirpath.moments import Moment, order, read_moment
from gateway.validate.fhirpath.values import Amount, Item, NotEvaluated, plain

_NUMBER = (int, Decimal)
# UCUM units one can be told in another, as (what is measured, how many of its smallest). What is not here compares
# only with itself: "cannot tell" is the answer, never a wrong one.
_RATIOS: dict[str, tuple[str, Decimal]] = {
    unit: (kind, Decimal(size))
    for kind, sizes in {
        "mass": {"kg": "1e9", "g": "1e6", "mg": "1e3", "ug": "1"},
        "length": {"km": "1e6", "m": "1e3", "dm": "100", "cm": "10", "mm": "1"},
        "volume": {"L": "1e6", "l": "1e6", "dL": "1e5", "mL": "1e3", "ml": "1e3", "uL": "1"},
        "time": {"wk": "604800000", "d": "86400000", "h": "3600000", "min": "60000", "s": "1000", "ms": "1"}
        | {"week": "604800000", "day": "86400000", "hour": "3600000", "minute": "60000", "second": "1000"}
        | {"millisecond": "1"},
        "months": {"a": "12", "year": "12", "mo": "1", "month": "1"},
    }.items()
    for unit, size in sizes.items()
}


def equals(left: list[Any], right: list[Any]) -> bool | None:
    """`=`: the same things in the same order; None when either is empty or precision does not tell."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    unknown = False
    for one, other in zip(left, right, strict=True):
        same = _same(plain(one), plain(other))
        if same is False:
            return False
        unknown = unknown or same is None
    return None if unknown else True


def _same(one: Any, other: Any) -> bool | None:
    if one.__class__ is Item or other.__class__ is Item:
        if one.__class__ is not Item or other.__class__ is not Item:
            return False
        if one.value is None and other.value is None:
            return None
        return bool(one.value == other.value)
    if isinstance(one, Moment) or isinstance(other, Moment):
        a, b = _moment(one), _moment(other)
        if a is None or b is None:
            return False
        compared = order(a, b)
        return None if compared is None and (a.kind == "time") == (b.kind == "time") else compared == 0
    if isinstance(one, Amount) and isinstance(other, Amount):
        compared = _amounts(one, other)
        return None if compared is None else compared == 0
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)


def _moment(value: Any) -> Moment | None:
    return read_moment(value) if isinstance(value, str) else value if isinstance(value, Moment) else None


def _amounts(one: Amount, other: Amount) -> int | None:
    left, right = one.value, other.value
    if one.unit != other.unit:
        a, b = _RATIOS.get(one.unit), _RATIOS.get(other.unit)
        if a is None or b is None or a[0] != b[0]:
            return None
        left, right = left * a[1], right * b[1]
    return (left > right) - (left < right)


def compare(left: list[Any], right: list[Any]) -> int | None:
    """-1, 0, 1 of two single values of one kind; None when one is missing or there is no telling."""
    if not left or not right:
        return None
    if len(left) > 1 or len(right) > 1:
        raise NotEvaluated("several items where one is expected")
    one, other = plain(left[0]), plain(right[0])
    if isinstance(one, Moment) or isinstance(other, Moment):
        a, b = _moment(one), _moment(other)
        if a is None or b is None:
            raise NotEvaluated("a date compared with what is none")
        return order(a, b)
    if isinstance(one, Amount) and isinstance(other, Amount):
        compared = _amounts(one, other)
        if compared is None:
            raise NotEvaluated("units that cannot be compared")
        return compared
    numbers = isinstance(one, _NUMBER) and isinstance(other, _NUMBER)
    if isinstance(one, bool) or isinstance(other, bool):
        raise NotEvaluated("true and false have no order")
    if numbers or (isinstance(one, str) and isinstance(other, str)):
        return 0 if one == other else 1 if one > other else -1
    if any(side.__class__ is Item and side.value is None for side in (one, other)):
        return None  # a primitive with extensions and no value
    raise NotEvaluated("two kinds of values compared")


def alike(left: list[Any], right: list[Any]) -> bool:
    """`~`: the same things whatever their order, letters' case, white space and digits beyond the precision."""
    if len(left) != len(right):
        return False
    rest = [_loose(plain(item)) for item in right]
    for item in left:
        loose = _loose(plain(item))
        at = next((at for at, other in enumerate(rest) if _loosely(loose, other)), None)
        if at is None:
            return False
        del rest[at]
    return True


def _loose(value: Any) -> Any:
    if value.__class__ is Item:
        return _loose(value.value)
    if isinstance(value, str):
        return " ".join(value.lower().split())
    if isinstance(value, dict):
        return {key: _loose(held) for key, held in value.items() if key != "id"}
    if isinstance(value, list):
        return sorted((_loose(held) for held in value), key=repr)
    return value


def _loosely(one: Any, other: Any) -> bool:
    numbers = isinstance(one, _NUMBER) and isinstance(other, _NUMBER) and bool not in (type(one), type(other))
    if numbers and isinstance(one, _NUMBER) and isinstance(other, _NUMBER):
        digits = min(_digits(one), _digits(other))
        return round(Decimal(one), digits) == round(Decimal(other), digits)
    if isinstance(one, Moment) and isinstance(other, Moment):
        return order(one, other) == 0
    if isinstance(one, Amount) and isinstance(other, Amount):
        return _amounts(one, other) == 0
    return type(one) is type(other) and bool(one == other)


def _digits(value: int | Decimal) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def sameness(thing: Any) -> Any:
    """A key: two things of a collection with the same key are the same thing (distinct, union, intersect)."""
    return _key(plain(thing))


def _key(value: Any) -> Any:
    if value.__class__ is Item:
        return ("item", _key(value.value), _key(value.more) if value.value is None else None)
    if isinstance(value, bool):
        return ("truth", value)
    if isinstance(value, _NUMBER):
        return ("number", value)
    if isinstance(value, Moment):
        return ("moment", value.text)
    if isinstance(value, dict):
        return tuple(sorted((key, _key(held)) for key, held in value.items()))
    if isinstance(value, list):
        return tuple(_key(held) for held in value)
    return ("text", value) if isinstance(value, str) else value
