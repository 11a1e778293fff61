"""again: what left already is sent once more, because a person says so and why.

The table of states holds no way back from `read` or `arrived`, and for good reason: what was read stays read. So the
repeat is a leg of its own that stands for the first, with the same bytes under the same Message-ID: whoever looks for
duplicates finds one. The first keeps its state and its receipts; those that come from now on belong to the newest.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.wish import NotNow, Overtaken, is_replaced, wishes_of
from gateway.model.audit import Entry
from gateway.model.dossier import Leg, Settled
from gateway.model.exchange import LegState
from gateway.model.steering import ANOTHER_LEG, Why
from gateway.record import Erased, Missing

if TYPE_CHECKING:
    from gateway.record import Unit


def send_again(gateway: Gateway, unit: Unit, caller: Caller, leg: Leg, why: Why) -> Leg:
    """The leg that will carry it: a new one; for `unknown` the same, whose next try is due now and marked as a repeat.

    leg  held by the unit, and its exchange before it

    Raises NotNow when another leg stands for it already, when something newer was told in its place, when its content
    was erased, or when it never had any.
    """
    now = gateway.clock()
    if unit.steering.overtaken(leg):
        raise Overtaken("repeat")
    if leg.state is LegState.UNKNOWN:
        unit.legs.hasten(leg, now)
        unit.audit(_entry(leg, "leg-moved", gateway, caller, why, {"from": leg.state.value, "state": leg.state.value}))
        return replace(leg, due=now)
    if is_replaced(leg):
        raise NotNow("repeat", "replaced by another leg")
    if leg.message_id is None or leg.destination is None:
        raise NotNow("repeat", leg.state, *wishes_of(leg.state))
    try:
        parcel = unit.contents.get(leg.tenant, leg.exchange, f"parcel/{leg.n}")
    except (Erased, Missing):
        raise NotNow("repeat", "erased") from None
    new = replace(
        leg,
        n=next_number(unit, leg),
        state=LegState.WAITING,
        since=now,
        chosen_because=f"repeat of leg {leg.n}; {leg.chosen_because}",
        reason=None,
        code=None,
        detail=None,
        due=now,
        give_up=now + sum(gateway.pace.schedule, timedelta()),
        attempts=(),
        receipt=None,
        settled=None,
        stands_for=leg.n,
    )
    unit.steering.give_message_id(leg)
    settle_by_another(gateway, unit, caller, leg)
    unit.legs.add([new])
    unit.contents.put(leg.tenant, leg.exchange, f"parcel/{new.n}", parcel)
    facts = {
        "state": new.state.value, "transport": leg.transport, "recipient": leg.recipient_id, "partner": leg.partner,
    }  # fmt: skip
    unit.audit(_entry(new, "leg-created", gateway, caller, why, {**facts, "stands_for": leg.n, "repeat": True}))
    return new


def settle_by_another(gateway: Gateway, unit: Unit, caller: Caller, leg: Leg) -> None:
    """Write down that another leg stands for this one: whatever was wrong with it is seen to."""
    now = gateway.clock()
    unit.steering.settle(leg, Settled(now, caller.actor, ANOTHER_LEG))
    unit.audit(settled_entry(leg, caller, now, ANOTHER_LEG))


def settled_entry(leg: Leg, caller: Caller, now: datetime, how: str) -> Entry:
    """What the log says of a leg that was settled in another way: who, when, how, and that its state stays."""
    return Entry(
        kind="leg-settled",
        at=now,
        tenant=leg.tenant,
        actor=caller.actor,
        exchange=leg.exchange,
        leg=leg.n,
        facts={"from": leg.state.value, "state": leg.state.value, "how": how},
    )


def next_number(unit: Unit, leg: Leg) -> int:
    """The number a new leg of the same exchange has."""
    return max(one.n for one in unit.legs.of(leg.tenant, leg.exchange)) + 1


def _entry(
    leg: Leg, kind: str, gateway: Gateway, caller: Caller, why: Why, facts: dict[str, str | int | bool]
) -> Entry:
    return Entry(
        kind=kind,
        at=gateway.clock(),
        tenant=leg.tenant,
        actor=caller.actor,
        exchange=leg.exchange,
        leg=leg.n,
        facts={**facts, "wish": "repeat", "why": why.value},
    )
