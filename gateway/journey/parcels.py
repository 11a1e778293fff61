"""The parcel of a leg, by its channel: a mail, the FHIR Bundle, or the event in the words of the recipient's software.

Made once, in `prepare`, and kept: every attempt carries these bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway import pack
from gateway.journey.gateway import Gateway, Origin
from gateway.journey.legs import Planned
from gateway.journey.spoken import spoken
from gateway.journey.wording import body_text
from gateway.model.dossier import Leg
from gateway.model.event import Event
from gateway.model.identity import LocalId, MailAddress
from gateway.route import BY_ENDPOINT

if TYPE_CHECKING:
    from gateway.pack import Packed

NO_MAILBOX = MailAddress("destinataire@dossier.invalid")
"""In the mail of a parcel left in a folder for somebody whose mailbox is not known (RFC 2606 §2)."""

MAIL_LIMIT = 25_000_000  # bytes; what Mon espace santé takes (ENS messagerie §6), and more than most operators do


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Forms:
    """The forms of one event, made once for all its legs. `packed` is None when no leg is a mail.

    alone    the Bundle for a FHIR server that never had the older version of a report
    servers  those that may have it, by their endpoint's name
    """

    event: Event
    bundle: bytes
    alone: bytes
    servers: frozenset[str]
    packed: Packed | None
    source: str


def is_mail(plan: Planned) -> bool:
    """True for a leg whose parcel is a mail: into a mailbox or a folder."""
    return plan.choice.transport not in BY_ENDPOINT


def limit_of(plan: Planned, origin: Origin) -> int:
    """The largest parcel that leg can carry, in bytes."""
    if plan.endpoint:
        return plan.endpoint.max_bytes
    return min(MAIL_LIMIT, origin.max_bytes) if plan.choice.transport == "mssante" else MAIL_LIMIT


def server_of(plan: Planned, origin: Origin | None) -> str:
    """Whom we speak to when that leg is tried, by its name in the settings; empty when that is not known yet."""
    if plan.endpoint:
        return plan.endpoint.name
    if plan.choice.transport == "mssante":
        return origin.server if origin else ""
    return plan.choice.transport if is_mail(plan) else ""


def reads_fhir(gateway: Gateway, plan: Planned) -> bool:
    """True when a mail has the Bundle beside its documents: its route says so, or its reader is a gateway we know."""
    attach, address = plan.choice.attach_fhir, plan.found.address if plan.found else NO_MAILBOX
    return attach == "always" or (attach == "known-gateways" and address.key in gateway.known_gateways)


def outgrown(plan: Planned, origin: Origin, document: int) -> str | None:
    """That limit, in words, when a document of so many bytes is beyond it: every parcel holds it in base64."""
    limit = limit_of(plan, origin)
    return size_in_words(limit) if document * 4 // 3 > limit else None


def size_in_words(size: int) -> str:
    """A size in bytes as people read it in French: `25,0 Mo`, `64,0 ko`."""
    number, unit = (size / 1_000_000, "Mo") if size >= 1_000_000 else (size / 1000, "ko")
    return f"{number:.1f} {unit}".replace(".", ",")


def write_parcel(gateway: Gateway, forms: Forms, plan: Planned, leg: Leg, origin: Origin, now: datetime) -> bytes:
    """What leaves for one leg that has an address. Raises MappingFault when their dialect has no words for it."""
    if plan.endpoint is None:
        return _mail(gateway, forms, plan, leg, origin, now)
    if plan.endpoint.kind == "fhir_server":
        return forms.bundle if plan.endpoint.name in forms.servers else forms.alone
    return _envelope(gateway, forms, plan.endpoint.dialect)


def _mail(gateway: Gateway, forms: Forms, plan: Planned, leg: Leg, origin: Origin, now: datetime) -> bytes:
    assert leg.message_id is not None
    assert forms.packed is not None
    address = plan.found.address if plan.found else NO_MAILBOX
    to_patient = plan.choice.addressee.kind == "patient"
    ends = to_patient and plan.choice.end_of_exchange
    return pack.write_mail(
        forms.packed,
        pack.Envelope(
            message_id=leg.message_id,
            at=now,
            sender=origin.address,
            sender_name=origin.name,
            recipient=address,
            recipient_name=plan.choice.addressee.name,
            text=body_text(forms.event, forms.packed.title, to_patient=to_patient, ends=ends),
            nil=gateway.software.nil,
            reply_to=forms.event.sender.mss if origin.answers_to_author else origin.answers_to,
            bundle=forms.bundle if reads_fhir(gateway, plan) else None,
            end_of_exchange=ends,
            return_receipt=origin.return_receipt,
        ),
    )


def _envelope(gateway: Gateway, forms: Forms, dialect: str) -> bytes:
    event = forms.event
    data, media_type = spoken(outgoing(event), gateway.dialects.get(dialect))
    return pack.write_cloudevent(
        pack.CloudEvent(
            id=event.id,
            source=forms.source,
            type=event.type,
            time=event.occurred_at.utc,
            data=data,
            media_type=media_type,
            extensions={"dialect": dialect},
        )
    )


def outgoing(event: Event) -> Event:
    """The event as another software may see it: an INS that is not qualified leaves in no form.

    A patient known by nothing else is then named by the event's own id: two patients are never taken for one.
    """
    patient, known = event.patient, event.patient.outgoing_local_ids
    local = patient.local_id if patient.local_id in known else next(iter(known), None)
    if patient.outgoing_ins is None and local is None:
        local = LocalId("urn:passerelle:event", event.id)
    others = tuple(one for one in patient.other_ids if one in known and one != local)
    return replace(event, patient=replace(patient, ins=patient.outgoing_ins, local_id=local, other_ids=others))
