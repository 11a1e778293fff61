"""What the gateway knows already: teams, plans, reports."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
    # — state
    "unknown-team": Text(
        "Cette équipe n'a pas été annoncée par votre logiciel.",
        "Your software has not announced this team.",
        "Envoyez d'abord team.created (ou team.snapshot).",
        "Send team.created (or team.snapshot) first.",
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
        "L'équipe ou le plan appartient à un autre patient.",
        "The team or plan belongs to another patient.",
        "Vérifiez l'identifiant de l'équipe ou du plan.",
        "Check the team's or plan's id.",
    ),
    "team-closed": Text(
        "L'équipe est close.",
        "The team is closed.",
        "Créez une nouvelle équipe.",
        "Create a new team.",
    ),
    "ambiguous-event": Text(
        "Plusieurs types d'événement correspondent à ce qui a été envoyé.",
        "More than one type of event fits what was sent.",
        "Indiquez le type dans Bundle.meta.tag.",
        "Name the type in Bundle.meta.tag.",
    ),
}
