"""What every endpoint of one application shares: the gateway, the limits, the counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from gateway.api.intake import Intake, Places
from gateway.api.keyring import Keyring
from gateway.api.refusals import Refusals
from gateway.journey.gateway import Gateway

JUDGING = 2
"""Resources validated at once: it is work of the processor, and other requests want some of it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request, and all of them together, may take.

    body            bytes of one body; more is answered 413
    content         bytes of one uploaded content; more is answered 413
    in_flight       bytes of all bodies being received or worked on; more is answered 503 with Retry-After;
                    0: room for eight whole bodies
    receive_within  seconds for a whole body to arrive, or for an upload to say nothing; more is answered 408, before
                    the line itself is closed (`listen`)
    upload_within   seconds for a whole upload: 100 MB at half a megabit a second
    uploads         uploads at once; more is answered 503 with Retry-After
    uploads_each    the same, of one software
    waiting_contents  bytes one software may have uploaded that no event has named; more is answered 429
    retry_after     seconds a caller is asked to wait when the gateway is busy
    threads         endpoints at work at once; more wait their turn. Most wait for the commit they share
    key_life        seconds a key once found is believed without looking again: a revoked one passes at most so long
    refusals_every  seconds within which equal refused accesses share one audit entry
    """

    body: int = 20_000_000
    content: int = 100_000_000
    in_flight: int = 0
    receive_within: float = 50.0
    upload_within: float = 1800.0
    uploads: int = 6
    uploads_each: int = 2
    waiting_contents: int = 2_000_000_000
    retry_after: int = 2
    threads: int = 20
    key_life: float = 1.0
    refusals_every: float = 60.0


class Counts:
    """Requests answered, by tenant and status."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, int]] = Counter()

    def add(self, tenant: str, status: int) -> None:
        """One more."""
        with self._lock:
            self._counts[tenant, status] += 1

    def of(self, tenant: str) -> dict[int, int]:
        """Status → how many, of one tenant."""
        with self._lock:
            return {status: number for (whose, status), number in self._counts.items() if whose == tenant}


@dataclass(frozen=True, slots=True)
class Door:
    """Held by the application's state; made once by `create_app`. `judging`: turns at the validator."""

    gateway: Gateway
    limits: Limits
    intake: Intake
    uploads: Places
    refusals: Refusals
    keys: Keyring
    counts: Counts = field(default_factory=Counts)
    judging: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(JUDGING))


def door_of(request: Request) -> Door:
    """The door a request came through. On the way of every event it is asked for by hand: a dependency costs."""
    door = request.app.state.door
    assert isinstance(door, Door)
    return door


async def _asked(request: Request) -> Door:
    return door_of(request)  # async only because the framework would otherwise take a thread for it


TheDoor = Annotated[Door, Depends(_asked)]
"""Parameter type of endpoints that need the door."""
