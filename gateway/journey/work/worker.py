"""The worker's threads: some sleep until there is work of their kind, some go round at their hours.

A step that fails stops neither its thread nor the others: its lease gives the work back.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread

from gateway.journey.bookkeeping import Bookkeeper
from gateway.journey.capped import Capped
from gateway.journey.clocks import look
from gateway.journey.drop import take_dropped
from gateway.journey.gateway import Gateway
from gateway.journey.notify import notify
from gateway.journey.prepare import prepare
from gateway.journey.pressure import LOOK_EVERY
from gateway.journey.reply import reply
from gateway.journey.send import send
from gateway.journey.tell import tell
from gateway.journey.upload import expire_uploads
from gateway.journey.work.bells import Bells
from gateway.journey.work.heartbeat import Heartbeat
from gateway.journey.work.house import rounds
from gateway.journey.work.mailboxes import read_mailboxes
from gateway.journey.work.shift import Shift
from gateway.journey.work.watch import keep_watch
from gateway.model.audit import Entry
from gateway.model.errors import Unreachable
from gateway.record import Job, Stale

PAUSE_S = 1.0
"""After a step that failed: what made it fail may be gone by then."""

PRESSURE_EVERY = timedelta(seconds=1)

Step = Callable[[], object]


class Worker:
    """Threads over one Gateway. `start`, then `stop`: steps under way are finished first."""

    def __init__(self, gateway: Gateway, shift: Shift) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{gateway.draw(2).hex()}"
        self._gateway, self._shift = gateway, shift
        self._over = Event()
        self._bells = Bells(("prepare", "send", "log", "notify", "reply"))
        self._heartbeat = Heartbeat(gateway)
        self._reader = Capped()
        self._bookkeeper = Bookkeeper(gateway, self.name)
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin; returns at once."""
        gateway, shift = self._gateway, self._shift
        look(gateway, f"worker:{self.name}")  # what is due is known only once the clock is
        self._say("gateway-started")
        self._heartbeat.start()
        self._answer("prepare", shift.preparers, lambda: prepare(gateway, self.name))
        self._answer("send", shift.senders, lambda: send(gateway, self.name, lambda: self._goes_on("send")))
        called = sum(client.is_called for known in gateway.clients.values() for client in known.values())
        if called:
            self._answer("log", 1, lambda: notify(gateway))
            self._answer("notify", min(called, shift.senders), lambda: tell(gateway, self.name))
        else:
            self._repeat("log", shift.keep_house_every, lambda: notify(gateway))
        if "mssante" in gateway.transports:
            self._answer("reply", 1, lambda: reply(gateway, self._reader, self.name))
        if gateway.drops:
            self._repeat("drop", shift.drop_every, lambda: take_dropped(gateway))
        self._repeat("collect", shift.collect_every, self._collect)
        self._repeat("look", LOOK_EVERY, lambda: look(gateway, f"worker:{self.name}"))
        self._repeat("upkeep", shift.upkeep_every, self._upkeep)
        self._repeat("pressure", PRESSURE_EVERY, self._look_at_pressure)
        self._repeat("house", shift.keep_house_every, self._house())
        self._begin("watch", lambda: keep_watch(gateway, self._bells, shift.look_every, self._over))

    def stop(self) -> bool:
        """End: no new step begins, and those under way are waited for, as long as the shift says.

        What was not finished then and can be begun anew without harm is given back; an attempt nobody knows the end of
        is found by its lease. False when a thread has not ended: the process then must, for it cannot be waited for.
        """
        self._over.set()
        self._bells.end_the_day()
        self._gateway.notice("worker stopping", worker=self.name, under_way=len(self._gateway.claims.under_way()))
        end = time.monotonic() + self._shift.stop_within.total_seconds()
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        left = self._gateway.claims.under_way()
        self._heartbeat.stop()
        facts = {"unfinished": len(left), "given_back": 0}
        try:
            facts["given_back"] = sum(self._give_back(job) for job in left if isinstance(job, Job))
            self._bookkeeper.lay_down()
            self._say("gateway-stopped", **facts)
        except Unreachable as away:  # the log of the machine says it, at least
            self._gateway.notice("step postponed", step="stop", code=away.code)
        self._gateway.notice("worker stopped", worker=self.name, **facts)
        if any(thread.is_alive() for thread in self._threads):
            return False
        self._reader.close()
        return True

    def _give_back(self, job: Job) -> bool:
        if job.kind != "prepare":  # of the others, something may have been sent
            return False
        with suppress(Stale), self._gateway.store.unit(lasting=False) as unit:
            unit.jobs.give_back(job)
            return True
        return False

    def _say(self, kind: str, **more: int) -> None:
        facts: dict[str, str | int | bool] = {"version": self._gateway.software.version, **more}
        with self._gateway.store.unit() as unit:
            unit.audit(Entry(kind=kind, at=self._gateway.clock(), tenant="", actor=f"worker:{self.name}", facts=facts))

    def _answer(self, kind: str, count: int, step: Step) -> None:
        """Threads that sleep until there may be work of that kind, and then do all there is."""
        bell = self._bells.of(kind)

        def loop() -> None:
            while not self._over.is_set():
                bell.wait()
                while not self._over.is_set() and self._safely(kind, step) and self._goes_on(kind):
                    pass

        for number in range(count):
            self._begin(f"{kind} {number}", loop)

    def _goes_on(self, kind: str) -> bool:
        """A thread has found some of that kind: another looks too, and it goes on unless all is over."""
        self._bells.ring((kind, "log"))
        return not self._over.is_set()

    def _repeat(self, name: str, pause: timedelta, step: Step) -> None:
        """A thread that takes the step, and again at once when it gave True, else after that time."""

        def loop() -> None:
            while not self._over.is_set():
                if not self._safely(name, step):
                    self._over.wait(pause.total_seconds())

        self._begin(name, loop)

    def _begin(self, name: str, loop: Callable[[], None]) -> None:
        thread = Thread(target=loop, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _safely(self, name: str, step: Step) -> bool:
        """Take it; True when it did something, and there may be more."""
        try:
            return bool(step())
        except Unreachable as away:
            self._gateway.notice("step postponed", step=name, code=away.code)
            with suppress(Unreachable):  # it may be the disk that is full
                self._look_at_pressure()
        except Exception as defect:  # a defect of one step must not end the shift
            self._gateway.notice("step failed", step=name, defect=type(defect).__name__)
        self._over.wait(PAUSE_S)
        return False

    def _collect(self) -> None:
        if read_mailboxes(self._gateway, self._reader, self.name, over=self._over.is_set):
            self._bells.ring(("log", "reply"))

    def _look_at_pressure(self) -> None:
        self._gateway.pressure.look(self._gateway, f"worker:{self.name}")

    def _upkeep(self) -> None:
        expire_uploads(self._gateway, self.name)
        self._gateway.upkeep()

    def _house(self) -> Step:
        kept = rounds(self._gateway, self.name, self._bookkeeper)

        def step() -> None:
            for name, turn in kept:
                self._safely(name, turn)

        return step
