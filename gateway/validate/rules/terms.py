"""Rules on codes: bindings to value sets, codes and displays of code systems, and the definitions of both."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

TERMS = {
    "not-in-value-set": Rule(
        "error",
        "code-invalid",
        "Ce code n'est pas dans le jeu de valeurs {value_set}, obligatoire ici. Attendu : {fr}.",
        "This code is not in the value set {value_set}, which is required here. Expected: {en}.",
    ),
    "outside-extensible": Rule(
        "warning",
        "code-invalid",
        "Ce code n'est pas dans le jeu de valeurs {value_set} ; un autre code n'est admis ici que si aucun de ce jeu "
        "ne convient. Attendu : {fr}.",
        "This code is not in the value set {value_set}; another one is allowed here only if none of the set fits. "
        "Expected: {en}.",
    ),
    "outside-preferred": Rule(
        "information",
        "code-invalid",
        "Ce code n'est pas dans le jeu de valeurs {value_set}, recommandé ici. Recommandé : {fr}.",
        "This code is not in the value set {value_set}, which is recommended here. Recommended: {en}.",
    ),
    "outside-maximum": Rule(
        "error",
        "code-invalid",
        "Ce code n'est pas dans le jeu de valeurs {value_set}, hors duquel aucun code n'est admis ici. Attendu : {fr}.",
        "This code is not in the value set {value_set}, outside of which no code is allowed here. Expected: {en}.",
    ),
    "no-code": Rule(
        "error",
        "code-invalid",
        "Aucun code n'est donné ; il en faut un du jeu de valeurs {value_set}. Attendu : {fr}.",
        "No code is given; one of the value set {value_set} is needed. Expected: {en}.",
    ),
    "binding-unverified": Rule(
        "warning",
        "not-found",
        "Ce code n'a pas pu être vérifié dans le jeu de valeurs {value_set} : la définition ou le contenu de {missing} "
        "n'est pas disponible ici. Installez le paquet qui la contient.",
        "This code could not be checked against the value set {value_set}: the definition or the content of {missing} "
        "is not available here. Install the package that has it.",
    ),
    "unknown-system": Rule(
        "warning",
        "not-found",
        "Les codes du système {system} ne sont pas vérifiés : son contenu n'est pas disponible ici.",
        "Codes of the system {system} are not verified: its content is not available here.",
    ),
    "unknown-code": Rule(
        "error",
        "code-invalid",
        "Ce code n'existe pas dans le système {system}. Corrigez le code, ou son système.",
        "This code does not exist in the system {system}. Correct the code, or its system.",
    ),
    "unknown-code-in-part": Rule(
        "warning",
        "code-invalid",
        "Ce code n'est pas dans la partie connue ici du système {system} ; il peut exister ailleurs.",
        "This code is not in the part of the system {system} that is known here; it may exist elsewhere.",
    ),
    "malformed-code": Rule(
        "error",
        "code-invalid",
        "Ce code n'a pas la forme d'un code du système {system}. Attendu : {fr}.",
        "This code has not the form of a code of the system {system}. Expected: {en}.",
    ),
    "wrong-display": Rule(
        "error",
        "invalid",
        "Ce libellé n'est pas un de ceux que {system} donne au code. Reprenez-en un, ou ne donnez que le code.",
        "This display is none of those {system} gives the code. Take one of them, or give the code alone.",
    ),
    "ended-code": Rule(
        "warning",
        "business-rule",
        "Ce code n'est plus en usage dans le système {system}. Vérifiez s'il convient encore.",
        "This code is no longer in use in the system {system}. Check whether it is still right.",
    ),
    "abstract-code": Rule(
        "warning",
        "business-rule",
        "Ce code du système {system} ne sert qu'à en regrouper d'autres. Prenez-en un plus précis.",
        "This code of the system {system} only groups others. Take a more precise one.",
    ),
    "no-system": Rule(
        "warning",
        "invalid",
        "Un code sans système n'a pas de sens défini et ne peut être vérifié. Donnez son système.",
        "A code without a system has no defined meaning and cannot be verified. Give its system.",
    ),
    "system-relative": Rule(
        "error",
        "invalid",
        "Un système de codes se nomme par une URI absolue.",
        "A code system is named by an absolute URI.",
    ),
    "system-is-value-set": Rule(
        "error",
        "invalid",
        "{system} est un jeu de valeurs. Donnez le système de codes d'où vient le code.",
        "{system} is a value set. Give the code system that the code is from.",
    ),
    "system-is-supplement": Rule(
        "error",
        "not-found",
        "{system} est un supplément. Donnez le système de codes qu'il complète.",
        "{system} is a supplement. Give the code system it adds to.",
    ),
    "concepts-not-present": Rule(
        "error",
        "invalid",
        "Le système de codes dit n'avoir aucun contenu ici (not-present), et des concepts sont donnés.",
        "The code system says that it has no content here (not-present), and concepts are given.",
    ),
    "wrong-count": Rule(
        "error",
        "invalid",
        "Le système de codes dit être complet avec {count} concepts, et il en a {found}.",
        "The code system says that it is complete with {count} concepts, and has {found}.",
    ),
    "property-twice": Rule(
        "error",
        "business-rule",
        "Une propriété de ce code est déjà définie.",
        "A property of this code is already defined.",
    ),
    "property-misnamed": Rule(
        "error",
        "business-rule",
        "Cette propriété a le sens de « {code} » et le code d'une autre propriété de FHIR. Appelez-la « {code} ».",
        "This property means “{code}” and has the code of another property of FHIR. Call it “{code}”.",
    ),
    "property-type": Rule(
        "error",
        "business-rule",
        "Une propriété « {code} » est de type {type}.",
        "A property “{code}” has the type {type}.",
    ),
    "property-value": Rule(
        "error",
        "business-rule",
        "Le système de codes dit cette propriété de type {type} ; sa valeur ici est d'un autre type.",
        "The code system says that this property has the type {type}; its value here has another.",
    ),
    "filter-not-coding": Rule(
        "error",
        "invalid",
        "La propriété {property} a pour valeurs des Coding : la valeur du filtre s'écrit système#code.",
        "The property {property} has Codings as values: the value of the filter is written system#code.",
    ),
    "filter-not-code": Rule(
        "error",
        "invalid",
        "La valeur de ce filtre sur {property} doit être un code du système {system}.",
        "The value of this filter on {property} must be a code of the system {system}.",
    ),
    "filter-not-boolean": Rule(
        "error",
        "invalid",
        "La propriété {property} est un booléen : la valeur du filtre est true ou false.",
        "The property {property} is a boolean: the value of the filter is true or false.",
    ),
    "filter-expression": Rule(
        "error",
        "invalid",
        "L'expression de ce filtre n'est pas une contrainte ECL : deux opérandes se suivent sans opérateur.",
        "The expression of this filter is no ECL constraint: two operands follow each other without an operator.",
    ),
}
