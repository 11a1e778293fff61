"""GET /v1/inbox and its acknowledgements: for software that asks instead of being called."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from gateway.api.callers import Admitted
from gateway.api.door import TheDoor
from gateway.api.problem import Refused
from gateway.api.told import InboxPage
from gateway.journey.inbox import acknowledge, read_inbox
from gateway.journey.steer import NotFound

router = APIRouter(prefix="/v1/inbox", tags=["inbox"])

PAGE_LIMIT = 100
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No such item for this key"}}


@router.get(
    "",
    operation_id="read-inbox",
    summary="What came for you and you have not acknowledged",
    response_class=Response,
    responses={200: {"model": InboxPage, "description": "CloudEvents, oldest first"}},
)
def read(
    door: TheDoor,
    visitor: Admitted,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="`next_cursor` of a page")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="Most items in one page")] = 20,
) -> Response:
    """Of your own software only. A page may hold fewer than asked, for documents are large: follow `next_cursor`.

    An item stays until it is acknowledged.
    """
    waiting = read_inbox(door.gateway, visitor.caller, cursor=cursor, limit=limit)
    end = json.dumps(waiting.next_cursor).encode("ascii")
    body = b'{"items":[' + b",".join(waiting.items) + b'],"next_cursor":' + end + b"}"
    return Response(body, media_type="application/json")


@router.post(
    "/{id}/ack",
    operation_id="acknowledge-item",
    summary="You have it",
    status_code=204,
    response_class=Response,
    responses=_MISSING,
)
def acknowledge_item(
    id: Annotated[str, Path(description="The item's id: `id` of its CloudEvent")], door: TheDoor, visitor: Admitted
) -> Response:
    """It will not be shown again. Harmless when repeated."""
    try:
        if not _ID.fullmatch(id):
            raise NotFound
        acknowledge(door.gateway, visitor.caller, id)
    except NotFound:
        raise Refused(404, "not-found") from None
    return Response(status_code=204)
