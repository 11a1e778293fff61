"""What R4's own invariants say, in French: their authors wrote them in English. Guides speak for themselves."""

from __future__ import annotations

_R4 = "http://hl7.org/fhir/StructureDefinition/"

_FRENCH = {
    "age-1": "Un âge avec une valeur a un code UCUM d'unité de temps, et est positif.",
    "app-1": "Un participant a un type (« type ») ou un acteur (« actor »).",
    "app-2": "Début et fin vont ensemble : donner les deux, ou aucun.",
    "app-3": "Seul un rendez-vous proposé, annulé ou en attente peut être sans début ni fin.",
    "app-4": "Un motif d'annulation ne se donne que pour un rendez-vous annulé ou manqué.",
    "att-1": "Une pièce jointe avec un contenu (« data ») dit son type (« contentType »).",
    "bdl-1": "« total » ne se donne que pour une recherche ou un historique.",
    "bdl-2": "« entry.search » ne se donne que dans la réponse à une recherche.",
    "bdl-3": "Dans un Bundle transaction, batch ou history, chaque entrée a un « request » ; ailleurs, aucune.",
    "bdl-4": "Dans un Bundle transaction-response, batch-response ou history, chaque entrée a un « response » ; "
    "ailleurs, aucune.",
    "bdl-5": "Une entrée a une ressource, à moins d'avoir un « request » ou un « response ».",
    "bdl-7": "Chaque « fullUrl » est unique dans le Bundle, ou les ressources diffèrent par « meta.versionId ».",
    "bdl-8": "Une « fullUrl » ne désigne pas une version (pas de « /_history/ »).",
    "bdl-9": "Un document a un identifiant, avec un système et une valeur.",
    "bdl-10": "Un document a une date (« timestamp »).",
    "bdl-11": "La première ressource d'un document est une Composition.",
    "bdl-12": "La première ressource d'un message est un MessageHeader.",
    "cmp-1": "Une section contient un texte, des entrées ou des sous-sections.",
    "cmp-2": "Une section ne dit pourquoi elle est vide (« emptyReason ») que si elle l'est.",
    "con-1": "Un stade a un résumé (« summary ») ou une évaluation (« assessment »).",
    "con-2": "Un indice (« evidence ») a un code ou un détail.",
    "con-3": "Un problème de la liste des problèmes a un « clinicalStatus », sauf erreur de saisie.",
    "con-4": "Un problème qui a pris fin a pour « clinicalStatus » inactive, resolved ou remission.",
    "con-5": "Un problème saisi par erreur n'a pas de « clinicalStatus ».",
    "cpl-3": "Une activité a une référence ou un détail, pas les deux.",
    "cpt-2": "Un moyen de contact avec une valeur dit lequel (« system » : phone, email…).",
    "ctm-1": "« onBehalfOf » ne se donne que pour un participant qui est un professionnel (Practitioner).",
    "dom-2": "Une ressource contenue n'en contient pas d'autre.",
    "dom-3": "Une ressource contenue est désignée par celle qui la contient (#id), ou désigne celle-ci.",
    "dom-4": "Une ressource contenue n'a ni « meta.versionId » ni « meta.lastUpdated ».",
    "dom-5": "Une ressource contenue n'a pas d'étiquette de sécurité (« meta.security »).",
    "dom-6": "Une ressource devrait avoir un texte lisible (« text »).",
    "drt-1": "Une durée avec une valeur a un code UCUM d'unité de temps.",
    "ele-1": "Un élément a une valeur ou des éléments : il ne peut être vide.",
    "ext-1": "Une extension a une valeur ou d'autres extensions, jamais les deux ni aucune.",
    "gol-1": "Une cible avec un détail dit ce qui est mesuré (« measure »).",
    "inv-1": "Un paramètre a une valeur, une ressource ou des parties : une seule de ces choses.",
    "lst-1": "Une liste ne dit pourquoi elle est vide (« emptyReason ») que si elle l'est.",
    "lst-2": "« deleted » ne se dit que dans une liste de mode « changes ».",
    "lst-3": "La date d'une entrée ne se donne que dans une liste de mode « working ».",
    "obs-3": "Un intervalle de référence a une borne basse, une borne haute ou un texte.",
    "obs-6": "« dataAbsentReason » ne se donne que sans valeur.",
    "obs-7": "Une observation dont un composant a le même code n'a pas elle-même de valeur.",
    "org-1": "Une structure a un nom ou un identifiant.",
    "org-2": "L'adresse d'une structure n'est pas d'usage « home ».",
    "org-3": "Un moyen de contact d'une structure n'est pas d'usage « home ».",
    "pat-1": "Un contact a un nom, un moyen de contact, une adresse ou une structure.",
    "per-1": "Une période commence avant de finir : « start » ne suit pas « end ».",
    "ppc-1": "Un consentement nomme une politique (« policy ») ou une règle (« policyRule »).",
    "prr-1": "« orderDetail » ne se donne qu'avec un « code ».",
    "qty-3": "Une quantité avec un code d'unité dit aussi son système.",
    "rat-1": "Numérateur et dénominateur vont ensemble ; sans eux, il faut une extension.",
    "ref-1": "Une référence locale (#id) désigne une ressource contenue.",
    "rng-2": "La borne basse ne dépasse pas la borne haute.",
    "sev-1": "Une entité a un nom ou une requête, pas les deux.",
    "sqty-1": "Une quantité simple n'a pas de comparateur (« comparator »).",
    "txt-1": "Le texte lisible n'a que de la mise en forme HTML simple : rien d'actif, aucun formulaire.",
    "txt-2": "Le texte lisible n'est pas vide.",
}


def in_french(key: str, source: str) -> str | None:
    """The sentence of one of R4's own invariants; None for another, and for those of guides.

    source: canonical of the definition it is from
    """
    return _FRENCH.get(key) if source.startswith(_R4) else None
