"""The primitive types of R4: how JSON writes them, their form, and what they mean (FHIR R4, datatypes.html#primitive).

One function a type: the rule that is broken, or None. It is asked of every value of a resource, so it is quick when all
is well.
"""

from __future__ import annotations

import binascii
import re
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from typing import Any

TEXT_LIMIT = 1024 * 1024  # characters of a string (datatypes.html#string)
_INT_MAX = 2**31 - 1

_DAY = r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?"
_FULL_DAY = r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_date = re.compile(_DAY).fullmatch
_moment = re.compile(f"{_FULL_DAY}T{_TIME}({_ZONE})?").fullmatch
_time = re.compile(_TIME).fullmatch
_code = re.compile(r"[^\s]+(?:\s[^\s]+)*").fullmatch
_id = re.compile(r"[A-Za-z0-9\-.]{1,64}").fullmatch
_oid = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+").fullmatch
_uuid = re.compile(r"urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}").fullmatch
_blank = re.compile(r"\s").search
_control = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]").search
_BLANKS = str.maketrans("", "", " \t\r\n")


Fault = Callable[[Any], "str | None"]
"""The rule (rules/primitives.py) that a value breaks, or None.

A value is as the JSON tree has it: str, bool, int, Decimal (or float); objects and lists are wrong for all types.
"""


def fault_of(code: str) -> Fault:
    """What values of a primitive type break: `string`, `date`, `positiveInt`…; a type R4 has not is not judged."""
    return _CHECKS.get(code, _anything)


def _anything(value: Any) -> str | None:
    return None


def _boolean(value: Any) -> str | None:
    return None if value is True or value is False else "boolean-format"


def _integer(value: Any) -> str | None:
    return _within(value, -_INT_MAX - 1, "integer-format")


def _positive(value: Any) -> str | None:
    return _within(value, 1, "positiveInt-format")


def _unsigned(value: Any) -> str | None:
    return _within(value, 0, "unsignedInt-format")


def _within(value: Any, least: int, rule: str) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "number-format" if not isinstance(value, Decimal | float) or isinstance(value, bool) else rule
    return None if least <= value <= _INT_MAX else rule


def _decimal(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return "number-format"
    return None


def _string(value: Any) -> str | None:
    if not isinstance(value, str):
        return "string-format"
    if not value or value.isspace():
        return "empty-value"
    if len(value) > TEXT_LIMIT:
        return "text-too-long"
    if not value.isprintable() and _control(value):
        return "control-character"
    return "blank-around" if value[0].isspace() or value[-1].isspace() else None


def _markdown(value: Any) -> str | None:
    fault = _string(value)
    return None if fault == "blank-around" else fault


def _formed(rule: str, fits: Callable[[str], object]) -> Fault:
    """A text that is not empty and fits."""

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "string-format"
        if not value:
            return "empty-value"
        return None if fits(value) else rule

    return check


def _is_date(value: str) -> bool:
    found = _date(value)
    return found is not None and _real(*found.groups())


def _is_instant(value: str) -> bool:
    found = _moment(value)
    return found is not None and found[4] is not None and _real(found[1], found[2], found[3])


def _date_time(value: Any) -> str | None:
    if not isinstance(value, str):
        return "string-format"
    if not value:
        return "empty-value"
    found = _moment(value)
    if found is None:
        return None if _is_date(value) else "dateTime-format"
    if not _real(found[1], found[2], found[3]):
        return "dateTime-format"
    return None if found[4] else "time-zone"


def _real(year: str, month: str | None, day: str | None) -> bool:
    """Whether the calendar has it: no year 0, no 30 February."""
    if year == "0000":
        return False
    return day is None or month is None or int(day) <= monthrange(int(year), int(month))[1]


def _uri(value: Any) -> str | None:
    if not isinstance(value, str):
        return "string-format"
    if not value:
        return "empty-value"
    if _blank(value):
        return "uri-format"
    if value.startswith("urn:oid:"):
        return None if _oid(value) else "oid-format"
    if value.startswith("urn:uuid:"):
        return None if _uuid(value.partition("#")[0]) else "uuid-format"
    return "uri-bare-number" if value.startswith(("oid:", "uuid:")) else None


def _base64(value: Any) -> str | None:
    if not isinstance(value, str):
        return "string-format"
    packed = value.translate(_BLANKS)
    if not packed:
        return "empty-value"
    try:
        binascii.a2b_base64(packed, strict_mode=True)
    except ValueError:
        return "base64Binary-format"
    if len(packed) % 4:  # one "=" too many is let through above
        return "base64Binary-format"
    return "base64-blank" if len(packed) != len(value) else None


def _xhtml(value: Any) -> str | None:
    return None if isinstance(value, str) else "string-format"


_CHECKS: dict[str, Fault] = {
    "boolean": _boolean,
    "integer": _integer,
    "positiveInt": _positive,
    "unsignedInt": _unsigned,
    "decimal": _decimal,
    "string": _string,
    "markdown": _markdown,
    "xhtml": _xhtml,
    "code": _formed("code-format", _code),
    "id": _formed("id-format", _id),
    "oid": _formed("oid-format", _oid),
    "uuid": _formed("uuid-format", _uuid),
    "uri": _uri,
    "url": _uri,
    "canonical": _uri,
    "date": _formed("date-format", _is_date),
    "dateTime": _date_time,
    "instant": _formed("instant-format", _is_instant),
    "time": _formed("time-format", _time),
    "base64Binary": _base64,
}
