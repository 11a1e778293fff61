"""Gateways that are broken on purpose, to see that a run can be red: python -m soak.broken FAULT[+FAULT…] COMMAND …

early    the door answers 202 a while before anything is on disk
anew     every attempt sends a parcel of its own making
twice    what comes again is taken for something new
idle     of some events the work is never noted
jostled  nothing waits for what was accepted before it
sure     an outcome that nobody can know is called a "later"
astray   some parcels go to a colleague
endless  what a dead worker held is never given back
tacit    some attempts are not told in the log
hopeless a "later" is called a "never"
"""

from __future__ import annotations

import itertools
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partialmethod
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


def take_twice() -> None:
    """No key is remembered."""
    from gateway.record.answers import Answers

    Answers.find = lambda *_, **__: None  # type: ignore[method-assign]
    Answers.keep = lambda *_, **__: None  # type: ignore[method-assign]


def forget_work() -> None:
    """Each seventh job is not noted."""
    from gateway.record.jobs import Jobs

    add, numbers = Jobs.add, itertools.count()
    Jobs.add = lambda *told, **more: next(numbers) % 7 == 6 or add(*told, **more)  # type: ignore


def ignore_lanes() -> None:
    """Each leg has a lane of its own, and every fifth takes its time."""
    from gateway.record.legs import Legs

    add, numbers = Legs.add, itertools.count()

    def alone(leg: Any) -> Any:
        late = timedelta(seconds=3 if next(numbers) % 5 == 4 else 0)
        return replace(leg, lane=leg.lane + leg.exchange, due=leg.due and leg.due + late)

    Legs.add = lambda self, new: add(self, [alone(leg) for leg in new])  # type: ignore[method-assign]


def _change_reports(change: Callable[[Any], Any]) -> None:
    """What a transport says of an attempt is `change` of it."""
    from gateway.deliver.mssante import Mssante
    from gateway.deliver.posting import Posting

    for transport in (Mssante, Posting):

        def send(self: Any, parcel: Any, true: Any = transport.send) -> Any:
            return change(true(self, parcel))

        transport.send = send  # type: ignore[method-assign]


def be_sure() -> None:
    """Nothing is unknown."""
    from gateway.deliver import Outcome

    _change_reports(lambda said: replace(said, outcome=Outcome.TRY_LATER) if said.outcome is Outcome.UNKNOWN else said)


def give_up() -> None:
    """Nothing is tried again."""
    from gateway.deliver import Outcome

    _change_reports(lambda said: replace(said, outcome=Outcome.NEVER) if said.outcome is Outcome.TRY_LATER else said)


def lead_astray() -> None:
    """Each ninth mail goes to somebody else."""
    from gateway.deliver.mssante import Mssante

    true, numbers = Mssante.send, itertools.count()

    def send(self: Any, parcel: Any) -> Any:
        to = "sophie.bernard@b.mssante.test" if next(numbers) % 9 == 8 else parcel.destination
        return true(self, replace(parcel, destination=to))

    Mssante.send = send  # type: ignore[method-assign]


def hold_for_ever() -> None:
    """No lease is over."""
    from gateway.record.jobs import Jobs
    from gateway.record.legs import Legs

    Legs.expired = lambda *_, **__: ()  # type: ignore[method-assign]
    Jobs.claim = partialmethod(_unheld, Jobs.claim)  # type: ignore


def _unheld(self: Any, claim: Any, kind: str, worker: str, now: Any, lease: Any) -> Any:
    return claim(self, kind, worker, now, lease * 1000)


def keep_silent() -> None:
    """Each eleventh entry of an attempt is missing."""
    from gateway.record.store import Unit
    from gateway.record.transaction import Transaction

    audit, numbers = Unit.audit, itertools.count()

    def tell(self: Any, *entries: Any) -> None:
        audit(self, *(one for one in entries if one.kind != "attempt-started" or next(numbers) % 11 != 10))

    Unit.audit = tell  # type: ignore[method-assign]
    Transaction.check_told = lambda self: None  # type: ignore[method-assign]


FAULTS = {
    "early": answer_early,
    "anew": send_anew,
    "twice": take_twice,
    "idle": forget_work,
    "jostled": ignore_lanes,
    "sure": be_sure,
    "astray": lead_astray,
    "endless": hold_for_ever,
    "tacit": keep_silent,
    "hopeless": give_up,
}


if __name__ == "__main__":
    for fault in sys.argv.pop(1).split("+"):
        FAULTS[fault]()
    from gateway.cli import main

    main()
