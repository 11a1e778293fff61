"""Reading mailboxes: one worker at a time reads those of one kind, and what came is settled and received at once."""

from __future__ import annotations

from gateway.journey.capped import Capped
from gateway.journey.collect import collect
from gateway.journey.gateway import Gateway
from gateway.journey.receive import receive
from gateway.journey.settle import settle


def read_mailboxes(gateway: Gateway, kind: str, reader: Capped, worker: str) -> bool:
    """Bring home what waits at that transport and read it. False when another worker is at it.

    Raises Unreachable when a mailbox did not answer; what the others held is read all the same.
    """
    with gateway.store.unit(lasting=False) as unit:
        duty = unit.duties.take(f"collect {kind}", worker, gateway.pace.lease)
    if duty is None:
        return False
    try:
        with gateway.claims.keeping(duty):
            try:
                collect(gateway, gateway.transports[kind], worker)
            finally:
                _read(gateway, reader, worker)
    finally:
        with gateway.store.unit(lasting=False) as unit:
            unit.duties.lay_down(duty)
    return True


def _read(gateway: Gateway, reader: Capped, worker: str) -> None:
    """Until nothing new is left; what waits for something else stays for the next time."""
    while settle(gateway, reader, worker):
        pass
    while receive(gateway, reader, worker):
        pass
