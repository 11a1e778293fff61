"""Rules of the patient: identifiers, name and its qualifiers, sex and birth, guardians.

Source: CI-SIS, Structuration minimale (recordTarget).
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model.texts import Text
from gateway.pack.check.conditions import all_at, among, at, at_most, both, either, one, rooted, some, unknown
from gateway.pack.check.ins import ins_of
from gateway.pack.check.rule import Asked, Condition, Rule, Spot
from gateway.pack.header import STRUCTURES
from gateway.pack.xml import Element

ROLE = "recordTarget/patientRole"
PATIENT = f"{ROLE}/patient"


def _qualified(name: Element, asked: Asked) -> Iterator[Spot]:
    for family in all_at(name, "family"):
        if not unknown(family) and family.get("qualifier") not in ("BR", "CL"):
            yield family, "@qualifier"
    for given in all_at(name, "given"):
        if given.get("qualifier") not in (None, "BR", "CL"):
            yield given, "@qualifier"


def _sayable(path: str, attribute: str) -> Condition:
    """Exactly one, with its attribute unless it is said to be unknown."""

    def condition(element: Element, asked: Asked) -> Iterator[Spot]:
        found = all_at(element, path)
        if not found:
            yield element, path
        for index, there in enumerate(found):
            if index:
                yield there, ""
            elif not unknown(there) and not there.get(attribute):
                yield there, f"@{attribute}"

    return condition


def _unknown_traits(patient: Element, asked: Asked) -> Iterator[Spot]:
    role = patient.getparent()
    if role is None or ins_of(role):
        return  # there the traits are needed: told by the rules of the INS
    for path in ("administrativeGenderCode", "birthTime"):
        there = at(patient, path)
        if there is not None and unknown(there):
            yield there, "@nullFlavor"


RULES = (
    Rule(
        "CDA-PAT-TARGET",
        (".",),
        one("recordTarget"),
        Text(
            "Le document n'a pas un patient, et un seul.",
            "The document has not one patient, and one only.",
            "Écrire un seul <recordTarget>.",
            "Write one <recordTarget>.",
        ),
    ),
    Rule(
        "CDA-PAT-ROLE",
        ("recordTarget",),
        one("patientRole"),
        Text(
            "Le recordTarget n'a pas un patientRole, et un seul.",
            "The recordTarget has not one patientRole, and one only.",
            "Écrire un seul patientRole avec l'identité du patient.",
            "Write one patientRole with the patient's identity.",
        ),
    ),
    Rule(
        "CDA-PAT-ID",
        (ROLE,),
        some("id"),
        Text(
            "Le patient n'a pas d'identifiant.",
            "The patient has no identifier.",
            "Écrire au moins un <id> avec root et extension : matricule INS ou IPP.",
            "Write at least one <id> with root and extension: INS number or local number.",
        ),
    ),
    Rule(
        "CDA-PAT-PERSON",
        (ROLE,),
        one("patient"),
        Text(
            "Le patientRole n'a pas un patient, et un seul.",
            "The patientRole has not one patient, and one only.",
            "Écrire un seul <patient> avec nom, sexe et date de naissance.",
            "Write one <patient> with name, sex and date of birth.",
        ),
    ),
    Rule(
        "CDA-PAT-NAME",
        (PATIENT,),
        one("name"),
        Text(
            "Le patient n'a pas un nom, et un seul.",
            "The patient has not one name, and one only.",
            "Écrire un seul <name> avec family et given.",
            "Write one <name> with family and given.",
        ),
    ),
    Rule(
        "CDA-PAT-FAMILY",
        (f"{PATIENT}/name",),
        some("family"),
        Text(
            "Le patient n'a pas de nom de famille.",
            "The patient has no family name.",
            'Écrire <family qualifier="BR"> avec le nom de naissance.',
            'Write <family qualifier="BR"> with the name at birth.',
        ),
    ),
    Rule(
        "CDA-PAT-GIVEN",
        (f"{PATIENT}/name",),
        some("given"),
        Text(
            "Le patient n'a pas de prénom.",
            "The patient has no given name.",
            'Écrire <given qualifier="BR"> avec le premier prénom, et <given> avec la liste des prénoms.',
            'Write <given qualifier="BR"> with the first given name, and <given> with the list of given names.',
        ),
    ),
    Rule(
        "CDA-PAT-QUALIFIER",
        (f"{PATIENT}/name",),
        _qualified,
        Text(
            "Un nom ou un prénom du patient n'est pas qualifié comme le CI-SIS le veut.",
            "A name of the patient is not qualified as the CI-SIS wants it.",
            "Qualifier family par BR (naissance) ou CL (utilisé), given par BR, CL ou rien (liste des prénoms).",
            "Qualify family by BR (birth) or CL (used), given by BR, CL or nothing (list of given names).",
        ),
    ),
    Rule(
        "CDA-PAT-SEX",
        (PATIENT,),
        _sayable("administrativeGenderCode", "code"),
        Text(
            "Le patient n'a pas un sexe, et un seul.",
            "The patient has not one sex, and one only.",
            "Écrire un <administrativeGenderCode> avec son code.",
            "Write one <administrativeGenderCode> with its code.",
        ),
    ),
    Rule(
        "CDA-PAT-SEX-LIST",
        (f"{PATIENT}/administrativeGenderCode",),
        both(among("code", "F", "M", "UN"), among("codeSystem", "2.16.840.1.113883.5.1")),
        Text(
            "Le sexe du patient n'est pas F, M ou UN de la liste d'HL7.",
            "The sex of the patient is not F, M or UN of HL7's list.",
            "Choisir F, M ou UN (indifférencié) de 2.16.840.1.113883.5.1.",
            "Choose F, M or UN (undifferentiated) of 2.16.840.1.113883.5.1.",
        ),
    ),
    Rule(
        "CDA-PAT-BIRTH",
        (PATIENT,),
        _sayable("birthTime", "value"),
        Text(
            "Le patient n'a pas une date de naissance, et une seule.",
            "The patient has not one date of birth, and one only.",
            "Écrire un <birthTime> avec sa valeur (AAAAMMJJ).",
            "Write one <birthTime> with its value (YYYYMMDD).",
        ),
    ),
    Rule(
        "CDA-PAT-UNKNOWN",
        (PATIENT,),
        _unknown_traits,
        Text(
            "Le sexe ou la date de naissance du patient est dit inconnu.",
            "The sex or date of birth of the patient is said to be unknown.",
            "Compléter l'identité dès qu'elle est connue : d'autres logiciels peuvent refuser ce document.",
            "Complete the identity once it is known: other software may refuse this document.",
        ),
        "warning",
    ),
    Rule(
        "CDA-PAT-FORBIDDEN",
        (PATIENT,),
        at_most(0, "religiousAffiliationCode", "raceCode", "ethnicGroupCode"),
        Text(
            "Le document dit la religion, la race ou l'origine ethnique du patient.",
            "The document tells the patient's religion, race or ethnic group.",
            "Retirer religiousAffiliationCode, raceCode et ethnicGroupCode.",
            "Remove religiousAffiliationCode, raceCode and ethnicGroupCode.",
        ),
    ),
    Rule(
        "CDA-PAT-BIRTHPLACE",
        (f"{PATIENT}/birthplace",),
        both(one("place"), at_most(1, "place/addr")),
        Text(
            "Le lieu de naissance n'a pas un lieu et au plus une adresse.",
            "The birthplace has not one place and at most one address.",
            "Écrire birthplace/place/addr/county avec le code officiel géographique (COG).",
            "Write birthplace/place/addr/county with the official geographic code (COG).",
        ),
    ),
    Rule(
        "CDA-PAT-GUARDIAN",
        (f"{PATIENT}/guardian",),
        either("guardianPerson", "guardianOrganization"),
        Text(
            "Le représentant du patient est vide, ou est à la fois une personne et une organisation.",
            "The patient's guardian is empty, or is both a person and an organisation.",
            "Garder un guardianPerson ou un guardianOrganization.",
            "Keep one guardianPerson or one guardianOrganization.",
        ),
    ),
    Rule(
        "CDA-PAT-GUARDIAN-ORG",
        (f"{PATIENT}/guardian/guardianOrganization",),
        rooted("id", STRUCTURES),
        Text(
            "L'organisation représentant le patient n'est pas identifiée comme structure.",
            "The organisation that represents the patient is not identified as a structure.",
            f"Écrire l'identifiant national de structure ({STRUCTURES}).",
            f"Write the national identifier of a structure ({STRUCTURES}).",
        ),
    ),
)
"""The patient's rules."""
