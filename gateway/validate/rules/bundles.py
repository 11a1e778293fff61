"""Rules on Bundles: identity of the entries, links, documents, messages, answers to a search."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

BUNDLES = {
    "full-url-missing": Rule(
        "error",
        "required",
        "Hors transaction et batch, chaque entrée d'un Bundle doit avoir une « fullUrl », l'identité de sa ressource.",
        "Except in a transaction or batch, each entry of a Bundle must have a “fullUrl”, the identity of its resource.",
    ),
    "full-url-relative": Rule(
        "error",
        "value",
        "La « fullUrl » doit être absolue : une URL complète (https://…) ou une URN (urn:uuid:…).",
        "The “fullUrl” must be absolute: a whole URL (https://…) or a URN (urn:uuid:…).",
    ),
    "full-url-no-id": Rule(
        "error",
        "required",
        "La « fullUrl » est une URL RESTful (…/Type/id), mais la ressource n'a pas d'« id ».",
        "The “fullUrl” is a RESTful URL (…/Type/id), but the resource has no “id”.",
    ),
    "full-url-other-id": Rule(
        "error",
        "value",
        "La « fullUrl » est une URL RESTful : elle doit finir par le type et l'« id » de la ressource (…/Type/id).",
        "The “fullUrl” is a RESTful URL: it must end with the type and “id” of the resource (…/Type/id).",
    ),
    "request-other-type": Rule(
        "warning",
        "value",
        "La requête de cette entrée vise {type}, ce que la ressource n'est pas.",
        "The request of this entry is for {type}, which the resource is not.",
    ),
    "request-other-id": Rule(
        "warning",
        "value",
        "La requête (PUT) de cette entrée vise un autre « id » que celui de la ressource.",
        "The request (PUT) of this entry is for another “id” than that of the resource.",
    ),
    "link-not-here": Rule(
        "error",
        "value",
        "Un lien « {relation} » ne se met que dans la réponse à une recherche ou un historique.",
        "A link “{relation}” is only for the answer to a search or a history.",
    ),
    "link-twice": Rule(
        "error",
        "duplicate",
        "Un seul lien « {relation} » est permis.",
        "Only one link “{relation}” is allowed.",
    ),
    "stylesheet-external": Rule(
        "warning",
        "business-rule",
        "Une feuille de style externe autre que https://hl7.org/fhir/fhir.css est à éviter dans un document.",
        "A document should have no external stylesheet other than https://hl7.org/fhir/fhir.css.",
    ),
    "stylesheet-missing": Rule(
        "error",
        "not-found",
        "La feuille de style (Type/id) n'est pas une entrée de ce Bundle.",
        "The stylesheet (Type/id) is no entry of this Bundle.",
    ),
    "document-missing": Rule(
        "error",
        "not-found",
        "Ce que la Composition désigne doit être une entrée du document, et aucune n'a la « fullUrl » visée.",
        "What the Composition refers to must be an entry of the document, and none has the “fullUrl” it means.",
    ),
    "message-missing": Rule(
        "error",
        "not-found",
        "L'objet (« focus ») du message doit être une entrée du Bundle, et aucune n'a la « fullUrl » visée.",
        "The focus of the message must be an entry of the Bundle, and none has the “fullUrl” it means.",
    ),
    "entry-not-reached": Rule(
        "error",
        "business-rule",
        "Rien ne mène à cette entrée depuis la Composition, ni d'elle à une entrée du document.",
        "Nothing leads to this entry from the Composition, nor from it to an entry of the document.",
    ),
    "entry-reached-backwards": Rule(
        "warning",
        "business-rule",
        "Cette entrée désigne le document, mais rien du document ne mène à elle : seule une Provenance le peut.",
        "This entry refers to the document, but nothing of the document leads to it: only a Provenance may.",
    ),
    "entry-not-reached-message": Rule(
        "information",
        "informational",
        "Rien ne mène à cette entrée depuis le MessageHeader : vérifier qu'elle a sa place dans le message.",
        "Nothing leads to this entry from the MessageHeader: check that it belongs in the message.",
    ),
    "search-no-modes": Rule(
        "warning",
        "required",
        "Les entrées d'une réponse à une recherche devraient avoir « search.mode » (match, include ou outcome).",
        "The entries of an answer to a search should have “search.mode” (match, include or outcome).",
    ),
    "search-no-mode": Rule(
        "warning",
        "required",
        "Cette entrée n'a pas de « search.mode », que d'autres ont.",
        "This entry has no “search.mode”, which others have.",
    ),
    "search-no-resource": Rule(
        "error",
        "required",
        "Une entrée d'une réponse à une recherche doit porter une ressource.",
        "An entry of an answer to a search must hold a resource.",
    ),
    "search-no-id": Rule(
        "error",
        "required",
        "Une ressource trouvée par une recherche doit avoir un « id ».",
        "A resource found by a search must have an “id”.",
    ),
    "search-no-outcome": Rule(
        "error",
        "value",
        "Une entrée de mode « outcome » doit être un OperationOutcome.",
        "An entry of mode “outcome” must be an OperationOutcome.",
    ),
    "search-other-type": Rule(
        "error",
        "value",
        "Cette ressource (mode « match ») n'est pas d'un type que la recherche demandait : {types}.",
        "This resource (mode “match”) is of no type the search asked for: {types}.",
    ),
}
