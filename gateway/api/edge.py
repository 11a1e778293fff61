"""The outermost layer: a number for every request, safe headers on every answer, one log line, and no defect shown.

A log line names the route's template, never the address asked for: addresses may carry what nobody should log.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.door import Door
from gateway.api.problem import Refused, respond

Header = tuple[bytes, bytes]

_NUMBER = b"x-request-id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

SAFE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
_SAFE = tuple((name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items())


class Edge:
    """ASGI middleware around everything the application does. `say` makes the answer that tells of a defect."""

    def __init__(self, app: ASGIApp, door: Door, say: Callable[[Request, Refused], Response] = respond) -> None:
        self._app, self._door, self._say = app, door, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = self._number(scope)
        began, answered = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = message["status"]
                message["headers"] = _complete(message.get("headers", ()), state["request_id"])
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            answered = answered or 499  # nobody is left to answer
        except Exception as defect:  # whatever it is: it is logged by its type, and answered without a word of it
            self._door.gateway.notice("request failed", defect=type(defect).__name__, request=state["request_id"])
            if not answered:
                await self._say(Request(scope), Refused(500, "broken"))(scope, receive, answer)
        self._tell(scope, answered, time.monotonic() - began)

    def _number(self, scope: Scope) -> str:
        said: list[bytes] = [value for name, value in scope["headers"] if name == _NUMBER]
        if len(said) == 1 and _REQUEST_ID.fullmatch(word := said[0].decode("latin-1")):
            return word
        return self._door.gateway.draw(12).hex()

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        state: dict[str, Any] = scope["state"]
        route = getattr(scope.get("route"), "path", "") or "none"
        self._door.counts.add(state.get("tenant", ""), status)
        self._door.gateway.notice(
            "request answered",
            method=scope["method"]
            if scope["method"] in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS")
            else "other",
            route=route,
            status=status,
            ms=round(seconds * 1000),
            request=state["request_id"],
            tenant=state.get("tenant", ""),
        )


def _complete(headers: Iterable[Header], number: str) -> list[Header]:
    """An answer's headers with its number, and each safe header that it does not set itself."""
    said = [(name, value) for name, value in headers if name.lower() != _NUMBER]
    names = {name.lower() for name, _ in said}
    return [*said, (_NUMBER, number.encode()), *(safe for safe in _SAFE if safe[0] not in names)]
