"""What FHIRPath computes with: items of a resource with their types, and the values of expressions.

A collection is a list. In it stand `Item`s (a place of the resource) and plain values: bool, int, Decimal, str, Moment,
Amount (the types of FHIRPath's own System namespace).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.validate.fhirpath.moments import read_moment


class NotEvaluated(Exception):
    """An expression that has no answer here: not understood, not supported, too costly. Says why, in English."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity: a number and its unit (UCUM, or a calendar's: `year`). No unit: "1"."""

    value: Decimal
    unit: str


class Item:
    """A part of a resource.

    value  its JSON (None: only `more` is there); more: the `_name` beside a primitive, its id and extensions
    code   its FHIR type; shape: what it may hold, None when nothing is known of its type
    """

    __slots__ = ("code", "more", "shape", "value")

    def __init__(self, value: Any, code: str, shape: Any = None, more: Any = None) -> None:
        self.value = value
        self.code = code
        self.shape = shape
        self.more = more


CALENDAR_UNITS = {
    **{unit: unit for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")},
    **{unit + "s": unit for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")},
}
MOMENTS = {"date", "dateTime", "instant", "time"}
QUANTITIES = {"Quantity", "Age", "Count", "Distance", "Duration", "Money", "SimpleQuantity", "MoneyQuantity"}
NUMBERS = {"decimal", "integer", "positiveInt", "unsignedInt"}


def number(value: Any) -> int | Decimal | None:
    """A JSON number as FHIRPath counts; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    return Decimal(str(value)) if isinstance(value, float) else value


def plain(thing: Any) -> Any:
    """The value of an item, typed by the definition: a date is a Moment, a Quantity an Amount. A complex item stays."""
    if thing.__class__ is not Item:
        return thing
    value = thing.value
    if isinstance(value, dict):
        return _amount(thing) if thing.code in QUANTITIES else thing
    if isinstance(value, str):
        return (read_moment(value) or value) if thing.code in MOMENTS else value
    counted = number(value)
    return value if counted is None else counted


def _amount(item: Item) -> Any:
    value = number(item.value.get("value"))
    if value is None:
        return item
    unit = item.value.get("code") or item.value.get("unit") or item.value.get("currency") or "1"
    return Amount(Decimal(value), unit if isinstance(unit, str) else "1")


def truth(collection: list[Any]) -> bool | None:
    """A collection where a Boolean is wanted: empty is unknown, one thing that is no Boolean is true (§4.5)."""
    if not collection:
        return None
    if len(collection) > 1:
        raise NotEvaluated("several items where one is expected")
    value = plain(collection[0])
    return value if isinstance(value, bool) else True


def single(collection: list[Any]) -> Any:
    """The only thing of a collection, plain; None when there is nothing; NotEvaluated when there are several."""
    if len(collection) > 1:
        raise NotEvaluated("several items where one is expected")
    return plain(collection[0]) if collection else None


def decimal_of(text: str) -> Decimal | None:
    """A decimal from text, None when it is none (`NaN` is none)."""
    try:
        read = Decimal(text)
    except InvalidOperation:
        return None
    return read if read.is_finite() else None
