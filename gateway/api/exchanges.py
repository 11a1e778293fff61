"""GET /v1/exchanges and what a person may ask of one: retry, cancel; of a leg: hold, release, retry, cancel."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from gateway.api.callers import Admitted, Visitor
from gateway.api.door import Door, TheDoor
from gateway.api.problem import Refused
from gateway.api.shown import ExchangePage, ShownExchange, ShownLeg
from gateway.journey.gateway import Gateway
from gateway.journey.steer import NotFound, NotNow, Wish, steer_exchange, steer_leg
from gateway.journey.view import show, show_leg
from gateway.model.dossier import Exchange, Leg
from gateway.model.errors import Broken
from gateway.model.exchange import STATES, state_named
from gateway.model.where import Where
from gateway.record import Stale

router = APIRouter(prefix="/v1/exchanges", tags=["exchanges"])

PAGE_LIMIT = 200
WORD = r"^[^\x00-\x1f\x7f]*$"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No such exchange or leg for this key"}}
_STEERED: dict[int | str, dict[str, Any]] = {**_MISSING, 409: {"description": "`not-now`: its state forbids this"}}

StateName = StrEnum("StateName", [(word.upper(), word) for word in STATES])  # type: ignore[misc]

Id = Annotated[str, Path(description="The exchange's id")]
Number = Annotated[int, Path(description="The leg's number", ge=1, le=1_000_000)]


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
    responses=_MISSING,
)
def read_exchange(id: Id, door: TheDoor, visitor: Admitted) -> dict[str, Any]:
    """To whom, why, where each parcel stands, what that proves and what it does not, and what comes next."""
    with door.gateway.store.glance() as unit:
        exchange = _mine(visitor, unit.exchanges.get(visitor.tenant, id) if _ID.fullmatch(id) else None)
        return shown_to(visitor, exchange, unit.legs.of(visitor.tenant, id))


@router.post(
    "/{id}/retry",
    operation_id="retry-exchange",
    summary="Try again what failed",
    response_model=ShownExchange,
    responses=_STEERED,
)
def retry_exchange(id: Id, door: TheDoor, visitor: Admitted) -> dict[str, Any]:
    """A held or unrouted exchange is prepared anew; of a prepared one, each failed, refused or postponed leg."""
    return _steer_exchange(door, visitor, id, "retry")


@router.post(
    "/{id}/cancel",
    operation_id="cancel-exchange",
    summary="Stop what has not left",
    response_model=ShownExchange,
    responses=_STEERED,
)
def cancel_exchange(id: Id, door: TheDoor, visitor: Admitted) -> dict[str, Any]:
    """Legs that wait, are postponed or held are cancelled; what has left cannot be called back."""
    return _steer_exchange(door, visitor, id, "cancel")


def _leg_call(wish: Wish, summary: str, about: str) -> None:
    """Four calls that differ by one word."""

    def call(id: Id, n: Number, door: TheDoor, visitor: Admitted) -> dict[str, Any]:
        _require_mine(door.gateway, visitor, id)
        try:
            leg = steer_leg(door.gateway, visitor.caller, id, n, wish)
        except (NotFound, NotNow, Stale) as error:
            raise _refusal(error) from None
        return _shown_leg(visitor, leg)

    call.__doc__ = about
    router.post(
        f"/{{id}}/legs/{{n}}/{wish}",
        operation_id=f"{wish}-leg",
        summary=summary,
        response_model=ShownLeg,
        responses=_STEERED,
    )(call)


_leg_call("hold", "Hold a leg", "It waits until someone releases it.")
_leg_call("release", "Release a held leg", "The legal gate is asked again before it leaves.")
_leg_call("retry", "Try a leg again", "Same bytes, same Message-ID: a failed, refused or postponed leg is due at once.")
_leg_call("cancel", "Cancel a leg", "For good, as long as nothing has left.")


def _steer_exchange(door: Door, visitor: Visitor, id: str, wish: Literal["retry", "cancel"]) -> dict[str, Any]:
    _require_mine(door.gateway, visitor, id)
    try:
        exchange = steer_exchange(door.gateway, visitor.caller, id, wish)
    except (NotFound, NotNow, Stale) as error:
        raise _refusal(error) from None
    with door.gateway.store.glance() as unit:
        return shown_to(visitor, exchange, unit.legs.of(visitor.tenant, id))


def _require_mine(gateway: Gateway, visitor: Visitor, id: str) -> None:
    with gateway.store.glance() as unit:
        _mine(visitor, unit.exchanges.get(visitor.tenant, id) if _ID.fullmatch(id) else None)


def _mine(visitor: Visitor, exchange: Exchange | None) -> Exchange:
    if exchange is None or not visitor.sees(exchange.client):
        raise Refused(404, "not-found")
    return exchange


def _refusal(error: NotFound | NotNow | Broken) -> Refused:
    return Refused(404, "not-found") if isinstance(error, NotFound) else Refused(409, "not-now")


def shown_to(visitor: Visitor, exchange: Exchange, legs: Iterable[Leg]) -> dict[str, Any]:
    """The contract's Exchange, without what this visitor need not see."""
    return {**show(exchange, ()), "legs": [_shown_leg(visitor, leg) for leg in legs]}


def _shown_leg(visitor: Visitor, leg: Leg) -> dict[str, Any]:
    shown = show_leg(leg)
    if leg.recipient_kind == "patient" and visitor.role != "vendor":
        shown["address"] = None  # it holds the matricule: of no use to who steers or audits
    return shown
