"""POST /v1/exchanges/steer: one wish for everything that answers a question, with a preview."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from gateway.api.body import Body, read_asked
from gateway.api.callers import Admitted
from gateway.api.door import TheDoor
from gateway.api.shown import Shown
from gateway.api.steering import WHY, asks
from gateway.journey.sweep import preview, sweep
from gateway.journey.swept import show_preview, show_sweep
from gateway.journey.where import NAMES, read_where
from gateway.journey.wish import WISHES
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.steering import Why
from gateway.model.where import Where

router = APIRouter(prefix="/v1/exchanges", tags=["steering"])

AT_ONCE, MOST = 500, 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Conditions that all hold, as people write them."""

    state: str | None = None
    reason: str | None = None
    recipient: str | None = None
    server: str | None = None
    partner: str | None = None
    transport: str | None = None
    type: str | None = None
    patient: str | None = None
    client: str | None = None
    event_id: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The body."""

    wish: Literal["hold", "release", "retry", "repeat", "cancel"]
    where: Conditions
    preview: bool = False
    reason: Why | None = None
    limit: int = AT_ONCE


class ShownTarget(Shown):
    """A leg, or an exchange without legs."""

    exchange: str = Field(description="The exchange's id")
    leg: int | None = Field(description="The leg's number; null for an exchange that has no legs yet")
    state: str = Field(description="Where it stands")
    reason: str | None = Field(description="Why it stands there")
    recipient: str = Field(description="The recipient's id; empty for an exchange")


class ShownGroup(Shown):
    """What stands alike, counted."""

    state: str = Field(description="Where it stands")
    reason: str | None = Field(description="Why it stands there")
    recipient: str = Field(description="The recipient's id; empty for exchanges without legs")
    number: int = Field(description="How many")
    why_not: str | None = Field(description="Why it would be left alone (state, replaced, repeated), or null")


class ShownSweep(Shown):
    """What was done, or would be."""

    preview: bool = Field(description="True: nothing was changed")
    done: int = Field(description="How many were changed, or would be")
    skipped: dict[str, int] = Field(description="How many were left alone, or would be: state, moved, due, replaced…")
    left: bool = Field(description="True: more may remain; ask the same again")
    groups: list[ShownGroup] = Field(default=[], description="Of a preview: by state, reason and recipient")
    groups_omitted: int = Field(default=0, description="Of a preview: groups beyond those told")
    first: list[ShownTarget] = Field(default=[], description="Of a preview: the first that would be changed")


_BODY = asks(
    {"wish": "retry", "where": {"state": "failed", "reason": "mailbox-full"}, "preview": True},
    {
        "wish": {"enum": list(WISHES), "description": "What to do; `repeat` sends again what left already"},
        "where": {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {name: {"type": "string"} for name in NAMES},
            "description": "All must hold. `patient` is the handle of the audit log; `since` and `until` are days or "
            "moments (RFC 3339) of acceptance",
        },
        "preview": {"type": "boolean", "description": "Only say what would be done"},
        "reason": {**WHY, "description": "Why; kept in the audit log. A repeat needs one"},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": AT_ONCE},
    },
    "wish",
    "where",
)


@router.post(
    "/steer",
    operation_id="steer-exchanges",
    summary="Hold, release, retry, repeat or cancel all that answer",
    response_model=ShownSweep,
    responses={422: {"description": "Every fault of what was asked"}},
    openapi_extra=_BODY,
)
def steer_exchanges(request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, Any]:
    """The oldest first, at most `limit` a call. What has moved meanwhile is left alone and counted.

    Asked for again it goes on; what is done is not done twice.
    """
    asked = read_asked(Asked, request, body)
    said = {name: value for name, value in asdict(asked.where).items() if value is not None}
    faults = []
    if not said:
        faults.append(Fault("missing-field", ("where",), "where"))
    if not 1 <= asked.limit <= MOST:
        faults.append(Fault("wrong-type", ("limit",), f"1 - {MOST}"))
    if asked.wish == "repeat" and asked.reason is None and not asked.preview:
        faults.append(Fault("missing-field", ("reason",), "reason"))
    where = Where()
    try:
        where = read_where(said)
    except Rejected as wrong:
        faults += wrong.faults
    if faults:
        raise Rejected(faults)
    if asked.preview:
        return show_preview(preview(door.gateway, visitor.tenant, asked.wish, where))
    return show_sweep(sweep(door.gateway, visitor.caller, asked.wish, where, why=asked.reason, limit=asked.limit))
