"""Dates as people in France write them: jj/mm/aaaa HH:MM, the time of Paris, its offset told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

PARIS = ZoneInfo("Europe/Paris")


def moment(when: str | datetime | None) -> Markup:
    """A `time` element: the date and hour of Paris, the offset in its title and in its machine form.

    when  an aware datetime or RFC 3339 text; None gives a dash
    """
    if when is None:
        return Markup("—")
    paris = _paris(when)
    return Markup('<time datetime="{}" title="heure de Paris, {}">{}</time>').format(
        paris.isoformat(timespec="seconds"), _offset(paris), f"{paris:%d/%m/%Y %H:%M}"
    )


def day_start(text: str) -> datetime | None:
    """The beginning in Paris of a day written aaaa-mm-jj, as a browser's date field sends it, or jj/mm/aaaa.

    None for anything else, and for a year nobody asks about.
    """
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
        return _midnight(day) if 1900 <= day.year < 2200 else None
    return None


def day_end(text: str) -> datetime | None:
    """The end in Paris of such a day: the beginning of the next."""
    start = day_start(text)
    return _midnight(start.date() + timedelta(days=1)) if start else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def _paris(when: str | datetime) -> datetime:
    return (datetime.fromisoformat(when) if isinstance(when, str) else when).astimezone(PARIS)


def _offset(paris: datetime) -> str:
    sign = f"{paris:%z}"
    return f"UTC{sign[:3]}:{sign[3:]}"
