"""Gateways that are broken on purpose, to see that a run can be red: python -m soak.broken FAULT COMMAND …

early  the door answers 202 a while before anything is on disk
anew   every attempt sends a parcel of its own making
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

LATE_S = 1.5


def answer_early() -> None:
    """Acknowledge at once; what was acknowledged is committed LATE_S later, under the id that was answered."""
    from gateway.api import events
    from gateway.journey import accept as true
    from gateway.journey.minting import mint_id
    from gateway.model.errors import GatewayError
    from gateway.model.exchange import ExchangeState

    waiting: queue.Queue[tuple[float, str, Callable[[], object]]] = queue.Queue()
    answered = threading.local()

    def early(gateway: Any, *told: Any, **more: Any) -> true.Accepted:
        id = mint_id(gateway.clock(), gateway.draw)
        waiting.put((time.monotonic() + LATE_S, id, lambda: true.accept(gateway, *told, **more)))
        return true.Accepted(id, ExchangeState.ACCEPTED, ())

    def keep() -> None:
        while True:
            due, answered.id, accept = waiting.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                accept()
            except GatewayError as refusal:
                print(refusal, file=sys.stderr)

    true.mint_id = lambda now, draw: answered.id  # type: ignore[attr-defined]
    events.accept = early  # type: ignore[attr-defined]
    threading.Thread(target=keep, daemon=True).start()


def send_anew() -> None:
    """No two attempts carry the same bytes."""
    from gateway.deliver.mssante import Mssante
    from gateway.deliver.posting import Posting

    for transport in (Mssante, Posting):

        def send(self: Any, parcel: Any, true: Any = transport.send) -> Any:
            end = b"\r\n" if parcel.body.endswith(b"\r\n") else b""
            return true(self, replace(parcel, body=parcel.body + os.urandom(8).hex().encode() + end))

        transport.send = send  # type: ignore[method-assign]


FAULTS = {"early": answer_early, "anew": send_anew}


if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    from gateway.cli import main

    main()
