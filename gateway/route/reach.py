"""Whom a route's `to`, or one of the sender's `recipients`, leads to: addressees, and those never addressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.model.event import Recipient
from gateway.model.people import Organization, Professional
from gateway.model.team import Member
from gateway.route.addressee import PATIENT_DOMAIN, Addressee, mailbox, of_member, patient, professional, structure
from gateway.route.grammar import Reach, Transport
from gateway.route.receiver import Receiver
from gateway.route.scene import Scene


@dataclass(frozen=True, slots=True)
class Reached:
    """One person a way leads to: whom to address, or the reason (model/reasons.py) why nobody is.

    end_of_exchange  asked by the sender, of the patient only
    """

    how: str
    who: str
    name: str
    addressee: Addressee | None
    reason: str | None = None
    end_of_exchange: bool = False


def reached_by_route(to: Reach, scene: Scene) -> Iterator[Reached]:
    """Everyone a route leads to; never the sender, a relative, or someone who has left, unless they hold the report."""
    for one in _led_by_route(to, scene):
        if one.addressee and not to.received_by and scene.roll.gone(one.addressee):
            yield _refused(one, "has-left")
        else:
            yield _not_sender(one, scene)


def reached_by_name(recipient: Recipient, scene: Scene) -> Iterator[Reached]:
    """Everyone one of the sender's recipients leads to. Someone who has left the team may be named by number only."""
    yield from (_not_sender(one, scene) for one in _led_by_name(recipient, scene))


def reached_as_before(scene: Scene) -> Iterator[tuple[Reached, Transport]]:
    """Everyone who got the report, each by the channel it went by."""
    yield from ((_not_sender(_received(one.whom), scene), one.transport) for one in scene.received)


def back_to(one: Reached, got: Receiver | None) -> Reached:
    """Someone a cancellation leads to: where they got the report, or refused when they did not get it."""
    if one.addressee is None or got is None:
        return _refused(one, "did-not-receive")
    return Reached(one.how, one.who, one.name, one.addressee.joined(got.whom))


def _received(whom: Addressee) -> Reached:
    return Reached("received the report", whom.id, whom.name, whom)


def _not_sender(one: Reached, scene: Scene) -> Reached:
    return _refused(one, "is-the-sender") if one.addressee and scene.is_sender(one.addressee) else one


def _refused(one: Reached, reason: str) -> Reached:
    return Reached(one.how, one.who, one.name, None, reason)


def _led_by_route(to: Reach, scene: Scene) -> Iterator[Reached]:
    if to.each:
        yield from (_member(one, scene) for one in scene.roll.members)
    elif to.role:
        yield from _with_role(to.role, scene)
    elif to.treating_physician:
        physician = scene.event.patient.treating_physician
        if physician is not None and not physician.none and not physician.unknown:
            yield _person(physician, "treating physician")
    elif to.received_by:
        yield from (_received(one.whom) for one in scene.received)
    elif to.patient:
        yield _patient(scene)
    elif to.address:
        yield _mailbox(mailbox(to.address, to.name, to.category), scene)


def _led_by_name(recipient: Recipient, scene: Scene) -> Iterator[Reached]:
    if recipient.member:
        found = scene.team.member(recipient.member) if scene.team else None
        how = f"member {recipient.member}"
        yield _member(found, scene) if found else Reached(how, how, recipient.member, None, "not-identified")
    elif recipient.rpps:
        who = Professional(rpps=recipient.rpps, family=recipient.name, organization=recipient.organization)
        yield _as_member(_person(who, "professional"), scene)
    elif recipient.role:
        found_any = list(_with_role((recipient.role,), scene))
        role = f"role {recipient.role}"
        yield from found_any or [Reached(role, role, recipient.role, None, "not-identified")]
    elif recipient.patient:
        yield replace(_patient(scene), end_of_exchange=bool(recipient.end_of_exchange))
    elif recipient.mss:
        yield _mailbox(mailbox(recipient.mss, recipient.name, recipient.category), scene)
    else:
        named = Organization(ids=recipient.ids, finess=recipient.finess, siret=recipient.siret, name=recipient.name)
        yield _as_member(_identified(structure(named), "structure", named.name or "structure"), scene)


def _as_member(one: Reached, scene: Scene) -> Reached:
    """What the team knows of someone named by number: their site, their mailbox, their profession."""
    member = scene.roll.member(one.addressee) if one.addressee else None
    known = of_member(member) if member else None
    if one.addressee is None or known is None:
        return one
    whole = one.addressee.joined(known)
    return Reached(one.how, whole.id, whole.name, whole)


def _member(member: Member, scene: Scene) -> Reached:
    how = f"member {member.id}"
    if member.kind == "related":
        return Reached(how, how, member.label, None, "not-addressable")
    if member.id not in scene.roll.present:
        return Reached(how, how, member.label, None, "has-left")
    return _identified(of_member(member), how, member.label)


def _with_role(roles: tuple[str, ...], scene: Scene) -> Iterator[Reached]:
    for member in scene.roll.members:
        held = next((one.code for one in member.roles if one.code in roles), None)
        if held is not None:
            one = _member(member, scene)
            yield Reached(f"role {held}, {one.how}", one.who, one.name, one.addressee, one.reason)


def _person(who: Professional, how: str) -> Reached:
    return _identified(professional(who), how, who.name or how)


def _identified(addressee: Addressee | None, how: str, name: str) -> Reached:
    if addressee is None:
        return Reached(how, how, name, None, "not-identified")
    return Reached(how, addressee.id, addressee.name, addressee)


def _patient(scene: Scene) -> Reached:
    whom = patient(scene.event.patient.outgoing_ins)
    return Reached("the patient", whom.id, whom.name, whom)


def _mailbox(box: Addressee, scene: Scene) -> Reached:
    """A mailbox; a citizen's is this patient's own or nobody's: the matricule is then never repeated."""
    assert box.address is not None
    if box.address.domain != PATIENT_DOMAIN:
        return Reached("mailbox", box.id, box.name, box)
    own = patient(scene.event.patient.outgoing_ins)
    if own.address is not None and own.address.key == box.id:
        return _patient(scene)
    reason = "not-addressable" if own.address else "ins-not-qualified"
    return Reached("a citizen's mailbox", "citizen", "Patient", None, reason)
