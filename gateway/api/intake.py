"""Bodies coming in: counted while they arrive, refused before they fill the memory.

A declared length is not believed, only what arrives counts; the same cap holds for chunked bodies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from gateway.api.problem import Refused

PATIENCE = 10.0  # seconds given to a sender of too much, to stop and read the answer


class Intake:
    """The memory all bodies of a process share. Used from the event loop only."""

    def __init__(self, *, body: int, in_flight: int, receive_within: float, retry_after: int) -> None:
        self._body, self._in_flight = body, in_flight
        self._receive_within, self._retry_after = receive_within, retry_after
        self._held = 0

    @property
    def held(self) -> int:
        """Bytes of bodies in memory now."""
        return self._held

    async def take(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the whole body once; its memory counts until the request has been answered.

        Raises Refused 413, 408 or 503.
        """
        chunks: list[bytes] = []
        size = 0
        try:
            self._believe(request)
            async with asyncio.timeout(self._receive_within):
                async for chunk in request.stream():
                    size += len(chunk)
                    self._held += len(chunk)
                    if size > self._body:
                        chunks.clear()
                        await _let_finish(request, self._body)
                        raise self._too_large()
                    if self._held > self._in_flight:
                        raise Refused(503, "too-busy", headers=self._later())
                    chunks.append(chunk)
            whole = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            chunks.clear()
            yield whole
        except TimeoutError:
            about = f"{self._receive_within:g} s"
            raise Refused(408, "too-slow", about=about, headers={"Connection": "close"}) from None
        finally:
            self._held -= size

    def _believe(self, request: Request) -> None:
        """A declared length far beyond the limit is refused without reading: nobody waits for it to be thrown away."""
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > 2 * self._body:
            raise self._too_large()

    def _too_large(self) -> Refused:
        return Refused(
            413, "too-large", about=f"{self._body:,} octets".replace(",", " "), headers={"Connection": "close"}
        )

    def _later(self) -> dict[str, str]:
        return {"Retry-After": str(self._retry_after), "Connection": "close"}


async def _let_finish(request: Request, most: int) -> None:
    """Throw away what else comes, up to `most` bytes: a sender who reads only after sending then sees our answer."""
    thrown = 0
    try:
        async with asyncio.timeout(PATIENCE):
            while thrown <= most:
                message = await request.receive()
                thrown += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
