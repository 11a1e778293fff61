"""collect: what waits in our mailboxes is stored, and only then taken away over there.

Stored twice is impossible (mailbox and digest are unique), lost is impossible (stored before it is forgotten), so a
crash between the two costs one more look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry

if TYPE_CHECKING:
    from gateway.deliver import Transport


def collect(gateway: Gateway, transport: Transport, worker: str) -> int:
    """Bring home everything waiting at one transport. Gives how many messages were new. Raises Unreachable."""
    new = 0
    kept: dict[str, list[str]] = {}
    for message in transport.collect():
        now, tenant = gateway.clock(), gateway.origins.tenant_of(message.mailbox)
        digest = gateway.seal(message.raw)
        with gateway.store.unit() as unit:
            stored = unit.mail.add(message.mailbox, message.handle, digest, message.raw, now, tenant=tenant)
            if stored is not None:
                new += 1
                facts: dict[str, str | int | bool] = {"mail": stored, "size": len(message.raw), "digest": digest}
                unit.audit(Entry(kind="mail-collected", at=now, tenant=tenant, actor=f"worker:{worker}", facts=facts))
        kept.setdefault(message.mailbox, []).append(message.handle)
    for mailbox, handles in kept.items():
        transport.forget(mailbox, handles)
    for left in transport.left_behind():
        gateway.notice("mail left behind", mailbox=left.mailbox, handle=left.handle, why=left.why, size=left.size_bytes)
    return new
