"""Functions on numbers and on the clock (FHIRPath 2.0 §5.7, §5.8)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.functions.function import Function, given, given_number
from gateway.validate.fhirpath.moments import Moment, read_moment
from gateway.validate.fhirpath.values import Amount, NotEvaluated, single


def _number(items: Collection) -> int | Decimal | None:
    value = single(items)
    if isinstance(value, Amount):
        return value.value
    if value is None or (isinstance(value, (int, Decimal)) and not isinstance(value, bool)):
        return value
    raise NotEvaluated("a number expected")


def _counted(reckon: Callable[[int | Decimal], Any]) -> Function:
    def function(context: Context, items: Collection) -> Collection:
        number = _number(items)
        if number is None:
            return []
        try:
            found = reckon(number)
        except (DecimalException, ValueError, OverflowError):
            return []
        return [found]

    return function


def _whole(rounding: str) -> Callable[[int | Decimal], int]:
    def whole(number: int | Decimal) -> int:
        if abs(Decimal(number)) > 10**30:
            raise OverflowError
        return int(Decimal(number).to_integral_value(rounding))

    return whole


def _round(context: Context, items: Collection, digits: Evaluate | None = None) -> Collection:
    number = _number(items)
    places = 0 if digits is None else given_number(context, digits)
    if number is None or places is None:
        return []
    if not 0 <= places <= 28 or abs(Decimal(number)) > 10**20:
        raise NotEvaluated("a number beyond bounds")
    return [Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)]


def _power(context: Context, items: Collection, exponent: Evaluate) -> Collection:
    number, by = _number(items), given(context, exponent)
    if number is None or by is None:
        return []
    if isinstance(by, bool) or not isinstance(by, (int, Decimal)):
        raise NotEvaluated("a number expected")
    try:
        found = Decimal(number) ** Decimal(by)
    except DecimalException:
        return []
    whole = isinstance(number, int) and isinstance(by, int) and by >= 0 and abs(found) < 10**28
    return [int(found) if whole else found]


def _logarithm(context: Context, items: Collection, base: Evaluate) -> Collection:
    number, root = _number(items), given(context, base)
    if number is None or not isinstance(root, (int, Decimal)) or number <= 0 or root <= 0 or root == 1:
        return []
    return [Decimal(str(math.log(number, root)))]


def _clock(cut: Callable[[str], str]) -> Function:
    def function(context: Context, items: Collection) -> Collection:
        moment = read_moment(cut(context.around.now()))
        return [] if moment is None else [moment]

    return function


def _boundary(of: Collection, last: bool) -> Collection:
    """The earliest or latest a partly known date can be (lowBoundary, highBoundary of FHIRPath 3.0, dates only)."""
    value = single(of)
    if not isinstance(value, Moment):
        if value is None:
            return []
        raise NotEvaluated("a boundary of what is no date")
    if value.kind == "date":
        parts = "-12-31" if last else "-01-01"
        text = value.text + parts[(len(value.parts) - 1) * 3 :]
        read = read_moment(text) or (read_moment(text[:8] + "30") or read_moment(text[:8] + "28"))
        return [] if read is None else [read]
    if value.kind == "dateTime" and len(value.parts) < 4:
        clock = "23:59:59.999-12:00" if last else "00:00:00.000+14:00"
        days = _boundary([Moment("date", value.parts, None, value.text.rstrip("T"))], last)
        read = read_moment(f"{days[0].text}T{clock}") if days else None
        return [] if read is None else [read]
    return [value]


NUMBERS: dict[str, tuple[Function, int, int]] = {
    "abs": (_counted(abs), 0, 0),
    "ceiling": (_counted(_whole(ROUND_CEILING)), 0, 0),
    "floor": (_counted(_whole(ROUND_FLOOR)), 0, 0),
    "truncate": (_counted(int), 0, 0),
    "sqrt": (_counted(lambda number: Decimal(number).sqrt()), 0, 0),
    "exp": (_counted(lambda number: Decimal(number).exp()), 0, 0),
    "ln": (_counted(lambda number: Decimal(number).ln()), 0, 0),
    "log": (_logarithm, 1, 1),
    "power": (_power, 1, 1),
    "round": (_round, 0, 1),
    "now": (_clock(str), 0, 0),
    "today": (_clock(lambda text: text[:10]), 0, 0),
    "timeOfDay": (_clock(lambda text: text[11:19]), 0, 0),
    "lowBoundary": (lambda context, items, *_: _boundary(items, last=False), 0, 1),
    "highBoundary": (lambda context, items, *_: _boundary(items, last=True), 0, 1),
}
