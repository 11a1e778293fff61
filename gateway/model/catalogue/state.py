"""What the gateway knows already: teams, plans, reports."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
    # — state
    "unknown-team": Text(
        "Cette équipe n'a pas été annoncée par votre logiciel.",
        "Your software has not announced this team.",
        "Envoyez d'abord team.created.",
        "Send team.created first.",
    ),
    "unknown-plan": Text(
        "Ce plan n'a pas été annoncé par votre logiciel.",
        "Your software has not announced this plan.",
        "Envoyez d'abord plan.created.",
        "Send plan.created first.",
    ),
    "unknown-member": Text(
        "Ce membre ne fait pas partie de l'équipe connue.",
        "This member is not in the team as known.",
        "Vérifiez member.id, ou annoncez d'abord son arrivée.",
        "Check member.id, or announce their arrival first.",
    ),
    "other-patient": Text(
        "L'équipe, le plan ou le document appartient à un autre patient.",
        "The team, plan or report belongs to another patient.",
        "Vérifiez l'identifiant de l'équipe, du plan ou du document.",
        "Check the id of the team, plan or report.",
    ),
    "unknown-report": Text(
        "Ce document n'a pas été annoncé par votre logiciel.",
        "Your software has not announced this report.",
        "Vérifiez l'identifiant, ou envoyez d'abord report.shared.",
        "Check the id, or send report.shared first.",
    ),
    "member-left": Text(
        "Ce membre avait déjà quitté l'équipe.",
        "This member had already left the team.",
        "Annoncez d'abord son retour (team.member-joined).",
        "Announce their return first (team.member-joined).",
    ),
    "plan-closed": Text(
        "Le plan est clos.",
        "The plan is closed.",
        "Créez un nouveau plan, ou renvoyez plan.created s'il a été clos par erreur.",
        "Create a new plan, or send plan.created again if it was closed by mistake.",
    ),
    "report-cancelled": Text(
        "Ce document a été annulé.",
        "This report was cancelled.",
        "Partagez le nouveau document sous un nouvel identifiant.",
        "Share the new report under a new id.",
    ),
    "replaces-itself": Text(
        "Un document ne se remplace pas lui-même, ni par sa première version.",
        "A report takes neither its own place nor that of its later versions.",
        "Donnez à la nouvelle version un identifiant à elle.",
        "Give the new version an id of its own.",
    ),
    "version-not-newer": Text(
        "Le numéro de version n'est pas supérieur à celui du document remplacé.",
        "The version number is not above that of the report it replaces.",
        "Augmentez report.version, ou vérifiez report.replaces.",
        "Raise report.version, or check report.replaces.",
    ),
    "team-closed": Text(
        "L'équipe est close.",
        "The team is closed.",
        "Créez une nouvelle équipe, ou renvoyez team.created si elle a été close par erreur.",
        "Create a new team, or send team.created again if it was closed by mistake.",
    ),
    "ambiguous-event": Text(
        "Plusieurs types d'événement correspondent à ce qui a été envoyé.",
        "More than one type of event fits what was sent.",
        "Indiquez le type dans Bundle.meta.tag.",
        "Name the type in Bundle.meta.tag.",
    ),
}
