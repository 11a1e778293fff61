"""Validations take turns: each is up to a second of work, and the door stays open for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends

from gateway.api.door import TheDoor
from gateway.api.problem import Refused
from gateway.validate import Validator

WAIT = 20.0  # seconds in the queue; more is answered 503


async def queue(door: TheDoor) -> AsyncIterator[Validator]:
    """The validator, once it is this request's turn. Raises Refused 501 without one, 503 when it takes too long."""
    if door.gateway.validator is None:
        raise Refused(501, "no-validator")
    try:
        async with asyncio.timeout(WAIT):
            await door.judging.acquire()
    except TimeoutError:
        raise Refused(503, "too-busy", headers={"Retry-After": str(door.limits.retry_after)}) from None
    try:
        yield await asyncio.to_thread(door.gateway.validator)
    finally:
        door.judging.release()


Turn = Annotated[Validator, Depends(queue)]
"""Parameter type of endpoints that validate."""
