"""readdress: what is known of a leg that should leave for another address, and how the gate judges it there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway import route
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.legs import Planned
from gateway.journey.received_by import Received, received_by
from gateway.journey.wish import UNSENT, NotFound, NotNow, Overtaken, is_replaced, wishes_of
from gateway.model import form
from gateway.model.dossier import Exchange, Leg
from gateway.model.event import Event, read_event
from gateway.model.exchange import LegState
from gateway.model.identity import MailAddress
from gateway.model.known import Known
from gateway.model.objection import Objection
from gateway.record import Erased, Missing

if TYPE_CHECKING:
    from gateway.route import Choice

REDIRECTABLE: frozenset[LegState] = UNSENT | {LegState.FAILED, LegState.REFUSED, LegState.UNREAD}
"""What was handed over, may have left or was read is not sent elsewhere: it is there, or a repeat is what is meant."""

_DOCUMENTS = ("cda", "pdf", "archive", "bundle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What is known of an exchange when one of its legs is looked at."""

    exchange: Exchange
    leg: Leg
    event: Event
    known: Known
    received: Received
    objections: tuple[Objection, ...]
    kept: dict[str, bytes]


def look_up(gateway: Gateway, caller: Caller, id: str, n: int) -> Dossier:
    """What is known now. Raises NotFound, or NotNow for a leg that does not leave for elsewhere."""
    tenant = caller.tenant
    with gateway.store.glance() as unit:
        exchange, leg = unit.exchanges.get(tenant, id), unit.legs.get(tenant, id, n)
        if exchange is None or leg is None:
            raise NotFound
        check_redirectable(leg)
        if unit.steering.overtaken(leg):
            raise Overtaken("redirect")
        try:
            event = read_event(json.loads(unit.contents.get(tenant, id, "event")))
            known = form.read(Known, json.loads(unit.contents.get(tenant, id, "known")))
            there = unit.contents.names(tenant, id)
            kept = {name: unit.contents.get(tenant, id, name) for name in _DOCUMENTS if name in there}
        except (Erased, Missing):
            raise NotNow("redirect", "erased") from None
        return Dossier(
            exchange=exchange,
            leg=leg,
            event=event,
            known=known,
            received=received_by(unit, tenant, exchange.client, event, known),
            objections=tuple(unit.objections.active(tenant, exchange.patient)),
            kept=kept,
        )


def known_addresses(gateway: Gateway, caller: Caller, id: str, n: int) -> tuple[str, ...]:
    """Where else a leg may go by what is known: mailboxes of the directory, endpoints that stand for the recipient.

    Raises as look_up does.
    """
    dossier = look_up(gateway, caller, id, n)
    leg, whom = dossier.leg, _choice(gateway, dossier).addressee
    if leg.transport in route.BY_ENDPOINT:
        theirs = (one for one in gateway.endpoints.known if one.kind == leg.transport)
        found = [one.name for one in theirs if not one.stands_for.isdisjoint(whom.ids)]
    else:
        found = [one.address.text for one in gateway.directory.known(whom)]
    return tuple(one for one in found if one.lower() != (leg.destination or "").lower())


def check_redirectable(leg: Leg) -> None:
    """Raise NotNow for a leg that does not leave for elsewhere."""
    if leg.recipient_kind == "patient":
        raise NotNow("redirect", "for the patient: the address comes from the matricule")
    if leg.transport == "folder":
        raise NotNow("redirect", "left in a folder")
    if leg.state not in REDIRECTABLE:
        raise NotNow("redirect", leg.state, *wishes_of(leg.state))
    if is_replaced(leg):
        raise NotNow("redirect", "replaced by another leg")


def plan_there(gateway: Gateway, dossier: Dossier, address: str) -> tuple[Planned, bool]:
    """The leg to be, judged; and whether the address is sure without anybody's word.

    Raises BadIdentifier for what is no mail address, NotNow when it is the one it has.
    """
    leg, event = dossier.leg, dossier.event
    choice = _choice(gateway, dossier)
    endpoint, found, sure = None, None, True
    if leg.transport in route.BY_ENDPOINT:  # the gate asks whether it stands for the recipient
        same = (one for one in gateway.endpoints.known if (one.name, one.kind) == (address, leg.transport))
        endpoint, before = next(same, None), leg.destination
    else:
        mailbox = MailAddress(address)
        sure = mailbox.key in {one.address.key for one in gateway.directory.known(choice.addressee)}
        found = route.Found(address=mailbox, type=None, because="given by a person")
        choice = replace(choice, addressee=choice.addressee.at(mailbox))
        address, before = mailbox.key, leg.destination and MailAddress(leg.destination).key
    if address == before:
        raise NotNow("redirect", "at that address already", *wishes_of(leg.state))
    origin = gateway.origins.of(leg.tenant, event.sender)
    case = route.case_of(
        event,
        choice,
        found,
        tenant=leg.tenant,
        client=dossier.exchange.client,
        patient=dossier.exchange.patient,
        team=dossier.known.team.team.id if dossier.known.team else None,
        origin=origin.address if origin else None,
        endpoint=endpoint,
    )
    decision = route.judge(
        case,
        objections=dossier.objections,
        white_list=gateway.white_list(),
        now=gateway.clock(),
        endpoints=gateway.endpoints,
    )
    return Planned(choice, found, case, decision, endpoint), sure


def _choice(gateway: Gateway, dossier: Dossier) -> Choice:
    """The recipient as today's routes choose them, else as the leg keeps them."""
    leg = dossier.leg
    choices = gateway.routes.choose(
        dossier.event,
        dossier.known,
        gateway.clock(),
        tenant=leg.tenant,
        client=dossier.exchange.client,
        received=dossier.received.receivers,
    )
    same = (one for one in choices.chosen if (one.transport, one.addressee.id) == (leg.transport, leg.recipient_id))
    if (choice := next(same, None)) is None:
        return route.choice_of(route.case_from(leg.case), leg.recipient_name, leg.chosen_because)
    return replace(choice, addressee=replace(choice.addressee, name=leg.recipient_name))  # the directory named them
