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
    "local-id-like-ins": Text(
        "Cet identifiant local a la forme et la clé d'un matricule INS ; il part tel quel.",
        "This local identifier has the form and the key of an INS number; it leaves as it is.",
        "Si c'en est un, envoyez-le dans patient.ins, avec le statut de l'identité.",
        "If it is one, send it in patient.ins, with the status of the identity.",
    ),
    "incoherent-document": Text(
        "Le document CDA joint dit autre chose que ce champ ; tel quel, il ne partira pas par messagerie.",
        "The CDA document sent says otherwise than this field; as it is, it will not leave by mail.",
    ),
    "masks-of-document": Text(
        "Le document CDA joint est masqué au-delà de ce que dit l'événement ({about}) ; ces masquages sont appliqués.",
        "The CDA document sent is masked beyond what the event says ({about}); these masks are applied.",
    ),
    "cda-rules-broken": Text(
        "L'en-tête du document CDA enfreint des règles nationales ({about}) ; passerelle cda check les détaille.",
        "The header of the CDA document breaks national rules ({about}); passerelle cda check explains them.",
    ),
    "pdf-not-archival": Text(
        "Le PDF reçu ne se déclare pas PDF/A-1 ; il est transmis tel quel.",
        "The PDF received does not claim PDF/A-1; it is carried as it is.",
    ),
    "time-assumed": Text(
        "L'heure de création du document n'a pas de fuseau, ou pas d'heure : celle de Paris, ou minuit, est supposée.",
        "The document's creation time has no zone, or no clock: that of Paris, or midnight, is assumed.",
    ),
}
