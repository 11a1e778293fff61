"""supersede: a team or a plan told whole takes the place of an older telling that has not left.

Told whole: `team.created`, `plan.created`, `plan.revised`. The newer one cancels an older one of the same kind, about
the same team or plan, for the same recipient in the same lane. A change (a member joins, an activity is done) is never
cancelled, and what it builds on is not either: nothing older than a change that still waits is touched. What may have
left stays what it is. Decision 0037.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.event import Event, PlanCreated, PlanRevised, TeamCreated
from gateway.model.exchange import LegState
from gateway.model.known import Known, is_late

if TYPE_CHECKING:
    from gateway.record import Unit

_UNSENT = frozenset({LegState.WAITING, LegState.POSTPONED, LegState.HELD})
_CHANGING = ("team.", "plan.")


def subject_of(event: Event, known: Known, client: str) -> str | None:
    """What the event tells whole, and how; None for any other, and for one that was older than what we knew."""
    if isinstance(event, TeamCreated):
        late, id = is_late(known.team, event), event.team.id
    elif isinstance(event, PlanCreated | PlanRevised):
        late, id = is_late(known.plan, event), event.plan.id
    else:
        return None
    return None if late else f"{event.type}|{client}|{id}"


def supersede(unit: Unit, legs: Sequence[Leg], now: datetime, worker: str) -> None:
    """Cancel what these new legs take the place of; only one that may leave takes a place."""
    for leg in legs:
        if leg.subject is not None and leg.state is LegState.WAITING:
            for older in _replaced(unit, leg):
                unit.legs.move(older, LegState.CANCELLED, reason="superseded", now=now)
                unit.audit(_entry(older, leg, now, worker))


def _replaced(unit: Unit, leg: Leg) -> list[Leg]:
    found = []
    for older in unit.legs.before(leg):
        if older.subject is None and str(older.case.get("event_type", "")).startswith(_CHANGING):
            break  # a change: it builds on what stands before it
        if (older.subject, older.recipient_id) == (leg.subject, leg.recipient_id) and older.state in _UNSENT:
            found.append(older)
    return found


def _entry(older: Leg, newer: Leg, now: datetime, worker: str) -> Entry:
    return Entry(
        kind="leg-moved",
        at=now,
        tenant=older.tenant,
        actor=f"worker:{worker}",
        exchange=older.exchange,
        leg=older.n,
        facts={
            "from": older.state.value,
            "state": LegState.CANCELLED.value,
            "transport": older.transport,
            "reason": "superseded",
            "by": newer.exchange,
        },
    )
