"""API keys, made and revoked with their audit entry in the same commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry

if TYPE_CHECKING:
    from gateway.record import Role


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """A key just made; `secret` is shown once."""

    id: str
    secret: str


def create_key(gateway: Gateway, tenant: str, client: str, role: Role, *, actor: str) -> NewKey:
    """Make a key for one software of a tenant."""
    with gateway.store.unit() as unit:
        credential, secret = unit.keys.add(tenant, client, role)
        unit.audit(
            Entry(
                kind="key-created",
                at=gateway.clock(),
                tenant=tenant,
                actor=actor,
                facts={"key": credential.id, "client": client, "role": role},
            )
        )
    return NewKey(credential.id, secret)


def revoke_key(gateway: Gateway, tenant: str, id: str, *, actor: str) -> None:
    """The key opens nothing from now on. Raises Broken when there is no such key in use."""
    with gateway.store.unit() as unit:
        unit.keys.revoke(tenant, id)
        unit.audit(Entry(kind="key-revoked", at=gateway.clock(), tenant=tenant, actor=actor, facts={"key": id}))
