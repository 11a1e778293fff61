"""A run from its first event to the moment nothing moves any more, with kills all along."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from gateway.journey.gateway import Gateway
from gateway.model.exchange import OPEN, LegState
from soak.databases import Database
from soak.plan import Plan
from soak.processes import Processes
from soak.shelf import Shelved
from soak.stream import REFUSED
from soak.tellers import Tellers

Tell = Callable[[str], None]

AHEAD = 24
"""How many events are told, at least, before their share of the parcels has come: the door is at work all along."""
TELL_S = 15.0
"""When nobody was killed for so long, how far it is is told all the same."""
STALLED_S = 3.0
"""When nothing has moved for so long, as many again are told."""


@dataclass
class Walk:
    """What takes part in a run."""

    plan: Plan
    gateway: Gateway
    database: Database
    processes: Processes
    tellers: Tellers
    shelved: Shelved
    tell: Tell

    def __post_init__(self) -> None:
        self._ahead, self._kills = max(AHEAD, self.plan.events // 20), 0
        self._last_said = time.monotonic()

    def walk(self) -> int:
        """Tell everything while killing, then wait until all is quiet. Gives how many kills there were."""
        workers = [f"work {n}" for n in range(self.plan.workers)]
        self._say(f"the door and {self.plan.workers} workers start over {self.plan.engine}")
        for name in ("serve", *workers):
            self.processes.start_ready(name)
        self.tellers.start()
        chance = random.Random(f"{self.plan.seed} {self.plan.engine}")
        whole = len(self.tellers.stream.all) + self._parcels
        for kill in range(1, self.plan.kills + 1):
            self._await(whole * (kill - chance.random()) / (self.plan.kills + 1))
            time.sleep(chance.uniform(0, 0.3))  # the strike is not in step with what was counted
            victim = self._strike(chance, ["serve", *workers])
            self._say(f"kill {kill} of {self.plan.kills}, {victim}: {self._standing()}")
        self._await(whole)
        self._settle()
        return self._kills

    def _strike(self, chance: random.Random, names: list[str]) -> str:
        if self.plan.victims == "database":
            if self.database.break_down is None:
                raise ValueError("this engine has no server to stop")
            self.database.break_down()
            self._kills += 1
            return "database"
        victim = "serve" if self.plan.victims == "door" else chance.choice(names)
        while not self.processes.kill(victim):
            self._say(f"{victim} ended by itself")
            self.processes.start(victim)
        self._kills += 1
        self.processes.start(victim)
        return victim

    @cached_property
    def _parcels(self) -> int:
        """How many parcels can come."""
        stream = self.tellers.stream
        return sum(to not in REFUSED for event in stream.all for to in stream.recipients(event))

    def _progress(self) -> int:
        """What is acknowledged and what came; the more came, the more may be told."""
        came, events = self.shelved.parcels(), len(self.tellers.stream.all)
        self.tellers.allow(int(events * came / self._parcels) + self._ahead)
        return len(self.tellers.acknowledged) + came

    def _say(self, line: str) -> None:
        self._last_said = time.monotonic()
        self.tell(line)

    def _standing(self) -> str:
        return f"{len(self.tellers.acknowledged)} acknowledged, {self.shelved.parcels()} parcels came"

    def _await(self, progress: float) -> None:
        """Return when so much is done, or when nothing moves for `within_s`."""
        seen, since, stalls = -1, time.monotonic(), 0
        while (now := self._progress()) < progress and time.monotonic() - since < self.plan.within_s:
            if now > seen:
                seen, since, stalls = now, time.monotonic(), 0
            elif time.monotonic() - since > STALLED_S * (stalls + 1):
                self._ahead, stalls = self._ahead + AHEAD, stalls + 1
            for name in self.processes.ended:
                self._say(f"{name} ended by itself")
                self.processes.start(name)
            if time.monotonic() - self._last_said > TELL_S:
                self._say(self._standing())
            time.sleep(0.1)

    def _settle(self) -> None:
        """Wait until no leg is open. This says when to count and no more: what is counted stands at the sinks."""
        until = time.monotonic() + self.plan.within_s
        while (still := self._open()) and time.monotonic() < until:
            if time.monotonic() - self._last_said > TELL_S:
                self._say(f"still open: {dict(still)}")
            time.sleep(0.25)

    def _open(self) -> Counter[str]:
        with self.gateway.store.glance() as unit:
            legs = unit.legs.tally()
        return Counter({state: number for (_, _, state), number in legs.items() if LegState(state) in OPEN})
