"""consult: the audit log is read, and the reading is written into it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.object import Objector
from gateway.journey.recall import aliases
from gateway.journey.steer import NotFound
from gateway.model.audit import KINDS, Entry
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.when import Instant
from gateway.record import Missing, write_proof

if TYPE_CHECKING:
    from gateway.record import Kept, Unit

PAGE_LIMIT = 1000
_FORMS = {
    "exchange": re.compile("[0-9a-f-]{36}"),
    "handle": re.compile("[0-9a-f]{1,64}"),
    "cursor": re.compile(r"[0-9]{1,18}\.[0-9]{1,18}"),
}
MOST_READ = 20_000  # entries one search may go through; the cursor takes it further


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for; what is left out narrows nothing. Times: `since` included, `until` not.

    patient  by identifiers, as in an objection; `handle` is how entries name a patient
    client   the software whose patient number `patient.local_id` is, when it is not the caller's own
    actor    as entries name it: `key:ab12cd34`, `worker:host-1234`
    """

    exchange: str | None = None
    patient: Objector | None = None
    handle: str | None = None
    client: str | None = None
    kind: str | None = None
    actor: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    cursor: str | None = None
    limit: int = 100

    def __post_init__(self) -> None:
        faults = []
        if self.patient is not None and self.handle is not None:
            faults.append(Fault("wrong-type", ("handle",), "patient / handle"))
        if self.kind is not None and self.kind not in KINDS:
            faults.append(Fault("unknown-code", ("kind",), ", ".join(sorted(KINDS))))
        for name, form in _FORMS.items():
            value = getattr(self, name)
            if value is not None and not form.fullmatch(value):
                faults.append(Fault("wrong-type", (name,), form.pattern))
        if not 1 <= self.limit <= PAGE_LIMIT:
            faults.append(Fault("too-many", ("limit",), str(PAGE_LIMIT)))
        if faults:
            raise Rejected(faults)


@dataclass(frozen=True, slots=True)
class Found:
    """Entries in the order of the log, each `{"seq", "leaf", "record"}`; `record` is None once purged.

    written  the entry this search has left
    """

    entries: tuple[dict[str, Any], ...]
    next_cursor: str | None
    written: Entry


def search_log(gateway: Gateway, caller: Caller, question: Question) -> Found:
    """The entries of the caller's tenant that match."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        handle = _handle(unit, caller, question)
        kept: list[Kept] = []
        cursor = question.cursor
        if handle != "":
            kept, cursor = _search(unit, question, caller.tenant, handle)
        asked = [
            name for name in ("exchange", "kind", "actor", "since", "until") if getattr(question, name) is not None
        ]
        written = Entry(
            kind="audit-searched",
            at=now,
            tenant=caller.tenant,
            actor=caller.actor,
            exchange=question.exchange,
            patient=handle or None,
            facts={
                "by": ",".join([*asked, *(["patient"] if handle is not None else [])]),
                "found": len(kept),
                "page": question.cursor or "",
            },
        )
        unit.audit(written)
    return Found(tuple(_told(one) for one in kept), cursor, written)


def prove(gateway: Gateway, caller: Caller, seq: int) -> str:
    """The proof that the entry at that place stands in the log (c2sp.org/tlog-proof@v1).

    Raises NotFound when it is not the caller's tenant's, or not under a signed checkpoint yet.
    """
    note = gateway.notary.latest()
    if note is None:
        raise NotFound
    with gateway.store.glance() as unit:
        page = unit.log.search(caller.tenant, cursor=str(seq - 1) if seq else None, limit=1)
        if not page.items or page.items[0].seq != seq:
            raise NotFound
        try:
            return write_proof(unit.log, seq, note, gateway.notary.verifier)
        except Missing:
            raise NotFound from None


def _search(unit: Unit, question: Question, tenant: str, handle: str | None) -> tuple[list[Kept], str | None]:
    """One page. An actor has no index of its own: up to MOST_READ entries are looked through for one.

    A cursor is `after.end`: the end of the log at the first page stays that of all, or the search would find itself
    for ever, each page adding an entry.
    """
    last, _, bound = (question.cursor or "").partition(".")
    end = int(bound) if bound else unit.log.head().size
    kept: list[Kept] = []
    after, read = last or None, 0
    while read < MOST_READ:
        page = unit.log.search(
            tenant,
            exchange=question.exchange,
            patient=handle,
            kind=question.kind,
            since=question.since.utc if question.since else None,
            until=question.until.utc if question.until else None,
            cursor=after,
            limit=question.limit if question.actor is None else PAGE_LIMIT,
        )
        for one in page.items:
            if one.seq >= end:
                return kept, None
            if question.actor in (None, _actor(one)):
                kept.append(one)
            if len(kept) == question.limit:
                more = one is not page.items[-1] or page.next_cursor is not None
                return kept, f"{one.seq}.{end}" if more else None
        after, read = page.next_cursor, read + len(page.items)
        if after is None:
            return kept, None
    return kept, f"{after}.{end}"


def _actor(kept: Kept) -> str | None:
    return json.loads(kept.record)["actor"] if kept.record is not None else None


def _handle(unit: Unit, caller: Caller, question: Question) -> str | None:
    """The patient asked about: None when none is, an empty word when nobody is known by these identifiers."""
    if question.patient is None:
        return question.handle
    return unit.patients.known(caller.tenant, aliases(question.patient, question.client or caller.client)) or ""


def _told(kept: Kept) -> dict[str, Any]:
    record = None if kept.record is None else json.loads(kept.record)
    return {"seq": kept.seq, "leaf": kept.leaf.hex(), "record": record}
