"""GET /v1/exchanges: what happened to each event, leg by leg."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from gateway.api.callers import Admitted, Visitor
from gateway.api.door import TheDoor
from gateway.api.problem import Refused
from gateway.api.shown import ExchangePage, ShownExchange
from gateway.journey.gateway import Gateway
from gateway.journey.view import show, show_leg
from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import STATES, state_named
from gateway.model.where import Where

router = APIRouter(prefix="/v1/exchanges", tags=["exchanges"])

PAGE_LIMIT = 200
WORD = r"^[^\x00-\x1f\x7f]*$"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No such exchange or leg for this key"}}

StateName = StrEnum("StateName", [(word.upper(), word) for word in STATES])  # type: ignore[misc]

Id = Annotated[str, Path(description="The exchange's id")]


@router.get("", operation_id="list-exchanges", summary="What happened to your events", response_model=ExchangePage)
def list_exchanges(
    door: TheDoor,
    visitor: Admitted,
    event_id: Annotated[str | None, Query(max_length=128, pattern=WORD, description="The event's own id")] = None,
    client: Annotated[str | None, Query(max_length=64, pattern=WORD, description="One software's exchanges")] = None,
    state: Annotated[StateName | None, Query(description="Only those in this state, or with a leg in it")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Accepted at or after this moment (RFC 3339)")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Accepted before this moment (RFC 3339)")] = None,
    type: Annotated[str | None, Query(max_length=64, pattern=WORD, description="Only this type of event")] = None,
    reason: Annotated[
        str | None,
        Query(max_length=64, pattern=WORD, description="Only those that stand where they do for this reason"),
    ] = None,
    partner: Annotated[
        str | None, Query(max_length=253, pattern=WORD, description="Only with a leg to this mail domain or endpoint")
    ] = None,
    patient: Annotated[
        str | None, Query(pattern="^[0-9a-f]{1,64}$", description="Only about the patient the log calls by this handle")
    ] = None,
    cursor: Annotated[str | None, Query(pattern="^[0-9a-f-]{36}$", description="`next_cursor` of a page")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="Most exchanges in one page")] = 50,
) -> dict[str, Any]:
    """The newest first. A vendor sees its own software's exchanges; other roles see the whole tenant's."""
    if client is not None and not visitor.sees(client):
        return {"items": [], "next_cursor": None}
    with door.gateway.store.glance() as unit:
        page = unit.exchanges.search(
            visitor.tenant,
            Where(
                client=visitor.client if visitor.role == "vendor" else client,
                event_id=event_id,
                state=state_named(state) if state else None,
                reason=reason,
                since=since,
                until=until,
                type=type,
                partner=partner,
                patient=patient,
            ),
            cursor=cursor,
            limit=limit,
        )
        legs = unit.legs.of_many(visitor.tenant, [exchange.id for exchange in page.items])
    items = [shown_to(visitor, exchange, legs.get(exchange.id, ())) for exchange in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@router.get(
    "/{id}",
    operation_id="read-exchange",
    summary="One exchange, leg by leg",
    response_model=ShownExchange,
    responses=MISSING,
)
def read_exchange(id: Id, door: TheDoor, visitor: Admitted) -> dict[str, Any]:
    """To whom, why, where each parcel stands, what that proves and what it does not, and what comes next."""
    with door.gateway.store.glance() as unit:
        exchange = _mine(visitor, unit.exchanges.get(visitor.tenant, id) if _ID.fullmatch(id) else None)
        return shown_to(visitor, exchange, unit.legs.of(visitor.tenant, id))


def require_mine(gateway: Gateway, visitor: Visitor, id: str) -> None:
    """Raise Refused 404 unless the exchange is there, and the visitor's business."""
    with gateway.store.glance() as unit:
        _mine(visitor, unit.exchanges.get(visitor.tenant, id) if _ID.fullmatch(id) else None)


def _mine(visitor: Visitor, exchange: Exchange | None) -> Exchange:
    if exchange is None or not visitor.sees(exchange.client):
        raise Refused(404, "not-found")
    return exchange


def shown_to(visitor: Visitor, exchange: Exchange, legs: Iterable[Leg]) -> dict[str, Any]:
    """The contract's Exchange, without what this visitor need not see."""
    return {**show(exchange, ()), "legs": [shown_leg_to(visitor, leg) for leg in legs]}


def shown_leg_to(visitor: Visitor, leg: Leg) -> dict[str, Any]:
    """The contract's leg, without what this visitor need not see."""
    shown = show_leg(leg)
    if leg.recipient_kind == "patient" and visitor.role != "vendor":
        shown["address"] = None  # it holds the matricule: of no use to who steers or audits
    return shown
