"""What an event would become, with the settings that lie here or none at all: no database, nothing sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from gateway import __version__, pack, translate, wiring
from gateway.journey.explain import explained
from gateway.journey.gateway import Origin
from gateway.journey.legs import Planned, plan_legs
from gateway.journey.prepare import require_coherence
from gateway.journey.wording import body_text
from gateway.model.identity import MailAddress

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.model.event import Event
    from gateway.model.known import Known
    from gateway.route import Choices
    from gateway.wiring import Words

NOWHERE = MailAddress("destinataire@exemple.invalid")  # RFC 2606 §2: a name that can never be delivered to
NOBODY = Origin(MailAddress("passerelle@exemple.invalid"), "Passerelle", False)
NO_NIL = "DEV000000"


def explain_event(event: Event, known: Known, settings: Settings | None) -> dict[str, Any]:
    """The legs an event would make, and why; `routes` says which table was asked."""
    planned, choices = _plan(event, known, settings)
    routes = str(settings.routes) if settings else "examples/routes.yaml (no settings here)"
    return {"routes": routes, **explained(planned, choices)}


def pack_files(event: Event, known: Known, words: Words, settings: Settings | None) -> dict[str, bytes]:
    """File name → bytes. The mail is the one of the first leg that has an address; time is the event's own."""
    software = pack.Software(
        name="Passerelle",
        version=__version__,
        vendor="Passerelle",
        nil=settings.nil if settings else NO_NIL,
        contact=settings.contact if settings else "",
    )
    minted = pack.Minted(uuid5(NAMESPACE_URL, f"passerelle/{event.id}"), event.occurred_at.utc)
    team_type = settings.documents.team_type if settings else "SYNTH"
    bundle = json.dumps(translate.to_bundle(event, known, words.terms), ensure_ascii=False, indent=2).encode("utf-8")
    packed = pack.pack(event, known, words.terms, minted, software, team_type)
    require_coherence(packed.facts)
    planned, _ = _plan(event, known, settings)
    leg = next((leg for leg in planned if leg.address), None)
    origin = _origin(event, settings)
    mail = pack.write_mail(
        packed,
        pack.Envelope(
            message_id=f"{minted.uuid('message').hex}@{origin.address.domain}",
            at=minted.at,
            sender=origin.address,
            sender_name=origin.name,
            recipient=leg.found.address if leg and leg.found else NOWHERE,
            recipient_name=leg.choice.addressee.name if leg else "Destinataire",
            text=body_text(event, packed.title),
            nil=software.nil,
            reply_to=event.sender.mss if origin.answers_to_author else None,
            bundle=bundle if leg and leg.choice.attach_fhir == "always" else None,
        ),
    )
    return {
        "bundle.json": bundle,
        "document.xml": packed.cda,
        "document.pdf": packed.pdf,
        "IHE_XDM.zip": packed.archive,
        "message.eml": mail,
    }


def _plan(event: Event, known: Known, settings: Settings | None) -> tuple[tuple[Planned, ...], Choices]:
    return plan_legs(
        event,
        known,
        tenant=_tenant(settings),
        client="",
        patient="",
        routes=wiring.open_routes(settings),
        directory=wiring.open_directory(settings),
        white_list=wiring.white_list_of(settings).current(),
        objections=(),
        origin=_origin(event, settings).address,
        now=wiring.wall_clock(),
    )


def _origin(event: Event, settings: Settings | None) -> Origin:
    return (wiring.Mailboxes(settings).of(_tenant(settings), event.sender) if settings else None) or NOBODY


def _tenant(settings: Settings | None) -> str:
    return next(iter(settings.tenants), "") if settings else ""
