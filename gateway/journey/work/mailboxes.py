"""Reading mailboxes: one worker at a time reads them, and what came is settled and received at once."""

from __future__ import annotations

from collections.abc import Callable

from gateway.journey.capped import Capped
from gateway.journey.collect import collect
from gateway.journey.gateway import Gateway
from gateway.journey.receive import receive
from gateway.journey.settle import settle
from gateway.model.errors import Unreachable

DUTY = "collect"


def read_mailboxes(gateway: Gateway, reader: Capped, worker: str, *, over: Callable[[], bool] = lambda: False) -> bool:
    """Bring home what waits at every transport and read it, until the day is `over`. False when another is at it.

    Raises Unreachable when a mailbox did not answer; what the others held is read all the same.
    """
    with gateway.store.unit(lasting=False) as unit:
        duty = unit.duties.take(DUTY, worker, gateway.pace.lease)
    if duty is None:
        return False
    try:
        with gateway.claims.keeping(duty):
            away = _collect(gateway, worker)
            for step in (settle, receive):
                while not over() and step(gateway, reader, worker):
                    pass
    finally:
        with gateway.store.unit(lasting=False) as unit:
            unit.duties.lay_down(duty)
    if away:
        raise away
    return True


def _collect(gateway: Gateway, worker: str) -> Unreachable | None:
    """From each transport in turn; the last that did not answer."""
    away = None
    for transport in gateway.transports.values():
        try:
            collect(gateway, transport, worker)
        except Unreachable as error:
            away = error
    return away
