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
    "member-already-left": Text(
        "La fin de cette participation était déjà connue ; elle est mise à jour.",
        "The end of this participation was already known; it is updated.",
    ),
    "previous-roles-differ": Text(
        "Les rôles précédents ne sont pas ceux qui étaient connus ; l'événement est accepté.",
        "The previous roles are not those that were known; the event is accepted.",
    ),
    "older-than-known": Text(
        "L'événement est antérieur à ce qui est connu : il est transmis, et ne change pas cet état.",
        "The event is older than what is known: it is passed on, and does not change that state.",
    ),
    "nothing-new": Text(
        "L'événement ne change rien à ce qui est connu ; il est transmis.",
        "The event changes nothing of what is known; it is passed on.",
    ),
    "report-shared-again": Text(
        "Ce document était déjà connu ; il est partagé de nouveau.",
        "This report was already known; it is shared again.",
    ),
    "report-replaced-again": Text(
        "Le document remplacé l'était déjà par une autre version ; les deux nouvelles versions restent valables.",
        "The report was already replaced by another version; both newer versions remain in force.",
    ),
    "replaces-unknown": Text(
        "Le document remplacé n'a pas été annoncé par votre logiciel.",
        "Your software has not announced the report that is replaced.",
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
