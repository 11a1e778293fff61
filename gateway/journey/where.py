"""where: conditions as people write them, `state=failed and reason=bounced`, read into the one question of the house.

All must hold; there is no `or`: two questions are two commands. Every fault is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from gateway.model.errors import Rejected
from gateway.model.exchange import STATES, state_named
from gateway.model.faults import Fault
from gateway.model.reasons import REASONS
from gateway.model.where import Where

NAMES = (
    "state", "reason", "recipient", "server", "partner", "transport", "type", "patient", "client", "event_id",
    "since", "until",
)  # fmt: skip
"""What a condition may be about."""

LONGEST = 200  # characters of a value

_CONDITION = re.compile(r"\s*([a-z_]+)\s*=\s*(\S(?:.*\S)?)\s*", re.DOTALL)
_AND = re.compile(r"\s+and\s+")
_PARIS = ZoneInfo("Europe/Paris")


def read_conditions(texts: Iterable[str], also: Mapping[str, str] = MappingProxyType({})) -> Where:
    """The question of conditions written `name=value`, several in one text joined by `and`; `also` is asked beside.

    Raises Rejected with every fault: `wrong-type` for what is not so written, `duplicate-key` for a name said twice,
    and those of `read_where`.
    """
    said, faults = _conditions(texts)
    found, wrong = _read_all({**also, **said})
    if faults or wrong:
        raise Rejected([*faults, *wrong])
    return Where(**found)


def read_where(said: Mapping[str, str]) -> Where:
    """The question. A day without an hour begins at midnight in Paris. Raises Rejected with every fault."""
    found, faults = _read_all(said)
    if faults:
        raise Rejected(faults)
    return Where(**found)


def _conditions(texts: Iterable[str]) -> tuple[dict[str, str], list[Fault]]:
    """Name → value, and what is not so written."""
    said: dict[str, str] = {}
    faults = []
    parts = [part for text in texts for part in _AND.split(text)]
    for number, part in enumerate(parts):
        match = _CONDITION.fullmatch(part)
        if match is None:
            faults.append(Fault("wrong-type", ("where", number), "name=value and name=value"))
        elif match[1] in said:
            faults.append(Fault("duplicate-key", ("where", match[1])))
        else:
            said[match[1]] = match[2]
    return said, faults


def _read_all(said: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    for name, value in said.items():
        if name not in NAMES:
            faults.append(Fault("unknown-code", ("where", name[:40]), ", ".join(NAMES)))
        elif len(value) > LONGEST or not value.isprintable():
            faults.append(Fault("text-too-long", ("where", name), str(LONGEST)))
        elif (wrong := _WRONG.get(name)) and _read(name, value) is None:
            faults.append(Fault(wrong[0], ("where", name), wrong[1]))
        else:
            found[name] = _read(name, value)
    return found, faults


_WRONG: dict[str, tuple[str, str]] = {
    "state": ("unknown-code", ", ".join(STATES)),
    "reason": ("unknown-code", "/v1/errors"),
    "since": ("bad-instant", "AAAA-MM-JJ"),
    "until": ("bad-instant", "AAAA-MM-JJ"),
}
"""Name → the fault of a value that cannot be."""


def _read(name: str, value: str) -> Any:
    if name == "state":
        return state_named(value)
    if name == "reason":
        return value if value in REASONS else None
    return _moment(value) if name in ("since", "until") else value


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=_PARIS)
