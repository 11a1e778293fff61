"""insist: what the other side answered is written down even when the database is away for a moment.

A positive answer that nobody wrote down is an unknown outcome, and sent again. So the writing is tried again for some
seconds, while the heartbeat keeps the claim; after that the lease tells of it, as it does of a worker that died.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import TypeVar

from gateway.model.errors import Unreachable

T = TypeVar("T")

AT_MOST = timedelta(seconds=20)
"""Less than a worker that is told to stop is waited for."""

PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0


def insist(write: Callable[[], T], lease: timedelta) -> T:
    """What `write` gives; again while the database is away, for half the lease at most. Raises Unreachable then."""
    end, pause_s = time.monotonic() + min(lease / 2, AT_MOST).total_seconds(), PAUSE_S
    while True:
        try:
            return write()
        except Unreachable:
            if time.monotonic() + pause_s > end:
                raise
        Event().wait(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
