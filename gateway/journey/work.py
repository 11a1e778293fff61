"""work: the worker that walks exchanges down the stairs: prepare, send, collect, settle, receive, tell, and house.

One process may run many threads, many processes may run on one database: what one holds is leased, what a dead one
held comes back. A step that fails stops neither its thread nor the others.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread

from gateway.journey.capped import Capped
from gateway.journey.collect import collect
from gateway.journey.drop import take_dropped
from gateway.journey.gateway import Gateway
from gateway.journey.notify import notify
from gateway.journey.prepare import prepare
from gateway.journey.receive import receive
from gateway.journey.recover import recover
from gateway.journey.reply import reply
from gateway.journey.seal import Seal
from gateway.journey.send import notice_silence, resume, send
from gateway.journey.settle import settle
from gateway.journey.tell import tell
from gateway.journey.upload import expire_uploads
from gateway.model.audit import Entry
from gateway.model.errors import Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How a worker works: threads that send and prepare, how often it looks when idle, how often it reads mail."""

    senders: int = 4
    preparers: int = 1
    look_every: timedelta = timedelta(milliseconds=250)
    collect_every: timedelta = timedelta(seconds=30)
    keep_house_every: timedelta = timedelta(seconds=5)
    upkeep_every: timedelta = timedelta(hours=1)
    drop_every: timedelta = timedelta(seconds=1)


class Worker:
    """Threads over one Gateway. `start`, then `stop`: steps under way are finished first."""

    def __init__(self, gateway: Gateway, shift: Shift) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self._gateway, self._shift = gateway, shift
        self._seal = Seal(gateway)
        self._over = Event()
        self._reader = Capped()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin; returns at once."""
        self._say("gateway-started")
        self._spawn("prepare", self._shift.preparers, self._shift.look_every, self._prepare)
        self._spawn("send", self._shift.senders, self._shift.look_every, self._send)
        self._spawn("house", 1, self._shift.keep_house_every, self._house)
        self._spawn("upkeep", 1, self._shift.upkeep_every, self._upkeep)
        called = sum(client.is_called for known in self._gateway.clients.values() for client in known.values())
        told_every = self._shift.look_every if called else self._shift.keep_house_every
        self._spawn("notify", 1, told_every, self._notify)
        self._spawn("tell", min(called, self._shift.senders), self._shift.look_every, self._tell)
        if "mssante" in self._gateway.transports:
            self._spawn("reply", 1, self._shift.keep_house_every, self._reply)
        if self._gateway.drops:
            self._spawn("drop", 1, self._shift.drop_every, self._drop)
        for kind in self._gateway.transports:
            self._spawn(f"collect {kind}", 1, self._shift.collect_every, self._collector(kind))

    def stop(self) -> None:
        """End: no new step begins, those under way are waited for."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._reader.close()
        self._say("gateway-stopped")

    def _say(self, kind: str) -> None:
        facts = {"version": self._gateway.software.version}
        with self._gateway.store.unit() as unit:
            unit.audit(Entry(kind=kind, at=self._gateway.clock(), tenant="", actor=f"worker:{self.name}", facts=facts))

    def _spawn(self, name: str, count: int, pause: timedelta, step: Callable[[], bool]) -> None:
        for number in range(count):
            thread = Thread(target=self._loop, args=(name, pause, step), name=f"{name} {number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _loop(self, name: str, pause: timedelta, step: Callable[[], bool]) -> None:
        while not self._over.is_set():
            try:
                busy = step()
            except Unreachable as away:
                self._gateway.notice("step postponed", step=name, code=away.code)
                busy = False
            except Exception as defect:  # a defect of one step must not end the shift; its lease gives the work back
                self._gateway.notice("step failed", step=name, defect=type(defect).__name__)
                busy = False
            if not busy:
                self._over.wait(pause.total_seconds())

    def _prepare(self) -> bool:
        return prepare(self._gateway, self.name)

    def _send(self) -> bool:
        return send(self._gateway, self.name)

    def _notify(self) -> bool:
        return notify(self._gateway)

    def _tell(self) -> bool:
        return tell(self._gateway, self.name)

    def _reply(self) -> bool:
        return reply(self._gateway, self._reader, self.name)

    def _drop(self) -> bool:
        return take_dropped(self._gateway)

    def _collector(self, kind: str) -> Callable[[], bool]:
        def step() -> bool:
            collect(self._gateway, self._gateway.transports[kind], self.name)
            settle(self._gateway, self._reader, self.name)
            receive(self._gateway, self._reader, self.name)
            return False

        return step

    def _upkeep(self) -> bool:
        expire_uploads(self._gateway, self.name)
        self._gateway.upkeep()
        return False

    def _house(self) -> bool:
        recover(self._gateway, self.name)
        resume(self._gateway, self.name)
        notice_silence(self._gateway, self.name)
        self._seal.sign_if_due()
        return False
