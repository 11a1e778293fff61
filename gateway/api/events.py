"""POST /v1/events: an event comes in, canonical or in a software's own words."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.body import Body
from gateway.api.callers import Visitor, visitor_of
from gateway.api.door import door_of
from gateway.api.envelope import CLOUDEVENT, JSON, Sent, open_envelope
from gateway.api.pressure import ROOM
from gateway.api.problem import Refused
from gateway.api.straight import Straight
from gateway.journey.accept import Accepted, Duplicate, accept, record_rejection
from gateway.journey.gateway import Gateway
from gateway.journey.preview import preview
from gateway.journey.refusal import told_notice
from gateway.model.errors import Rejected
from gateway.model.faults import Notice

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Straight)


class Warning(BaseModel):
    """Something accepted that the sender should know; there is nothing to correct."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="Stable code, listed at /v1/errors", examples=["late-event"])
    pointer: str | None = Field(default=None, description="Where in the event, in canonical words (JSON Pointer)")
    fr: str = Field(description="What it means, in French")
    en: str = Field(description="What it means, in English")


class AcceptedEvent(BaseModel):
    """The event is stored for good; what follows is told at `Location`."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="The exchange this event became")
    state: str = Field(description="`accepted`", examples=["accepted"])
    warnings: list[Warning] = Field(description="What the sender should know")


class Foreseen(BaseModel):
    """What accepting this event would do now. Nothing was stored or sent, and no key was used up."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="The type of event that was understood")
    event_id: str = Field(description="The event's own id")
    warnings: list[Warning] = Field(description="What the sender should know")
    legs: list[dict[str, Any]] = Field(description="Each recipient, the rule that chose it and the gate's decision")
    not_addressed: list[dict[str, Any]] = Field(description="Who gets nothing, and why")
    not_matched: list[dict[str, Any]] = Field(description="Which routes did not apply, and why")
    trace: list[dict[str, Any]] = Field(
        description="For each field of the event: the rule of the mapping that filled it (file, line), and the place "
        "in your own body its value came from (pointer, line, column)"
    )


DryRun = Annotated[bool, Query(description="Answer what would happen; store and send nothing")]

_DOCS: dict[str, Any] = {
    "dependencies": [ROOM],
    "status_code": 202,
    "responses": {
        200: {"description": "Dry run: what would happen", "model": Foreseen},
        202: {
            "description": "Accepted. The same key and body again: the same answer again",
            "model": AcceptedEvent,
            "headers": {"Location": {"description": "The exchange", "schema": {"type": "string"}}},
        },
        409: {"description": "`duplicate-event`: this id or key already names another body"},
        413: {"description": "The body is too large"},
        415: {"description": "The content type is not the dialect's; `Accept-Post` names those accepted"},
        422: {"description": "Every fault of the event at once, each with its place"},
        429: {"description": "Too much of yours, or of all, waits: send again after Retry-After, with the same key"},
        503: {"description": "Busy or unavailable: send again after Retry-After, with the same key"},
        507: {"description": "`storage-full`: no room left; send again after Retry-After, with the same key"},
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "description": "One event; the JSON Schema of each type is at /v1/schemas/{type}",
            "content": {
                JSON: {"schema": {"type": "object"}},
                CLOUDEVENT: {"schema": {"type": "object", "description": "CloudEvents 1.0, the event in `data`"}},
                "application/xml": {"schema": {"type": "string", "description": "For a dialect of XML"}},
                "text/csv": {"schema": {"type": "string", "description": "For a dialect of CSV: exactly one event"}},
            },
        },
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {"type": "string", "maxLength": 255},
                "description": "Names this request for good; without it CloudEvents source and id, else the event's id",
            }
        ],
    },
}


@router.post("", operation_id="send-event", summary="Send an event in the canonical dialect", **_DOCS)
def send_event(request: Request, body: Body, dry_run: DryRun = False) -> Response:
    """Translation, packing and delivery happen after the answer; follow them at `Location`."""
    return _take(request, body, "canonical", dry_run)


@router.post("/{dialect}", operation_id="send-event-in-dialect", summary="Send an event in your own words", **_DOCS)
def send_event_in_dialect(dialect: str, request: Request, body: Body, dry_run: DryRun = False) -> Response:
    """The dialect is a table of the gateway, one for each practice software; faults point into your own body."""
    return _take(request, body, dialect, dry_run)


def _take(request: Request, body: bytes, dialect: str, dry_run: bool) -> Response:
    gateway, visitor = door_of(request).gateway, visitor_of(request)
    try:
        spoken = gateway.dialects.get(dialect)
        sent = open_envelope(request.headers, body, spoken.media_types, spoken.encoding)
    except Rejected as rejected:
        if not dry_run:
            record_rejection(gateway, visitor.caller, body, rejected.faults)
        raise
    try:
        if dry_run:
            return _json(200, _foreseen(gateway, visitor, sent, dialect))
        return _accepted(accept(gateway, visitor.caller, sent.body, dialect, key=sent.key))
    except Rejected as rejected:
        raise Refused(422, "rejected", faults=[sent.place(fault) for fault in rejected.faults]) from None
    except Duplicate as duplicate:
        headers_ = {"Location": f"/v1/exchanges/{duplicate.exchange}"}
        raise Refused(409, "duplicate-event", headers=headers_) from None


def _foreseen(gateway: Gateway, visitor: Visitor, sent: Sent, dialect: str) -> dict[str, Any]:
    event, notices, told = preview(gateway, visitor.caller, sent.body, dialect)
    trace = [sent.place_traced(traced) for traced in told.pop("trace")]
    return {"type": event.type, "event_id": event.id, "warnings": _warnings(notices), **told, "trace": trace}


def _accepted(accepted: Accepted) -> Response:
    tree = {"id": accepted.exchange, "state": accepted.state, "warnings": _warnings(accepted.notices)}
    return _json(202, tree, {"Location": f"/v1/exchanges/{accepted.exchange}"})


def _warnings(notices: tuple[Notice, ...]) -> list[dict[str, str]]:
    return [told_notice(notice) for notice in notices]


def _json(status: int, tree: Any, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(text, status, headers, media_type="application/json")
