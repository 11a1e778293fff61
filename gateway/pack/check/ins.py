"""Rules of the INS: the traits it demands, its form and key, and what a sound number says of its bearer.

Source: CI-SIS, Structuration minimale (INS condition); INSEE for numbers, keys and places of birth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gateway.model.errors import BadIdentifier
from gateway.model.identity import Ins
from gateway.model.texts import Text
from gateway.pack.check.conditions import all_at, at, told, unknown
from gateway.pack.check.rule import Asked, Condition, Rule, Spot
from gateway.pack.header import INS_ROOTS
from gateway.pack.xml import Element

_ROLE = "recordTarget/patientRole"
_PATIENT = f"{_ROLE}/patient"
_INS_ARC = "1.2.250.1.213.1.4."
_COG = re.compile(r"[0-9][0-9AB][0-9]{3}", re.ASCII)


def ins_of(role: Element) -> list[Element]:
    """The identifiers of a patient that are INS."""
    return [id for id in all_at(role, "id") if id.get("root") in INS_ROOTS]


def _with_ins(path: str, *, attribute: str = "") -> Condition:
    """A patient identified by an INS has this trait, with a text or that attribute."""

    def condition(role: Element, asked: Asked) -> Iterator[Spot]:
        if not ins_of(role):
            return
        found = all_at(role, path)
        if not any(not unknown(there) and (there.get(attribute) if attribute else told(there)) for there in found):
            yield (found[0], f"@{attribute}" if attribute else "") if found else (role, path)

    return condition


def _given_names(role: Element, asked: Asked) -> Iterator[Spot]:
    """The list of given names stands in a `given` without qualifier."""
    givens = all_at(role, "patient/name/given")
    if ins_of(role) and not any(told(given) for given in givens if given.get("qualifier") is None):
        yield role, "patient/name/given[not(@qualifier)]"


def _number(wrong: str) -> Condition:
    def condition(role: Element, asked: Asked) -> Iterator[Spot]:
        for id in ins_of(role):
            try:
                Ins(id.get("extension", ""))
            except BadIdentifier as bad:
                if bad.faults[0].code == wrong and id.get("extension"):
                    yield id, "@extension"

    return condition


def _several(role: Element, asked: Asked) -> Iterator[Spot]:
    yield from ((id, "") for id in ins_of(role)[1:])


def _kind(role: Element, asked: Asked) -> Iterator[Spot]:
    for id in all_at(role, "id"):
        root = id.get("root", "")
        if root.startswith(_INS_ARC) and root not in INS_ROOTS:
            yield id, "@root"


def _disagrees(trait: Callable[[str], str], said: Callable[[Element], str], path: str) -> Condition:
    """What a sound matricule says of its bearer, against what the document says."""

    def condition(role: Element, asked: Asked) -> Iterator[Spot]:
        place, found = at(role, path), ins_of(role)
        if place is None or not found:
            return
        try:
            number = Ins(found[0].get("extension", "")).number
        except BadIdentifier:
            return  # told by the rules of form and key
        if said(place) and trait(number) and said(place) != trait(number):
            yield place, ""

    return condition


def _place(county: Element, asked: Asked) -> Iterator[Spot]:
    if told(county) and not _COG.fullmatch(told(county)):
        yield county, ""


RULES = (
    Rule(
        "CDA-INS-FAMILY",
        (_ROLE,),
        _with_ins("patient/name/family[@qualifier='BR']"),
        Text(
            "Avec une INS, le nom de naissance est obligatoire.",
            "With an INS, the name at birth is needed.",
            'Écrire <family qualifier="BR">, ou retirer l\'INS.',
            'Write <family qualifier="BR">, or remove the INS.',
        ),
    ),
    Rule(
        "CDA-INS-GIVEN",
        (_ROLE,),
        _with_ins("patient/name/given[@qualifier='BR']"),
        Text(
            "Avec une INS, le premier prénom de naissance est obligatoire.",
            "With an INS, the first given name at birth is needed.",
            'Écrire <given qualifier="BR">, ou retirer l\'INS.',
            'Write <given qualifier="BR">, or remove the INS.',
        ),
    ),
    Rule(
        "CDA-INS-GIVENS",
        (_ROLE,),
        _given_names,
        Text(
            "Avec une INS, la liste des prénoms de naissance est obligatoire.",
            "With an INS, the list of given names at birth is needed.",
            "Écrire un <given> sans qualifier avec tous les prénoms de l'acte de naissance.",
            "Write a <given> without qualifier with all given names of the birth certificate.",
        ),
    ),
    Rule(
        "CDA-INS-SEX",
        (_ROLE,),
        _with_ins("patient/administrativeGenderCode", attribute="code"),
        Text(
            "Avec une INS, le sexe est obligatoire.",
            "With an INS, the sex is needed.",
            "Écrire administrativeGenderCode avec F, M ou UN.",
            "Write administrativeGenderCode with F, M or UN.",
        ),
    ),
    Rule(
        "CDA-INS-BIRTH",
        (_ROLE,),
        _with_ins("patient/birthTime", attribute="value"),
        Text(
            "Avec une INS, la date de naissance est obligatoire.",
            "With an INS, the date of birth is needed.",
            "Écrire birthTime avec sa valeur (AAAAMMJJ).",
            "Write birthTime with its value (YYYYMMDD).",
        ),
    ),
    Rule(
        "CDA-INS-PLACE",
        (_ROLE,),
        _with_ins("patient/birthplace/place/addr/county"),
        Text(
            "Avec une INS, le lieu de naissance est obligatoire.",
            "With an INS, the place of birth is needed.",
            "Écrire birthplace/place/addr/county avec le code officiel géographique (COG).",
            "Write birthplace/place/addr/county with the official geographic code (COG).",
        ),
    ),
    Rule(
        "CDA-INS-PLACE-FORM",
        (f"{_PATIENT}/birthplace/place/addr/county",),
        _place,
        Text(
            "Le lieu de naissance n'est pas un code officiel géographique.",
            "The place of birth is not an official geographic code.",
            "Écrire le code COG de la commune, ou 99 et le code du pays (5 caractères).",
            "Write the COG code of the town, or 99 and the code of the country (5 characters).",
        ),
        "warning",
    ),
    Rule(
        "CDA-INS-KIND",
        (_ROLE,),
        _kind,
        Text(
            "L'OID n'est pas celui d'une INS connue.",
            "The OID is not that of a known INS.",
            "Écrire l'OID de l'INS-NIR (.8), de l'INS-NIA (.9), de test (.10) ou de démonstration (.11).",
            "Write the OID of the INS-NIR (.8), the INS-NIA (.9), of test (.10) or of demonstration (.11).",
        ),
        "warning",
    ),
    Rule(
        "CDA-INS-ONE",
        (_ROLE,),
        _several,
        Text(
            "Le patient a plusieurs INS.",
            "The patient has several INS.",
            "Garder l'INS en vigueur.",
            "Keep the INS that is in force.",
        ),
        "warning",
    ),
    Rule(
        "CDA-INS-FORM",
        (_ROLE,),
        _number("ins-form"),
        Text(
            "Le matricule INS n'a pas 13 caractères suivis d'une clé de 2 chiffres.",
            "The INS number is not 13 characters followed by a key of 2 digits.",
            "Vérifier le matricule auprès du téléservice INSi.",
            "Check the number at the INSi service.",
        ),
        "warning",
    ),
    Rule(
        "CDA-INS-KEY",
        (_ROLE,),
        _number("ins-key"),
        Text(
            "La clé du matricule INS n'est pas la bonne.",
            "The key of the INS number is not right.",
            "Vérifier le matricule auprès du téléservice INSi.",
            "Check the number at the INSi service.",
        ),
        "warning",
        numbers=True,
    ),
    Rule(
        "CDA-INS-SEX-DIFFERS",
        (_ROLE,),
        _disagrees(
            lambda number: {"1": "M", "2": "F"}.get(number[0], ""),
            lambda gender: gender.get("code", ""),
            "patient/administrativeGenderCode",
        ),
        Text(
            "Le sexe n'est pas celui que dit le matricule INS.",
            "The sex is not the one that the INS number tells.",
            "Vérifier que le matricule est celui de ce patient.",
            "Check that the number is this patient's.",
        ),
        "warning",
    ),
    Rule(
        "CDA-INS-BIRTH-DIFFERS",
        (_ROLE,),
        _disagrees(
            lambda number: number[1:5] if "01" <= number[3:5] <= "12" else "",  # other months are stand-ins (INSEE)
            lambda birth: birth.get("value", "")[2:6] if len(birth.get("value", "")) >= 6 else "",
            "patient/birthTime",
        ),
        Text(
            "L'année ou le mois de naissance n'est pas celui que dit le matricule INS.",
            "The year or month of birth is not the one that the INS number tells.",
            "Vérifier que le matricule est celui de ce patient.",
            "Check that the number is this patient's.",
        ),
        "warning",
    ),
)
"""The INS's rules."""
