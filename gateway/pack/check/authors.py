"""Rules of the authors.

Source: CI-SIS, Structuration minimale (author).
"""

from __future__ import annotations

from gateway.model.texts import Text
from gateway.pack.check.conditions import at_most, both, listed, one, rooted, some, written
from gateway.pack.check.rule import Rule
from gateway.pack.header import STRUCTURES

RULES = (
    Rule(
        "CDA-AUT-SOME",
        (".",),
        some("author"),
        Text(
            "Le document n'a pas d'auteur.",
            "The document has no author.",
            "Écrire au moins un <author>.",
            "Write at least one <author>.",
        ),
    ),
    Rule(
        "CDA-AUT-TIME",
        ("author",),
        one("time", "value"),
        Text(
            "Un auteur n'a pas une date de participation, et une seule.",
            "An author has not one time of participation, and one only.",
            "Écrire author/time avec sa valeur.",
            "Write author/time with its value.",
        ),
    ),
    Rule(
        "CDA-AUT-ASSIGNED",
        ("author",),
        one("assignedAuthor"),
        Text(
            "Un auteur n'est pas décrit, une seule fois.",
            "An author is not described, once.",
            "Écrire un seul assignedAuthor dans <author>.",
            "Write one assignedAuthor into <author>.",
        ),
    ),
    Rule(
        "CDA-AUT-ID",
        ("author/assignedAuthor",),
        some("id"),
        Text(
            "Un auteur n'a pas d'identifiant.",
            "An author has no identifier.",
            "Écrire author/assignedAuthor/id avec root et extension (8 et le RPPS sous 1.2.250.1.71.4.2.1).",
            "Write author/assignedAuthor/id with root and extension (8 and the RPPS under 1.2.250.1.71.4.2.1).",
        ),
    ),
    Rule(
        "CDA-AUT-CODE",
        ("author/assignedAuthor/code",),
        listed("J01"),
        Text(
            "La profession ou spécialité d'un auteur n'est pas dans JDV_J01 (XdsAuthorSpecialty).",
            "The profession or speciality of an author is not in JDV_J01 (XdsAuthorSpecialty).",
            "Choisir un code de JDV_J01, par exemple G15_10/SM54.",
            "Choose a code of JDV_J01, for instance G15_10/SM54.",
        ),
    ),
    Rule(
        "CDA-AUT-ONE",
        ("author/assignedAuthor",),
        at_most(1, "assignedPerson", "assignedAuthoringDevice"),
        Text(
            "Un auteur est à la fois une personne et un dispositif, ou plusieurs.",
            "An author is both a person and a device, or several.",
            "Garder un assignedPerson ou un assignedAuthoringDevice ; écrire un <author> par auteur.",
            "Keep one assignedPerson or one assignedAuthoringDevice; write one <author> each.",
        ),
    ),
    Rule(
        "CDA-AUT-DEVICE",
        ("author/assignedAuthor/assignedAuthoringDevice",),
        both(written("manufacturerModelName"), written("softwareName")),
        Text(
            "Un dispositif auteur n'a pas un modèle et un logiciel.",
            "A device that is an author has not one model and one software.",
            "Écrire manufacturerModelName et softwareName.",
            "Write manufacturerModelName and softwareName.",
        ),
    ),
    Rule(
        "CDA-AUT-ORG",
        ("author/assignedAuthor/representedOrganization",),
        rooted("id", STRUCTURES),
        Text(
            "L'organisation d'un auteur n'est pas identifiée comme structure.",
            "An author's organisation is not identified as a structure.",
            f"Écrire son identifiant national ({STRUCTURES}).",
            f"Write its national identifier ({STRUCTURES}).",
        ),
    ),
    Rule(
        "CDA-AUT-FUNCTION",
        ("author/functionCode", "participant/functionCode"),
        listed("J47"),
        Text(
            "La fonction d'un auteur ou d'un participant n'est pas dans JDV_J47 (FunctionCode).",
            "The function of an author or participant is not in JDV_J47 (FunctionCode).",
            "Choisir un code de JDV_J47, par exemple PCP, ou retirer functionCode.",
            "Choose a code of JDV_J47, for instance PCP, or remove functionCode.",
        ),
    ),
)
"""The author's rules."""
