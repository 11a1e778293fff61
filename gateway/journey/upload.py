"""upload: a large document comes in before the event that names it, and waits for it.

An upload belongs to one software of one tenant. The first event to name its digest takes it; unnamed after 24 hours,
it is gone.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.journey.gateway import Caller, Gateway
from gateway.model.audit import Entry
from gateway.model.errors import GatewayError
from gateway.record import CHUNK

if TYPE_CHECKING:
    from gateway.record import Arriving

LIFE = timedelta(hours=24)
"""How long an upload waits for its event."""

ARRIVES_WITHIN = timedelta(hours=2)
"""What has been arriving for longer belongs to a process that is no more; the door gives up long before."""

AT_ONCE = 2  # pieces of one upload being written

Facts = dict[str, str | int | bool]


class WrongDigest(GatewayError):
    """What came is not what its address says (HTTP 422)."""

    code = "wrong-digest"

    def __init__(self) -> None:
        super().__init__("The content does not have this digest", advice="Take the SHA-256 of what is sent")


class TooMuchWaiting(GatewayError):
    """This software has uploaded a lot that no event has named (HTTP 429)."""

    code = "too-much-waiting"

    def __init__(self) -> None:
        super().__init__("Too many contents wait for their event", advice="Send the events that name them")


class Incoming:
    """One upload under way: `add` what arrives, then `finish`, or `abandon` it. One thread at a time.

    Pieces are sealed and written beside the caller's thread, AT_ONCE of them at most; their order does not matter, and
    none waits for the disk: the commit that makes them count does, for all of them.
    """

    def __init__(self, gateway: Gateway, caller: Caller, digest: str, arriving: Arriving) -> None:
        self._gateway, self._caller, self._digest, self._arriving = gateway, caller, digest, arriving
        self._hash, self._size, self._pieces = sha256(), 0, 0
        self._held: list[bytes] = []
        self._room = CHUNK  # bytes until a piece is whole
        self._writers, self._writing = ThreadPoolExecutor(AT_ONCE), deque[Future[None]]()

    def add(self, *arrived: bytes) -> None:
        """Take in what arrived, in its order; every whole piece goes into a commit of its own."""
        for data in arrived:
            self._hash.update(data)
            self._size += len(data)
            while len(data) > self._room:  # never when it just fits: the last piece is sealed as the last
                self._held.append(data[: self._room])
                data = data[self._room :]
                self._keep(last=False)
            self._held.append(data)
            self._room -= len(data)

    def finish(self) -> bool:
        """It waits for its event from now on; False when it replaces an equal one. Raises WrongDigest."""
        gateway, caller = self._gateway, self._caller
        facts: Facts = {"client": caller.client, "size": self._size, "digest": gateway.seal(self._hash.digest())}
        if self._hash.hexdigest() != self._digest:
            self._tell("content-refused", facts | {"codes": WrongDigest.code})
            raise WrongDigest
        self._keep(last=True)
        while self._writing:
            self._writing.popleft().result()
        self._writers.shutdown()
        with gateway.store.unit() as unit:
            first = unit.uploads.keep(self._arriving, self._size)
            unit.audit(self._entry("content-uploaded", facts))
        if not first:
            remove_dropped(gateway)
        return first

    def abandon(self) -> None:
        """Nothing of it is kept."""
        self._writers.shutdown(cancel_futures=True)
        with self._gateway.store.unit() as unit:
            unit.uploads.drop(self._arriving)
        remove_dropped(self._gateway)

    def _keep(self, *, last: bool) -> None:
        if len(self._writing) == AT_ONCE:
            self._writing.popleft().result()
        data = b"".join(self._held)
        self._writing.append(self._writers.submit(self._write, self._pieces, data, last))
        self._held, self._room = [], CHUNK
        self._pieces += 1

    def _write(self, n: int, data: bytes, last: bool) -> None:
        with self._gateway.store.unit(lasting=False) as unit:
            unit.uploads.add(self._arriving, n, data, last=last)

    def _tell(self, kind: str, facts: Facts) -> None:
        with self._gateway.store.unit() as unit:
            unit.audit(self._entry(kind, facts))

    def _entry(self, kind: str, facts: Facts) -> Entry:
        caller = self._caller
        return Entry(kind=kind, at=self._gateway.clock(), tenant=caller.tenant, actor=caller.actor, facts=facts)


def begin_upload(gateway: Gateway, caller: Caller, digest: str, *, most_waiting: int) -> Incoming:
    """Begin one. `digest`: SHA-256, 64 hex digits in lower case; `most_waiting`: bytes a software may leave waiting.

    Raises TooMuchWaiting.
    """
    with gateway.store.unit() as unit:
        if unit.uploads.waiting(caller.tenant, caller.client) > most_waiting:
            raise TooMuchWaiting
        arriving = unit.uploads.begin(caller.tenant, caller.client, digest)
    return Incoming(gateway, caller, digest, arriving)


def expire_uploads(gateway: Gateway, worker: str) -> None:
    """Let go of what no event named within 24 hours, and of what a dead process left half-way; tell how many."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        gone = unit.uploads.expire(waiting=now - LIFE, arriving=now - ARRIVES_WITHIN)
        for tenant, count in gone.items():
            facts = {"count": count}
            unit.audit(Entry(kind="content-expired", at=now, tenant=tenant, actor=f"worker:{worker}", facts=facts))
    remove_dropped(gateway)


def remove_dropped(gateway: Gateway) -> None:
    """Take away, a few pieces a commit, what no key opens any more."""
    more = True
    while more:
        with gateway.store.unit() as unit:
            more = unit.uploads.remove()
