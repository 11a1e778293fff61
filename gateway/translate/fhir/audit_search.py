"""A FHIR search of AuditEvents as a question to the log (R4 §3.1.1, ITI-81, TDE 2.0.0).

What the entries do not hold cannot be searched for; what several parameters ask must all be true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.identity import InsKind
from gateway.translate.fhir import names
from gateway.translate.fhir.node import JSON

IDENTIFYING = frozenset({"patient", "entity"})
"""Parameters that may name a patient, in whatever way they are written (`patient.identifier`…): never in an address."""

_KINDS, _ACTORS = names.code_system("audit-kind"), names.ours("actor")
_EXCHANGES, _HANDLES = names.ours("exchange"), names.ours("patient-handle")
_INS = {f"urn:oid:{kind.oid}": kind.value for kind in InsKind}
_MOST = 1000

_FRANCE = ZoneInfo("Europe/Paris")  # of a day without a zone (R4 §3.1.1.4.7: the server's own)
_MOMENT = re.compile(
    r"(eq|ge|gt|le|lt|sa|eb)?(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d{0,3})?)?(Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)


def audit_search(asked: Iterable[tuple[str, str]]) -> JSON:
    """The question that parameters (name, value) ask, as its tree.

    Raises Rejected with every fault, each with its parameter (`?date`): `unknown-parameter`, `wrong-type`,
    `unknown-code`, `too-many` of one parameter, and `missing-field` when nothing bounds the time.
    """
    tree: JSON = {}
    moments: list[tuple[datetime | None, datetime | None]] = []
    faults: list[Fault] = []
    for name, value in asked:
        try:
            if name in _DATES:
                moments.append(_bounds(value))
            elif name not in _READERS:
                raise Rejected([Fault("unknown-parameter")])
            else:
                said = _READERS[name](value)
                if said.keys() & tree.keys():
                    raise Rejected([Fault("too-many", about="1")])
                tree |= said
        except Rejected as bad:
            faults += (Fault(fault.code, about=fault.about, pointer=f"?{name[:100]}") for fault in bad.faults)
    if not moments and not any(fault.pointer[1:] in _DATES for fault in faults):
        faults.append(Fault("missing-field", about="date", pointer="?date"))
    if faults:
        raise Rejected(faults)
    if since := [low for low, _ in moments if low]:
        tree["since"] = max(since).isoformat()
    if until := [high for _, high in moments if high]:
        tree["until"] = min(until).isoformat()
    return tree


def parameter_of(word: str) -> str:
    """The parameter a word of the question comes from."""
    return _SAID_BY.get(word, word)


def _bounds(value: str) -> tuple[datetime | None, datetime | None]:
    """From when (included) and until when (not) an entry may be, by a date and its prefix (R4 §3.1.1.4.7)."""
    match = _MOMENT.fullmatch(value.replace(" ", "+"))  # `+` of an address that was not escaped
    if match is None:
        raise _wrong("ge2026-11-20 / le2026-11-20T09:30:00+01:00")
    try:
        low, high = _span(match)
    except (ValueError, OverflowError):
        raise _wrong("ge2026-11-20 / le2026-11-20T09:30:00+01:00") from None
    match match[1]:
        case "ge":
            return low, None
        case "gt" | "sa":
            return high, None
        case "le":
            return None, high
        case "lt" | "eb":
            return None, low
    return low, high


def _span(match: re.Match[str]) -> tuple[datetime, datetime]:
    """What a date means: from its beginning to the beginning of what comes after it."""
    _, year, month, day, hour, minute, second, parts, zone = match.groups()
    if hour is None:
        first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=_FRANCE)
        if day:
            after = first + timedelta(days=1)  # of the calendar: it may last 23 or 25 hours
        else:
            years, months = divmod(int(year) * 12 + int(month or 1) - 1 + (1 if month else 12), 12)
            after = first.replace(year=years, month=months + 1)
    else:
        text = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}.{(parts or '').ljust(6, '0')}{zone}"
        first = datetime.fromisoformat(text)
        step = timedelta(microseconds=10 ** (6 - len(parts))) if parts else timedelta(seconds=1 if second else 60)
        after = first + step
    return first.astimezone(UTC), after.astimezone(UTC)


def _subtype(value: str) -> JSON:
    return {"kind": _in(value, _KINDS)}


def _agent(value: str) -> JSON:
    return {"actor": _in(value, _ACTORS)}


def _entity(value: str) -> JSON:
    system, text = _token(value)
    if system == _EXCHANGES:
        return {"exchange": text}
    if system == _HANDLES:
        return {"handle": text}
    raise Rejected([Fault("unknown-code", about=f"{_EXCHANGES}, {_HANDLES}")])


def _patient(value: str) -> JSON:
    system, text = _token(value)
    if system == _HANDLES:
        return {"handle": text}
    if system in _INS:
        return {"patient": {"ins": {"number": text, "kind": _INS[system]}}}
    raise Rejected([Fault("unknown-code", about=", ".join([_HANDLES, *_INS]))])


def _count(value: str) -> JSON:
    """More than a page holds is a page: a server may answer with fewer (R4 §3.1.1.5.4)."""
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", value, re.ASCII):
        raise _wrong(f"1–{_MOST}")
    return {"limit": min(int(value), _MOST)}


def _in(value: str, wanted: str) -> str:
    system, text = _token(value)
    if system not in (None, wanted):
        raise Rejected([Fault("unknown-code", about=wanted)])
    return text


def _token(value: str) -> tuple[str | None, str]:
    """System and code of `system|code`; a list of alternatives is not taken."""
    before, bar, after = value.rpartition("|")
    if not after or "," in value:
        raise _wrong("system|value")
    return (before if bar else None), after


def _wrong(form: str) -> Rejected:
    return Rejected([Fault("wrong-type", about=form)])


_DATES = frozenset({"date", "period-start", "TDE_AuditEvent_period-start"})
_READERS: dict[str, Callable[[str], JSON]] = {
    "subtype": _subtype,
    "_count": _count,
    **{f"{name}{sign}identifier": reader for name, reader in
       (("agent", _agent), ("entity", _entity), ("patient", _patient)) for sign in ":."},
}  # fmt: skip
_SAID_BY = {
    "kind": "subtype",
    "actor": "agent:identifier",
    "exchange": "entity:identifier",
    "handle": "patient:identifier",
    "patient": "patient:identifier",
    "since": "date",
    "until": "date",
    "limit": "_count",
    "cursor": "page",
}
