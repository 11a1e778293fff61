"""Types and conversions (FHIRPath 2.0 §5.5, §6.3). A type is (namespace, name): ("FHIR", "Patient"), ("", "code")."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.functions.function import Function, given_text
from gateway.validate.fhirpath.moments import Moment, read_moment
from gateway.validate.fhirpath.operators import text_of
from gateway.validate.fhirpath.values import CALENDAR_UNITS, Amount, Item, decimal_of, single

Named = tuple[str, str]
_ABOVE = {
    **dict.fromkeys(["code", "id", "markdown"], "string"),
    **dict.fromkeys(["url", "canonical", "oid", "uuid"], "uri"),
    **dict.fromkeys(["positiveInt", "unsignedInt"], "integer"),
    **dict.fromkeys(["Age", "Count", "Distance", "Duration", "MoneyQuantity", "SimpleQuantity"], "Quantity"),
    **dict.fromkeys(["Bundle", "Parameters", "Binary", "DomainResource"], "Resource"),
    **dict.fromkeys(["Dosage", "Timing", "ElementDefinition"], "BackboneElement"),
}
_SYSTEM = {bool: "Boolean", int: "Integer", Decimal: "Decimal", str: "String", Amount: "Quantity"}
_MOMENT = {"date": "Date", "dateTime": "DateTime", "time": "Time"}
_AMOUNT = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:\s+(?:'([^']+)'|([a-z]+)))?")


def type_named(text: str) -> Named:
    """`FHIR.Patient` → ("FHIR", "Patient")."""
    namespace, _, name = text.rpartition(".")
    return namespace, name


def system_type(value: Any) -> str:
    """The name of a plain value's type in FHIRPath's own namespace."""
    return _MOMENT[value.kind] if isinstance(value, Moment) else _SYSTEM.get(type(value), "Any")


def is_type(context: Context, item: Any, wanted: Named) -> bool:
    """Is a thing of this type or of one made from it?

    An unqualified `Boolean` means the FHIR type too: R4's own que-7 asks `answer is Boolean` of an answerBoolean.
    """
    namespace, name = wanted
    if item.__class__ is not Item:
        return namespace in ("", "System") and system_type(item) == name
    if namespace == "System":
        return False
    code: str = item.code
    while code:
        if code == name or (not namespace and name[:1].lower() + name[1:] == code and code[:1].islower()):
            return True
        code = _above(context, code, item)
    return False


def _above(context: Context, code: str, item: Item) -> str:
    if code in _ABOVE:
        return _ABOVE[code]
    shape = context.members.shapes.of_type(code)
    if shape is not None and shape.resource:
        return "" if code == "Resource" else "DomainResource"
    return "" if code in ("Element", "Resource", "") else "Element"


def as_type(context: Context, items: Collection, wanted: Named) -> Collection:
    """What of a collection has a type. R4's own dom-3 asks it of many, so it does not insist on one."""
    return [item for item in items if is_type(context, item, wanted)]


def _type(context: Context, items: Collection) -> Collection:
    """`type()`: {namespace, name}, as an item one may ask `.name` of."""
    return [
        Item({"namespace": "FHIR", "name": item.code}, "")
        if item.__class__ is Item
        else Item({"namespace": "System", "name": system_type(item)}, "")
        for item in items
    ]


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        return {1: True, 0: False}.get(int(value)) if value == int(value) else None
    words = {**dict.fromkeys(["true", "t", "yes", "y", "1", "1.0"], True)}
    words |= dict.fromkeys(["false", "f", "no", "n", "0", "0.0"], False)
    return words.get(value.lower()) if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, int):
        return int(value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", value) else None


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    written = isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", value)
    return decimal_of(value) if written else None


def _string(value: Any) -> str | None:
    return None if value.__class__ is Item or value is None else text_of(value)


def _moment(value: Any, kind: str) -> Moment | None:
    read = read_moment(value) if isinstance(value, str) else value if isinstance(value, Moment) else None
    if read is None or read.kind == kind:
        return read
    if kind == "dateTime" and read.kind == "date":
        return Moment("dateTime", read.parts, None, read.text)
    if kind == "date" and read.kind == "dateTime":
        return Moment("date", read.parts[:3], None, read.text[:10])
    return None


def _quantity(value: Any, unit: str | None = None) -> Amount | None:
    if isinstance(value, Amount):
        return value if unit is None or unit == value.unit else None
    if isinstance(value, (int, Decimal)):
        return Amount(Decimal(value), "1")
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) and len(value) < 100 else None
    if match is None or (match[3] and match[3] not in CALENDAR_UNITS):
        return None
    return Amount(Decimal(match[1]), match[2] or CALENDAR_UNITS.get(match[3] or "", "1"))


_TO: dict[str, Any] = {
    "Boolean": _boolean,
    "Integer": _integer,
    "Decimal": _decimal,
    "String": _string,
    "Date": lambda value: _moment(value, "date"),
    "DateTime": lambda value: _moment(value, "dateTime"),
    "Time": lambda value: _moment(value, "time"),
}


def _converted(items: Collection, convert: Any) -> Any:
    value = single(items)
    return None if value is None else convert(value)


def _to(name: str) -> Function:
    def to(context: Context, items: Collection) -> Collection:
        value = _converted(items, _TO[name])
        return [] if value is None else [value]

    return to


def _converts(name: str) -> Function:
    def converts(context: Context, items: Collection) -> Collection:
        return [_converted(items, _TO[name]) is not None] if items else []

    return converts


def _to_quantity(context: Context, items: Collection, unit: Evaluate | None = None) -> Collection:
    wanted = None if unit is None else given_text(context, unit)
    value = _converted(items, lambda value: _quantity(value, wanted))
    return [] if value is None else [value]


def _converts_to_quantity(context: Context, items: Collection, unit: Evaluate | None = None) -> Collection:
    return [bool(_to_quantity(context, items, unit))] if items else []


KINDS: dict[str, tuple[Function, int, int]] = {
    "type": (_type, 0, 0),
    **{f"to{name}": (_to(name), 0, 0) for name in _TO},
    **{f"convertsTo{name}": (_converts(name), 0, 0) for name in _TO},
    "toQuantity": (_to_quantity, 0, 1),
    "convertsToQuantity": (_converts_to_quantity, 0, 1),
}
