"""The operators of FHIRPath, each made of its two sides. Three values of logic: true, false and empty (§6.5)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext
from typing import Any

from gateway.validate.fhirpath.comparing import alike, compare, equals, sameness
from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.moments import Moment, later
from gateway.validate.fhirpath.values import Amount, Item, NotEvaluated, single, truth

Operator = Callable[[Evaluate, Evaluate], Evaluate]


def answer(known: bool | None) -> Collection:
    """true, false, or nothing."""
    return [] if known is None else [known]


def _both(judge: Callable[[Collection, Collection], Collection]) -> Operator:
    """An operator that wants both sides whatever they are."""

    def made(left: Evaluate, right: Evaluate) -> Evaluate:
        return lambda context, items: judge(left(context, items), right(context, items))

    return made


def _and(left: Evaluate, right: Evaluate) -> Evaluate:
    def both(context: Context, items: Collection) -> Collection:
        one = truth(left(context, items))
        if one is False:
            return [False]
        other = truth(right(context, items))
        return [False] if other is False else answer(None if one is None or other is None else True)

    return both


def _or(left: Evaluate, right: Evaluate) -> Evaluate:
    def either(context: Context, items: Collection) -> Collection:
        one = truth(left(context, items))
        if one:
            return [True]
        other = truth(right(context, items))
        return [True] if other else answer(None if one is None or other is None else False)

    return either


def _implies(left: Evaluate, right: Evaluate) -> Evaluate:
    def implied(context: Context, items: Collection) -> Collection:
        one = truth(left(context, items))
        if one is False:
            return [True]
        other = truth(right(context, items))
        return [True] if other else answer(None if one is None or other is None else False)

    return implied


def _xor(left: Collection, right: Collection) -> Collection:
    one, other = truth(left), truth(right)
    return answer(None if one is None or other is None else one != other)


def _not_equal(left: Collection, right: Collection) -> Collection:
    same = equals(left, right)
    return answer(None if same is None else not same)


def _ordered(judge: Callable[[int], bool]) -> Operator:
    def made(left: Collection, right: Collection) -> Collection:
        compared = compare(left, right)
        return answer(None if compared is None else judge(compared))

    return _both(made)


def _holds(many: Collection, one: Collection) -> Collection:
    if not one:
        return []
    if len(one) > 1:
        raise NotEvaluated("several items where one is expected")
    wanted = sameness(one[0])
    return [any(sameness(item) == wanted for item in many)]


def union(left: Collection, right: Collection) -> Collection:
    """Both, each thing once."""
    found: dict[Any, Any] = {}
    for item in (*left, *right):
        found.setdefault(sameness(item), item)
    return list(found.values())


def _joined(left: Collection, right: Collection) -> Collection:
    """`&`: an empty side is an empty text."""
    one, other = single(left), single(right)
    return [("" if one is None else text_of(one)) + ("" if other is None else text_of(other))]


def text_of(value: Any) -> str:
    """A simple value as text; NotEvaluated for what is not simple."""
    if value.__class__ is Item or value is None:
        raise NotEvaluated("text of something that is no simple value")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Moment):
        return value.text
    if isinstance(value, Amount):
        unit = value.unit if value.unit.isalpha() and len(value.unit) > 2 else f"'{value.unit}'"
        return f"{value.value:f} {unit}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _reckoned(operation: str) -> Operator:
    def made(left: Collection, right: Collection) -> Collection:
        one, other = single(left), single(right)
        if one is None or other is None:
            return []
        try:
            with localcontext() as reckoning:
                reckoning.prec, reckoning.Emax, reckoning.Emin = 28, 999, -999
                result = _reckon(operation, one, other)
        except (DivisionByZero, InvalidOperation, ZeroDivisionError):
            return []
        except ArithmeticError as error:
            raise NotEvaluated("a number beyond bounds") from error
        return [] if result is None else [result]

    return _both(made)


def _reckon(operation: str, one: Any, other: Any) -> Any:
    if operation == "+" and isinstance(one, str) and isinstance(other, str):
        return one + other
    if isinstance(one, Moment) and isinstance(other, Amount) and operation in "+-":
        return later(one, other.value if operation == "+" else -other.value, other.unit)
    if isinstance(one, Amount) and isinstance(other, Amount) and operation in "+-" and one.unit == other.unit:
        return Amount(one.value + (other.value if operation == "+" else -other.value), one.unit)
    if not _is_number(one) or not _is_number(other):
        raise NotEvaluated(f"“{operation}” of what are no numbers")
    a, b = Decimal(one), Decimal(other)
    if operation == "/":
        return a / b
    if operation == "div":
        return int(a / b)
    whole = isinstance(one, int) and isinstance(other, int)
    result = {"+": a.__add__, "-": a.__sub__, "*": a.__mul__, "mod": a.__mod__}[operation](b)
    return int(result) if whole else result


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def negated(of: Evaluate) -> Evaluate:
    """`-x`."""

    def negative(context: Context, items: Collection) -> Collection:
        value = single(of(context, items))
        if value is None:
            return []
        if isinstance(value, Amount):
            return [Amount(-value.value, value.unit)]
        if not _is_number(value):
            raise NotEvaluated("“-” of what is no number")
        return [-value]

    return negative


OPERATORS: dict[str, Operator] = {
    "and": _and,
    "or": _or,
    "xor": _both(_xor),
    "implies": _implies,
    "=": _both(lambda left, right: answer(equals(left, right))),
    "!=": _both(_not_equal),
    "~": _both(lambda left, right: [alike(left, right)]),
    "!~": _both(lambda left, right: [not alike(left, right)]),
    "<": _ordered(lambda compared: compared < 0),
    "<=": _ordered(lambda compared: compared <= 0),
    ">": _ordered(lambda compared: compared > 0),
    ">=": _ordered(lambda compared: compared >= 0),
    "in": _both(lambda left, right: _holds(right, left)),
    "contains": _both(_holds),
    "|": _both(union),
    "&": _both(_joined),
    **{sign: _reckoned(sign) for sign in ("+", "-", "*", "/", "div", "mod")},
}
