"""The short French text of a mail's body: who says what happened, and what is attached. No health content beyond
what the documents say: the title of the document, not what it holds."""

from __future__ import annotations

from gateway.model.event import Event, MemberJoined, PlanCreated, ReportShared, TeamCreated

_WHAT = {
    TeamCreated.type: "vous informe de la création d'une équipe de soins.",
    MemberJoined.type: "vous informe de l'arrivée d'un membre dans une équipe de soins.",
    PlanCreated.type: "vous adresse un plan personnalisé de coordination.",
    ReportShared.type: "vous adresse un document.",
}


def body_text(event: Event, title: str) -> str:
    """A few lines a person can read without any software: plain text, LF line ends."""
    sender = event.sender
    who = sender.name or (
        sender.organization.name if sender.organization and sender.organization.name else "L'émetteur"
    )
    place = f" ({sender.organization.name})" if sender.name and sender.organization and sender.organization.name else ""
    return "\n".join(
        (
            "Bonjour,",
            "",
            f"{who}{place} {_WHAT[event.type]}",
            "",
            f"Document joint : {title}",
            "",
            "- le fichier PDF se lit avec tout logiciel ;",
            "- le fichier IHE_XDM.zip est destiné à votre logiciel métier, qui peut l'intégrer au dossier du patient.",
            "",
            "Message envoyé par Passerelle pour le compte de l'émetteur. Vos logiciels peuvent accuser réception.",
            "",
        )
    )
