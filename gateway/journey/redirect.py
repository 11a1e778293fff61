"""redirect: a parcel leaves for another address, as a leg of its own that passes the gate again.

The documents are those made before, byte for byte; the mail around them is written anew, under a Message-ID of its own.
The leg it stands for is cancelled when it has not left, else it keeps its state: both facts are kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.journey.again import next_number, settle_by_another
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.legs import Planned
from gateway.journey.prepare import Prepared, make
from gateway.journey.readdress import Dossier, look_up, plan_there
from gateway.journey.uploaded import named_content, taken_upload
from gateway.journey.wish import UNSENT
from gateway.model.audit import Entry
from gateway.model.dossier import Leg
from gateway.model.errors import GatewayError
from gateway.model.exchange import LegState
from gateway.model.steering import Why
from gateway.record import Stale

if TYPE_CHECKING:
    from gateway.record import Unit

Facts = dict[str, str | int | bool]


class UnknownAddress(GatewayError):
    """The directory does not know this address for this recipient, and nobody vouched for it."""

    code = "address-not-known"

    def __init__(self) -> None:
        super().__init__(
            "The directory does not know this address for this recipient",
            advice="Check it with the recipient, then force it with a reason",
        )


class Barred(GatewayError):
    """The gate does not let it leave for there: `reason` is a code of model.reasons."""

    code = "barred"

    def __init__(self, reason: str, rule: str) -> None:
        super().__init__(f"The legal gate says no ({rule}: {reason})", advice="See the reason; nothing was changed")
        self.reason = reason


def redirect(
    gateway: Gateway, caller: Caller, exchange: str, n: int, address: str, *, why: Why, force: bool = False
) -> Leg:
    """Send what leg `n` carries to another address; gives the leg that will.

    address  a mailbox for a mail; the name of an endpoint of the settings for what leaves by https
    force    the caller vouches for an address the directory does not know for this recipient

    Raises NotFound, NotNow, BadIdentifier, UnknownAddress, Barred, or Stale when it moved meanwhile. Nothing is then
    changed; that the gate said no is written into the log.
    """
    dossier = look_up(gateway, caller, exchange, n)
    plan, sure = plan_there(gateway, dossier, address)
    if not sure and not force:
        raise UnknownAddress
    if not plan.decision.permitted:
        _tell_barred(gateway, caller, dossier.leg, plan)
        raise Barred(plan.decision.reason or "", plan.decision.rule)
    made = _made(gateway, caller, dossier, plan)
    with gateway.store.unit() as unit:
        unit.exchanges.get(caller.tenant, exchange)  # held before its legs, as everywhere
        old = unit.legs.get(caller.tenant, exchange, n)
        there = unit.contents.names(caller.tenant, exchange)
        if old is None or old != dossier.leg or ("archive" in there) != ("archive" in dossier.kept):
            raise Stale("leg")
        new = replace(
            made.legs[0],
            n=next_number(unit, old),
            stands_for=n,
            chosen_because=f"redirected from leg {n}; {old.chosen_because}",
        )
        if old.state in UNSENT:
            _withdraw(gateway, unit, caller, old, why)
        else:
            settle_by_another(gateway, unit, caller, old)
        unit.legs.add([new])
        fresh = {name: data for name, data in made.contents.items() if name not in there and name != "parcel/1"}
        if "parcel/1" in made.contents:
            fresh[f"parcel/{new.n}"] = made.contents["parcel/1"]
        unit.contents.put_all(caller.tenant, exchange, fresh)
        said: Facts = {"stands_for": n, "wish": "redirect", "why": why.value, "forced": not sure}
        for entry in made.audit:
            theirs = replace(entry, actor=caller.actor)
            unit.audit(theirs if entry.leg is None else replace(theirs, leg=new.n, facts={**entry.facts, **said}))
    return new


def _made(gateway: Gateway, caller: Caller, dossier: Dossier, plan: Planned) -> Prepared:
    exchange, event = dossier.exchange, dossier.event
    return make(
        gateway,
        exchange,
        event,
        dossier.known,
        (plan,),
        gateway.origins.of(caller.tenant, event.sender),
        gateway.clock(),
        caller.actor,
        dossier.received,
        taken_upload(gateway, caller.tenant, exchange.id) if named_content(event) else None,
        dossier.kept,
    )


def _withdraw(gateway: Gateway, unit: Unit, caller: Caller, old: Leg, why: Why) -> None:
    """Cancel what has not left."""
    to, reason = LegState.CANCELLED, "redirected"
    unit.legs.move(old, to, reason=reason)
    facts: Facts = {"from": old.state.value, "state": to.value, "reason": reason, "wish": "redirect", "why": why.value}
    unit.audit(_entry(gateway, caller, old, "leg-moved", facts))


def _tell_barred(gateway: Gateway, caller: Caller, leg: Leg, plan: Planned) -> None:
    decision = plan.decision
    facts: Facts = {
        "state": leg.state.value, "transport": leg.transport, "recipient": leg.recipient_id, "wish": "redirect",
        "verdict": decision.verdict.value, "rule": decision.rule, "reason": decision.reason or "",
    }  # fmt: skip
    with gateway.store.unit() as unit:
        unit.audit(_entry(gateway, caller, leg, "gate-decision", facts))


def _entry(gateway: Gateway, caller: Caller, leg: Leg, kind: str, facts: Facts) -> Entry:
    return Entry(
        kind=kind,
        at=gateway.clock(),
        tenant=leg.tenant,
        actor=caller.actor,
        exchange=leg.exchange,
        leg=leg.n,
        facts=facts,
    )
