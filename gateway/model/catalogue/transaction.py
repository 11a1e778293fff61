"""What the FHIR door says of a transaction that is not one event, and what it tells of one it takes."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
    "nonconformant": Text(
        "La ressource n'est pas conforme à son profil.",
        "The resource does not conform to its profile.",
        "Corrigez chaque point de l'OperationOutcome de la réponse.",
        "Correct each point of the OperationOutcome of the answer.",
    ),
    "unsupported-transaction": Text(
        "Cette transaction n'est d'aucun des guides que la passerelle prend.",
        "This transaction is of none of the guides the gateway takes.",
        "Envoyez une création ou une mise à jour de cercle de soins (CDS), ou un dépôt de document (PDSm, ITI-65).",
        "Send the creation or the update of a care circle (CDS), or a provided document (PDSm, ITI-65).",
    ),
    "several-changes": Text(
        "Cette transaction dit plusieurs choses à la fois : {about}.",
        "This transaction tells several things at once: {about}.",
        "Envoyez une transaction par événement.",
        "Send one transaction for each event.",
    ),
    "no-change": Text(
        "Rien n'est changé par rapport à ce qui est connu de cette équipe.",
        "Nothing is changed from what is known of this team.",
        "Il n'y a rien à envoyer ; vérifiez que le CareTeam porte bien le changement.",
        "There is nothing to send; check that the CareTeam holds the change.",
    ),
    "no-event-for-change": Text(
        "Aucun événement ne dit ce changement à lui seul ({about}).",
        "No event tells this change by itself ({about}).",
        "Envoyez-le avec le prochain changement d'un membre, ou redites l'équipe entière par team.created.",
        "Send it with the next change of a member, or tell the whole team again by team.created.",
    ),
    "team-known": Text(
        "Cette équipe est déjà connue.",
        "This team is known already.",
        "Mettez-la à jour par PUT.",
        "Update it by PUT.",
    ),
    "unknown-participant": Text(
        "Cette référence ne désigne ni une ressource du Bundle ni un membre connu.",
        "This reference names neither a resource of the Bundle nor a known member.",
        "Joignez la ressource au Bundle, ou donnez l'identifiant que la passerelle a répondu.",
        "Put the resource into the Bundle, or give the id the gateway answered.",
    ),
    "no-sender": Text(
        "Rien ne dit qui parle par un numéro national.",
        "Nothing says who speaks by a national number.",
        "Donnez un FINESS, un SIRET ou un RPPS à la structure en charge ou à la source du lot, ou faites régler"
        " l'émetteur de votre logiciel (tenants.*.clients.*.sender) par l'administrateur.",
        "Give the structure in charge, or the source of the set, a FINESS, SIRET or RPPS number, or have the"
        " administrator set the sender of your software (tenants.*.clients.*.sender).",
    ),
    "no-versions": Text(
        "La passerelle ne tient pas de versions : la condition ifMatch ne peut pas être vérifiée.",
        "The gateway keeps no versions: the condition ifMatch cannot be checked.",
        "Retirez ifMatch ; la mise à jour est comparée à ce qui est connu.",
        "Remove ifMatch; the update is compared with what is known.",
    ),
    "unknown-modifier": Text(
        "Cet élément change le sens de la ressource d'une façon que la passerelle ne connaît pas.",
        "This element changes the meaning of the resource in a way the gateway does not know.",
        "Retirez-le, ou envoyez la ressource sans lui.",
        "Remove it, or send the resource without it.",
    ),
    "document-differs": Text(
        "Le document n'est pas celui que décrivent sa taille ou son empreinte.",
        "The document is not the one its size or hash describes.",
        "Donnez la taille et l'empreinte SHA-1 des octets décodés du Binary.",
        "Give the size and the SHA-1 hash of the decoded bytes of the Binary.",
    ),
    "unsupported-patch": Text(
        "Cette modification de statut n'est pas de celles que la passerelle prend.",
        "This change of status is none of those the gateway takes.",
        "Passez l'ancien document à superseded avec celui qui le remplace, ou retirez-le par entered-in-error.",
        "Set the older document to superseded beside the one that replaces it, or take it back by entered-in-error.",
    ),
}

NOTICES: dict[str, Text] = {
    "not-kept": Text(
        "{about} n'a pas de place dans l'événement : ce qui s'y trouve n'est pas transmis.",
        "{about} has no place in the event: what stands there is not passed on.",
    ),
    "more-not-kept": Text(
        "{about} autres éléments n'ont pas de place dans l'événement.",
        "{about} more elements have no place in the event.",
    ),
    "time-of-receipt": Text(
        "{about} n'est pas dit : la date de l'événement est celle de la réception.",
        "{about} is not said: the event happened when it was received.",
    ),
    "sender-in-charge": Text(
        "Personne n'est dit émetteur : {about} est pris pour tel.",
        "Nobody is said to speak: {about} is taken for the sender.",
    ),
    "sender-author": Text(
        "La source du lot n'est ni un professionnel ni une structure : l'auteur {about} est pris pour émetteur.",
        "The source of the set is neither a professional nor a structure: the author {about} is taken for the sender.",
    ),
    "identity-provisional": Text(
        "{about} ne dit pas la fiabilité de l'identité : elle est prise pour provisoire.",
        "{about} does not say how reliable the identity is: it is taken as provisional.",
    ),
    "kind-other": Text(
        "{about} ne dit pas le type de la structure : il est pris pour « OTHER ».",
        "{about} does not say the kind of the structure: it is taken as “OTHER”.",
    ),
    "unknown-recipient": Text(
        "{about} ne désigne personne par un identifiant : ce destinataire n'est pas retenu.",
        "{about} names nobody by an identifier: this recipient is not kept.",
    ),
}
