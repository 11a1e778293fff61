"""otherwise: a person saw to it by phone or on paper. The incident is over, and the parcel stays what it is.

Who, when and how are kept, never what was said. A success that comes later is written beside it: both are facts.
"""

from __future__ import annotations

from gateway.journey.again import settled_entry
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.wish import NotFound, NotNow
from gateway.model.dossier import Leg, Settled
from gateway.model.exchange import LegState
from gateway.model.steering import How

SETTLEABLE: frozenset[LegState] = frozenset({
    LegState.HELD, LegState.FAILED, LegState.REFUSED, LegState.UNREAD, LegState.UNKNOWN, LegState.POSTPONED,
    LegState.DENIED, LegState.CANCELLED,
})  # fmt: skip
"""States in which it is not known that the parcel did it."""


def settle_otherwise(gateway: Gateway, caller: Caller, exchange: str, n: int, how: How) -> Leg:
    """Write down that the recipient of a leg was told in another way. Gives the leg as it stands after.

    Raises NotFound; NotNow when the parcel is on its way or there, or was settled before.
    """
    now = gateway.clock()
    with gateway.store.unit() as unit:
        leg = unit.legs.get(caller.tenant, exchange, n)
        if leg is None:
            raise NotFound
        if leg.settled is not None:
            raise NotNow("settle", "settled already")
        if leg.state not in SETTLEABLE:
            raise NotNow("settle", leg.state)
        unit.steering.settle(leg, Settled(now, caller.actor, how.value))
        unit.audit(settled_entry(leg, caller, now, how.value))
        after = unit.legs.get(caller.tenant, exchange, n)
    assert after is not None
    return after
