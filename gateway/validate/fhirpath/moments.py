"""Dates, times and their partial forms: what 2012, 2012-04 and 2012-04-07T10:00Z have to say to each other (§6.1)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

WRITTEN = re.compile(
    r"(?:(\d{4})(?:-(\d\d)(?:-(\d\d))?)?)?(?:(T)?(?:(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?)?(Z|[+-]\d\d:\d\d)?)?"
)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, a dateTime or a time, as precise as it was written.

    parts: year, month, day, hour, minute, second (a time starts at hour), as many as are known. zone: minutes east of
    Greenwich, None when not said."""

    kind: Literal["date", "dateTime", "time"]
    parts: tuple[int | Decimal, ...]
    zone: int | None
    text: str


def read_moment(text: str) -> Moment | None:
    """A moment from its text; None when it is none, or no day of any calendar."""
    match = WRITTEN.fullmatch(text) if len(text) <= 40 else None
    if match is None:
        return None
    year, month, day, mark, hour, minute, second, zone = match.groups()
    timed = [int(part) for part in (hour, minute) if part] + ([Decimal(second)] if second else [])
    if year is None:
        return Moment("time", tuple(timed), None, text) if hour and not zone and _is_time(timed) else None
    dated = [int(part) for part in (year, month, day) if part]
    if not _is_date(dated) or not _is_time(timed) or (hour and (not mark or len(dated) < 3)) or (zone and not hour):
        return None
    return Moment("dateTime" if mark else "date", (*dated, *timed), _minutes(zone), text)


def _is_date(parts: list[int]) -> bool:
    year, month, day = (*parts, 1, 1)[:3]
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _is_time(parts: list[int | Decimal] | list[int]) -> bool:
    hour, minute, second = (*parts, 0, 0, 0)[:3]
    return bool(hour <= 23 and minute <= 59 and second < 61)


def _minutes(zone: str | None) -> int | None:
    if zone is None or zone == "Z":
        return None if zone is None else 0
    return (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[4:6]))


def order(one: Moment, other: Moment) -> int | None:
    """-1, 0 or 1; None when their precision or their zones do not tell (§6.2)."""
    if (one.kind == "time") != (other.kind == "time"):
        return None
    left, right = one.parts, other.parts
    timed = one.kind != "time" and len(left) > 3 and len(right) > 3
    if timed and one.zone is not None and other.zone is not None and one.zone != other.zone:
        left, right = _in_utc(one), _in_utc(other)
    elif timed and (one.zone is None) != (other.zone is None) and _near(one, other):
        return None
    for a, b in zip(left, right, strict=False):
        if a != b:
            return -1 if a < b else 1
    return 0 if len(left) == len(right) else None


def may_precede(start: Moment, end: Moment) -> bool:
    """Can `start` be no later than `end`, given what is not known of either? A day may precede an hour of itself."""
    compared = order(start, end)
    return compared is None or compared <= 0


def _near(one: Moment, other: Moment) -> bool:
    """Within a day of each other: a zone not said may then turn them round."""
    a, b = _clock(one.parts), _clock(other.parts)
    return a is None or b is None or abs(a - b) <= DAY


def _clock(parts: tuple[int | Decimal, ...]) -> datetime | None:
    dated = (*parts[:3], 1, 1)[:3]
    year, month, day, hour, minute, second = (int(part) for part in (*dated, *(*parts[3:], 0, 0, 0)[:3]))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: Moment) -> tuple[int | Decimal, ...]:
    clock = _clock(moment.parts)
    if clock is None:
        return moment.parts
    try:
        moved = clock - timedelta(minutes=moment.zone or 0)
    except OverflowError:
        return moment.parts
    known = (moved.year, moved.month, moved.day, moved.hour, moved.minute, *moment.parts[5:])
    return known[: len(moment.parts)]


UNITS = {"a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second"} | {
    "ms": "millisecond"
}
POSITIONS = {"year": 0, "month": 1, "week": 2, "day": 2, "hour": 3, "minute": 4, "second": 5, "millisecond": 5}


def later(moment: Moment, number: Decimal, unit: str) -> Moment | None:
    """A moment moved by a duration, as precise as before; None when the unit is none of time or no year is left."""
    unit = UNITS.get(unit, unit)
    if unit not in POSITIONS:
        return None
    if moment.kind == "time":
        return _moved_time(moment, number, unit)
    if unit in ("year", "month"):
        return _moved_months(moment, int(number) * (12 if unit == "year" else 1))
    parts = moment.parts
    if len(parts) <= POSITIONS[unit]:  # less precise than the unit: counted in what it knows
        days = int(number * _seconds(unit) / 86400)
        if len(parts) < 3:
            return _moved_months(moment, int(days / 365) * 12 if len(parts) == 1 else int(days / 30))
        return _moved(moment, timedelta(days=days))
    return _moved(moment, timedelta(seconds=float(number * _seconds(unit))))


def _seconds(unit: str) -> Decimal:
    sizes = {"week": "604800", "day": "86400", "hour": "3600", "minute": "60", "second": "1", "millisecond": "0.001"}
    return Decimal(sizes[unit])


def _moved_months(moment: Moment, months: int) -> Moment | None:
    known = [int(part) for part in moment.parts[:3]]
    year, month = divmod(known[0] * 12 + (known[1] - 1 if len(known) > 1 else 0) + months, 12)
    if not 1 <= year <= 9999:
        return None
    day = [min(known[2], monthrange(year, month + 1)[1])] if len(known) > 2 else []
    return _written(moment, (year, month + 1, *day, *moment.parts[3:])[: len(moment.parts)])


def _moved(moment: Moment, by: timedelta) -> Moment | None:
    clock = _clock(moment.parts)
    try:
        moved = clock + by if clock else None
    except OverflowError:
        return None
    if moved is None:
        return None
    second = Decimal(moved.second) + Decimal(moved.microsecond) / 1_000_000
    return _written(moment, (moved.year, moved.month, moved.day, moved.hour, moved.minute, second)[: len(moment.parts)])


def _moved_time(moment: Moment, number: Decimal, unit: str) -> Moment | None:
    if unit in ("year", "month", "week", "day"):
        return None
    hour, minute, second = map(Decimal, (*moment.parts, 0, 0, 0)[:3])
    moved = (hour * 3600 + minute * 60 + second + number * _seconds(unit)) % 86400
    parts = (int(moved // 3600), int(moved % 3600 // 60), moved % 60)[: len(moment.parts)]
    return _written(moment, parts)


def _written(like: Moment, parts: tuple[int | Decimal, ...]) -> Moment:
    """The moment of these parts, with the kind and the zone of another, and its text."""
    dated = () if like.kind == "time" else parts[:3]
    timed = parts[len(dated) :]
    date = "-".join(f"{part:0{width}}" for part, width in zip(dated, (4, 2, 2), strict=False))
    time = ":".join(f"{int(part):02}" for part in timed[:2]) + (f":{_second(timed[2])}" if len(timed) > 2 else "")
    zone = "" if like.zone is None else like.text[-1] if like.text.endswith("Z") else like.text[-6:]
    mark = "T" if like.kind == "dateTime" else ""
    return Moment(like.kind, parts, like.zone, f"{date}{mark}{time}{zone}")


def _second(second: int | Decimal) -> str:
    whole, _, fraction = f"{Decimal(second):f}".partition(".")
    return f"{int(whole):02}" + (f".{fraction}" if fraction.strip("0") else "")
