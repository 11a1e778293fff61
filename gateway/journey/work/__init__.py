"""work: the worker that walks exchanges down the stairs: prepare, send, collect, settle, receive, tell, and house.

worker = Worker(gateway, Shift())
worker.start()
worker.stop()      # what is under way is finished first, for as long as the shift allows

One process may run many threads, any number of processes may run on one database: what one holds is leased, what a
dead one held comes back.
"""

from __future__ import annotations

from gateway.journey.work.shift import Shift
from gateway.journey.work.worker import Worker

__all__ = ["Shift", "Worker"]
