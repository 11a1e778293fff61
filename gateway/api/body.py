"""The body of a request, whole and capped, for endpoints that are plain functions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, TypeVar

from fastapi import Depends
from starlette.requests import Request

from gateway.api.callers import visitor_of
from gateway.api.door import door_of
from gateway.api.envelope import JSON, media_type
from gateway.model import form
from gateway.translate import read_json

T = TypeVar("T")


async def receive(request: Request) -> AsyncIterator[bytes]:
    """Read the body once the caller is known, and not before: strangers take no memory."""
    visitor_of(request)
    async with door_of(request).intake.take(request) as body:
        yield body


Body = Annotated[bytes, Depends(receive)]
"""Parameter type of endpoints that take a body."""


def read_asked(kind: type[T], request: Request, body: bytes) -> T:
    """A JSON body as one of our own forms. Raises Refused 415, or Rejected with every fault."""
    media_type(request.headers, JSON)
    return form.read(kind, read_json(body))
