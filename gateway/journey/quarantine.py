"""quarantine: what kills the workers that take it is set apart, and waits for a person; everything else goes on.

A worker that dies says nothing: each claim it leaves behind counts against the work it was about. A claim that ended
with a word, whatever it was, makes the count begin anew. What merely raises is held at once, with the fault's name.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gateway.journey.gateway import Gateway
from gateway.model.audit import Entry
from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import ExchangeState, LegState
from gateway.record import Stale

if TYPE_CHECKING:
    from gateway.record import Job, StoredMail, Unit

POISON = "poison"


def is_poison(gateway: Gateway, job: Job) -> bool:
    """True when as many workers in a row died of it as may."""
    return job.lost >= gateway.pace.poison_after


def why_held(gateway: Gateway, leg: Leg) -> str | None:
    """Why a leg is not tried again by itself: `poison`, or an outcome that stayed unknown all the schedule long."""
    if leg.state is not LegState.UNKNOWN:
        return None  # a person let it go: it has its turn
    died = 0
    while died < len(leg.attempts) and _died(leg, died):
        died += 1
    if died >= gateway.pace.poison_after:
        return POISON
    worn_out = len(leg.attempts) > len(gateway.pace.schedule) + 1
    return "outcome-unknown" if worn_out else None


def _died(leg: Leg, back: int) -> bool:
    attempt = leg.attempts[-1 - back]
    return attempt.outcome == LegState.UNKNOWN.value and attempt.code is None  # nobody wrote down what was answered


def open_mail(gateway: Gateway, mail: StoredMail) -> bool:
    """Count that somebody begins to read a mail. False when as many as may have begun and never ended."""
    with gateway.store.unit(lasting=False) as unit:
        return unit.mail.opened(mail.id, tenant=mail.tenant) <= gateway.pace.poison_after


def set_apart(gateway: Gateway, mail: StoredMail, why: str, worker: str) -> bool:
    """Look at a mail no more: nobody could say whether it is a receipt, so nothing is said back either."""
    now = gateway.clock()
    with gateway.store.unit() as unit:
        try:
            unit.mail.settled(mail.id, "not-understood", tenant=mail.tenant)
        except Stale:
            return False  # another worker was faster: what it did counts
        facts: dict[str, str | int | bool] = {"mail": mail.id, "why": why}
        actor = f"worker:{worker}"
        unit.audit(Entry(kind="mail-not-understood", at=now, tenant=mail.tenant, actor=actor, facts=facts))
    gateway.notice("mail not understood", mail=mail.id, why=why)
    return True


def hold(unit: Unit, exchange: Exchange, reason: str, detail: str, now: datetime, actor: str, **said: str) -> None:
    """The exchange waits for a person; `detail` names the cause."""
    unit.exchanges.move(exchange.tenant, exchange.id, ExchangeState.HELD, reason=reason, detail=detail)
    facts = {"from": exchange.state.value, "state": ExchangeState.HELD.value, "reason": reason, **said}
    unit.audit(
        Entry(kind="exchange-moved", at=now, tenant=exchange.tenant, actor=actor, exchange=exchange.id, facts=facts)
    )
