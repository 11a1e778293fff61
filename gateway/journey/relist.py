"""relist: what was held because the white list was missing or too old goes on once there is a fresh one.

A clock that was wrong for a while makes every list too old or not yet written; no person should have to mend that.
"""

from __future__ import annotations

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.model.exchange import LegState

HELD_FOR = "white-list-missing"


def relist(gateway: Gateway, worker: str) -> int:
    """Let such legs go; the gate is asked again before they leave. Gives how many there were."""
    now, listed = gateway.clock(), gateway.white_list()
    if listed is None or not listed.usable(now):
        return 0
    with gateway.store.unit() as unit:
        waiting = unit.legs.held(HELD_FOR)
        for leg in waiting:
            unit.legs.move(leg, LegState.WAITING)
            facts = {"from": leg.state.value, "transport": leg.transport, "state": LegState.WAITING.value}
            unit.audit(
                Entry(
                    kind="leg-moved",
                    at=now,
                    tenant=leg.tenant,
                    actor=f"worker:{worker}",
                    exchange=leg.exchange,
                    leg=leg.n,
                    facts={**facts, "reason": "white-list-fresh"},
                )
            )
    return len(waiting)
