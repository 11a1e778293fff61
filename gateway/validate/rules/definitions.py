"""Rules on resources that define others: profiles, search parameters, what a server says it can do."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

DEFINITIONS = {
    "base-unknown": Rule(
        "warning",
        "not-found",
        "La base {profile} n'est dans aucun des paquets installés : le différentiel n'a pas été jugé.",
        "Base {profile} is in none of the installed packages: the differential has not been judged.",
    ),
    "element-not-in-base": Rule(
        "error",
        "value",
        "La base ({base}) n'a pas d'élément à ce chemin : un profil n'en ajoute pas.",
        "The base ({base}) has no element at this path: a profile adds none.",
    ),
    "type-profile": Rule(
        "error",
        "value",
        "Ce profil porte sur le type {type}, qui n'est pas celui que l'élément nomme.",
        "This profile is for type {type}, which is not the one the element names.",
    ),
    "search-composite": Rule(
        "error",
        "business-rule",
        "Un paramètre de recherche de type « composite » doit avoir au moins deux « component ».",
        "A search parameter of type “composite” must have two or more “component”.",
    ),
    "search-derived-type": Rule(
        "error",
        "business-rule",
        "Le paramètre dont celui-ci dérive est de type {type} : le type doit rester le même.",
        "The parameter this one derives from is of type {type}: the type must stay the same.",
    ),
    "search-derived-base": Rule(
        "error",
        "business-rule",
        "Le paramètre dont celui-ci dérive ne vaut que pour : {bases}.",
        "The parameter this one derives from is only for: {bases}.",
    ),
    "search-parameter-type": Rule(
        "error",
        "value",
        "La définition de ce paramètre de recherche dit le type {type}.",
        "The definition of this search parameter says type {type}.",
    ),
}
