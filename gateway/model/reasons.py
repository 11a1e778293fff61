"""Why a leg or an exchange is where it is, and who can put it right. Codes are public and permanent."""

from __future__ import annotations

from gateway.model.texts import Text

REASONS: dict[str, Text] = {
    # — the gate and the addresses
    "not-in-white-list": Text(
        "Le domaine du destinataire n'est pas dans la liste blanche MSSanté.",
        "The recipient's domain is not in the MSSanté white list.",
        "Vérifiez l'adresse, ou attendez la prochaine liste.",
        "Check the address, or wait for the next list.",
        "admin",
    ),
    "white-list-missing": Text(
        "La liste blanche MSSanté n'est pas disponible, ou trop ancienne.",
        "The MSSanté white list is not available, or too old.",
        "Vérifiez le téléchargement de la liste blanche.",
        "Check the download of the white list.",
        "admin",
    ),
    "no-address": Text(
        "Aucune boîte MSSanté connue pour ce destinataire.",
        "No MSSanté mailbox is known for this recipient.",
        "Demandez son adresse au destinataire, ou mettez l'annuaire à jour.",
        "Ask the recipient for an address, or update the directory.",
        "recipient",
    ),
    "not-addressable": Text(
        "Un proche du patient n'est jamais destinataire.",
        "A relative of the patient is never addressed.",
        "Rien à faire.",
        "Nothing to do.",
        "nobody",
    ),
    "is-the-sender": Text(
        "L'émetteur ne s'écrit pas à lui-même.",
        "The sender does not write to themselves.",
        "Rien à faire.",
        "Nothing to do.",
        "nobody",
    ),
    "has-left": Text(
        "Ce membre ne fait plus partie de l'équipe.",
        "This member is no longer in the team.",
        "Rien à faire.",
        "Nothing to do.",
        "nobody",
    ),
    "not-identified": Text(
        "Le destinataire n'est pas un professionnel ou une structure identifié.",
        "The recipient is not an identified professional or structure.",
        "Ajoutez son RPPS ou son FINESS.",
        "Add their RPPS or FINESS number.",
        "sender",
    ),
    "not-in-care": Text(
        "Le destinataire n'est pas dans l'équipe de soins et l'émetteur ne l'a pas désigné.",
        "The recipient is not in the care team and was not named by the sender.",
        "Ajoutez-le à l'équipe, ou désignez-le dans recipients.",
        "Add them to the team, or name them in recipients.",
        "sender",
    ),
    "objection": Text(
        "Le patient s'oppose à cet échange.",
        "The patient objects to this exchange.",
        "Parlez-en avec le patient.",
        "Talk with the patient.",
        "nobody",
    ),
    "masked-to-professionals": Text(
        "Le document est masqué aux professionnels.",
        "The document is masked to professionals.",
        "Rien à faire : le masquage est un choix du patient.",
        "Nothing to do: masking is the patient's choice.",
        "sender",
    ),
    "masked-to-patient": Text(
        "Le document n'est pas visible par le patient.",
        "The document is not visible to the patient.",
        "Levez le masquage après l'avoir annoncé au patient.",
        "Lift the mask once the patient has been told.",
        "sender",
    ),
    "ins-not-qualified": Text(
        "L'identité du patient n'est pas qualifiée.",
        "The patient's identity is not qualified.",
        "Qualifiez l'identité auprès du téléservice INSi.",
        "Qualify the identity with the INSi service.",
        "sender",
    ),
    "channel-not-secure": Text(
        "Le canal n'est pas assez sûr (TLS 1.2 au moins, MSSanté vers MSSanté).",
        "The channel is not secure enough (TLS 1.2 at least, MSSanté to MSSanté).",
        "Vérifiez les réglages de l'opérateur.",
        "Check the operator's settings.",
        "admin",
    ),
    "sender-not-identified": Text(
        "L'émetteur n'est pas identifié par un RPPS, un FINESS ou un SIREN.",
        "The sender is not identified by an RPPS, a FINESS or a SIREN.",
        "Ajoutez l'identifiant national de l'émetteur.",
        "Add the sender's national identifier.",
        "sender",
    ),
    "no-route": Text(
        "Aucune route ne concerne cet événement.",
        "No route fits this event.",
        "Ajoutez une route, puis relancez.",
        "Add a route, then retry.",
        "admin",
    ),
    "sign-in-needed": Text(
        "La boîte d'envoi demande une connexion Pro Santé Connect.",
        "The sending mailbox needs a Pro Santé Connect sign-in.",
        "Connectez-vous : les plis repartiront.",
        "Sign in: the parcels will leave.",
        "sender",
    ),
    "incoherent": Text(
        "Les formes du pli ne disent pas la même chose ({about}).",
        "The parcel's forms do not say the same ({about}).",
        "Signalez-le : c'est un défaut de la passerelle.",
        "Report it: this is a defect of the gateway.",
        "gateway",
    ),
    "broken": Text(
        "La passerelle a rencontré un défaut en préparant ce pli.",
        "The gateway met a defect while preparing this parcel.",
        "Relancez ; si cela recommence, signalez-le.",
        "Retry; if it happens again, report it.",
        "gateway",
    ),
    # — the carrier
    "unreachable": Text(
        "L'opérateur ou le système du destinataire n'a pas répondu.",
        "The operator or the recipient's system did not answer.",
        "Rien à faire pour l'instant : nouvel essai prévu.",
        "Nothing to do for now: another try is due.",
        "operator",
    ),
    "try-later": Text(
        "Le transporteur demande de réessayer plus tard.",
        "The carrier asks to try again later.",
        "Rien à faire pour l'instant : nouvel essai prévu.",
        "Nothing to do for now: another try is due.",
        "operator",
    ),
    "never": Text(
        "Le transporteur refuse définitivement ce pli.",
        "The carrier refuses this parcel for good.",
        "Lisez sa réponse ; vérifiez l'adresse du destinataire.",
        "Read its answer; check the recipient's address.",
        "recipient",
    ),
    "outcome-unknown": Text(
        "La ligne est tombée après l'envoi : le pli est peut-être arrivé.",
        "The line dropped after sending: the parcel may have arrived.",
        "Un nouvel essai identique suivra ; le destinataire peut le voir deux fois.",
        "An identical try follows; the recipient may see it twice.",
        "nobody",
    ),
    "schedule-used-up": Text(
        "Tous les essais prévus ont échoué.",
        "Every planned try has failed.",
        "Vérifiez l'adresse et l'opérateur, puis relancez.",
        "Check the address and the operator, then retry.",
        "admin",
    ),
    "sign-in-refused": Text(
        "L'opérateur a refusé notre certificat ou notre jeton.",
        "The operator refused our certificate or token.",
        "Vérifiez la boîte d'envoi et son certificat.",
        "Check the sending mailbox and its certificate.",
        "admin",
    ),
    # — receipts
    "bounced": Text(
        "L'opérateur n'a pas pu déposer le message dans la boîte.",
        "The operator could not put the message into the mailbox.",
        "Vérifiez l'adresse auprès du destinataire.",
        "Check the address with the recipient.",
        "recipient",
    ),
    "deleted-unread": Text(
        "Le message a été supprimé sans être affiché.",
        "The message was deleted without being displayed.",
        "Joignez le destinataire.",
        "Contact the recipient.",
        "recipient",
    ),
    "no-receipt": Text(
        "Aucun accusé de lecture dans le délai.",
        "No read receipt in the time allowed.",
        "Joignez le destinataire.",
        "Contact the recipient.",
        "recipient",
    ),
    "refused-by-software": Text(
        "Le logiciel du destinataire n'a pas pu intégrer le document.",
        "The recipient's software could not take in the document.",
        "Voyez le code d'erreur renvoyé.",
        "See the error code it returned.",
        "recipient",
    ),
    # — people
    "held-by-a-person": Text("Retenu par une personne.", "Held by a person.", "Libérez-le.", "Release it.", "admin"),
    "cancelled-by-a-person": Text("Annulé par une personne.", "Cancelled by a person.", who="nobody"),
    "superseded": Text("Un pli plus récent remplace celui-ci.", "A newer parcel takes this one's place.", who="nobody"),
}

RECIPIENT_ERRORS: dict[str, str] = {
    "900": "mauvaise version",
    "901": "auteur non autorisé",
    "902": "patient inconnu",
    "903": "identité sans INS",
    "904": "INS discordant",
    "905": "INS incomplet",
    "906": "autre erreur",
}
"""What a recipient's software may answer (Volet transmission CDA par courriel, table 0533)."""
