"""What the HTTP door says when it cannot do what was asked: stable codes, in two languages (`GET /v1/errors`).

Faults of an event itself are in `catalogue`; an answer may take its code from either.
"""

from __future__ import annotations

from gateway.model.texts import Text

PROBLEMS: dict[str, Text] = {
    "rejected": Text(
        "Ce qui a été envoyé ne peut pas être accepté ; chaque raison est nommée.",
        "What was sent cannot be accepted; every reason is named.",
        "Corrigez chaque point de la liste, puis renvoyez.",
        "Correct each point of the list, then send again.",
    ),
    "unauthenticated": Text(
        "Aucune clé valable n'accompagne la demande.",
        "No valid key comes with the request.",
        "Envoyez « Authorization: Bearer CLÉ » avec une clé en service.",
        "Send “Authorization: Bearer KEY” with a key in use.",
    ),
    "forbidden": Text(
        "Le rôle de cette clé ne permet pas cette opération.",
        "This key's role does not allow this operation.",
        "Demandez à l'administrateur une clé du rôle nécessaire.",
        "Ask the administrator for a key of the role needed.",
        "admin",
    ),
    "not-found": Text(
        "Rien ne se trouve à cette adresse pour cette clé.",
        "There is nothing at this address for this key.",
        "Vérifiez l'adresse et l'identifiant.",
        "Check the address and the id.",
    ),
    "method-not-allowed": Text(
        "Cette adresse ne connaît pas cette méthode HTTP.",
        "This address does not know this HTTP method.",
        "Voyez l'en-tête Allow de la réponse.",
        "See the Allow header of the answer.",
    ),
    "not-now": Text(
        "L'état actuel ne permet pas cette opération.",
        "The present state does not allow this operation.",
        "Relisez l'échange : son état dit ce qui est possible.",
        "Read the exchange again: its state says what is possible.",
    ),
    "address-not-known": Text(
        "L'annuaire ne connaît pas cette adresse pour ce destinataire.",
        "The directory does not know this address for this recipient.",
        "Vérifiez-la auprès du destinataire, puis confirmez-la avec un motif.",
        "Check it with the recipient, then force it with a reason.",
        "admin",
    ),
    "barred": Text(
        "Le contrôle légal ne permet pas cet envoi ({about}).",
        "The legal gate does not permit this ({about}).",
        "Lisez le motif ; rien n'a été fait.",
        "Read the reason; nothing was done.",
        "admin",
    ),
    "unsupported-media-type": Text(
        "Ce type de contenu, ce jeu de caractères ou cette compression n'est pas pris en charge.",
        "This content type, character set or compression is not supported.",
        "Envoyez, non compressé, l'un des types de l'en-tête Accept-Post : du JSON UTF-8, ou le format du dialecte.",
        "Send, uncompressed, one of the types Accept-Post names: UTF-8 JSON, or the format of the dialect.",
    ),
    "not-acceptable": Text(
        "Aucun des formats demandés n'est disponible ; la passerelle répond en {about}.",
        "None of the formats asked for is available; the gateway answers in {about}.",
        "Corrigez l'en-tête Accept ou le paramètre _format.",
        "Correct the Accept header or the _format parameter.",
    ),
    "no-validator": Text(
        "Cette passerelle ne valide pas de ressources FHIR.",
        "This gateway does not validate FHIR resources.",
        "Adressez-vous à une passerelle complète.",
        "Ask a whole gateway.",
        "admin",
    ),
    "bad-header": Text(
        "L'en-tête {about} est illisible, répété ou trop long.",
        "Header {about} cannot be read, is repeated or is too long.",
        "Corrigez ou retirez cet en-tête.",
        "Correct or remove this header.",
    ),
    "bad-parameter": Text(
        "Le paramètre {about} n'a pas la forme attendue.",
        "Parameter {about} does not have the expected form.",
        "Corrigez ou retirez ce paramètre.",
        "Correct or remove this parameter.",
    ),
    "too-slow": Text(
        "Le corps n'est pas arrivé dans le temps permis ({about}).",
        "The body did not arrive in the time allowed ({about}).",
        "Vérifiez la liaison, puis renvoyez avec la même clé d'idempotence.",
        "Check the line, then send again with the same idempotency key.",
    ),
    "too-busy": Text(
        "La passerelle reçoit trop de données à la fois.",
        "The gateway is receiving too much at once.",
        "Renvoyez après le délai indiqué par Retry-After, avec la même clé d'idempotence.",
        "Send again after the delay in Retry-After, with the same idempotency key.",
        "nobody",
    ),
    "wrong-digest": Text(
        "Le contenu reçu n'a pas l'empreinte SHA-256 que dit son adresse.",
        "The content received does not have the SHA-256 digest its address says.",
        "Calculez l'empreinte sur les octets envoyés, puis déposez de nouveau.",
        "Take the digest of the bytes sent, then upload again.",
    ),
    "too-much-waiting": Text(
        "Votre logiciel a déposé beaucoup de contenus qu'aucun événement n'a encore nommés.",
        "Your software has uploaded many contents that no event has named yet.",
        "Envoyez les événements qui les nomment ; sans événement, un contenu disparaît après 24 heures.",
        "Send the events that name them; without an event a content is gone after 24 hours.",
    ),
    "too-fast": Text(
        "Votre logiciel envoie plus de demandes par seconde que la passerelle n'en prend de lui.",
        "Your software sends more requests a second than the gateway takes from it.",
        "Ralentissez, et renvoyez après le délai indiqué par Retry-After, avec la même clé d'idempotence.",
        "Slow down, and send again after the delay in Retry-After, with the same idempotency key.",
    ),
    "too-many-unprepared": Text(
        "Beaucoup d'événements de votre logiciel attendent encore d'être préparés.",
        "Many events of your software still wait to be prepared.",
        "Renvoyez après le délai indiqué par Retry-After, avec la même clé d'idempotence.",
        "Send again after the delay in Retry-After, with the same idempotency key.",
        "nobody",
    ),
    "overloaded": Text(
        "La passerelle a trop à envoyer, ou trop peu de mémoire, pour prendre autre chose.",
        "The gateway has too much to send, or too little memory, to take in anything else.",
        "Renvoyez après le délai indiqué par Retry-After, avec la même clé d'idempotence.",
        "Send again after the delay in Retry-After, with the same idempotency key.",
        "admin",
    ),
    "storage-full": Text(
        "La passerelle n'a plus de place pour enregistrer.",
        "The gateway has no room left to record.",
        "Prévenez l'administrateur ; renvoyez plus tard avec la même clé d'idempotence.",
        "Tell the administrator; send again later with the same idempotency key.",
        "admin",
    ),
    "unavailable": Text(
        "La passerelle ne peut pas répondre pour l'instant.",
        "The gateway cannot answer for now.",
        "Renvoyez après le délai indiqué par Retry-After, avec la même clé d'idempotence.",
        "Send again after the delay in Retry-After, with the same idempotency key.",
        "admin",
    ),
    "broken": Text(
        "La passerelle a rencontré un défaut.",
        "The gateway met a defect of its own.",
        "Donnez à l'administrateur le numéro request_id de cette réponse.",
        "Give the administrator the request_id of this answer.",
        "gateway",
    ),
    # — the pages
    "form-expired": Text(
        "Ce formulaire n'est plus valable.",
        "This form is no longer valid.",
        "Revenez à la page précédente, rechargez-la, puis recommencez.",
        "Go back to the page before, reload it, and start again.",
    ),
}
