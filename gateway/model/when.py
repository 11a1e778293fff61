"""Points in time as they were written: precision and zone offset are kept.

A moment is equal to another when it is written the same; `utc` orders them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from gateway.model.errors import BadIdentifier

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Instant:
    """A date and time with a zone, to the second or finer (RFC 3339, FHIR `instant`)."""

    text: str

    def __post_init__(self) -> None:
        if not _INSTANT.fullmatch(self.text) or _parsed(self.text) is None:
            raise BadIdentifier("bad-instant", "AAAA-MM-JJThh:mm:ss+01:00")

    @property
    def moment(self) -> datetime:
        """The same point as an aware datetime, in the zone it was written in."""
        moment = _parsed(self.text)
        assert moment is not None
        return moment

    @property
    def utc(self) -> datetime:
        """The same point in UTC; two instants compare by it."""
        return _utc(self.text)


@dataclass(frozen=True, slots=True)
class Day:
    """A date to the day, the month or the year: `1979-03-28`, `1979-03`, `1979` (FHIR `date`)."""

    text: str

    def __post_init__(self) -> None:
        if not _DATE.fullmatch(self.text):
            raise BadIdentifier("bad-date", "AAAA-MM-JJ")
        try:
            _first(self.text)
        except ValueError:
            raise BadIdentifier("bad-date", "AAAA-MM-JJ") from None

    @property
    def first(self) -> date:
        """The first day this date may mean."""
        return _first(self.text)

    @property
    def exact(self) -> bool:
        """True when the day itself is known."""
        return len(self.text) == 10


@dataclass(frozen=True, slots=True)
class When:
    """A date of any precision, or a full instant with its zone (FHIR `dateTime`)."""

    text: str

    def __post_init__(self) -> None:
        if "T" in self.text:
            Instant(self.text)
        else:
            Day(self.text)

    @property
    def day(self) -> date:
        """The day it falls on, in the zone it was written in; the first one when only month or year is known."""
        return Instant(self.text).moment.date() if "T" in self.text else _first(self.text)

    def before(self, other: When) -> bool:
        """True when this point surely lies before `other`: to the second when both say it, else by their days."""
        if "T" in self.text and "T" in other.text:
            return _utc(self.text) < _utc(other.text)
        return self.day < other.day

    def over(self, now: datetime) -> bool:
        """True once this point lies behind `now`; a bare date is over when its last day in France has ended."""
        if "T" in self.text:
            return _utc(self.text) <= now
        first = _first(self.text)
        ends = {4: first.replace(month=12, day=31), 7: _month_end(first)}.get(len(self.text), first)
        return ends < now.date()


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


# Dates are compared again and again, and nearly always the same ones; each was checked when its object was made.


def _first(text: str) -> date:
    return date.fromisoformat((text + "-01-01")[:10])


@lru_cache(maxsize=4096)
def _utc(text: str) -> datetime:
    return Instant(text).moment.astimezone(UTC)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> datetime | None:
    whole, _, rest = text.partition(".")
    if rest:  # fromisoformat before 3.12 takes 3 or 6 digits only; finer ones order the same once cut
        digits = re.match(r"\d+", rest)
        assert digits is not None
        text = f"{whole}.{digits[0][:6]:0<6}{rest[digits.end() :]}"
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment
