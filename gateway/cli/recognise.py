"""Whose file this is: an event, or several, in one of the dialects installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway import translate
from gateway.journey.refusal import told_fault
from gateway.model.errors import Rejected
from gateway.model.event import write_event
from gateway.model.faults import Fault

if TYPE_CHECKING:
    from gateway.translate import Dialect, Dialects, Part


def recognise(data: bytes, dialects: Dialects, form: str) -> dict[str, Any]:
    """The events a body of that format (`json`, `xml`, `csv`) tells, in the dialect it is told in.

    Of several dialects the one that finds least wrong with it is taken. Raises Rejected when none reads it at all.
    """
    found: list[tuple[int, dict[str, Any]]] = []
    refused: list[Rejected] = []
    for name in sorted(dialects.names, key=lambda name: name != "canonical"):
        dialect = dialects.get(name)
        if dialect.format == form:
            try:
                events = [_event(part, dialect) for part in translate.split(data, dialect)]
            except Rejected as rejected:
                refused.append(rejected)
                continue
            found.append((sum(len(event["faults"]) for event in events), {"dialect": name, "events": events}))
    if not found:
        raise next(iter(refused), Rejected([Fault("unsupported-document")]))
    _, told = min(found, key=lambda one: one[0])
    if len(told["events"]) == 1:
        return {"kind": "event", "dialect": told["dialect"], **told["events"][0]}
    return {"kind": "events", **told}


def _event(part: Part, dialect: Dialect) -> dict[str, Any]:
    where = {"where": part.where} if part.where else {}
    try:
        return {**where, "event": write_event(translate.read_vendor(part.body, dialect)), "faults": []}
    except Rejected as rejected:
        return {**where, "event": None, "faults": [told_fault(part.in_file(fault)) for fault in rejected.faults]}
