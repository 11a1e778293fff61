"""The watch: hears of work, from whatever process it comes, and rings; and looks at everything now and then."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event

from gateway.journey.gateway import Gateway
from gateway.journey.work.bells import Bells
from gateway.model.errors import Unreachable
from gateway.record import EVERYTHING

SLICE_S = 0.25  # how soon it notices that the day is over
AWAY_S = 1.0  # until the next try when the database was away


def keep_watch(gateway: Gateway, bells: Bells, look_every: timedelta, over: Event) -> None:
    """Ring for what is heard until the day is `over`; for everything when nothing says what it is."""
    wake, everything_at, away = gateway.store.listen(), 0.0, False
    slice_s = min(SLICE_S, look_every.total_seconds())
    try:
        while not over.is_set():
            try:
                heard = wake.wait(slice_s)
                away = False
            except Unreachable as error:
                if not away:
                    gateway.notice("step postponed", step="watch", code=error.code)
                heard, away = frozenset(), True
                over.wait(AWAY_S)
            except Exception as defect:  # without a watch nobody would look any more
                gateway.notice("step failed", step="watch", defect=type(defect).__name__)
                heard = EVERYTHING
                over.wait(AWAY_S)
            now = time.monotonic()
            if heard & EVERYTHING or now - everything_at >= look_every.total_seconds():
                everything_at = now
                bells.ring_all()
            else:
                bells.ring(heard)
    finally:
        wake.close()
