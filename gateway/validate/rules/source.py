"""Rules on the text of a file, before any definition is asked: what is no JSON or XML, or says a thing twice."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

SOURCE = {
    "file-unreadable": Rule(
        "fatal",
        "not-found",
        "Le fichier n'existe pas, est un dossier ou n'est pas lisible : vérifier le chemin et les droits.",
        "The file does not exist, is a folder or may not be read: check the path and the permissions.",
    ),
    "profile-not-found": Rule(
        "error",
        "not-found",
        "Le profil demandé est introuvable ; cherché dans : {where}. L'installer (passerelle profiles install), ou le"
        " donner par --packages ou --definitions.",
        "The profile asked for was not found; looked for in: {where}. Install it (passerelle profiles install), or give"
        " it by --packages or --definitions.",
    ),
    "no-resource": Rule(
        "fatal",
        "structure",
        "Le fichier n'est ni du JSON ni du XML : une ressource FHIR commence par une accolade ou par « < ».",
        "The file is neither JSON nor XML: a FHIR resource begins with a brace or with “<”.",
    ),
    "file-too-large": Rule(
        "fatal",
        "too-long",
        "Le fichier dépasse ce qui peut être lu ({limit}) : le découper.",
        "The file is beyond what can be read ({limit}): split it.",
    ),
    "file-too-deep": Rule(
        "fatal",
        "too-costly",
        "Plus de {limit} niveaux imbriqués : aucune ressource FHIR utile n'est aussi profonde.",
        "More than {limit} nested levels: no useful FHIR resource is that deep.",
    ),
    "encoding": Rule(
        "error",
        "structure",
        "Le texte n'est pas en UTF-8 (ligne {line}), le seul encodage de FHIR : l'enregistrer en UTF-8.",
        "The text is not UTF-8 (line {line}), the only encoding of FHIR: save it as UTF-8.",
    ),
    "encoding-unknown": Rule(
        "fatal",
        "structure",
        "L'encodage que le XML annonce n'est pas lu ici : l'enregistrer en UTF-8.",
        "The encoding the XML declares is not read here: save it as UTF-8.",
    ),
    "byte-order-mark": Rule(
        "warning",
        "structure",
        "Le JSON commence par une marque d'ordre des octets (BOM), que la RFC 8259 §8.1 interdit : l'enlever.",
        "The JSON begins with a byte order mark, which RFC 8259 §8.1 forbids: remove it.",
    ),
    "json-syntax": Rule(
        "fatal",
        "structure",
        "Le JSON n'est pas bien formé à la colonne {column} : {fr}.",
        "The JSON is not well formed at column {column}: {en}.",
    ),
    "json-object": Rule(
        "fatal",
        "structure",
        "Le JSON n'est pas un objet : une ressource FHIR est un objet avec « resourceType ».",
        "The JSON is no object: a FHIR resource is an object with “resourceType”.",
    ),
    "json-duplicate-key": Rule(
        "error",
        "structure",
        "Cet objet dit deux fois la même propriété : n'en garder qu'une (le dernier est lu).",
        "This object says the same property twice: keep one (the last is read).",
    ),
    "json-number": Rule(
        "error",
        "value",
        "Ce nombre n'est pas du JSON (NaN, Infinity) ou est trop long ou trop grand pour être échangé.",
        "This number is no JSON (NaN, Infinity), or is too long or too large to be exchanged.",
    ),
    "lone-surrogate": Rule(
        "error",
        "value",
        "Le texte contient une moitié de caractère (\\ud800 à \\udfff seul), qui ne s'écrit pas en UTF-8.",
        "The text holds half a character (\\ud800 to \\udfff alone), which UTF-8 cannot write.",
    ),
    "xml-syntax": Rule(
        "fatal",
        "structure",
        "Le XML n'est pas bien formé à la colonne {column} : vérifier balises, guillemets et caractères spéciaux.",
        "The XML is not well formed at column {column}: check tags, quotes and special characters.",
    ),
    "xml-entity": Rule(
        "fatal",
        "structure",
        "Le XML nomme une entité qui n'est pas déclarée : écrire le caractère lui-même ou son numéro (&#160;).",
        "The XML names an entity that is not declared: write the character itself or its number (&#160;).",
    ),
    "xml-doctype": Rule(
        "fatal",
        "structure",
        "Le XML déclare un DOCTYPE, interdit en FHIR : l'enlever, avec les entités qu'il définit.",
        "The XML declares a DOCTYPE, which FHIR forbids: remove it and the entities it defines.",
    ),
    "xml-root-namespace": Rule(
        "fatal",
        "structure",
        "La racine n'est pas dans l'espace de noms http://hl7.org/fhir.",
        "The root is not in the namespace http://hl7.org/fhir.",
    ),
    "xml-namespace": Rule(
        "error",
        "structure",
        "Un élément n'est pas dans son espace de noms (http://hl7.org/fhir ; pour « div » http://www.w3.org/1999/xhtml).",
        "An element is not in its namespace (http://hl7.org/fhir; for “div” http://www.w3.org/1999/xhtml).",
    ),
    "xml-attribute": Rule(
        "error",
        "structure",
        "Attribut « {name} » inconnu ici : FHIR n'a que « id », « value » (types simples), « url » (extensions).",
        "Attribute “{name}” is unknown here: FHIR only has “id”, “value” (primitive types) and “url” (extensions).",
    ),
    "xml-schema-location": Rule(
        "warning",
        "structure",
        "« xsi:schemaLocation » n'appartient pas à FHIR : certains logiciels le refusent, le retirer.",
        "“xsi:schemaLocation” is no part of FHIR: some software refuses it, remove it.",
    ),
    "xml-text": Rule(
        "error",
        "structure",
        "Du texte se trouve entre les balises : en FHIR une valeur se met dans l'attribut « value ».",
        "There is text between the tags: in FHIR a value goes into the attribute “value”.",
    ),
    "xml-order": Rule(
        "error",
        "structure",
        "Cet élément n'est pas à sa place : en XML les éléments suivent l'ordre de la définition de {type}.",
        "This element is out of order: in XML elements follow the order of the definition of {type}.",
    ),
    "xml-wrapper": Rule(
        "error",
        "structure",
        "Cet élément contient exactement une ressource, dans une balise du nom de son type.",
        "This element holds exactly one resource, in a tag named as its type.",
    ),
}
