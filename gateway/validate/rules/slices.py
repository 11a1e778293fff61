"""Rules on slices: the kinds of items a profile tells apart in a list."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

SLICES = {
    "slice-min": Rule(
        "error",
        "required",
        "Il manque « {element} »{fr} : il en faut au moins {min}, il y en a {found}.",
        "“{element}”{en} is missing: at least {min} must be there, {found} found.",
    ),
    "slice-max": Rule(
        "error",
        "structure",
        "Il y a trop de « {element} »{fr} : {max} au plus, {found} ici.",
        "There are too many “{element}”{en}: {max} at most, {found} here.",
    ),
    "slice-closed": Rule(
        "error",
        "structure",
        "Le profil n'admet pour « {element} » que ceux qui suivent, et celui-ci n'en est pas : {fr}.",
        "The profile allows only these for “{element}”, and this is none of them: {en}.",
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
