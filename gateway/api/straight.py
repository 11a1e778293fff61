"""The straight way: an operation that is asked for all day is described as every other is, and run without the
framework finding out anew, at each request, what an endpoint needs.
"""

from __future__ import annotations

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.api.callers import admit
from gateway.api.door import door_of
from gateway.api.pressure import have_room


class Straight(APIRoute):
    """The route of an endpoint that is a plain function of `request`, its whole `body`, and the words of its path.

    What the framework would ask before it is asked here too, in the same order. A request with parameters goes the
    framework's way: they are read and judged there.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises what the endpoint and what is asked before it raise."""
        if scope["query_string"] or scope["method"] != "POST":
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        await admit(request)
        await have_room(request)
        async with door_of(request).intake.take(request) as body:
            response = await run_in_threadpool(self.endpoint, request=request, body=body, **scope["path_params"])
            await response(scope, receive, send)
