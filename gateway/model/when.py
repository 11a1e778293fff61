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
        return self.moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Day:
    """A date to the day, the month or the year: `1979-03-28`, `1979-03`, `1979` (FHIR `date`)."""

    text: str

    def __post_init__(self) -> None:
        if not _DATE.fullmatch(self.text) or self._first() is None:
            raise BadIdentifier("bad-date", "AAAA-MM-JJ")

    def _first(self) -> date | None:
        try:
            return date.fromisoformat((self.text + "-01-01")[:10])
        except ValueError:
            return None

    @property
    def first(self) -> date:
        """The first day this date may mean."""
        first = self._first()
        assert first is not None
        return first

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
        return Instant(self.text).moment.date() if "T" in self.text else Day(self.text).first

    def before(self, other: When) -> bool:
        """True when this point surely lies before `other`: to the second when both say it, else by their days."""
        if "T" in self.text and "T" in other.text:
            return Instant(self.text).utc < Instant(other.text).utc
        return self.day < other.day

    def over(self, now: datetime) -> bool:
        """True once this point lies behind `now`; a bare date is over when its last day in France has ended."""
        if "T" in self.text:
            return Instant(self.text).utc <= now
        first = Day(self.text).first
        ends = {4: first.replace(month=12, day=31), 7: _month_end(first)}.get(len(self.text), first)
        return ends < now.date()


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> datetime | None:
    """The point a text of the form of an instant means. The same ones are compared again and again."""
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
