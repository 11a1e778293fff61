"""POST /v1/objections: a patient says no (CSP L1110-4 IV); it counts from the answer on."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from gateway.api.body import Body, read_asked
from gateway.api.callers import Admitted
from gateway.api.door import TheDoor
from gateway.api.problem import Refused
from gateway.journey.object import Statement, record_objection, withdraw_objection
from gateway.journey.steer import NotFound

router = APIRouter(prefix="/v1/objections", tags=["objections"])

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Recorded(BaseModel):
    """The objection, recorded."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="Give it to /withdraw when the patient changes their mind")


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["patient"],
                    "additionalProperties": False,
                    "properties": {
                        "patient": {
                            "type": "object",
                            "description": "As in an event; `ins` or `local_id` is enough. An INS without "
                            "identity_status is taken as qualified",
                        },
                        "recipient": {
                            "description": "Whom it bars: `RPPS:…`, `FINESS:…`, a mail address, or an object with "
                            "rpps, finess, siret, ids or mss; absent: everyone",
                            "type": ["string", "object"],
                        },
                        "category": {
                            "enum": ["1", "2"],
                            "description": "Category of CSP R1110-2 it bars: 1 health professionals, 2 the others",
                        },
                        "event_type": {
                            "type": "string",
                            "description": "A type of event, or how types begin: `report`, `team.member-joined`",
                        },
                        "client": {
                            "type": "string",
                            "description": "The software `local_id` belongs to; the caller's own when absent",
                        },
                    },
                },
                "example": {
                    "patient": {"ins": {"number": "279035121518989", "kind": "NIR-TEST"}},
                    "recipient": "RPPS:10100054328",
                    "event_type": "report",
                },
            }
        },
    }
}


@router.post(
    "",
    operation_id="record-objection",
    summary="Record a patient's objection",
    status_code=201,
    response_model=Recorded,
    responses={422: {"description": "Every fault of what was sent"}},
    openapi_extra=_BODY,
)
def record(request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, str]:
    """Checked before each attempt: parcels that wait are barred too. Why the patient objects is not asked."""
    statement = read_asked(Statement, request, body)
    if visitor.role == "vendor" and statement.client not in (None, visitor.client):
        raise Refused(403, "forbidden")
    return {"id": record_objection(door.gateway, visitor.caller, statement)}


@router.post(
    "/{id}/withdraw",
    operation_id="withdraw-objection",
    summary="The patient takes an objection back",
    response_model=Recorded,
    responses={404: {"description": "No such objection for this key"}},
)
def withdraw(
    id: Annotated[str, Path(description="The objection's id")], door: TheDoor, visitor: Admitted
) -> dict[str, str]:
    """Harmless when it was taken back before."""
    try:
        if not _ID.fullmatch(id):
            raise NotFound
        withdraw_objection(door.gateway, visitor.caller, id)
    except NotFound:
        raise Refused(404, "not-found") from None
    return {"id": id}
