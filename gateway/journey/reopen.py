"""reopen: one entry of the audit log is read, or a search goes on where it stopped, named by the entry it left.

Whom a search was for stands in the log, as a handle, and nowhere else: an address names the search, never the patient.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gateway.journey.consult import Question
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.steer import NotFound
from gateway.model.audit import Entry

_SEARCHED = "audit-searched"


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry's record, None once purged."""

    record: dict[str, Any] | None


def read_entry(gateway: Gateway, caller: Caller, seq: int) -> Opened:
    """The entry at that place. Reading it is an entry too, whether it was found or not.

    Raises NotFound when it is not the caller's tenant's.
    """
    now = gateway.clock()
    with gateway.store.unit() as unit:
        page = unit.log.search(caller.tenant, cursor=str(seq - 1) if seq else None, limit=1)
        found = page.items[0] if page.items and page.items[0].seq == seq else None
        facts: dict[str, str | int | bool] = {"by": "seq", "found": int(found is not None), "page": str(seq)}
        unit.audit(Entry(kind=_SEARCHED, at=now, tenant=caller.tenant, actor=caller.actor, facts=facts))
    if found is None:
        raise NotFound
    return Opened(None if found.record is None else json.loads(found.record))


def place_of(gateway: Gateway, written: Entry) -> int:
    """The place in the log of the entry a search has left (`Found.written`)."""
    with gateway.store.glance() as unit:
        page = unit.log.search(
            written.tenant,
            kind=written.kind,
            exchange=written.exchange,
            patient=written.patient,
            since=written.at,
            until=written.at + timedelta(microseconds=1),
        )
    return next(one.seq for one in page.items if one.record and json.loads(one.record)["actor"] == written.actor)


def taken_up(gateway: Gateway, caller: Caller, question: Question, search: int) -> Question:
    """The question with the patient and the exchange that an earlier search of the same caller was for.

    search  the place of the entry it left

    Raises NotFound when that is no search of the caller's.
    """
    with gateway.store.glance() as unit:
        page = unit.log.search(caller.tenant, cursor=str(search - 1) if search else None, limit=1)
    record = json.loads(page.items[0].record) if page.items and page.items[0].record else {}
    if (record.get("seq"), record.get("kind"), record.get("actor")) != (search, _SEARCHED, caller.actor):
        raise NotFound
    return replace(question, exchange=record.get("exchange"), handle=record.get("patient"))
