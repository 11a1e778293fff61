"""Before anything is taken in: is there room for it, and is this software's share not used up. Numbers are compared,
nothing is counted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Depends
from starlette.requests import Request

from gateway.api.callers import visitor_of
from gateway.api.door import Door, door_of
from gateway.api.intake import CLOSE
from gateway.api.problem import Refused
from gateway.journey.clocks import look
from gateway.journey.pressure import LOOK_EVERY, Full
from gateway.model.errors import GatewayError

ACTOR = "gateway"


async def have_room(request: Request) -> None:
    """Raises Refused 429 or 507, both with Retry-After, before the body is read."""
    visitor = visitor_of(request)
    full = door_of(request).gateway.pressure.one(visitor.tenant, visitor.client)
    if full is not None:
        raise refused(full)


def refused(full: Full) -> Refused:
    """Why nothing is taken in, as an answer; the body that may follow is not waited for."""
    status = 507 if full.code == "storage-full" else 429
    return Refused(status, full.code, headers={**CLOSE, "Retry-After": str(full.again_s)})


ROOM = Depends(have_room)
"""Of every operation that takes something in."""


@contextmanager
def looking(door: Door) -> Iterator[None]:
    """Keep the numbers fresh for as long as the door is open: the process may have no worker beside it."""
    over = threading.Event()

    def go_round() -> None:
        while not over.is_set():
            try:
                look(door.gateway, ACTOR)
            except GatewayError as away:
                door.gateway.notice("step postponed", step="look", code=away.code)
            except Exception as defect:  # a defect of a look must not end all the looks that follow
                door.gateway.notice("step failed", step="look", defect=type(defect).__name__)
            over.wait(LOOK_EVERY.total_seconds())

    thread = threading.Thread(target=go_round, name="look", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
