"""Rules of identifiers and codes, wherever they stand in the header.

Source: CI-SIS, Structuration minimale; HL7 v3 data types II and CE; ANS, TRE_G08 for national identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gateway.model.errors import BadIdentifier
from gateway.model.identity import Identifier, Rpps, Scheme
from gateway.model.texts import Text
from gateway.pack.check.conditions import filled, listed_whole, parent_of, shaped
from gateway.pack.check.rule import Asked, Condition, Rule, Spot
from gateway.pack.header import PERSONS, STRUCTURES
from gateway.pack.xml import Element

_IDS = (".//id", "setId", "templateId")
_OID = r"[0-2](\.(0|[1-9][0-9]*))*"
_UID = re.compile(
    rf"{_OID}|[0-9A-Fa-f]{{8}}(-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}|[A-Za-z][A-Za-z0-9-]*|", re.ASCII
)
_SYSTEM = re.compile(rf"{_OID}|ASTM|", re.ASCII)  # ASTM: one type of JDV_J07 has no OID for its system
_LISTS = {
    ("ClinicalDocument", "code"): "J07",
    ("ClinicalDocument", "confidentialityCode"): "J08",
    ("assignedAuthor", "code"): "J01",
    ("author", "functionCode"): "J47",
    ("participant", "functionCode"): "J47",
    ("relatedEntity", "code"): "J11",
    ("encompassingEncounter", "code"): "J142",
    ("healthCareFacility", "code"): "J02",
}
"""Parent and element → the list of codes that stand there."""


def _in_its_system(element: Element, asked: Asked) -> Iterator[Spot]:
    """A code of the list of its place is told with that list's own code system."""
    name = _LISTS.get((parent_of(element), str(element.tag).rpartition("}")[2]), "")
    term = asked.terms.find(element.get("code", ""), name)
    if term and element.get("codeSystem", term.oid) != term.oid:
        yield element, "@codeSystem"


def _rootless(id: Element, asked: Asked) -> Iterator[Spot]:
    if id.get("nullFlavor") is None and not id.get("root", "").strip():
        yield id, "@root"


def _valueless(id: Element, asked: Asked) -> Iterator[Spot]:
    needed = id.get("root") in (PERSONS, STRUCTURES) or parent_of(id) in ("patientRole", "assignedAuthor")
    if id.get("extension") == "" or (needed and id.get("nullFlavor") is None and id.get("extension") is None):
        yield id, "@extension"


def _numbered(root: str, read: Callable[[str], object]) -> Condition:
    """A national identifier whose first digit says its kind has the form and the key of that kind."""

    def condition(id: Element, asked: Asked) -> Iterator[Spot]:
        if id.get("root") == root:
            try:
                read(id.get("extension", ""))
            except BadIdentifier:
                yield id, "@extension"

    return condition


def _person(number: str) -> None:
    if number[:1] == "8":
        Rpps(number[1:])
    elif number[:1] == "0":
        Identifier(Scheme.ADELI, number[1:])


_STRUCTURES = {
    "0": Scheme.ADELI_RANG,
    "1": Scheme.FINESS,
    "2": Scheme.SIREN,
    "3": Scheme.SIRET,
    "4": Scheme.RPPS_RANG,
}  # ANS, TRE_G08


def _structure(number: str) -> None:
    if scheme := _STRUCTURES.get(number[:1]):
        Identifier(scheme, number[1:])


IDENTIFIERS = (
    Rule(
        "CDA-IDE-ROOT",
        _IDS,
        _rootless,
        Text(
            "Un identifiant n'a pas de racine.",
            "An identifier has no root.",
            "Écrire root, ou nullFlavor s'il n'est pas connu.",
            "Write root, or nullFlavor when it is not known.",
        ),
    ),
    Rule(
        "CDA-IDE-FORM",
        _IDS,
        shaped("root", _UID),
        Text(
            "La racine d'un identifiant n'est ni un OID ni un UUID.",
            "The root of an identifier is neither an OID nor a UUID.",
            "Écrire un OID en chiffres et points, ou un UUID.",
            "Write an OID in digits and dots, or a UUID.",
        ),
    ),
    Rule(
        "CDA-IDE-VALUE",
        (".//id", "setId"),
        _valueless,
        Text(
            "Un identifiant est vide, ou un identifiant national n'a pas de valeur.",
            "An identifier is empty, or a national identifier has no value.",
            "Écrire extension, ou nullFlavor s'il n'est pas connu.",
            "Write extension, or nullFlavor when it is not known.",
        ),
    ),
    Rule(
        "CDA-IDE-PERSON",
        (".//id",),
        _numbered(PERSONS, _person),
        Text(
            "Un identifiant national de professionnel n'a pas la forme ou la clé qu'annonce son premier chiffre.",
            "A national identifier of a professional has not the form or key that its first digit announces.",
            "Écrire 8 et les 11 chiffres du RPPS, ou 0 et l'ADELI, et vérifier la clé.",
            "Write 8 and the 11 digits of the RPPS, or 0 and the ADELI number, and check the key.",
        ),
        "warning",
        numbers=True,
    ),
    Rule(
        "CDA-IDE-STRUCTURE",
        (".//id",),
        _numbered(STRUCTURES, _structure),
        Text(
            "Un identifiant national de structure n'a pas la forme ou la clé qu'annonce son premier chiffre.",
            "A national identifier of a structure has not the form or key that its first digit announces.",
            "Écrire 1 et le FINESS, 2 et le SIREN, 3 et le SIRET ou 4 et le RPPS-rang, et vérifier la clé.",
            "Write 1 and the FINESS, 2 and the SIREN, 3 and the SIRET or 4 and the RPPS-rang, and check the key.",
        ),
        "warning",
        numbers=True,
    ),
)
"""Identifiers, wherever they stand."""

CODES = (
    Rule(
        "CDA-COD-WHOLE",
        ("code", "confidentialityCode", "author/assignedAuthor/code"),
        filled("displayName", "codeSystem"),
        Text(
            "Un code n'a pas son libellé ou son système.",
            "A code lacks its label or its system.",
            "Écrire displayName et codeSystem avec le code.",
            "Write displayName and codeSystem with the code.",
        ),
    ),
    Rule(
        "CDA-COD-OID",
        (".//*[@codeSystem]",),
        shaped("codeSystem", _SYSTEM),
        Text(
            "Le système d'un code n'est pas un OID.",
            "The system of a code is no OID.",
            "Écrire l'OID du système de codes.",
            "Write the OID of the code system.",
        ),
    ),
    Rule(
        "CDA-COD-SYSTEM",
        tuple(f".//{name}" for name in ("code", "confidentialityCode", "functionCode")),
        _in_its_system,
        Text(
            "Le code est de la liste attendue, mais sous un autre système.",
            "The code is of the list expected, but under another system.",
            "Écrire le codeSystem que la liste donne à ce code.",
            "Write the codeSystem that the list gives to this code.",
        ),
        "warning",
    ),
    Rule(
        "CDA-COD-SETTING",
        (".//standardIndustryClassCode",),
        listed_whole("J04"),
        Text(
            "Le cadre d'exercice n'est pas dans JDV_J04 (XdsPracticeSettingCode).",
            "The practice setting is not in JDV_J04 (XdsPracticeSettingCode).",
            "Choisir un code de JDV_J04 avec son système, par exemple AMBULATOIRE de 1.2.250.1.213.1.1.4.9.",
            "Choose a code of JDV_J04 with its system, for instance AMBULATOIRE of 1.2.250.1.213.1.1.4.9.",
        ),
    ),
)
"""Codes, wherever they stand."""
