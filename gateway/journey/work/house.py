"""Keeping house: what every worker looks after now and then. A round that fails keeps no other from its turn."""

from __future__ import annotations

from collections.abc import Callable

from gateway.journey.bookkeeping import Bookkeeper
from gateway.journey.breaker import give_up
from gateway.journey.gateway import Gateway
from gateway.journey.recover import recover
from gateway.journey.relist import relist
from gateway.journey.seal import Seal
from gateway.journey.send import notice_silence, resume

Round = tuple[str, Callable[[], object]]


def rounds(gateway: Gateway, worker: str, bookkeeper: Bookkeeper) -> tuple[Round, ...]:
    """What is done at each turn of the house, by name."""
    seal = Seal(gateway)
    return (
        ("recover", lambda: recover(gateway, worker)),
        ("resume", lambda: resume(gateway, worker)),
        ("relist", lambda: relist(gateway, worker)),
        ("give up", lambda: give_up(gateway, worker)),
        ("notice silence", lambda: notice_silence(gateway, worker)),
        ("seal", seal.sign_if_due),
        ("books", bookkeeper.keep_if_due),
    )
