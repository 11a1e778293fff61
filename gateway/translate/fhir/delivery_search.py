"""A FHIR search of Communications, and their ids: which deliveries are meant (R4 §3.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate.fhir import names

_NUMBERED = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:([-/])([1-9][0-9]{0,5}))?", re.ASCII)
_SEARCHED = {
    "identifier": ("identifier", names.ours("leg")),
    **dict.fromkeys(("based-on", "based-on:identifier", "based-on.identifier"), ("event", names.EVENT_ID)),
}
"""Parameter → what it names, and the system of that."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The deliveries a search is for: of an event, by the sender's own id; of an exchange, or one leg of it."""

    event_id: str | None = None
    exchange: str | None = None
    leg: int | None = None


def delivery_search(asked: Iterable[tuple[str, str]]) -> Sought:
    """What a search (name, value) is for. Raises Rejected with every fault, each with its parameter (`?identifier`)."""
    found: dict[str, str] = {}
    faults = []
    for name, value in asked:
        word, wanted = _SEARCHED.get(name, ("", ""))
        system, bar, text = value.rpartition("|")
        if not word:
            faults.append(Fault("unknown-parameter", pointer=f"?{name[:100]}"))
        elif bar and system != wanted:
            faults.append(Fault("unknown-code", about=wanted, pointer=f"?{name}"))
        elif word in found or not text:
            faults.append(Fault("wrong-type", about="system|value", pointer=f"?{name}"))
        else:
            found[word] = text
    number = _NUMBERED.fullmatch(found["identifier"]) if "identifier" in found else None
    if "identifier" in found and (number is None or number[2] == "-"):
        faults.append(Fault("wrong-type", about="EXCHANGE/LEG", pointer="?identifier"))
    if not found and not faults:
        faults.append(Fault("missing-field", about="based-on:identifier / identifier", pointer="?based-on:identifier"))
    if faults:
        raise Rejected(faults)
    leg = int(number[3]) if number and number[3] else None
    return Sought(found.get("event"), number[1] if number else None, leg)


def delivery_named(id: str) -> Sought | None:
    """The delivery a Communication's id names; None when no delivery has such an id."""
    number = _NUMBERED.fullmatch(id)
    return Sought(exchange=number[1], leg=int(number[3])) if number and number[2] == "-" else None
