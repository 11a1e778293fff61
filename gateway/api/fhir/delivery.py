"""What became of each parcel as Communications: search and read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.callers import Admitted, Visitor
from gateway.api.door import Door, TheDoor
from gateway.api.fhir.form import Format, answers, respond, wanted
from gateway.api.fhir.searchset import searchset
from gateway.api.problem import Refused
from gateway.model.where import Where
from gateway.translate import DELIVERY, Sought, acknowledgement, delivery_named, delivery_search

router = APIRouter(prefix="/fhir/Communication", tags=["fhir"])

SEARCHED = {
    "based-on:identifier": "The event, by your own id of it; also `based-on.identifier`, `based-on`",
    "identifier": "An exchange's id, or EXCHANGE/LEG",
}
_ALSO = ("based-on.identifier", "based-on")
STATEMENT: dict[str, Any] = {
    "supportedProfile": [DELIVERY],
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "searchParam": [
        {
            "name": "based-on",
            "type": "reference",
            "documentation": f"By :identifier. {SEARCHED['based-on:identifier']}",
        },
        {"name": "identifier", "type": "token", "documentation": SEARCHED["identifier"]},
    ],
}
"""Of the CapabilityStatement."""
_MOST = 200  # exchanges of one event: as many as software of the tenant that chose the same id


@router.get(
    "",
    operation_id="search-deliveries",
    summary="What became of an event's parcels, as FHIR",
    response_class=Response,
    responses=answers(
        {200: "a searchset Bundle, one Communication a recipient, whole", 422: "every fault of what was asked"}
    ),
    openapi_extra={
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "string"}, "description": text}
            for name, text in {**SEARCHED, **dict.fromkeys(_ALSO, SEARCHED["based-on:identifier"])}.items()
        ]
    },
)
def search_deliveries(request: Request, door: TheDoor, visitor: Admitted, _format: Format = None) -> Response:
    """One of the parameters is needed. A vendor sees its own software's; a patient is named by no identifier."""
    kind, asked = wanted(request), request.query_params.multi_items()
    found = _found(door, visitor, delivery_search([one for one in asked if one[0] != "_format"]))
    return respond(
        door.gateway, kind, searchset(f"{request.base_url}fhir/Communication", found, asked, total=len(found))
    )


@router.get(
    "/{id}",
    operation_id="read-delivery",
    summary="What became of one parcel, as FHIR",
    response_class=Response,
    responses=answers({200: "Communication", 404: "no such leg for this key"}),
)
def read_delivery(
    id: Annotated[str, Path(description="EXCHANGE-LEG", max_length=64)],
    request: Request,
    door: TheDoor,
    visitor: Admitted,
    _format: Format = None,
) -> Response:
    """Where the parcel stands, what that proves and what it does not."""
    kind, named = wanted(request), delivery_named(id)
    found = _found(door, visitor, named) if named else []
    if not found:
        raise Refused(404, "not-found")
    return respond(door.gateway, kind, found[0])


def _found(door: Door, visitor: Visitor, sought: Sought) -> list[dict[str, Any]]:
    with door.gateway.store.glance() as unit:
        if sought.exchange:
            one = unit.exchanges.get(visitor.tenant, sought.exchange)
            exchanges = [one] if one and visitor.sees(one.client) and sought.event_id in (None, one.event_id) else []
        else:
            client = visitor.client if visitor.role == "vendor" else None
            page = unit.exchanges.search(visitor.tenant, Where(client=client, event_id=sought.event_id), limit=_MOST)
            exchanges = list(page.items)
        legs = unit.legs.of_many(visitor.tenant, [one.id for one in exchanges])
    return [
        acknowledgement(exchange, leg)
        for exchange in exchanges
        for leg in legs.get(exchange.id, ())
        if sought.leg in (None, leg.n)
    ]
