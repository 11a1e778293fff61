"""Rules on elements: which may stand where, how often, of what type, with what value."""

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
}
