"""The auditors' calls: search the log, take its latest signed checkpoint, prove that an entry stands in it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.api.body import Body, read_asked
from gateway.api.callers import Admitted
from gateway.api.door import TheDoor
from gateway.api.problem import Refused
from gateway.journey.consult import Question, prove, search_log
from gateway.journey.steer import NotFound

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class LogEntry(BaseModel):
    """One entry of the audit log."""

    model_config = ConfigDict(extra="forbid")

    seq: int = Field(description="Its place in the log, from 0")
    leaf: str = Field(description="Its leaf hash, hex: SHA-256 of a zero byte and the record (RFC 9162 §2.1)")
    record: dict[str, Any] | None = Field(
        description="The record, salt included; its RFC 8785 form is what the leaf hash is over. Null once purged"
    )


class LogPage(BaseModel):
    """Entries in the order of the log."""

    model_config = ConfigDict(extra="forbid")

    entries: list[LogEntry]
    next_cursor: str | None = Field(description="Give it back as `cursor`; null at the end")


_WORDS: dict[str, str] = {
    "exchange": "An exchange's id",
    "handle": "A patient as entries name them",
    "client": "The software `patient.local_id` belongs to; the caller's own when absent",
    "kind": "A kind of entry: event-accepted, gate-decision, leg-moved, attempt-result…",
    "actor": "Who did it, as entries name them: key:…, worker:…",
    "since": "At or after this moment (RFC 3339 with a zone)",
    "until": "Before this moment (RFC 3339 with a zone)",
    "cursor": "`next_cursor` of a page",
}

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "patient": {
                            "type": "object",
                            "description": "As in an objection: `ins` or `local_id`; in the body, never in an address",
                        },
                        **{name: {"type": "string", "description": about} for name, about in _WORDS.items()},
                        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
                    },
                },
                "example": {"kind": "leg-moved", "since": "2026-11-20T00:00:00+01:00"},
            }
        },
    }
}

_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.post(
    "/search",
    operation_id="search-audit",
    summary="Search the audit log",
    response_model=LogPage,
    responses={422: {"description": "Every fault of what was sent"}},
    openapi_extra=_BODY,
)
def search(request: Request, door: TheDoor, visitor: Admitted, body: Body) -> dict[str, Any]:
    """Entries of your tenant. The search itself is written into the log: by what was searched, never for whom."""
    found = search_log(door.gateway, visitor.caller, read_asked(Question, request, body))
    return {"entries": list(found.entries), "next_cursor": found.next_cursor}


@router.get(
    "/checkpoint",
    operation_id="read-checkpoint",
    summary="The latest signed checkpoint",
    response_class=PlainTextResponse,
    responses={**_TEXT, 404: {"description": "None has been signed yet"}},
)
def read_checkpoint(door: TheDoor, visitor: Admitted) -> Response:
    """A C2SP tlog-checkpoint: origin, number of entries, root hash, Ed25519 signature. Keep it elsewhere."""
    text = door.gateway.notary.latest()
    if text is None:
        raise Refused(404, "not-found")
    return PlainTextResponse(text)


@router.get(
    "/proof",
    operation_id="prove-entry",
    summary="Prove that an entry stands in the log",
    response_class=PlainTextResponse,
    responses={**_TEXT, 404: {"description": "No such entry of yours, or no checkpoint covers it yet"}},
)
def prove_entry(
    seq: Annotated[int, Query(ge=0, le=2**53, description="The entry's place in the log")],
    door: TheDoor,
    visitor: Admitted,
) -> Response:
    """A C2SP tlog-proof: whoever has the record and the log's public key can verify it, without the gateway."""
    try:
        return PlainTextResponse(prove(door.gateway, visitor.caller, seq))
    except NotFound:
        raise Refused(404, "not-found") from None
