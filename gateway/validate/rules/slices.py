"""Rules on slices: the kinds of items a profile tells apart in a list."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

SLICES = {
    "slice-min": Rule(
        "error",
        "required",
        "Il faut au moins {min} élément(s) « {element} », il en est trouvé {found}.",
        "At least {min} “{element}” must be there, {found} found.",
    ),
    "slice-max": Rule(
        "error",
        "structure",
        "Il faut au plus {max} élément(s) « {element} », il en est trouvé {found}.",
        "At most {max} “{element}” may be there, {found} found.",
    ),
    "slice-closed": Rule(
        "error",
        "structure",
        "Cet élément n'est d'aucune des tranches de « {element} », et le profil n'en admet pas d'autre.",
        "This item is in none of the slices of “{element}”, and the profile allows no other.",
    ),
    "slice-ambiguous": Rule(
        "error",
        "structure",
        "Cet élément est à la fois de plusieurs tranches de « {element} » : {slices}.",
        "This item is in several slices of “{element}” at once: {slices}.",
    ),
    "slice-end": Rule(
        "error",
        "structure",
        "Un élément « {element} » hors des tranches du profil doit venir après toutes celles-ci.",
        "A “{element}” outside the slices of the profile must come after all of them.",
    ),
    "slice-order": Rule(
        "error",
        "structure",
        "Les éléments « {element} » doivent suivre l'ordre des tranches du profil.",
        "“{element}” items must follow the order of the slices of the profile.",
    ),
    "slice-unjudged": Rule(
        "information",
        "not-supported",
        "La tranche « {element} » n'est pas contrôlée : son discriminant ({paths}) ne permet pas de la reconnaître.",
        "Slice “{element}” is not checked: its discriminator ({paths}) gives nothing to know it by.",
    ),
}
