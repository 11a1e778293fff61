"""accept: what a practice software sent becomes an exchange, or is refused with every reason.

The answer goes out only after the one commit that holds the event, its job and its audit entries. Same key, same body:
the first answer again. A rejection stores nothing but its audit entry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway import pack, translate
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.identity import check_identity
from gateway.journey.minting import mint_id
from gateway.journey.recall import aliases, recall, recall_ahead
from gateway.journey.uploaded import find_upload, named_content, open_content
from gateway.journey.withdraw import cancel_unsent, carriers_of_older, hold_unsent
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange
from gateway.model.errors import GatewayError, Rejected
from gateway.model.event import Event, write_event
from gateway.model.exchange import ExchangeState
from gateway.model.faults import Fault, Notice
from gateway.model.known import Known, after
from gateway.record import Stale, Taken

if TYPE_CHECKING:
    from gateway.record import Unit, Upload

Point = Callable[[Iterable[Fault]], Iterable[Fault]]
"""Gives faults found later their place in the body that was read."""

UNKNOWN_CONTENT = Fault("unknown-content", ("report", "document", "content"))


class Duplicate(GatewayError):
    """Another event of this client already used this id or key, with another body (HTTP 409)."""

    code = "duplicate-event"

    def __init__(self, exchange: str) -> None:
        super().__init__("This id or key already names another event", advice="Give a new event a new id")
        self.exchange = exchange


class Moved(Exception):
    """What is known changed between the reading of an event and its commit: read it again."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to an accepted event; `again` when it repeats an earlier one."""

    exchange: str
    state: str
    notices: tuple[Notice, ...]
    again: bool = False


def accept(gateway: Gateway, caller: Caller, body: bytes, dialect: str, *, key: str | None = None) -> Accepted:
    """Take one event in. `key` is the caller's idempotency key when it gave one.

    Raises Rejected with every fault, or Duplicate.
    """
    spoken = gateway.dialects.get(dialect)
    try:
        event, fingerprint = translate.read_once(body, spoken)
        return take(
            gateway,
            caller,
            Telling(event, body, fingerprint, dialect, lambda faults: translate.point(faults, body, spoken)),
            key,
        )
    except Rejected as rejected:
        record_rejection(gateway, caller, body, rejected.faults)
        raise


@dataclass(frozen=True, slots=True)
class Telling:
    """An event that was read, before it is taken in.

    body         what it was read from; `fingerprint` is the same for two writings of one body
    dialect      the words it was told in
    point        finds the place in that body of faults found later
    notices      what the reading itself has to tell
    against      the memory it was read against, where that made it the event it is
    """

    event: Event
    body: bytes
    fingerprint: str
    dialect: str
    point: Point
    notices: tuple[Notice, ...] = ()
    against: Known | None = None


def take(gateway: Gateway, caller: Caller, told: Telling, key: str | None) -> Accepted:
    """Check the event and keep it. Raises Rejected, Duplicate, or Moved."""
    checked = _check(gateway, caller, told.event, told.point, key)
    try:
        return _commit(gateway, caller, told, checked, key)
    except Taken:  # the same key came in by two doors at once: the other one won, and has our answer
        return _commit(gateway, caller, told, checked, key)


def examine(gateway: Gateway, caller: Caller, body: bytes, dialect: str) -> tuple[Event, tuple[Notice, ...]]:
    """Read and check an event as far as it can be without the memory. Raises Rejected with every fault."""
    spoken = gateway.dialects.get(dialect)
    event = translate.read_vendor(body, spoken)
    checked = _check(gateway, caller, event, lambda faults: translate.point(faults, body, spoken))
    return checked.event, checked.notices


@dataclass(frozen=True, slots=True)
class _Checked:
    """What looking at an event gave: it under its document's own masks, what its sender should know, its upload."""

    event: Event
    notices: tuple[Notice, ...]
    upload: Upload | None


def _check(gateway: Gateway, caller: Caller, event: Event, point: Point, key: str | None = None) -> _Checked:
    faults: list[Fault] = []
    notices: tuple[Notice, ...] = ()
    content, upload = named_content(event), None
    if content:
        upload = find_upload(gateway, caller, content)
        if upload is None and not _answered(gateway, caller, event, key):
            faults.append(UNKNOWN_CONTENT)
    try:
        notices = pack.check_document(
            event,
            open_content(gateway, upload) if upload else None,
            terms=gateway.terms,
            production=gateway.production,
            rules=gateway.pdf_rules,
        )
    except Rejected as bad:
        faults.extend(bad.faults)
    wrong, told = check_identity(event, production=gateway.production)
    faults.extend(wrong)
    if gateway.origins.of(caller.tenant, event.sender) is None:
        faults.append(Fault("no-mailbox-for-sender", ("sender",)))
    if faults:
        raise Rejected(point(faults))
    event, masked = pack.under_own_masks(event, open_content(gateway, upload) if upload else None)
    return _Checked(event, (*notices, *masked, *told), upload)


def _commit(gateway: Gateway, caller: Caller, told: Telling, checked: _Checked, key: str | None) -> Accepted:
    now, event = gateway.clock(), checked.event
    exchange_id = mint_id(now, gateway.draw)
    keys = _keys(event.id, key)
    older, names = carriers_of_older(gateway, caller, event), aliases(event.patient, caller.client)

    def keep(unit: Unit) -> Accepted:
        memory = unit.memory.of(caller.tenant, caller.client)
        if not older:  # else their locks come before the memory's
            unit.answers.ahead(caller.tenant, caller.client, keys[-1], keys[0])
            unit.patients.ahead(caller.tenant, names)
            recall_ahead(memory, event)
        if earlier := _earlier(unit, caller, keys, told.fingerprint):
            return earlier
        unsent = hold_unsent(unit, event, older)
        handle = unit.patients.handle(caller.tenant, names)
        before, recalled = recall(memory, event, handle)
        if told.against is not None and told.against.team != before.team:
            raise Moved
        known, counted = count(before, event, handle, told.point)
        notices = (*told.notices, *checked.notices, *recalled, *counted)
        remembered = unit.memory.remember(caller.tenant, caller.client, known, before)
        unit.exchanges.open(
            Exchange(
                tenant=caller.tenant,
                id=exchange_id,
                client=caller.client,
                type=event.type,
                event_id=event.id,
                dialect=told.dialect,
                patient=handle,
                state=ExchangeState.ACCEPTED,
                accepted_at=now,
            )
        )
        unit.contents.open(caller.tenant, exchange_id)
        unit.contents.put_trees(caller.tenant, exchange_id, {"event": write_event(event), "known": remembered})
        if checked.upload:
            _take(unit, checked.upload, exchange_id, told.point)
        unit.jobs.add("prepare", caller.tenant, exchange_id, lane=f"{caller.tenant}/{handle}", due=now)
        answer = {"notices": [[notice.code, list(notice.at), notice.about] for notice in notices]}
        unit.answers.keep(
            caller.tenant, caller.client, keys, told.fingerprint, exchange_id, json.dumps(answer).encode()
        )
        unit.audit(
            Entry(
                kind="event-accepted",
                at=now,
                tenant=caller.tenant,
                actor=caller.actor,
                exchange=exchange_id,
                patient=handle,
                facts={
                    "type": event.type,
                    "dialect": told.dialect,
                    "client": caller.client,
                    "size": len(told.body),
                    "digest": gateway.seal(told.body),
                    "notices": ",".join(dict.fromkeys(notice.code for notice in notices)),
                },
            )
        )
        cancel_unsent(unit, caller, unsent, exchange_id, now)
        return Accepted(exchange_id, ExchangeState.ACCEPTED, tuple(notices))

    return gateway.store.together(keep)


def _take(unit: Unit, upload: Upload, exchange: str, point: Point) -> None:
    """The upload is this exchange's from now on. Raises Rejected when another event took it a moment ago."""
    try:
        unit.uploads.take(upload, exchange)
    except Stale:
        raise Rejected(point([UNKNOWN_CONTENT])) from None


def answered(gateway: Gateway, caller: Caller, id: str, key: str | None, fingerprint: str) -> Accepted | None:
    """The answer given before to that event id or key. Raises Duplicate when it was to another body."""
    with gateway.store.glance() as unit:
        return _earlier(unit, caller, _keys(id, key), fingerprint)


def _keys(id: str, key: str | None) -> list[str]:
    return [f"event:{id}", *([f"key:{key}"] if key else [])]


def _answered(gateway: Gateway, caller: Caller, event: Event, key: str | None) -> bool:
    """Whether it came before: then its content was taken by it, and the first answer is given again."""
    keys = _keys(event.id, key)
    with gateway.store.glance() as unit:
        return unit.answers.find(caller.tenant, caller.client, keys[-1], keys[0]) is not None


def _earlier(unit: Unit, caller: Caller, keys: Sequence[str], fingerprint: str) -> Accepted | None:
    answer = unit.answers.find(caller.tenant, caller.client, keys[-1], keys[0])
    if answer is None:
        return None
    if answer.digest != fingerprint:
        raise Duplicate(answer.exchange)
    told = json.loads(answer.body)["notices"]
    notices = tuple(Notice(code, tuple(at), *about) for code, at, *about in told)
    return Accepted(answer.exchange, ExchangeState.ACCEPTED, notices, again=True)


def count(known: Known, event: Event, handle: str, point: Point) -> tuple[Known, tuple[Notice, ...]]:
    """What is known once the event is counted; its faults have their place in the body. Raises Rejected."""
    try:
        return after(known, event, handle)
    except Rejected as refused:
        raise Rejected(point(refused.faults)) from None


def record_rejection(gateway: Gateway, caller: Caller, body: bytes, faults: Sequence[Fault]) -> None:
    """Write into the log that a body was refused: codes and a keyed digest, nothing of what it held."""
    codes = ",".join(sorted({fault.code for fault in faults}))
    entry = Entry(
        kind="event-rejected",
        at=gateway.clock(),
        tenant=caller.tenant,
        actor=caller.actor,
        facts={"codes": codes, "client": caller.client, "digest": gateway.seal(body), "size": len(body)},
    )
    gateway.store.together(lambda unit: unit.audit(entry))
