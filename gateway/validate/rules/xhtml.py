"""Rules on narrative and on texts that look like markup (FHIR R4 §2.4, Narrative; §6.1.0.9 on active content)."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

XHTML = {
    "xhtml-syntax": Rule(
        "error",
        "invalid",
        "Le texte lisible n'est pas du XHTML bien formé.",
        "The narrative is no well-formed XHTML.",
    ),
    "xhtml-root": Rule(
        "error",
        "invalid",
        "Le texte lisible doit être un seul élément « div » de l'espace de noms http://www.w3.org/1999/xhtml.",
        "The narrative must be one “div” element in the namespace http://www.w3.org/1999/xhtml.",
    ),
    "xhtml-element": Rule(
        "error",
        "invalid",
        "L'élément « {name} » n'est pas permis dans un texte lisible : seule la mise en forme l'est, rien d'actif.",
        "Element “{name}” is not allowed in a narrative: only formatting is, nothing active.",
    ),
    "xhtml-attribute": Rule(
        "error",
        "invalid",
        "L'attribut « {name} » n'est pas permis à cet endroit d'un texte lisible.",
        "Attribute “{name}” is not allowed at this place of a narrative.",
    ),
    "xhtml-active": Rule(
        "error",
        "security",
        "Un lien ou un style de ce texte lisible pourrait exécuter du code : n'y mettre que des adresses ordinaires.",
        "A link or a style in this narrative could run code: only put ordinary addresses there.",
    ),
    "xhtml-empty": Rule(
        "error",
        "invalid",
        "Le texte lisible est vide : y mettre au moins un mot ou une image.",
        "The narrative is empty: put at least a word or an image in it.",
    ),
    "xhtml-too-large": Rule(
        "error",
        "too-costly",
        "Le texte lisible dépasse {limit} : il n'est pas vérifié et doit être raccourci.",
        "The narrative exceeds {limit}: it is not checked and has to be shortened.",
    ),
    "xhtml-link": Rule(
        "error",
        "invalid",
        "Un lien interne (« # ») de ce texte lisible ne mène à rien : aucun élément de la ressource n'a cet id.",
        "A link within this narrative (“#”) leads nowhere: no element of the resource has that id.",
    ),
    "markup-in-text": Rule(
        "information",
        "invalid",
        "Ce texte contient ce qui ressemble à une balise HTML ; affiché sans précaution, il serait dangereux.",
        "This text holds what looks like an HTML tag; displayed without care it would be a risk.",
    ),
    "markup-in-markdown": Rule(
        "error",
        "invalid",
        "Ce texte markdown contient ce qui ressemble à une balise HTML (« {name} ») : l'écrire en markdown ou "
        "échapper le « < ».",
        "This markdown holds what looks like an HTML tag (“{name}”): write it in markdown or escape the “<”.",
    ),
}
