"""Rules on elements: which may stand where, how often, of what type."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

STRUCTURE = {
    "min": Rule(
        "error",
        "required",
        "L'élément « {element} » est obligatoire (au moins {min}) et il en est trouvé {found}.",
        "Element “{element}” is required (at least {min}), {found} found.",
    ),
    "max": Rule(
        "error",
        "structure",
        "L'élément « {element} » peut apparaître au plus {max} fois et il en est trouvé {found}.",
        "Element “{element}” may appear at most {max} times, {found} found.",
    ),
    "unknown-element": Rule(
        "error",
        "structure",
        "Cet élément n'existe pas dans {type}.",
        "This element does not exist in {type}.",
    ),
    "no-resource-type": Rule(
        "error",
        "structure",
        "« resourceType » manque : le type de la ressource doit être dit.",
        "“resourceType” is missing: a resource must say its type.",
    ),
    "unknown-resource-type": Rule(
        "error",
        "structure",
        "Ce type de ressource n'existe pas dans FHIR R4.",
        "FHIR R4 has no such resource type.",
    ),
    "resource-type": Rule(
        "error",
        "structure",
        "La ressource doit être de type {type}.",
        "The resource must be of type {type}.",
    ),
    "abstract-type": Rule(
        "error",
        "structure",
        "Le type « {type} » est abstrait : aucune ressource ne peut l'avoir pour type.",
        "Type “{type}” is abstract: no resource can be of it.",
    ),
    "unknown-type": Rule(
        "information",
        "not-supported",
        "La définition du type « {type} » n'est pas disponible : cette valeur n'est pas contrôlée.",
        "The definition of type “{type}” is not available: this value is not checked.",
    ),
    "one-choice": Rule(
        "error",
        "structure",
        "« {element} » ne peut avoir qu'une seule valeur, d'un seul type ; il en est trouvé {found}.",
        "“{element}” can have one value of one type only, {found} found.",
    ),
    "not-a-list": Rule(
        "error",
        "structure",
        "« {element} » doit être une liste JSON, même pour une seule valeur.",
        "“{element}” must be a JSON array, even for a single value.",
    ),
    "not-single": Rule(
        "error",
        "structure",
        "« {element} » n'a qu'une valeur : ce ne peut être une liste JSON.",
        "“{element}” has one value only: it cannot be a JSON array.",
    ),
    "not-an-object": Rule(
        "error",
        "structure",
        "« {element} » doit être un objet JSON.",
        "“{element}” must be a JSON object.",
    ),
    "empty": Rule(
        "error",
        "structure",
        "Un élément ne peut être vide : il faut une valeur, ou l'omettre.",
        "An element cannot be empty: give it a value or leave it out.",
    ),
    "type": Rule(
        "error",
        "structure",
        "Le type {found} n'est pas permis pour « {element} » : attendu {types}.",
        "Type {found} is not allowed for “{element}”: expected {types}.",
    ),
    "too-costly": Rule(
        "error",
        "too-costly",
        "Le contrôle demande trop de travail : il est arrêté avant la fin. Découper la ressource.",
        "The check asks for too much work and is stopped before its end. Split the resource.",
    ),
}
