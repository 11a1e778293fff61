"""The heartbeat: as long as this process lives, what its threads have under way is not given to another."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Thread

from gateway.journey.gateway import Gateway
from gateway.model.dossier import Leg
from gateway.model.errors import Unreachable
from gateway.record import Duty, Stale

BEATS = 4  # of one lease: three may fail
AWAY_S = 1.0  # until the next try when the database was away


def renew(gateway: Gateway) -> None:
    """Renew the lease of every claim under way; each in a commit of its own, which no other waits for.

    Raises Unreachable. A claim that is another's by now is passed over: its thread finds out when it writes down.
    """
    for claim in gateway.claims.under_way():
        with suppress(Stale), gateway.store.unit(lasting=False) as unit:
            if isinstance(claim, Leg):
                unit.legs.renew(claim, gateway.pace.lease)
            elif isinstance(claim, Duty):
                unit.duties.renew(claim, gateway.pace.lease)
            else:
                unit.jobs.renew(claim, gateway.pace.lease)


class Heartbeat:
    """A thread that renews; it goes on while the worker's other threads end."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway, self._over = gateway, Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """The last one has ended, or is waited for no more."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        every_s = self._gateway.pace.lease.total_seconds() / BEATS
        pause_s = every_s
        while not self._over.wait(pause_s):
            try:
                renew(self._gateway)
                pause_s = every_s
            except Unreachable as away:
                self._gateway.notice("step postponed", step="heartbeat", code=away.code)
                pause_s = min(AWAY_S, every_s)
            except Exception as defect:  # a defect must not end the only thread that keeps our claims
                self._gateway.notice("step failed", step="heartbeat", defect=type(defect).__name__)
