"""PUT /v1/contents/sha256:…: a large document comes in, and is never whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.api.callers import Admitted
from gateway.api.door import Limits, TheDoor
from gateway.api.intake import CLOSE
from gateway.api.pressure import ROOM
from gateway.api.problem import Refused
from gateway.journey.upload import Incoming, TooMuchWaiting, WrongDigest, begin_upload
from gateway.record import CHUNK

router = APIRouter(prefix="/v1/contents", tags=["events"])

Digest = Annotated[
    str,
    Path(
        pattern="^sha256:[0-9a-fA-F]{64}$",
        description="`sha256:` and the SHA-256 of the content, in hex",
        examples=["sha256:" + "0" * 64],
    ),
]


class StoredContent(BaseModel):
    """The content is stored, and waits for the event that names it."""

    model_config = ConfigDict(extra="forbid")

    content: str = Field(description="What the event's `report.document.content` is to say")


async def receive(request: Request, digest: Digest, door: TheDoor, visitor: Admitted) -> bool:
    """Store the body while it arrives; False when it replaces an equal one. Raises Refused or ClientDisconnect.

    Whatever ends it before the last commit, nothing is kept.
    """
    limits = door.limits
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limits.content:
        raise _too_large(limits)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "unsupported-media-type", headers=CLOSE)
    async with door.uploads.one(visitor.tenant, visitor.client):
        try:
            incoming = await run_in_threadpool(
                begin_upload, door.gateway, visitor.caller, digest[7:].lower(), most_waiting=limits.waiting_contents
            )
        except TooMuchWaiting:
            raise Refused(429, "too-much-waiting", headers={**CLOSE, "Retry-After": "3600"}) from None
        try:
            return await _store(request, incoming, limits)
        except BaseException:
            await run_in_threadpool(incoming.abandon)
            raise


async def _store(request: Request, incoming: Incoming, limits: Limits) -> bool:
    try:
        async with asyncio.timeout(limits.upload_within):
            await _receive(request, incoming, limits)
    except TimeoutError:
        raise Refused(408, "too-slow", about=f"{limits.upload_within:g} s", headers=CLOSE) from None
    try:
        return await run_in_threadpool(incoming.finish)
    except WrongDigest:
        raise Refused(422, "wrong-digest") from None


async def _receive(request: Request, incoming: Incoming, limits: Limits) -> None:
    """One piece is written while the next one arrives; no third is taken from the line meanwhile."""
    body, size, held = request.stream(), 0, 0
    pieces: list[bytes] = []
    writing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    writing.set_result(None)
    try:
        while chunk := await _next(body, limits.receive_within):
            size, held = size + len(chunk), held + len(chunk)
            if size > limits.content:
                raise _too_large(limits)
            pieces.append(chunk)
            if held >= CHUNK:
                await asyncio.shield(writing)
                writing = asyncio.create_task(run_in_threadpool(incoming.add, *pieces))
                held, pieces = 0, []
    finally:
        await asyncio.shield(writing)  # whatever ended it: what is being written is not left behind
    await run_in_threadpool(incoming.add, *pieces)


async def _next(body: AsyncIterator[bytes], within: float) -> bytes:
    """What arrives next; empty at the end. Raises Refused 408 when nothing does."""
    try:
        async with asyncio.timeout(within):
            return await anext(body, b"")
    except TimeoutError:
        raise Refused(408, "too-slow", about=f"{within:g} s", headers=CLOSE) from None


def _too_large(limits: Limits) -> Refused:
    return Refused(413, "too-large", about=f"{limits.content:,} octets".replace(",", " "), headers=CLOSE)


@router.put(
    "/{digest}",
    operation_id="put-content",
    summary="Upload a large document",
    dependencies=[ROOM],
    status_code=201,
    response_model=StoredContent,
    responses={
        200: {"description": "It was there already; its 24 hours begin anew", "model": StoredContent},
        201: {"description": "Stored: the next event may name it", "model": StoredContent},
        408: {"description": "It did not arrive in time"},
        413: {"description": "It is too large"},
        422: {"description": "`wrong-digest`: what came is not what the address says"},
        429: {
            "description": "`too-much-waiting`: many contents of yours wait for their event; or too much of yours, or "
            "of all, waits: send again after Retry-After"
        },
        503: {"description": "Many uploads at once, or unavailable: send again after Retry-After"},
        507: {"description": "`storage-full`: no room left; send again after Retry-After"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The content's own bytes",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def put_content(digest: Digest, first: Annotated[bool, Depends(receive)]) -> Response:
    """It is your software's alone. The first event that names it in `report.document.content` takes it; another event
    needs another upload. Unnamed after 24 hours, it is gone. An upload cut off leaves nothing: send it again.
    """
    return JSONResponse({"content": digest.lower()}, 201 if first else 200)
