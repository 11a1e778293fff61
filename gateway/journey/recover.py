"""recover: what dead workers held goes on. A claim that nobody renews is over within the lease, and found here.

Jobs come back by themselves when their lease is over; an attempt's bytes may have left, which must be written down.
"""

from __future__ import annotations

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.model.exchange import LegState


def recover(gateway: Gateway, worker: str) -> int:
    """Give back legs whose worker died: they become `unknown` and are due at once. Gives how many there were."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        lost = unit.legs.expired()
        for leg in lost:
            unit.legs.move(leg, LegState.UNKNOWN, reason="outcome-unknown", due=now, outcome="unknown")
            facts = {"from": leg.state.value, "transport": leg.transport, "state": LegState.UNKNOWN.value}
            unit.audit(
                Entry(
                    kind="leg-moved",
                    at=now,
                    tenant=leg.tenant,
                    actor=f"worker:{worker}",
                    exchange=leg.exchange,
                    leg=leg.n,
                    facts={**facts, "reason": "lease-over"},
                )
            )
    return len(lost)
