"""drop: the files a practice software leaves in its folder. Each event in them goes through the same `accept`.

Events stand alone: one that is refused stops none of the others, and the file then lies in `refused/`. Corrected and
dropped again, what was accepted gives its first answer again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gateway import translate
from gateway.journey.accept import Duplicate, accept, record_rejection
from gateway.journey.gateway import Caller, Drop, Gateway
from gateway.journey.refusal import told_fault, told_notice
from gateway.model.catalogue import FAULTS
from gateway.model.errors import Rejected, Unreachable
from gateway.model.faults import Fault
from gateway.model.problems import PROBLEMS

if TYPE_CHECKING:
    from gateway.deliver import Dropped
    from gateway.translate import Part


def take_dropped(gateway: Gateway) -> bool:
    """Take every file that is ready, in every drop folder; True when there was one.

    A file is shelved only after its events are committed: when a worker dies between the two, the next one reads it
    again and gets the same answers (the key of an event is the file's digest and its place in it). A folder that is
    away, or a database, postpones that folder only. What its software sends too much of waits in its folder.
    """
    taken = False
    for drop in gateway.drops:
        if gateway.pressure.one(drop.tenant, drop.client):
            continue
        try:
            for dropped in drop.folder.look(gateway.clock()):
                taken = True
                answer = _answer(gateway, drop, dropped)
                body = json.dumps(answer, ensure_ascii=False, indent=2).encode("utf-8")
                drop.folder.shelve(dropped, body, accepted=answer["refused"] == 0)
        except Unreachable as away:
            gateway.notice("drop folder postponed", tenant=drop.tenant, client=drop.client, code=away.code)
    return taken


def _answer(gateway: Gateway, drop: Drop, dropped: Dropped) -> dict[str, Any]:
    """What became of one file: of each of its events, or of the whole when they cannot be told apart."""
    caller = Caller(drop.tenant, drop.client, f"folder:{drop.client}")
    try:
        if dropped.why:
            raise Rejected([Fault(dropped.why, about=f"{drop.folder.max_bytes:,} octets".replace(",", " "))])
        parts = translate.split(dropped.raw, gateway.dialects.get(drop.dialect))
    except Rejected as rejected:
        record_rejection(gateway, caller, dropped.raw, rejected.faults)
        events = [_refused(rejected.faults)]
    else:
        keys = (f"file:{dropped.digest}:{number}" for number in range(len(parts)))
        events = [_event(gateway, caller, drop.dialect, part, key) for part, key in zip(parts, keys, strict=False)]
    accepted = sum("exchange" in event for event in events)
    return {"digest": dropped.digest, "accepted": accepted, "refused": len(events) - accepted, "events": events}


def _event(gateway: Gateway, caller: Caller, dialect: str, part: Part, key: str) -> dict[str, Any]:
    where = {"where": part.where} if part.where else {}
    try:
        accepted = accept(gateway, caller, part.body, dialect, key=key)
    except Rejected as rejected:
        return {**where, **_refused(part.in_file(fault) for fault in rejected.faults)}
    except Duplicate as duplicate:
        return {**where, **_problem(duplicate.code), "other_exchange": duplicate.exchange}
    except Unreachable:
        raise
    except Exception as defect:  # a file that breaks us must not stop those behind it for ever
        gateway.notice("dropped event failed", tenant=caller.tenant, client=caller.client, defect=type(defect).__name__)
        return {**where, **_problem("broken")}
    warnings = [told_notice(notice) for notice in accepted.notices]
    return {**where, "exchange": accepted.exchange, "state": accepted.state, "warnings": warnings}


def _refused(faults: Iterable[Fault]) -> dict[str, Any]:
    return {**_problem("rejected"), "errors": [told_fault(fault) for fault in faults]}


def _problem(code: str) -> dict[str, Any]:
    text = PROBLEMS.get(code) or FAULTS[code]
    return {"code": code, "fr": text.fr, "en": text.en, "remedy": text.remedy_fr, "remedy_en": text.remedy_en}
