"""What an event would become, with the settings that lie here or none at all: no database, nothing sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from gateway import pack, translate, wiring
from gateway.journey.coherence import Incoherent, gathered
from gateway.journey.explain import explained
from gateway.journey.gateway import Origin
from gateway.journey.legs import Planned, plan_legs
from gateway.journey.uploaded import document_size
from gateway.journey.wording import body_text
from gateway.model.event import ReportCancelled
from gateway.model.facts import disagreements
from gateway.model.identity import MailAddress

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.model.event import Event
    from gateway.model.known import Known, KnownReport
    from gateway.pack import Earlier
    from gateway.route import Choices
    from gateway.wiring import Words

NOWHERE = MailAddress("destinataire@exemple.invalid")  # RFC 2606 §2: a name that can never be delivered to
NOBODY = Origin(MailAddress("passerelle@exemple.invalid"), "Passerelle", False)


def explain_event(event: Event, known: Known, settings: Settings | None) -> dict[str, Any]:
    """The legs an event would make, and why; `routes` says which table was asked."""
    planned, choices = _plan(event, known, settings)
    routes = str(settings.routes) if settings else "examples/routes.yaml (no settings here)"
    answer = explained(planned, choices, document_size(event, None), _origin(event, settings))
    unknown = _unknown_here(event, known)
    if unknown:  # that somebody did not receive the report cannot be said here
        said = [one for one in answer["not_addressed"] if one["reason"]["code"] != "did-not-receive"]
        answer["not_addressed"] = said
    return {"routes": routes, **answer, "not_looked_at": unknown}


def pack_files(event: Event, known: Known, words: Words, settings: Settings | None) -> dict[str, bytes]:
    """File name → bytes. The mail is the one of the first leg that has an address; time is the event's own."""
    software = wiring.software_of(settings)
    minted = pack.Minted(_seed(event.id), event.occurred_at.utc)
    team_type = settings.documents.team_type if settings else "SYNTH"
    tree = translate.to_bundle(event, known, words.terms)
    bundle = json.dumps(tree, ensure_ascii=False, indent=2).encode("utf-8")
    packed = pack.pack(event, known, words.terms, minted, software, team_type, _earlier(event, known))
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
    forms = gathered(event, tree, packed, words.terms) | {"mail": pack.mail_facts(mail)}
    if places := disagreements(forms):
        raise Incoherent(places)
    return {
        "bundle.json": bundle,
        "document.xml": packed.cda,
        "document.pdf": packed.pdf,
        "IHE_XDM.zip": packed.archive,
        "message.eml": mail,
    }


def _seed(event: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"passerelle/{event}")


def _older(event: Event, known: Known) -> KnownReport | None:
    """The report that an event replaces or takes back."""
    return known.report if isinstance(event, ReportCancelled) else known.replaced


def _earlier(event: Event, known: Known) -> tuple[Earlier, ...]:
    """The documents of the earlier events as this command makes them."""
    older = _older(event, known)
    return tuple(pack.Earlier(_seed(id)) for id in older.told_by) if older else ()


def _unknown_here(event: Event, known: Known) -> list[dict[str, str]]:
    """What only a running gateway knows: files do not tell who received a report."""
    if _older(event, known) is None:
        return []
    return [{
        "fr": "Qui a reçu le compte rendu : seule une passerelle en service le sait. Une annulation va à tous ceux-là.",
        "en": "Who received the report: only a running gateway knows. A cancellation goes to every one of them.",
    }]  # fmt: skip


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
        endpoints=wiring.endpoints_of(settings),
    )


def _origin(event: Event, settings: Settings | None) -> Origin:
    return (wiring.Mailboxes(settings).of(_tenant(settings), event.sender) if settings else None) or NOBODY


def _tenant(settings: Settings | None) -> str:
    return next(iter(settings.tenants), "") if settings else ""
