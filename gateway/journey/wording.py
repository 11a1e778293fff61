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

_TO_PATIENT = {
    TeamCreated.type: "vous informe que votre équipe de soins est constituée.",
    MemberJoined.type: "vous informe qu'une personne rejoint votre équipe de soins.",
    MemberLeft.type: "vous informe qu'une personne quitte votre équipe de soins.",
    RoleChanged.type: "vous informe qu'une personne change de rôle dans votre équipe de soins.",
    TeamClosed.type: "vous informe que votre équipe de soins prend fin.",
    PlanCreated.type: "vous envoie votre plan de soins.",
    PlanRevised.type: "vous envoie votre plan de soins mis à jour.",
    ActivityChanged.type: "vous informe d'un changement dans votre plan de soins.",
    PlanClosed.type: "vous informe que votre plan de soins est terminé.",
    ReportShared.type: "vous envoie un document.",
    ReportReplaced.type: "vous envoie la nouvelle version d'un document.",
    ReportCancelled.type: "vous demande de ne plus tenir compte d'un document reçu auparavant.",
}

_WHY = {
    "wrong-patient": "il ne concerne pas ce patient",
    "wrong-recipient": "il a été envoyé à un destinataire auquel il n'était pas destiné",
    "error": "il contient une erreur",
    "patient-request": "à la demande du patient",
}

_WHY_TO_PATIENT = {
    "wrong-patient": "il ne vous concerne pas",
    "wrong-recipient": "il ne vous était pas destiné",
    "error": "il contient une erreur",
    "patient-request": "vous l'avez demandé",
}


def body_text(event: Event, title: str, *, to_patient: bool = False, ends: bool = False) -> str:
    """A few lines a person can read without any software: plain text, LF line ends.

    to_patient  in words for the person cared for, without a term of the trade
    ends        of a mail to the patient: it cannot be answered
    """
    sender = event.sender
    organization = (sender.organization.name if sender.organization else None) or ""
    who = sender.name or organization or "L'émetteur"
    place = f" ({organization})" if sender.name and organization else ""
    said = (_TO_PATIENT if to_patient else _WHAT)[event.type]
    lines = ["Bonjour,", "", f"{who}{place} {said}"]
    match event:
        case ReportReplaced() | ReportShared() if event.report.replaces is not None:  # AMBU.MSS/va1.02
            lines.append("Ce document annule et remplace la version précédente, qui ne doit plus être utilisée.")
        case ReportCancelled():
            why = (_WHY_TO_PATIENT if to_patient else _WHY)[event.report.reason]
            lines += [
                f"Ce document ne doit plus être utilisé. Motif : {why}.",
                "Ce message n'en reprend pas le contenu." if to_patient else _TAKE_AWAY,
            ]
    after = _for_patient(who, ends) if to_patient else _FOR_PROFESSIONALS
    return "\n".join((*lines, "", f"Document joint : {title}", "", *after, ""))


_TAKE_AWAY = "Retirez-le du dossier du patient, ou marquez-le comme annulé. Ce message n'en reprend pas le contenu."

_FOR_PROFESSIONALS = (
    "- le fichier PDF se lit avec tout logiciel ;",
    "- le fichier IHE_XDM.zip est destiné à votre logiciel métier, qui peut l'intégrer au dossier du patient.",
    "",
    "Message envoyé par Passerelle pour le compte de l'émetteur. Vos logiciels peuvent accuser réception.",
)


def _for_patient(who: str, ends: bool) -> tuple[str, ...]:
    return (
        "Pour le lire, ouvrez le fichier PDF. L'autre fichier, IHE_XDM.zip, sert aux logiciels des professionnels :",
        "vous n'avez pas besoin de l'ouvrir.",
        "",
        "Cet échange est terminé : vous ne pouvez pas répondre à ce message."
        if ends
        else "Vous pouvez répondre à ce message. En cas d'urgence, appelez le 15.",
        "",
        f"Message envoyé par Passerelle à la demande de {who}.",
    )
