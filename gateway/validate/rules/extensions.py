"""Rules on extensions: their definition, where they may stand, whether they change a meaning."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

EXTENSIONS = {
    "extension-url-relative": Rule(
        "error",
        "value",
        "L'URL d'une extension doit être absolue ; seule une partie d'une autre extension a une URL relative.",
        "The URL of an extension must be absolute; only a part of another extension has a relative one.",
    ),
    "extension-unknown": Rule(
        "warning",
        "not-found",
        "La définition de l'extension {url} n'est pas installée : son contenu n'a pas été jugé.",
        "The definition of extension {url} is not installed: its content has not been judged.",
    ),
    "extension-of-no-guide": Rule(
        "error",
        "not-found",
        "Le guide qui publierait l'extension {url} est installé et ne la définit pas : corriger son URL, ou installer "
        "la version du guide qui la définit.",
        "The guide that would publish extension {url} is installed and does not define it: correct its URL, or "
        "install the version of the guide that defines it.",
    ),
    "modifier-extension-unknown": Rule(
        "error",
        "not-found",
        "L'extension {url} modifie un sens et ne peut être ignorée ; or sa définition n'est pas installée.",
        "Extension {url} changes a meaning and cannot be ignored, but its definition is not installed.",
    ),
    "extension-other-version": Rule(
        "information",
        "not-supported",
        "L'extension {url} porte un élément d'une autre version de FHIR : son contenu n'a pas été jugé.",
        "Extension {url} carries an element of another version of FHIR: its content has not been judged.",
    ),
    "extension-modifier": Rule(
        "error",
        "structure",
        "L'extension {url} ne modifie pas le sens : elle doit être dans « extension », pas dans « modifierExtension ».",
        "Extension {url} changes no meaning: it must be in “extension”, not in “modifierExtension”.",
    ),
    "extension-not-modifier": Rule(
        "error",
        "structure",
        "L'extension {url} modifie le sens : elle doit être dans « modifierExtension », pas dans « extension ».",
        "Extension {url} changes a meaning: it must be in “modifierExtension”, not in “extension”.",
    ),
    "extension-context": Rule(
        "error",
        "structure",
        "L'extension {url} ne peut pas être portée par cet élément ; permis : {allowed}.",
        "Extension {url} may not stand on this element; allowed: {allowed}.",
    ),
    "extension-invariant": Rule(
        "error",
        "structure",
        "L'extension n'est permise que là où ceci est vrai de l'élément qui la porte : {expression}.",
        "The extension is only allowed where this is true of the element that holds it: {expression}.",
    ),
    "extension-invariant-unknown": Rule(
        "information",
        "not-supported",
        "La condition que l'extension pose à l'élément qui la porte n'a pas été évaluée : {expression}.",
        "The condition the extension sets on the element that holds it was not evaluated: {expression}.",
    ),
}
