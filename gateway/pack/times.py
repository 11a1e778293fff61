"""Points in time as HL7 v3 writes them (`20261120093000+0100`), as XDS wants them (UTC), and as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from gateway.model.when import Day, Instant, When

_TS = re.compile(r"(\d{4,14})(?:\.\d+)?([+-]\d{4})?", re.ASCII)
_FORMS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


def hl7(moment: Instant | When | Day) -> str:
    """A point in time with the precision and the zone it was written in; fractions of a second are cut."""
    text = moment.text
    if "T" not in text:
        return text.replace("-", "")
    aware = Instant(text).moment
    return _digits(aware) + f"{aware:%z}"[:5]


def utc(ts: str) -> str:
    """The same in UTC, as precise as it was: 4 to 14 digits.

    A time without zone, or a bare date, is kept as written: nothing says which zone it means.
    Returns "" when `ts` is not a time.
    """
    found = _TS.fullmatch(ts.strip())
    if not found:
        return ""
    digits, zone = found.groups()
    try:
        moment = datetime.strptime(digits, _FORMS[len(digits)])  # noqa: DTZ007 (the zone follows)
        if zone is None or len(digits) <= 8:
            return digits
        offset = timezone(timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:])))
        return _digits(moment.replace(tzinfo=offset).astimezone(UTC))[: len(digits)]
    except (KeyError, ValueError, OverflowError):
        return ""


def utc_now(moment: datetime) -> str:
    """An aware datetime as 14 digits in UTC."""
    return _digits(moment.astimezone(UTC))


def day(ts: str) -> str:
    """`19790328` as `1979-03-28`, `197903` as `1979-03`: the day as Facts write it; "" when there is none."""
    digits = ts[:8] if ts[:4].isdecimal() else ""
    return "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)


def written(ts: str) -> str:
    """As an event writes it: `20261120093000+0100` as `2026-11-20T09:30:00+01:00`; the day alone when no zone is said.

    Minutes without seconds read as `:00`. Returns "" when `ts` is not a time.
    """
    found = _TS.fullmatch(ts.strip())
    if not found:
        return ""
    digits, zone = found.groups()
    if zone is None or len(digits) < 12:
        return day(digits)
    clock = f"{digits[8:10]}:{digits[10:12]}:{digits[12:14] or '00'}"
    return f"{day(digits)}T{clock}{zone[:3]}:{zone[3:]}"


def french(moment: Instant | When | Day) -> str:
    """`20/11/2026`, `20/11/2026 à 09:30`, `03/1979` or `1979`: as a page says it, in the zone it was written in."""
    text = moment.text
    said = "/".join(reversed(text[:10].split("-")))
    return f"{said} à {text[11:16]}" if "T" in text else said


def _digits(moment: datetime) -> str:
    return f"{moment.year:04}{moment:%m%d%H%M%S}"  # %Y does not pad years below 1000
