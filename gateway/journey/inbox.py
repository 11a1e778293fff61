"""inbox: what came for a client's software, shown until it says that it has it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.steer import NotFound
from gateway.model.audit import Entry
from gateway.record import Erased, Missing

PAGE_BYTES = 20_000_000
"""A page ends after the item that passes this: documents are large."""


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """CloudEvents as they are kept, oldest first; `next_cursor` asks for what follows, None at the end."""

    items: tuple[bytes, ...]
    next_cursor: str | None


def read_inbox(gateway: Gateway, caller: Caller, *, cursor: str | None, limit: int) -> Waiting:
    """What the caller's software has not acknowledged. Handing content out is written into the log."""
    bodies: list[bytes] = []
    ids: list[str] = []
    with gateway.store.glance() as unit:
        while len(bodies) < limit and sum(map(len, bodies)) < PAGE_BYTES:
            page = unit.inbox.unread(caller.tenant, caller.client, cursor=cursor, limit=1)
            for item in page.items:
                with suppress(Erased, Missing):  # what was erased is nobody's any more
                    bodies.append(unit.inbox.body(item))
                    ids.append(item.id)
            cursor = page.next_cursor
            if cursor is None:
                break
    if bodies:
        with gateway.store.unit() as unit:
            unit.audit(
                Entry(
                    kind="content-read",
                    at=gateway.clock(),
                    tenant=caller.tenant,
                    actor=caller.actor,
                    facts={"inbox": len(bodies), "client": caller.client, "first": ids[0], "last": ids[-1]},
                )
            )
    return Waiting(tuple(bodies), cursor)


def acknowledge(gateway: Gateway, caller: Caller, id: str) -> None:
    """The caller's software has it; harmless when it said so before. Raises NotFound, also for another client's."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        item = unit.inbox.get(caller.tenant, caller.client, id)
        if item is None:
            raise NotFound
        if unit.inbox.acknowledge(item, now):
            unit.audit(
                Entry(
                    kind="inbox-acknowledged",
                    at=now,
                    tenant=caller.tenant,
                    actor=caller.actor,
                    facts={"item": id, "client": caller.client, "by": "inbox"},
                )
            )
