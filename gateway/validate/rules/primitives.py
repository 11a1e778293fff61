"""Rules on the values of primitive types. `{type}`: the type of the element."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule


def _form(fr: str, en: str) -> Rule:
    return Rule("error", "value", fr, en)


PRIMITIVES = {
    "boolean-format": _form(
        "Un booléen est true ou false, sans guillemets en JSON.",
        "A boolean is true or false, without quotes in JSON.",
    ),
    "number-format": _form(
        "Une valeur de type {type} est un nombre (sans guillemets, sans zéro devant, point décimal).",
        "A value of type {type} is a number (no quotes, no leading zero, a decimal point).",
    ),
    "string-format": _form(
        "Une valeur de type {type} est un texte, entre guillemets en JSON.",
        "A value of type {type} is a text, between quotes in JSON.",
    ),
    "integer-format": _form(
        "Un entier va de -2147483648 à 2147483647, sans décimales ni exposant.",
        "An integer goes from -2147483648 to 2147483647, without decimals or exponent.",
    ),
    "positiveInt-format": _form(
        "Un positiveInt va de 1 à 2147483647, sans décimales ni exposant.",
        "A positiveInt goes from 1 to 2147483647, without decimals or exponent.",
    ),
    "unsignedInt-format": _form(
        "Un unsignedInt va de 0 à 2147483647, sans décimales ni exposant.",
        "An unsignedInt goes from 0 to 2147483647, without decimals or exponent.",
    ),
    "empty-value": _form(
        "La valeur est vide : donner un texte, ou ne pas écrire l'élément.",
        "The value is empty: give a text, or leave the element out.",
    ),
    "text-too-long": _form(
        "Un texte ne dépasse pas 1 Mo (1 048 576 caractères).",
        "A text is at most 1 MB (1,048,576 characters).",
    ),
    "control-character": _form(
        "Le texte contient un caractère de contrôle ; seuls tabulation, retour chariot et saut de ligne sont permis.",
        "The text holds a control character; only tab, carriage return and line feed are allowed.",
    ),
    "blank-around": Rule(
        "warning",
        "value",
        "Le texte commence ou finit par un blanc : l'enlever.",
        "The text begins or ends with a blank: remove it.",
    ),
    "code-format": _form(
        "Un code ne commence ni ne finit par un blanc et n'en contient pas deux de suite.",
        "A code neither begins nor ends with a blank and holds no two in a row.",
    ),
    "id-format": _form(
        "Un id a 1 à 64 caractères parmi A-Z, a-z, 0-9, « - » et « . ».",
        "An id is 1 to 64 characters among A-Z, a-z, 0-9, “-” and “.”.",
    ),
    "oid-format": _form(
        "Un OID s'écrit urn:oid: puis des nombres séparés par des points, le premier de 0 à 2, sans zéro devant.",
        "An OID is urn:oid: then numbers separated by dots, the first from 0 to 2, no leading zero.",
    ),
    "uuid-format": _form(
        "Un UUID s'écrit urn:uuid: puis 8-4-4-4-12 chiffres hexadécimaux, en minuscules.",
        "A UUID is urn:uuid: then 8-4-4-4-12 hexadecimal digits, in lower case.",
    ),
    "uri-format": _form(
        "Un URI ({type}) ne contient aucun blanc : l'écrire %20 ou l'enlever.",
        "A URI ({type}) holds no blank: write %20 or remove it.",
    ),
    "uri-bare-number": _form(
        "Un URI ne commence pas par « oid: » ou « uuid: » : écrire urn:oid: ou urn:uuid:.",
        "A URI does not begin with “oid:” or “uuid:”: write urn:oid: or urn:uuid:.",
    ),
    "date-format": _form(
        "Une date s'écrit AAAA, AAAA-MM ou AAAA-MM-JJ et existe au calendrier.",
        "A date is YYYY, YYYY-MM or YYYY-MM-DD and exists in the calendar.",
    ),
    "dateTime-format": _form(
        "Un dateTime s'écrit AAAA, AAAA-MM, AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ss+zz:zz et existe au calendrier.",
        "A dateTime is YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz and exists in the calendar.",
    ),
    "time-zone": _form(
        "Une date avec une heure a un fuseau : Z, ou par exemple +01:00.",
        "A date with a time has a time zone: Z, or for example +01:00.",
    ),
    "instant-format": _form(
        "Un instant s'écrit AAAA-MM-JJThh:mm:ss avec un fuseau (Z ou +zz:zz) et existe au calendrier.",
        "An instant is YYYY-MM-DDThh:mm:ss with a time zone (Z or +zz:zz) and exists in the calendar.",
    ),
    "time-format": _form(
        "Une heure s'écrit hh:mm:ss, de 00:00:00 à 23:59:59, sans fuseau.",
        "A time is hh:mm:ss, from 00:00:00 to 23:59:59, without time zone.",
    ),
    "base64Binary-format": _form(
        "Le contenu n'est pas du base64 (RFC 4648 §4) : alphabet A-Z a-z 0-9 + /, complété par =.",
        "The content is not base64 (RFC 4648 §4): alphabet A-Z a-z 0-9 + /, padded by =.",
    ),
    "base64-blank": Rule(
        "warning",
        "value",
        "Le base64 contient des blancs (RFC 4648 §3.1) : des lecteurs les refusent, les enlever.",
        "The base64 holds blanks (RFC 4648 §3.1): some readers refuse them, remove them.",
    ),
}
