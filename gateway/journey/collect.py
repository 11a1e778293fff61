"""collect: what waits in our mailboxes is stored, and only then taken away over there.

Stored twice is impossible (mailbox and digest are unique), lost is impossible (stored before it is forgotten), so a
crash between the two costs one more look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry

if TYPE_CHECKING:
    from gateway.deliver import Collected, Transport


def collect(gateway: Gateway, transport: Transport, worker: str) -> int:
    """Bring home everything waiting at one transport, as long as there is room for it: the rest waits in its mailbox.

    Gives how many messages were new. Raises Unreachable when a mailbox did not answer; what the others held is stored,
    and taken away over there.
    """
    new = 0
    if gateway.pressure.room():
        return new
    kept: dict[str, list[str]] = {}
    try:
        for message in transport.collect():
            new += _store(gateway, message, worker)
            kept.setdefault(message.mailbox, []).append(message.handle)
            if gateway.pressure.room():
                break
    finally:
        for mailbox, handles in kept.items():
            transport.forget(mailbox, handles)
    for left in transport.left_behind():
        gateway.notice("mail left behind", mailbox=left.mailbox, handle=left.handle, why=left.why, size=left.size_bytes)
    return new


def _store(gateway: Gateway, message: Collected, worker: str) -> bool:
    now, tenant = gateway.clock(), gateway.origins.tenant_of(message.mailbox)
    digest = gateway.seal(message.raw)
    with gateway.store.unit() as unit:
        stored = unit.mail.add(message.mailbox, message.handle, digest, message.raw, now, tenant=tenant)
        if stored is not None:
            facts: dict[str, str | int | bool] = {"mail": stored, "size": len(message.raw), "digest": digest}
            unit.audit(Entry(kind="mail-collected", at=now, tenant=tenant, actor=f"worker:{worker}", facts=facts))
    return stored is not None
