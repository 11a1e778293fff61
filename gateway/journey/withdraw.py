"""withdraw: a report that is replaced or taken back leaves no more (L17).

What has not left is cancelled in the very commit that accepts the newer word. What slips through, because it was under
way or a person retried it, is stopped at its next attempt: a report is looked up again each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.journey.gateway import Caller, Gateway
from gateway.journey.recall import Memory
from gateway.journey.received_by import carriers
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.model.event import Event, ReportCancelled
from gateway.model.exchange import ExchangeState, LegState
from gateway.model.known import replaced_wanted

if TYPE_CHECKING:
    from gateway.record import Unit

_UNPREPARED = frozenset({ExchangeState.ACCEPTED, ExchangeState.HELD, ExchangeState.UNROUTED})
_UNSENT = frozenset({LegState.WAITING, LegState.POSTPONED, LegState.HELD})


@dataclass(frozen=True, slots=True)
class Unsent:
    """What of an older report had not left, held until the unit ends; `reason` is why it will not."""

    reason: str = ""
    exchanges: tuple[Exchange, ...] = ()
    legs: tuple[Leg, ...] = ()


def carriers_of_older(gateway: Gateway, caller: Caller, event: Event) -> tuple[Exchange, ...]:
    """The exchanges of the report that an event replaces or takes back, as they stand now."""
    older = event.report.id if isinstance(event, ReportCancelled) else replaced_wanted(event)
    if older is None:
        return ()
    with gateway.store.glance() as unit:
        report = unit.memory.of(caller.tenant, caller.client).report(older)
        return carriers(unit, caller.tenant, caller.client, report) if report else ()


def hold_unsent(unit: Unit, event: Event, older: tuple[Exchange, ...]) -> Unsent:
    """What of these exchanges has not left. To be asked before the memory is: a sender holds its leg, then looks there.

    With the locks in one order everywhere (exchange, leg, memory), none waits for another for ever.
    """
    reason = "report-cancelled" if isinstance(event, ReportCancelled) else "report-replaced"
    found = [unit.exchanges.get(one.tenant, one.id) for one in older]
    unprepared = tuple(one for one in found if one and one.state in _UNPREPARED)
    known = (leg for one in older for leg in unit.legs.of(one.tenant, one.id))
    held = (unit.legs.get(leg.tenant, leg.exchange, leg.n) for leg in known)
    return Unsent(reason, unprepared, tuple(leg for leg in held if leg and leg.state in _UNSENT))


def cancel_unsent(unit: Unit, caller: Caller, unsent: Unsent, by: str, now: datetime) -> None:
    """Cancel it; `by` is the exchange of the event that takes its place."""
    facts = {"reason": unsent.reason, "by": by}
    for one in unsent.exchanges:
        unit.exchanges.move(one.tenant, one.id, ExchangeState.CANCELLED, reason=unsent.reason)
        moved = {"from": one.state.value, "state": ExchangeState.CANCELLED.value, **facts}
        unit.audit(
            Entry(kind="exchange-moved", at=now, tenant=one.tenant, actor=caller.actor, exchange=one.id, facts=moved)
        )
    for leg in unsent.legs:
        unit.legs.move(leg, LegState.CANCELLED, reason=unsent.reason, now=now)
        unit.audit(
            Entry(
                kind="leg-moved",
                at=now,
                tenant=leg.tenant,
                actor=caller.actor,
                exchange=leg.exchange,
                leg=leg.n,
                facts={"from": leg.state.value, "state": LegState.CANCELLED.value, **facts},
            )
        )


def why_withdrawn(memory: Memory, report: str) -> str | None:
    """Why a report must leave no more: `report-cancelled` or `report-replaced`; None while it stands.

    A report whose newer versions were all taken back stands again.
    """
    known = memory.report(report)
    if known and known.cancelled:
        return "report-cancelled"
    seen = {report}
    while known and known.replaced_by and known.replaced_by not in seen:
        seen.add(known.replaced_by)
        known = memory.report(known.replaced_by)
        if known and not known.cancelled:
            return "report-replaced"
    return None
