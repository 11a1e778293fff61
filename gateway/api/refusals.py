"""Refused accesses, written into the audit log without letting a flood of them fill it.

The first refusal of a kind is written at once. Equal ones that follow within a while are counted, and the count is
written with the next one, or when the while is over, or at the end of the process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry


@dataclass(frozen=True, slots=True)
class Kind:
    """Refusals that share an entry. `tenant` and `actor` come from a credential, never from what was sent."""

    tenant: str
    actor: str
    reason: str
    operation: str


class Refusals:
    """every  seconds within which equal refusals share one entry; `watch` gives seconds that never go back."""

    def __init__(self, gateway: Gateway, *, every: float, watch: Callable[[], float]) -> None:
        self._gateway, self._every, self._watch = gateway, every, watch
        self._lock = Lock()
        self._open: dict[Kind, tuple[float, int]] = {}  # until when, and how many since the last entry

    def add(self, kind: Kind) -> None:
        """One more refusal of that kind."""
        now = self._watch()
        with self._lock:
            over = self._over(now)
            if kind in self._open:
                until, count = self._open[kind]
                self._open[kind] = (until, count + 1)
            else:
                over[kind] = over.get(kind, 0) + 1
                self._open[kind] = (now + self._every, 0)
        self._write(over)

    def close(self) -> None:
        """Write every count not written yet."""
        with self._lock:
            over = {kind: count for kind, (_, count) in self._open.items() if count}
            self._open.clear()
        self._write(over)

    def _over(self, now: float) -> dict[Kind, int]:
        ended = [kind for kind, (until, _) in self._open.items() if until <= now]
        return {kind: count for kind in ended if (count := self._open.pop(kind)[1])}

    def _write(self, counts: dict[Kind, int]) -> None:
        if not counts:
            return
        with self._gateway.store.unit() as unit:
            for kind, count in counts.items():
                unit.audit(
                    Entry(
                        kind="access-refused",
                        at=self._gateway.clock(),
                        tenant=kind.tenant,
                        actor=kind.actor,
                        facts={"reason": kind.reason, "operation": kind.operation, "count": count},
                    )
                )
