"""Something accepted that the sender should know."""

from __future__ import annotations

from gateway.model.texts import Text

NOTICES: dict[str, Text] = {
    "late-event": Text(
        "L'événement est antérieur à l'état déjà connu ; il est accepté.",
        "The event happened before the state already known; it is accepted.",
    ),
    "team-replaced": Text(
        "L'équipe était déjà connue ; son état est remplacé.",
        "The team was already known; its state is replaced.",
    ),
    "plan-replaced": Text(
        "Le plan était déjà connu ; son état est remplacé.",
        "The plan was already known; its state is replaced.",
    ),
    "member-already-in": Text(
        "Ce membre fait déjà partie de l'équipe ; ses informations sont mises à jour.",
        "This member is already in the team; their details are updated.",
    ),
    "team-not-chosen": Text(
        "Le patient a plusieurs équipes et l'événement n'en nomme aucune.",
        "The patient has several teams and the event names none.",
    ),
    "ins-kept-inside": Text(
        "L'identité n'est pas qualifiée : le matricule INS reste dans la passerelle.",
        "The identity is not qualified: the INS number stays inside the gateway.",
    ),
    "pdf-not-archival": Text(
        "Le PDF reçu ne se déclare pas PDF/A-1 ; il est transmis tel quel.",
        "The PDF received does not claim PDF/A-1; it is carried as it is.",
    ),
}
