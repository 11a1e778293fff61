"""The body itself, its type, its dialect and its dates."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
    # — the body itself
    "not-json": Text(
        "Le corps n'est pas du JSON UTF-8 lisible.",
        "The body is not readable UTF-8 JSON.",
        "Envoyez un objet JSON (RFC 8259) encodé en UTF-8.",
        "Send one JSON object (RFC 8259) in UTF-8.",
    ),
    "not-xml": Text(
        "Le corps n'est pas du XML lisible, ou contient une construction interdite (DTD, entité).",
        "The body is not readable XML, or holds a forbidden construct (DTD, entity).",
        "Envoyez un document XML bien formé, sans DTD.",
        "Send a well-formed XML document without a DTD.",
    ),
    "not-csv": Text(
        "Le fichier n'est pas un tableau CSV lisible ({about}).",
        "The file is not a readable CSV table ({about}).",
        "Exportez-le de nouveau avec le séparateur et l'encodage convenus.",
        "Export it again with the separator and encoding agreed.",
    ),
    "wrong-encoding": Text(
        "Le fichier n'est pas dans l'encodage convenu ({about}).",
        "The file is not in the encoding agreed ({about}).",
        "Exportez-le de nouveau dans cet encodage.",
        "Export it again in that encoding.",
    ),
    "row-length": Text(
        "La ligne n'a pas autant de cellules que l'en-tête ({about}).",
        "The row does not have as many cells as the heading ({about}).",
        "Complétez ou corrigez la ligne ; une cellule qui contient le séparateur est entre guillemets.",
        "Complete or correct the row; a cell that holds the separator stands in quotes.",
    ),
    "duplicate-column": Text(
        "Deux colonnes portent le même nom.",
        "Two columns have the same name.",
        "Donnez un nom différent à chaque colonne.",
        "Give each column a name of its own.",
    ),
    "rows-differ": Text(
        "Les lignes d'un même événement ne disent pas la même chose dans cette colonne.",
        "The rows of one event do not say the same in this column.",
        "Répétez la même valeur, ou laissez la cellule vide dans les lignes suivantes.",
        "Repeat the same value, or leave the cell empty in the rows that follow.",
    ),
    "one-event-only": Text(
        "Le corps contient plusieurs événements ; un seul est attendu ici.",
        "The body holds several events; one is expected here.",
        "Envoyez-les un par un, ou déposez le fichier dans le dossier d'échange.",
        "Send them one by one, or put the file into the drop folder.",
    ),
    "too-deep": Text(
        "Le corps est imbriqué trop profondément (limite : {about}).",
        "The body is nested too deeply (limit: {about}).",
        "Aplatissez la structure envoyée.",
        "Flatten what is sent.",
    ),
    "too-large": Text(
        "Le corps dépasse la taille permise ({about}).",
        "The body is larger than allowed ({about}).",
        "Envoyez un document plus léger.",
        "Send a smaller document.",
    ),
    "too-many": Text(
        "La liste contient trop d'éléments (limite : {about}).",
        "The list holds too many items (limit: {about}).",
        "Envoyez moins d'éléments.",
        "Send fewer items.",
    ),
    "duplicate-key": Text(
        "Une clé JSON est présente deux fois dans le même objet.",
        "A JSON key appears twice in one object.",
        "Envoyez chaque clé une seule fois.",
        "Send each key once.",
    ),
    "unknown-field": Text(
        "Ce champ n'existe pas dans ce type d'événement.",
        "This field does not exist in this type of event.",
        "Retirez-le, ou vérifiez son nom dans le schéma publié.",
        "Remove it, or check its name in the published schema.",
    ),
    "unknown-parameter": Text(
        "Ce paramètre de l'adresse n'existe pas pour cette opération.",
        "This parameter of the address does not exist for this operation.",
        "Retirez-le, ou vérifiez son nom à la page /docs.",
        "Remove it, or check its name at /docs.",
    ),
    "identifier-in-address": Text(
        "Ce qui identifie un patient ne se met pas dans une adresse.",
        "What identifies a patient does not go into an address.",
        "Cherchez par POST /fhir/AuditEvent/_search ou POST /v1/audit/search, avec ce critère dans le corps.",
        "Search by POST /fhir/AuditEvent/_search or POST /v1/audit/search, with this criterion in the body.",
    ),
    "missing-field": Text(
        "Le champ {about} est obligatoire.",
        "Field {about} is required.",
        "Ajoutez-le.",
        "Add it.",
    ),
    "null-field": Text(
        "Un champ ne peut pas être nul.",
        "A field may not be null.",
        "Omettez le champ quand sa valeur est inconnue.",
        "Leave the field out when its value is unknown.",
    ),
    "wrong-type": Text(
        "Le champ n'a pas la forme attendue ({about}).",
        "The field does not have the expected form ({about}).",
        "Corrigez la forme selon le schéma publié.",
        "Correct its form after the published schema.",
    ),
    "empty-text": Text(
        "Le texte est vide.",
        "The text is empty.",
        "Omettez le champ ou donnez sa valeur.",
        "Leave the field out or give its value.",
    ),
    "text-too-long": Text(
        "Le texte est trop long (limite : {about} caractères).",
        "The text is too long (limit: {about} characters).",
        "Raccourcissez-le.",
        "Shorten it.",
    ),
    "control-character": Text(
        "Le texte contient un caractère de contrôle ou un saut de ligne interdit.",
        "The text holds a forbidden control character or line break.",
        "Retirez les caractères de contrôle.",
        "Remove control characters.",
    ),
    "unknown-code": Text(
        "Ce code n'est pas dans la liste ({about}).",
        "This code is not in the list ({about}).",
        "Prenez un code de cette liste.",
        "Take a code from this list.",
    ),
    "bad-base64": Text(
        "Le contenu n'est pas du base64 valide.",
        "The content is not valid base64.",
        "Encodez les octets en base64 standard (RFC 4648 §4).",
        "Encode the bytes in standard base64 (RFC 4648 §4).",
    ),
    # — types and dialects
    "unknown-type": Text(
        "Ce type d'événement n'existe pas.",
        "This type of event does not exist.",
        "Prenez un type de la liste publiée.",
        "Take a type from the published list.",
    ),
    "unsupported-type": Text(
        "Ce type d'événement est réservé mais pas encore pris en charge.",
        "This type of event is reserved but not supported yet.",
        "Consultez le journal des versions.",
        "See the changelog.",
    ),
    "unknown-dialect": Text(
        "Ce dialecte n'est pas installé.",
        "This dialect is not installed.",
        "Vérifiez le nom du dialecte, ou ajoutez sa table.",
        "Check the dialect's name, or add its table.",
    ),
    # — time
    "bad-instant": Text(
        "L'instant n'existe pas ou n'a pas la forme attendue ({about}).",
        "The instant does not exist or is not in the form expected ({about}; A = year, J = day).",
        "Écrivez une date et une heure réelles dans cette forme, avec leur fuseau quand elle en a un.",
        "Write a real date and time in this form, with its zone where the form has one.",
    ),
    "bad-date": Text(
        "La date n'existe pas ou n'a pas la forme attendue ({about}).",
        "The date does not exist or is not in the form expected ({about}; A = year, M = month, J = day).",
        "Écrivez une date réelle dans cette forme.",
        "Write a real date in this form.",
    ),
    "dates-reversed": Text(
        "La fin précède le début.",
        "The end is before the beginning.",
        "Corrigez l'une des deux dates.",
        "Correct one of the two dates.",
    ),
}
