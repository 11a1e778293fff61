"""The short French text of a mail's body: who says what happened, and what is attached. No health content beyond
what the documents say: the title of the document, not what it holds; of a report taken back, not even that."""

from __future__ import annotations

from gateway.model.event import (
    ActivityChanged,
    Event,
    MemberJoined,
    MemberLeft,
    PlanClosed,
    PlanCreated,
    PlanRevised,
    ReportCancelled,
    ReportReplaced,
    ReportShared,
    RoleChanged,
    TeamClosed,
    TeamCreated,
)

_WHAT = {
    TeamCreated.type: "vous informe de la création d'une équipe de soins.",
    MemberJoined.type: "vous informe de l'arrivée d'un membre dans une équipe de soins.",
    MemberLeft.type: "vous informe du départ d'un membre d'une équipe de soins.",
    RoleChanged.type: "vous informe d'un changement de rôle dans une équipe de soins.",
    TeamClosed.type: "vous informe de la fin d'une équipe de soins.",
    PlanCreated.type: "vous adresse un plan personnalisé de coordination.",
    PlanRevised.type: "vous adresse la révision d'un plan personnalisé de coordination.",
    ActivityChanged.type: "vous informe d'une action modifiée dans un plan personnalisé de coordination.",
    PlanClosed.type: "vous informe de la clôture d'un plan personnalisé de coordination.",
    ReportShared.type: "vous adresse un document.",
    ReportReplaced.type: "vous adresse la nouvelle version d'un document.",
    ReportCancelled.type: "annule un document qui vous a été adressé.",
}

_WHY = {
    "wrong-patient": "il ne concerne pas ce patient",
    "wrong-recipient": "il a été envoyé à un destinataire auquel il n'était pas destiné",
    "error": "il contient une erreur",
    "patient-request": "à la demande du patient",
}


def body_text(event: Event, title: str) -> str:
    """A few lines a person can read without any software: plain text, LF line ends."""
    sender = event.sender
    who = sender.name or (
        sender.organization.name if sender.organization and sender.organization.name else "L'émetteur"
    )
    place = f" ({sender.organization.name})" if sender.name and sender.organization and sender.organization.name else ""
    lines = ["Bonjour,", "", f"{who}{place} {_WHAT[event.type]}"]
    match event:
        case ReportReplaced() | ReportShared() if event.report.replaces is not None:  # AMBU.MSS/va1.02
            lines.append("Ce document annule et remplace la version précédente, qui ne doit plus être utilisée.")
        case ReportCancelled():
            lines += [
                f"Ce document ne doit plus être utilisé. Motif : {_WHY[event.report.reason]}.",
                "Retirez-le du dossier du patient, ou marquez-le comme annulé. Ce message n'en reprend pas le contenu.",
            ]
    return "\n".join(
        (
            *lines,
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
