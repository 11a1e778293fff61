"""Verbs of time: dates and clocks as practice software writes them ⇄ ISO 8601."""

from __future__ import annotations

import re
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
    """A date. `format`: one pattern a precision, of %Y %m %d, as `"%d/%m/%Y"`; without it, ISO 8601."""

    FITS = (Day, When)
    format: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in self.format:
            _compiled(pattern, "Ymd")

    def inward(self, raw: Tree) -> Tree:
        """The ISO date of the first format that fits; `bad-date` when none does."""
        if not isinstance(raw, str) or not self.format:
            return raw
        for pattern in self.format:
            if parts := _compiled(pattern, "Ymd").fullmatch(raw):
                said = parts.groupdict()
                return "-".join(said[part] for part in "Ymd" if part in said)
        raise Rejected([Fault("bad-date")])

    def outward(self, value: Tree) -> Tree:
        """The date in the format of its precision; none for it, or an instant: Unsayable."""
        if not self.format:
            return value
        parts = dict(zip("Ymd", str(value).split("-"), strict=False)) if "T" not in str(value) else {}
        for pattern in self.format:
            if parts and set(re.findall("%([Ymd])", pattern)) == parts.keys():
                return re.sub("%([Ymd])", lambda part: parts[part[1]], pattern)
        raise Unsayable("no format for a date of this precision")


@dataclass(frozen=True, slots=True)
class InstantOf(Verb):
    """A date and time with its zone, as RFC 3339 writes it."""

    FITS = (Instant, When)


@dataclass(frozen=True, slots=True)
class MomentOf(Verb):
    """A date of any precision, or an instant, as ISO 8601 writes them."""

    FITS = (Day, Instant, When)


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
        if not set("YmdHM") <= set(re.findall("%(.)", self.format)):
            raise ValueError("a local time needs %Y %m %d %H %M")
        _compiled(self.format, "YmdHMS")

    def inward(self, raw: Tree) -> Tree:
        """The instant of that clock in its zone; `bad-instant` for another form or a clock that never was."""
        if not isinstance(raw, str):
            return raw
        parts = _compiled(self.format, "YmdHMS").fullmatch(raw)
        if parts is None:
            raise Rejected([Fault("bad-instant")])
        said = {part: int(text) for part, text in parts.groupdict().items()}
        try:
            clock = datetime(said["Y"], said["m"], said["d"], said["H"], said["M"], said.get("S", 0))  # noqa: DTZ001
            moment = clock.replace(tzinfo=ZoneInfo(self.zone))
            if moment.astimezone(UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) != clock:
                raise Rejected([Fault("bad-instant")])
        except (ValueError, OverflowError):
            raise Rejected([Fault("bad-instant")]) from None
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
        return re.sub("%([YmdHMS])", lambda part: parts[part[1]], self.format)


_WIDTH = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}


@lru_cache(maxsize=256)
def _compiled(pattern: str, allowed: str) -> re.Pattern[str]:
    """A date pattern as a regular expression with one group a part. Raises ValueError for other % words."""
    parts = re.findall("%(.?)", pattern)
    if not parts or len(parts) != len(set(parts)) or not set(parts) <= set(allowed):
        raise ValueError(f"a pattern has each of {' '.join('%' + part for part in allowed)} at most once, no others")
    words = re.split("%(.)", pattern)
    return re.compile(
        "".join(rf"(?P<{word}>\d{{{_WIDTH[word]}}})" if odd % 2 else re.escape(word) for odd, word in enumerate(words)),
        re.ASCII,
    )
