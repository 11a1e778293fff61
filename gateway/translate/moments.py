"""Verbs of time: dates and clocks as practice software writes them ⇄ ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from gateway.model.errors import BadIdentifier, Rejected
from gateway.model.faults import Fault
from gateway.model.form import Tree
from gateway.model.when import Day, Instant, When
from gateway.translate.verb import Unsayable, Verb


@dataclass(frozen=True, slots=True)
class DayOf(Verb):
    """A date. `format`: one pattern a precision, of %Y %m %d (%-m %-d without zero); without it, ISO 8601."""

    FITS = (Day, When)
    format: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in self.format:
            parts = _compiled(pattern, "Ymd").groupindex.keys()
            if parts not in ({"Y"}, {"Y", "m"}, {"Y", "m", "d"}):
                raise ValueError("a date has %Y, %m %Y or %d %m %Y")

    def inward(self, raw: Tree) -> Tree:
        """The ISO date of the first format that fits; `bad-date` when none does."""
        if not isinstance(raw, str) or not self.format:
            return raw
        for pattern in self.format:
            if parts := _compiled(pattern, "Ymd").fullmatch(raw):
                said = parts.groupdict()
                return "-".join(said[part].zfill(2) for part in "Ymd" if part in said)
        raise Rejected([Fault("bad-date", about=_in_letters(self.format))])

    def outward(self, value: Tree) -> Tree:
        """The date in the format of its precision; none for it, or an instant: Unsayable."""
        if not self.format:
            return value
        parts = dict(zip("Ymd", str(value).split("-"), strict=False)) if "T" not in str(value) else {}
        for pattern in self.format:
            if parts and _compiled(pattern, "Ymd").groupindex.keys() == parts.keys():
                return _filled(pattern, parts)
        raise Unsayable("no format for a date of this precision")

    def limits(self) -> tuple[str, ...]:
        """The precisions it has no format for."""
        names = {1: "a year alone", 2: "a month without day", 3: "a whole date"}
        known = {len(_compiled(pattern, "Ymd").groupindex) for pattern in self.format}
        missing = [name for length, name in names.items() if length not in known] if self.format else []
        return (*missing, "a date with a time")


@dataclass(frozen=True, slots=True)
class InstantOf(Verb):
    """A date and time with its zone, as RFC 3339 writes it."""

    FITS = (Instant, When)


@dataclass(frozen=True, slots=True)
class LocalTime(Verb):
    """A wall clock without zone: the table says which `zone` it hangs in, and its `format`.

    An hour that comes twice (end of October) is read as the first; one that never was (end of March) is refused.
    On the way out an instant is cut to what the format shows.
    """

    FITS = (Instant, When)
    zone: str
    format: str = "%Y-%m-%dT%H:%M:%S"

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if not set("YmdHM") <= set(re.findall("%-?(.)", self.format)):
            raise ValueError("a local time needs %Y %m %d %H %M")
        _compiled(self.format, "YmdHMS")

    def inward(self, raw: Tree) -> Tree:
        """The instant of that clock in its zone; `bad-instant` for another form or a clock that never was."""
        if not isinstance(raw, str):
            return raw
        parts = _compiled(self.format, "YmdHMS").fullmatch(raw)
        if parts is None:
            raise Rejected([Fault("bad-instant", about=_in_letters((self.format,)))])
        said = {part: int(text) for part, text in parts.groupdict().items()}
        try:
            clock = datetime(said["Y"], said["m"], said["d"], said["H"], said["M"], said.get("S", 0))  # noqa: DTZ001
            moment = clock.replace(tzinfo=ZoneInfo(self.zone))
            if moment.astimezone(UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) != clock:
                raise Rejected([Fault("bad-instant", about=_in_letters((self.format,)))])
        except (ValueError, OverflowError):
            raise Rejected([Fault("bad-instant", about=_in_letters((self.format,)))]) from None
        return moment.isoformat()

    def outward(self, value: Tree) -> Tree:
        """The clock of that instant in the zone; a date without time is Unsayable."""
        if "T" not in str(value):
            raise Unsayable("a date without time")
        try:
            moment = Instant(str(value)).utc.astimezone(ZoneInfo(self.zone))
        except (BadIdentifier, OverflowError):
            raise Unsayable("not an instant in that zone") from None
        parts = {"Y": f"{moment.year:04d}"} | {part: moment.strftime(f"%{part}") for part in "mdHMS"}
        return _filled(self.format, parts)

    def limits(self) -> tuple[str, ...]:
        """Dates without time; of an instant, what the format does not show."""
        return ("a date without time", "the zone of an instant, and what its format does not show of the seconds")


@dataclass(frozen=True, slots=True)
class MomentOf(Verb):
    """A date of any precision, or an instant: in ISO 8601, or in patterns of dates and of clocks of a `zone`."""

    FITS = (Day, Instant, When)
    format: tuple[str, ...] = ()
    zone: str = ""

    def __post_init__(self) -> None:
        if self._clocks() and not self.zone:
            raise ValueError("a format with %H needs a zone")
        DayOf(self._days())

    def _days(self) -> tuple[str, ...]:
        return tuple(pattern for pattern in self.format if not re.search("%-?H", pattern))

    def _clocks(self) -> tuple[LocalTime, ...]:
        zone = self.zone or "UTC"
        return tuple(LocalTime(zone, pattern) for pattern in self.format if pattern not in self._days())

    def inward(self, raw: Tree) -> Tree:
        """The date or instant of the first format that fits; `bad-date` when none does."""
        if not isinstance(raw, str) or not self.format:
            return raw
        for verb in (*self._clocks(), *([DayOf(self._days())] if self._days() else [])):
            try:
                return verb.inward(raw)
            except Rejected:
                continue
        raise Rejected([Fault("bad-date", about=_in_letters(self.format))])

    def outward(self, value: Tree) -> Tree:
        """In the format of its precision. Raises Unsayable."""
        if not self.format:
            return value
        if "T" in str(value):
            for clock in self._clocks():
                return clock.outward(value)
            raise Unsayable("no format for a date with a time")
        return DayOf(self._days()).outward(value) if self._days() else LocalTime("UTC").outward(value)

    def limits(self) -> tuple[str, ...]:
        """What it has no format for."""
        if not self.format:
            return ()
        days = DayOf(self._days()).limits()[:-1] if self._days() else ("a date without time",)
        return (*days, *(self._clocks()[0].limits()[1:] if self._clocks() else ("a date with a time",)))


_WIDTH = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}


@lru_cache(maxsize=256)
def _compiled(pattern: str, allowed: str) -> re.Pattern[str]:
    """A date pattern as a regular expression with one group a part. Raises ValueError for other % words."""
    parts = re.findall("%-?(.?)", pattern)
    if not parts or len(parts) != len(set(parts)) or not set(parts) <= set(allowed):
        raise ValueError(f"a pattern has each of {' '.join('%' + part for part in allowed)} at most once, no others")
    words = re.split("%(-?.)", pattern)
    return re.compile(
        "".join(_part(word) if odd % 2 else re.escape(word) for odd, word in enumerate(words)),
        re.ASCII,
    )


def _part(word: str) -> str:
    """One part of a pattern: `d` is two digits, `-d` one or two."""
    name = word[-1]
    return rf"(?P<{name}>[1-9]\d?|0)" if len(word) > 1 and name != "Y" else rf"(?P<{name}>\d{{{_WIDTH[name]}}})"


def _in_letters(patterns: tuple[str, ...]) -> str:
    """Patterns as people write them: JJ/MM/AAAA."""
    letters = {"Y": "AAAA", "m": "MM", "d": "JJ", "H": "hh", "M": "mm", "S": "ss"}
    return " / ".join(re.sub("%-?(.)", lambda part: letters[part[1]], pattern) for pattern in patterns)


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    """A pattern with its parts in their places."""
    return re.sub("%(-?)(.)", lambda part: str(int(parts[part[2]])) if part[1] else parts[part[2]], pattern)
