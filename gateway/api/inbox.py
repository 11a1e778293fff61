"""GET /v1/inbox and its acknowledgements: for software that asks instead of being called."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.body import Body, read_asked
from gateway.api.callers import Admitted
from gateway.api.door import TheDoor
from gateway.api.problem import Refused
from gateway.api.told import InboxPage
from gateway.journey.inbox import HAS_IT, Acknowledgement, acknowledge, read_inbox
from gateway.journey.steer import NotFound
from gateway.model.reasons import RECIPIENT_ERRORS

router = APIRouter(prefix="/v1/inbox", tags=["inbox"])

PAGE_LIMIT = 100
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "error": {
                            "type": "object",
                            "description": "You could not take the document in",
                            "required": ["code"],
                            "additionalProperties": False,
                            "properties": {
                                "code": {
                                    "enum": list(RECIPIENT_ERRORS),
                                    "description": "Table 0533, as the sender is told it: "
                                    + "; ".join(f"{code} {label}" for code, label in RECIPIENT_ERRORS.items()),
                                }
                            },
                        }
                    },
                },
                "example": {"error": {"code": "902"}},
            }
        },
    }
}
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
    responses={**_MISSING, 422: {"description": "Every fault of what was sent"}},
    openapi_extra=_BODY,
)
def acknowledge_item(
    id: Annotated[str, Path(description="The item's id: `id` of its CloudEvent")],
    request: Request,
    door: TheDoor,
    visitor: Admitted,
    body: Body,
) -> Response:
    """It will not be shown again. With `error`, you could not take it in, and its sender is told so.

    Without, the sender gets the receipt they asked for, if they did. The first word counts, yours or that of another
    software of the mailbox. Harmless when repeated.
    """
    try:
        if not _ID.fullmatch(id):
            raise NotFound
        said = read_asked(Acknowledgement, request, body) if body else HAS_IT
        acknowledge(door.gateway, visitor.caller, id, said)
    except NotFound:
        raise Refused(404, "not-found") from None
    return Response(status_code=204)
