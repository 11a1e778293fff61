"""What other software sends: transactions of the French guides, without a word of ours. Everybody in them is invented.

They are written as the guides ask (CDS 2.0.1, PDSm 3.1.1), by hand: nothing of the product makes them.
"""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import pikepdf

JSON = dict[str, Any]

_ANS = "https://interop.esante.gouv.fr/ig/fhir"
_NOS = "https://mos.esante.gouv.fr/NOS"
_CORE = "https://hl7.fr/ig/fhir/core"
_MHD = "https://profiles.ihe.net/ITI/MHD"
IDENTIFIER_TYPES = f"{_CORE}/CodeSystem/fr-core-cs-v2-0203"
ROLES = f"{_NOS}/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction"
RELATED_ROLES = f"{_NOS}/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass"

PATIENT, DOCTOR, NURSE, CABINET, DAUGHTER, TEAM = (
    f"urn:uuid:5e0c9a1e-2b7d-4c1a-9d54-0000000000{n:02}" for n in range(1, 7)
)
DOCTOR_ROLE, NURSE_ROLE = (f"urn:uuid:5e0c9a1e-2b7d-4c1a-9d54-0000000000{n}" for n in (11, 12))
DOCUMENT, SET, BINARY = (f"urn:uuid:5e0c9a1e-2b7d-4c1a-9d54-0000000000{n}" for n in (21, 22, 23))


def coded(system: str, code: str, display: str = "") -> JSON:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


def patient(sure: bool = True) -> JSON:
    """Somebody with a test number; `sure`: of a validated identity."""
    reliability = {
        "url": f"{_CORE}/StructureDefinition/fr-core-identity-reliability",
        "extension": [
            {
                "url": "identityStatus",
                "valueCoding": {"system": f"{_CORE}/CodeSystem/fr-core-cs-v2-0445", "code": "VALI"},
            }
        ],
    }
    return {
        "resourceType": "Patient",
        "meta": {"profile": [f"{_CORE}/StructureDefinition/fr-core-patient"]},
        **({"extension": [reliability]} if sure else {}),
        "identifier": [
            {
                "use": "official",
                "type": coded(IDENTIFIER_TYPES, "INS-NIR-TEST"),
                "system": "urn:oid:1.2.250.1.213.1.4.10",
                "value": "279035121518989",
            },
            {"use": "usual", "system": "urn:oid:1.2.3.4.5", "value": "D-77"},
        ],
        "name": [{"use": "official", "family": "PAT-TROIS", "given": ["DOMINIQUE"]}],
        "gender": "female",
        "birthDate": "1979-03-28",
    }


def practitioner(rpps: str, family: str, given: str) -> JSON:
    """A professional of the national register."""
    return {
        "resourceType": "Practitioner",
        "meta": {"profile": [f"{_ANS}/annuaire/StructureDefinition/as-practitioner"]},
        "identifier": [
            {"type": coded(IDENTIFIER_TYPES, "RPPS"), "system": "https://rpps.esante.gouv.fr", "value": rpps}
        ],
        "name": [{"family": family, "given": [given]}],
    }


def role(who: str, where: str | None = None) -> JSON:
    """A professional at work."""
    return {
        "resourceType": "PractitionerRole",
        "meta": {"profile": [f"{_ANS}/annuaire/StructureDefinition/as-practitionerrole"]},
        "practitioner": {"reference": who},
        **({"organization": {"reference": where}} if where else {}),
    }


def structure() -> JSON:
    """A house of health with a FINESS number."""
    category = f"{_NOS}/TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"
    return {
        "resourceType": "Organization",
        "meta": {"profile": [f"{_ANS}/cds/StructureDefinition/cds-organization"]},
        "identifier": [
            {
                "use": "official",
                "type": coded(IDENTIFIER_TYPES, "IDNST"),
                "system": "urn:oid:1.2.250.1.71.4.2.2",
                "value": "1750000127",
            }
        ],
        "type": [coded(category, "603")],
        "name": "Maison de santé des Tilleuls",
    }


def relative() -> JSON:
    """The patient's daughter, the person to warn."""
    kinship = f"{_NOS}/TRE_R216-HL7RoleCode/FHIR/TRE-R216-HL7RoleCode"
    return {
        "resourceType": "RelatedPerson",
        "meta": {"profile": [f"{_ANS}/cds/StructureDefinition/cds-fr-related-person"]},
        "identifier": [{"system": "urn:oid:1.2.3.4.5.6", "value": "P-4"}],
        "patient": {"reference": PATIENT},
        "relationship": [coded(RELATED_ROLES, "ECON"), coded(kinship, "DAUC")],
        "name": [{"family": "TROIS", "given": ["Camille"]}],
        "telecom": [{"system": "phone", "value": "0601020304"}],
    }


def participant(member: str, since: str | None = None, until: str | None = None, as_: str = "") -> JSON:
    """One participation; `as_` is a role of a professional (TRE_R259)."""
    period = {**({"start": since} if since else {}), **({"end": until} if until else {})}
    return {
        **({"role": [coded(ROLES, as_)]} if as_ else {}),
        "member": {"reference": member},
        **({"period": period} if period else {}),
    }


MEMBERS = (
    participant(DOCTOR_ROLE, "2026-11-01", as_="PCP"),
    participant(DAUGHTER, "2026-11-01"),
)


def care_team(*participants: JSON, **other: Any) -> JSON:
    """A care circle; other elements replace its own."""
    return {
        "resourceType": "CareTeam",
        "meta": {"profile": [f"{_ANS}/cds/StructureDefinition/cds-ihe-careteam"]},
        "identifier": [{"system": "urn:oid:1.2.3.4.5.7", "value": "C-12"}],
        "status": "active",
        "name": "Cercle de soins de Mme Pat-Trois",
        "subject": {"reference": PATIENT},
        "period": {"start": "2026-11-01"},
        "participant": list(participants or MEMBERS),
        "managingOrganization": [{"reference": CABINET}],
        **other,
    }


def entry(url: str, resource: JSON, method: str = "POST") -> JSON:
    """An entry of a transaction."""
    type = resource["resourceType"]
    return {"fullUrl": url, "resource": resource, "request": {"method": method, "url": type}}


def actors() -> list[JSON]:
    """The entries of everybody spoken of here."""
    return [
        entry(PATIENT, patient()),
        entry(CABINET, structure()),
        entry(DOCTOR, practitioner("10100012342", "MARTIN", "Jeanne")),
        entry(DOCTOR_ROLE, role(DOCTOR, CABINET)),
        entry(NURSE, practitioner("10100054328", "DURAND", "Luc")),
        entry(NURSE_ROLE, role(NURSE)),
        entry(DAUGHTER, relative()),
    ]


def bundle(*entries: JSON, **other: Any) -> JSON:
    """A transaction of these entries."""
    return {"resourceType": "Bundle", "type": "transaction", **other, "entry": list(entries)}


def creation(*participants: JSON, **other: Any) -> JSON:
    """A care circle is created (CDS 2.0.1, flux 1c)."""
    return bundle(entry(TEAM, care_team(*participants, **other)), *actors())


def update(*participants: JSON, **other: Any) -> JSON:
    """The same care circle, put again whole."""
    put = entry(TEAM, care_team(*participants, **other), "PUT")
    put["request"]["url"] = "CareTeam?identifier=urn:oid:1.2.3.4.5.7|C-12"
    return bundle(put, *actors(), timestamp="2026-11-21T09:00:00+01:00")


def page() -> bytes:
    """A PDF of one empty page."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


PDF = page()


def document(data: bytes = PDF, **other: Any) -> JSON:
    """The description of a report; other elements replace its own."""
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    someone = {**patient(), "id": "that-day"}
    return {
        "resourceType": "DocumentReference",
        "meta": {"profile": [f"{_ANS}/pdsm/StructureDefinition/pdsm-comprehensive-document-reference"]},
        "contained": [
            someone,
            {**practitioner("10100012342", "MARTIN", "Jeanne"), "id": "author"},
            {**structure(), "id": "keeper"},
        ],
        "masterIdentifier": {"use": "usual", "system": "urn:oid:1.2.3.4.5.8", "value": "CR-2026-31"},
        "identifier": [{"use": "official", "system": "urn:ietf:rfc:3986", "value": DOCUMENT}],
        "status": "current",
        "type": coded("http://loinc.org", "11488-4"),
        "category": [coded(f"{_NOS}/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument", "10")],
        "subject": {"reference": PATIENT},
        "date": "2026-11-20T17:05:00+01:00",
        "author": [{"reference": "#author"}],
        "custodian": {"reference": "#keeper"},
        "description": "Compte rendu de consultation",
        "securityLabel": [coded("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N")],
        "content": [
            {
                "attachment": {
                    "contentType": "application/pdf",
                    "language": "fr-FR",
                    "url": BINARY,
                    "size": len(data),
                    "hash": base64.b64encode(digest).decode(),
                    "title": "Compte rendu",
                    "creation": "2026-11-20T17:00:00+01:00",
                },
                "format": {
                    "system": f"{_NOS}/TRE_A11-IheFormatCode/FHIR/TRE-A11-IheFormatCode",
                    "code": "urn:ihe:iti:xds-sd:pdf:2008",
                },
            }
        ],
        "context": {
            "period": {"start": "2026-11-20T16:00:00+01:00"},
            "facilityType": coded(f"{_NOS}/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite", "SA05"),
            "practiceSetting": coded(f"{_NOS}/TRE_A01-CadreExercice/FHIR/TRE-A01-CadreExercice", "AMBULATOIRE"),
            "sourcePatientInfo": {"reference": "#that-day"},
        },
        **other,
    }


def submission_set(**other: Any) -> JSON:
    """The set that submits it."""
    return {
        "resourceType": "List",
        "meta": {"profile": [f"{_ANS}/pdsm/StructureDefinition/pdsm-submissionset-comprehensive"]},
        "contained": [
            {**role("#who"), "id": "source"},
            {**practitioner("10100012342", "MARTIN", "Jeanne"), "id": "who"},
        ],
        "extension": [
            {
                "url": f"{_MHD}/StructureDefinition/ihe-designationType",
                "valueCodeableConcept": coded(f"{_NOS}/TRE_R209-TypeActivite/FHIR/TRE-R209-TypeActivite", "07"),
            },
            {"url": f"{_MHD}/StructureDefinition/ihe-sourceId", "valueIdentifier": {"value": "urn:oid:1.2.3.4"}},
        ],
        "identifier": [
            {"use": "usual", "system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4.5.9.1"},
            {"use": "official", "system": "urn:ietf:rfc:3986", "value": SET},
        ],
        "status": "current",
        "mode": "working",
        "code": coded(f"{_MHD}/CodeSystem/MHDlistTypes", "submissionset"),
        "subject": {"reference": PATIENT},
        "date": "2026-11-20T17:06:00+01:00",
        "source": {"reference": "#source"},
        "entry": [{"item": {"reference": DOCUMENT}}],
        **other,
    }


def provided(data: bytes = PDF, submitted: JSON | None = None, **other: Any) -> JSON:
    """A document is provided (ITI-65); other elements replace those of its description."""
    binary = {
        "resourceType": "Binary",
        "contentType": "application/pdf",
        "data": base64.b64encode(data).decode(),
    }
    profile = f"{_ANS}/pdsm/StructureDefinition/pdsm-comprehensive-provide-document-bundle"
    return bundle(
        entry(SET, submission_set(**(submitted or {}))),
        entry(DOCUMENT, document(data, **other)),
        entry(BINARY, binary),
        entry(PATIENT, patient()),
        meta={"profile": [profile]},
    )
