"""Who may ask for what: one table, one check, for every operation.

The tenant, the client and the role come from the credential alone. An operation this table does not name is refused
to everyone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gateway.api.door import Door, door_of
from gateway.api.problem import Refused
from gateway.api.refusals import Kind
from gateway.journey.gateway import Caller
from gateway.record import Credential

ANYONE: frozenset[str] = frozenset({"anyone"})
_VENDOR, _ADMIN, _AUDITOR, _DPO = (frozenset({role}) for role in ("vendor", "admin", "auditor", "dpo"))

MATRIX: dict[str, frozenset[str]] = {
    "send-event": _VENDOR,
    "send-event-in-dialect": _VENDOR,
    "put-content": _VENDOR,
    "send-transaction": _VENDOR,
    "validate-resource": _VENDOR | _ADMIN,
    "list-exchanges": _VENDOR | _ADMIN | _AUDITOR | _DPO,
    "read-exchange": _VENDOR | _ADMIN | _AUDITOR | _DPO,
    "retry-exchange": _ADMIN,
    "cancel-exchange": _VENDOR | _ADMIN,
    "hold-leg": _ADMIN,
    "release-leg": _ADMIN,
    "retry-leg": _ADMIN,
    "cancel-leg": _VENDOR | _ADMIN,
    "hold-exchange": _ADMIN,
    "release-exchange": _ADMIN,
    "repeat-leg": _ADMIN,
    "redirect-leg": _ADMIN,
    "settle-leg": _ADMIN,
    "steer-exchanges": _ADMIN,
    "read-inbox": _VENDOR,
    "acknowledge-item": _VENDOR,
    "record-objection": _VENDOR | _DPO,
    "withdraw-objection": _VENDOR | _DPO,
    "search-audit": _AUDITOR | _DPO,
    "read-checkpoint": _AUDITOR | _DPO,
    "prove-entry": _AUDITOR | _DPO,
    "search-audit-events": _AUDITOR | _DPO,
    "search-audit-events-by-form": _AUDITOR | _DPO,
    "read-audit-event": _AUDITOR | _DPO,
    "search-deliveries": _VENDOR | _ADMIN | _AUDITOR | _DPO,
    "read-delivery": _VENDOR | _ADMIN | _AUDITOR | _DPO,
    "read-metrics": _ADMIN,
    "live": ANYONE,
    "ready": ANYONE,
    "read-openapi": ANYONE,
    "read-docs": ANYONE,
    "read-schema": ANYONE,
    "list-errors": ANYONE,
    "read-capabilities": ANYONE,
}
"""Operation → the roles that may ask for it."""

_BEARER = re.compile(r"bearer +([\x21-\x7e]{1,200})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The caller of one request, by its credential. Anonymous: every field is empty."""

    tenant: str = ""
    client: str = ""
    role: str = ""
    key: str = ""

    @property
    def caller(self) -> Caller:
        """The same for the journey; the audit log names the key."""
        return Caller(self.tenant, self.client, f"key:{self.key}")

    def sees(self, client: str) -> bool:
        """True when that client's exchanges are the caller's business: a vendor sees its own software's only."""
        return self.role != "vendor" or client == self.client


async def admit(request: Request) -> Visitor:
    """The check before every endpoint. Raises Refused 401 (who are you?) or 403 (not you)."""
    request.state.visitor = visitor = await _recognised(request, door_of(request))
    return visitor


def visitor_of(request: Request) -> Visitor:
    """Who was admitted. To be asked after `admit` only: before, there is nobody."""
    visitor = request.state.visitor
    assert isinstance(visitor, Visitor)
    return visitor


async def _recognised(request: Request, door: Door) -> Visitor:
    operation = getattr(request.scope.get("route"), "operation_id", None) or "unnamed"
    roles = MATRIX.get(operation, frozenset())
    if roles == ANYONE:
        return Visitor()
    said = request.headers.getlist("authorization")
    match = _BEARER.fullmatch(said[0].strip()) if len(said) == 1 else None
    credential = door.keys.remembered(match[1]) if match else None
    if credential is None:
        credential = await run_in_threadpool(_recognise, door, match[1] if match else None, operation)
    visitor = Visitor(credential.tenant, credential.client, credential.role, credential.id)
    request.state.tenant = visitor.tenant
    if visitor.role not in roles:
        kind = Kind(visitor.tenant, visitor.caller.actor, "forbidden", operation)
        await run_in_threadpool(door.refusals.add, kind)
        raise Refused(403, "forbidden")
    return visitor


Admitted = Annotated[Visitor, Depends(admit)]
"""Parameter type of endpoints that need to know who asks."""


def _recognise(door: Door, secret: str | None, operation: str) -> Credential:
    """Whose key it is, by the store. Raises Refused 401, written into the log."""
    credential = door.keys.find(secret) if secret else None
    if credential is None:
        door.refusals.add(Kind("", "anonymous", "unknown-key" if secret else "no-key", operation))
        raise Refused(401, "unauthenticated", headers={"WWW-Authenticate": 'Bearer realm="passerelle"'})
    return credential
