"""Rules of those who had a part in the document beside its authors: custodian, signatory, recipients, relatives.

Source: CI-SIS, Structuration minimale (custodian to participant).
"""

from __future__ import annotations

from gateway.model.texts import Text
from gateway.pack.check.conditions import among, at_most, both, either, listed, one, present, rooted, some
from gateway.pack.check.rule import Rule
from gateway.pack.header import PERSONS, STRUCTURES

BY_PATIENT = "1.2.250.1.213.4.1"  # the custodian of what a patient wrote (CI-SIS, custodian)

OTHERS = (
    Rule(
        "CDA-ENT-ONE",
        (".",),
        at_most(1, "dataEnterer"),
        Text(
            "Le document a plusieurs opérateurs de saisie.",
            "The document has several data enterers.",
            "Garder un seul <dataEnterer>.",
            "Keep one <dataEnterer>.",
        ),
    ),
    Rule(
        "CDA-ENT-ID",
        ("dataEnterer",),
        present("assignedEntity/id"),
        Text(
            "L'opérateur de saisie n'a pas d'identifiant.",
            "The data enterer has no identifier.",
            "Écrire dataEnterer/assignedEntity/id.",
            "Write dataEnterer/assignedEntity/id.",
        ),
    ),
    Rule(
        "CDA-INF-ONE",
        ("informant",),
        either("relatedEntity", "assignedEntity"),
        Text(
            "Un informateur n'est ni un proche ni un professionnel, ou il est les deux.",
            "An informant is neither a relative nor a professional, or is both.",
            "Garder un relatedEntity ou un assignedEntity.",
            "Keep one relatedEntity or one assignedEntity.",
        ),
    ),
    Rule(
        "CDA-INF-ROLE",
        ("informant/relatedEntity",),
        among("classCode", "ECON", "NOK", "CON", "CAREGIVER", "PAT", needed=True),
        Text(
            "Le rôle d'un proche n'est pas un de ceux que le CI-SIS admet.",
            "The role of a relative is not one that the CI-SIS allows.",
            "Choisir ECON (à prévenir), NOK (de confiance), CAREGIVER (aidant), CON (informateur) ou PAT (patient).",
            "Choose ECON (to call), NOK (trusted), CAREGIVER (carer), CON (informant) or PAT (patient).",
        ),
    ),
    Rule(
        "CDA-INF-KINSHIP",
        ("informant/relatedEntity/code",),
        listed("J11"),
        Text(
            "Le lien d'un proche n'est pas dans JDV_J11 (RelationPatient).",
            "The relation of a relative is not in JDV_J11 (RelationPatient).",
            "Choisir un code de JDV_J11, ou retirer ce code.",
            "Choose a code of JDV_J11, or remove this code.",
        ),
    ),
    Rule(
        "CDA-CUS-ONE",
        (".",),
        one("custodian"),
        Text(
            "Le document n'a pas un conservateur, et un seul.",
            "The document has not one custodian, and one only.",
            "Écrire un seul <custodian>.",
            "Write one <custodian>.",
        ),
    ),
    Rule(
        "CDA-CUS-ORG",
        ("custodian",),
        one("assignedCustodian/representedCustodianOrganization"),
        Text(
            "Le conservateur n'est pas une organisation, et une seule.",
            "The custodian is not one organisation, and one only.",
            "Écrire assignedCustodian/representedCustodianOrganization.",
            "Write assignedCustodian/representedCustodianOrganization.",
        ),
    ),
    Rule(
        "CDA-CUS-ID",
        ("custodian/assignedCustodian/representedCustodianOrganization",),
        both(present("id"), rooted("id", STRUCTURES, BY_PATIENT)),
        Text(
            "Le conservateur n'a pas d'identifiant national de structure.",
            "The custodian has no national identifier of a structure.",
            f"Écrire un id sous {STRUCTURES}, ou sous {BY_PATIENT} pour ce que le patient a écrit.",
            f"Write an id under {STRUCTURES}, or under {BY_PATIENT} for what the patient wrote.",
        ),
    ),
    Rule(
        "CDA-REC-PERSON",
        ("informationRecipient/intendedRecipient",),
        rooted("id", PERSONS),
        Text(
            "Un destinataire n'a pas d'identifiant national de professionnel.",
            "A recipient has no national identifier of a professional.",
            f"Écrire un id sous {PERSONS}, ou aucun.",
            f"Write an id under {PERSONS}, or none.",
        ),
    ),
    Rule(
        "CDA-REC-ORG",
        ("informationRecipient/intendedRecipient/receivedOrganization",),
        rooted("id", STRUCTURES),
        Text(
            "L'organisation d'un destinataire n'est pas identifiée comme structure.",
            "A recipient's organisation is not identified as a structure.",
            f"Écrire un id sous {STRUCTURES}, ou aucun.",
            f"Write an id under {STRUCTURES}, or none.",
        ),
    ),
    Rule(
        "CDA-PRT-TYPE",
        ("participant",),
        listed("J144", name="typeCode", needed=True),
        Text(
            "La participation n'est pas dans JDV_J144 (ParticipationType).",
            "The participation is not in JDV_J144 (ParticipationType).",
            "Choisir REF, REFB, INF, RESP, PRF, CON ou VRF.",
            "Choose REF, REFB, INF, RESP, PRF, CON or VRF.",
        ),
    ),
    Rule(
        "CDA-PRT-TIME",
        ("participant",),
        present("time"),
        Text(
            "Un participant n'a pas de date.",
            "A participant has no time.",
            "Écrire participant/time, avec nullFlavor si elle n'est pas connue.",
            "Write participant/time, with nullFlavor when it is not known.",
        ),
    ),
    Rule(
        "CDA-PRT-ENTITY",
        ("participant",),
        present("associatedEntity"),
        Text(
            "Un participant n'est pas décrit.",
            "A participant is not described.",
            "Écrire participant/associatedEntity.",
            "Write participant/associatedEntity.",
        ),
    ),
    Rule(
        "CDA-PRT-ROLE",
        ("participant/associatedEntity",),
        listed("J141", name="classCode", needed=True),
        Text(
            "Le rôle d'un participant n'est pas dans JDV_J141 (RoleClass).",
            "The role of a participant is not in JDV_J141 (RoleClass).",
            "Choisir PROV (professionnel de santé) ou AGNT (autre professionnel).",
            "Choose PROV (health professional) or AGNT (other professional).",
        ),
    ),
)
"""Rules of those who are neither author nor signatory."""

SIGNATURES = (
    Rule(
        "CDA-LEG-ONE",
        (".",),
        one("legalAuthenticator"),
        Text(
            "Le document n'a pas un responsable, et un seul.",
            "The document has not one legal authenticator, and one only.",
            "Écrire un seul <legalAuthenticator>.",
            "Write one <legalAuthenticator>.",
        ),
    ),
    Rule(
        "CDA-LEG-TIME",
        ("legalAuthenticator",),
        one("time", "value"),
        Text(
            "La prise de responsabilité n'a pas une date, et une seule.",
            "The legal authentication has not one time, and one only.",
            "Écrire legalAuthenticator/time avec sa valeur.",
            "Write legalAuthenticator/time with its value.",
        ),
    ),
    Rule(
        "CDA-LEG-ID",
        ("legalAuthenticator",),
        some("assignedEntity/id"),
        Text(
            "Le responsable n'a pas d'identifiant.",
            "The legal authenticator has no identifier.",
            "Écrire legalAuthenticator/assignedEntity/id.",
            "Write legalAuthenticator/assignedEntity/id.",
        ),
    ),
    Rule(
        "CDA-LEG-NAME",
        ("legalAuthenticator/assignedEntity",),
        one("assignedPerson"),
        Text(
            "Le responsable n'est pas une personne, et une seule.",
            "The legal authenticator is not one person, and one only.",
            "Écrire legalAuthenticator/assignedEntity/assignedPerson avec son nom.",
            "Write legalAuthenticator/assignedEntity/assignedPerson with the name.",
        ),
    ),
    Rule(
        "CDA-SIG-CODE",
        ("legalAuthenticator", "authenticator"),
        one("signatureCode", "code"),
        Text(
            "Une signature n'est pas dite, une seule fois.",
            "A signature is not told, once.",
            'Écrire un seul <signatureCode code="S"/>.',
            'Write one <signatureCode code="S"/>.',
        ),
    ),
    Rule(
        "CDA-SIG-VALUE",
        ("legalAuthenticator/signatureCode", "authenticator/signatureCode"),
        among("code", "S"),
        Text(
            "Le code de signature n'est pas S.",
            "The code of a signature is not S.",
            'Écrire <signatureCode code="S"/>.',
            'Write <signatureCode code="S"/>.',
        ),
    ),
    Rule(
        "CDA-SIG-TIME",
        ("authenticator",),
        one("time", "value"),
        Text(
            "Une attestation de validité n'a pas une date, et une seule.",
            "An authentication has not one time, and one only.",
            "Écrire authenticator/time avec sa valeur.",
            "Write authenticator/time with its value.",
        ),
    ),
    Rule(
        "CDA-SIG-ID",
        ("authenticator",),
        both(some("assignedEntity/id"), rooted("assignedEntity/id", PERSONS)),
        Text(
            "Celui qui atteste n'a pas d'identifiant national de professionnel.",
            "The authenticator has no national identifier of a professional.",
            f"Écrire un id sous {PERSONS}.",
            f"Write an id under {PERSONS}.",
        ),
    ),
)
"""Rules of those who sign."""
