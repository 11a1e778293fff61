"""departure: before each attempt the gate is asked again, and the sending mailbox; what may not leave is moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway import route
from gateway.journey.gateway import Gateway
from gateway.journey.quarantine import why_held
from gateway.journey.withdraw import why_withdrawn
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.errors import Unreachable
from gateway.model.exchange import LegState
from gateway.record import Clash, Erased, Missing, Stale

if TYPE_CHECKING:
    from gateway.record import Unit


def parcel_of(gateway: Gateway, unit: Unit, leg: Leg, worker: str) -> bytes | None:
    """The bytes of a leg that may leave now; None for one that was moved: what breaks us must not stay the next."""
    try:
        if _may_leave(gateway, unit, leg, worker):
            return unit.contents.get(leg.tenant, leg.exchange, f"parcel/{leg.n}")
    except (Unreachable, Stale, Clash):
        raise
    except Exception as defect:
        reason = "no-parcel" if isinstance(defect, (Erased, Missing)) else "broken"
        gateway.notice("leg held", exchange=leg.exchange, leg=leg.n, reason=reason, defect=type(defect).__name__)
        _stay(unit, leg, LegState.HELD, reason, "", gateway.clock(), worker)
    return None


def _may_leave(gateway: Gateway, unit: Unit, leg: Leg, worker: str) -> bool:
    """Ask the gate again, and the sending mailbox; a leg that may not leave is moved and False is given."""
    now = gateway.clock()
    if why := why_held(gateway, leg):
        _stay(unit, leg, LegState.HELD, why, "", now, worker)
        return False
    if leg.message_id is None or leg.destination is None:  # released by a person, but there is still nothing to send
        lost = "no-endpoint" if leg.transport in route.BY_ENDPOINT else "no-address"
        _stay(unit, leg, LegState.HELD, "no-parcel" if leg.destination else lost, "L03", now, worker)
        return False
    if leg.state is not LegState.UNKNOWN and (newer := unit.legs.replaced_by(leg)):
        _stay(unit, leg, LegState.CANCELLED, "superseded", "", now, worker, by=newer)
        return False
    case = route.case_from(leg.case)
    memory = unit.memory.of(leg.tenant, case.client or "")
    if case.report_id and (why := why_withdrawn(memory, case.report_id)):
        sent = leg.state is LegState.UNKNOWN  # it may have left already: that cannot be taken back
        _stay(unit, leg, LegState.FAILED if sent else LegState.CANCELLED, why, "L17", now, worker)
        return False
    if case.in_team and case.team and case.client:
        team = memory.team(case.team)
        case = replace(case, in_team=team is not None and route.takes_part(case, team.team, now))
    decision = route.judge(
        case,
        objections=unit.objections.active(leg.tenant, case.patient),
        white_list=gateway.white_list(),
        now=now,
        endpoints=gateway.endpoints,
    )
    sign_in = gateway.transports[leg.transport].ready(leg.origin or "") if decision.permitted else None
    if decision.permitted and sign_in is None:
        return True
    if leg.state is LegState.UNKNOWN:  # it may have left already: only a person may decide now
        to = LegState.HELD
    else:
        to = LegState.DENIED if decision.verdict is route.Verdict.DENY else LegState.HELD
    reason = sign_in if decision.permitted else decision.reason
    _stay(unit, leg, to, reason or "", decision.rule, now, worker)
    return False


def _stay(unit: Unit, leg: Leg, to: LegState, reason: str, rule: str, now: datetime, worker: str, **more: str) -> None:
    unit.legs.move(leg, to, reason=reason)
    unit.audit(moved(leg, to, reason, now, worker, rule=rule, **more))


def moved(leg: Leg, to: LegState, reason: str, at: datetime, worker: str, **facts: str) -> Entry:
    """What the log says of a leg that moved without an attempt; `leg` as it stood before."""
    return Entry(
        kind="leg-moved",
        at=at,
        tenant=leg.tenant,
        actor=f"worker:{worker}",
        exchange=leg.exchange,
        leg=leg.n,
        facts={"from": leg.state.value, "transport": leg.transport, "state": to.value, "reason": reason, **facts},
    )
