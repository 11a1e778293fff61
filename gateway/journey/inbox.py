"""inbox: what came for a client's software, shown until it says that it has it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.reply import PROCESSED, owe
from gateway.journey.steer import NotFound
from gateway.model.audit import Entry
from gateway.record import Erased, Item, Missing, Reply

if TYPE_CHECKING:
    from gateway.record import Unit

PAGE_BYTES = 20_000_000
"""A page ends after the item that passes this: documents are large."""


@dataclass(frozen=True, slots=True)
class NotIntegrated:
    """Why a software could not take a document in: a code of table 0533, as its sender is told it."""

    code: Literal["900", "901", "902", "903", "904", "905", "906"]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a software says of an item: that it has it, or that it could not take it in."""

    error: NotIntegrated | None = None


HAS_IT = Acknowledgement()


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
                    bodies.append(_shown(unit.inbox.body(item), unit.replies.to_mail(item.tenant, item.mail)))
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


def _shown(body: bytes, reply: Reply | None) -> bytes:
    """The item, with what its sender is told when another software of the mailbox spoke first."""
    return body if reply is None else body.removesuffix(b"}") + f',"answer":"{reply.state}"}}'.encode("ascii")


def acknowledge(gateway: Gateway, caller: Caller, id: str, said: Acknowledgement = HAS_IT) -> None:
    """The caller's software has it, or could not take it in; the first word counts, a repetition is harmless.

    Raises NotFound, also for another client's.
    """
    with gateway.store.unit() as unit:
        item = unit.inbox.get(caller.tenant, caller.client, id)
        if item is None:
            raise NotFound
        take(gateway, unit, item, said, gateway.clock(), actor=caller.actor, by="inbox")


def take(
    gateway: Gateway, unit: Unit, item: Item, said: Acknowledgement, now: datetime, *, actor: str, by: str
) -> None:
    """Write down what a software says of an item, and owe its sender an answer.

    An error is told at once; that all is well, when the software has every document of the mail.
    """
    mail = unit.mail.get(item.mail, tenant=item.tenant)  # held: of two documents taken at once, one is the last
    if not unit.inbox.acknowledge(item, now):
        return
    facts: dict[str, str | int | bool] = {"item": item.id, "client": item.client, "by": by}
    if said.error:
        facts["error"] = said.error.code
    unit.audit(Entry(kind="inbox-acknowledged", at=now, tenant=item.tenant, actor=actor, facts=facts))
    if mail is not None and (said.error or not unit.inbox.unread_of_mail(item)):
        outcome = said.error.code if said.error else PROCESSED
        owe(gateway, unit, mail, outcome, now, actor, item.client)
