"""Bodies coming in: counted while they arrive, refused before they fill the memory.

A declared length is not believed, only what arrives counts; the same cap holds for chunked bodies.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from gateway.api.problem import Refused

CLOSE = {"Connection": "close"}


class Intake:
    """The memory all bodies of a process share. Used from the event loop only."""

    def __init__(self, *, body: int, in_flight: int, receive_within: float, retry_after: int) -> None:
        self._body, self._in_flight = body, in_flight
        self._receive_within = receive_within
        self._later = {**CLOSE, "Retry-After": str(retry_after)}
        self._held = 0

    @property
    def held(self) -> int:
        """Bytes of bodies in memory now."""
        return self._held

    @asynccontextmanager
    async def take(self, request: Request) -> AsyncIterator[bytes]:
        """The whole body; its memory counts until the block ends, when the request has been answered.

        Raises Refused 413, 408 or 503, ClientDisconnect when the sender leaves.
        """
        parcel = _Parcel()
        try:
            self._believe(request)
            try:
                async with asyncio.timeout(self._receive_within):
                    await self._receive(request, parcel)
            except TimeoutError:
                about = f"{self._receive_within:g} s"
                raise parcel.refusal or Refused(408, "too-slow", about=about, headers=CLOSE) from None
            yield parcel.whole()
        finally:
            self._held -= parcel.held

    async def _receive(self, request: Request, parcel: _Parcel) -> None:
        """What is refused is read on and thrown away, up to a limit: a sender who reads only after sending then sees
        our answer instead of a broken line.
        """
        more, size = True, 0
        while more and size <= 2 * self._body:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(chunk)
            if size > self._body:
                self._drop(parcel, self._too_large())
            elif self._held + len(chunk) > self._in_flight:
                self._drop(parcel, Refused(503, "too-busy", headers=self._later))
            elif parcel.refusal is None:
                parcel.add(chunk)
                self._held += len(chunk)
        if parcel.refusal is not None:
            raise parcel.refusal

    def _drop(self, parcel: _Parcel, refusal: Refused) -> None:
        parcel.refusal = refusal
        self._held -= parcel.held
        parcel.empty()

    def _believe(self, request: Request) -> None:
        """A declared length far beyond the limit is refused without reading: nobody waits for it to be thrown away."""
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > 2 * self._body:
            raise self._too_large()

    def _too_large(self) -> Refused:
        return Refused(413, "too-large", about=f"{self._body:,} octets".replace(",", " "), headers=CLOSE)


class Places:
    """Uploads under way at once: `most` of them, `each` of one software. Used from the event loop only."""

    def __init__(self, *, most: int, each: int, retry_after: int) -> None:
        self._most, self._each = most, each
        self._later = {**CLOSE, "Retry-After": str(retry_after)}
        self._taken: Counter[tuple[str, str]] = Counter()

    @asynccontextmanager
    async def one(self, tenant: str, client: str) -> AsyncIterator[None]:
        """A place, given back at the end. Raises Refused 503 when there is none."""
        whose = tenant, client
        if self._taken.total() >= self._most or self._taken[whose] >= self._each:
            raise Refused(503, "too-busy", headers=self._later)
        self._taken[whose] += 1
        try:
            yield
        finally:
            self._taken[whose] -= 1


class _Parcel:
    """The chunks of one body, and what it will be refused for, if anything."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self.held = 0
        self.refusal: Refused | None = None

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self.held += len(chunk)

    def empty(self) -> None:
        self._chunks.clear()
        self.held = 0

    def whole(self) -> bytes:
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        return body
