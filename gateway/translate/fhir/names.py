"""How things are called on the FHIR side: our own canonical addresses, and those of the French and IHE guides."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

ROOT = "https://passerelle.example.org/fhir"
"""Root of every address that is ours. Changing it makes older bundles unreadable."""

NAMESPACE = UUID("8f0f6b4e-6d0b-5c55-9a33-0d7c1b1f6a52")
"""Seed of the identifiers a bundle needs beside the sender's own (RFC 9562 §5.5)."""

EVENT_ID = "urn:passerelle:event-id"
EVENT_TYPE = "urn:passerelle:event-type"
GATEWAY_SOURCE = f"urn:oid:2.25.{NAMESPACE.int}"


_OURS = f"{ROOT}/NamingSystem/"


def ours(word: str, issuer: str = "") -> str:
    """The identifier system of one of our words: team, member, plan, goal, report, encounter…

    `issuer` names whose words they are: an event's ids are unique for one client only.
    """
    return f"{_OURS}{quote(issuer, safe='')}{'/' if issuer else ''}{word}"


def is_ours(system: str | None, word: str = "") -> bool:
    """Whether an identifier system is one of ours, for that word, whoever the issuer."""
    return system is not None and system.startswith(_OURS) and (not word or system.endswith(f"/{word}"))


def extension(name: str) -> str:
    """The address of an extension of ours."""
    return f"{ROOT}/StructureDefinition/{name}"


def profile(name: str) -> str:
    """The address of a profile of ours, which constrains a French one or, where none exists, R4 itself."""
    return f"{ROOT}/StructureDefinition/passerelle-{name}"


def code_system(name: str) -> str:
    """The address of a code list of ours."""
    return f"{ROOT}/CodeSystem/{name}"


DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def absent() -> dict[str, list[dict[str, str]]]:
    """What stands where a profile asks for something the event does not say (R4, data-absent-reason)."""
    return {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}


_CDS = "https://interop.esante.gouv.fr/ig/fhir/cds/StructureDefinition"
_PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
_ANNUAIRE = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition"
_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition"
MHD = "https://profiles.ihe.net/ITI/MHD"

TEAM_CREATION = f"{_CDS}/cds-bundle-transaction-creation"
TEAM_UPDATE = f"{_CDS}/cds-bundle-transaction-maj"
CARE_TEAM = f"{_CDS}/cds-ihe-careteam"
RELATED_PERSON = f"{_CDS}/cds-fr-related-person"
ORGANIZATION = f"{_CDS}/cds-organization"
PRACTITIONER = f"{_ANNUAIRE}/as-practitioner"
PRACTITIONER_ROLE = f"{_ANNUAIRE}/as-practitionerrole"
PATIENT = f"{_CORE}/fr-core-patient"
PATIENT_INS = f"{_CORE}/fr-core-patient-ins"
PROVIDE_DOCUMENT = f"{_PDSM}/pdsm-comprehensive-provide-document-bundle"
DOCUMENT_REFERENCE = f"{_PDSM}/pdsm-comprehensive-document-reference"
AUDIT_EVENT = "https://interop.esante.gouv.fr/ig/fhir/tde/StructureDefinition/tde-auditevent"
DELIVERY = profile("delivery")
SUBMISSION_SET = f"{_PDSM}/pdsm-submissionset-comprehensive"

GIVEN_NAMES = f"{_CORE}/fr-core-patient-birth-list-given-name"
RELIABILITY = f"{_CORE}/fr-core-identity-reliability"
INSEE_CODE = f"{_CORE}/fr-core-address-insee-code"
EMAIL_TYPE = f"{_CORE}/fr-core-contact-point-email-type"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
ORGANIZATION_TYPES = f"{_ANNUAIRE}/as-ext-organization-types"
DESIGNATION_TYPE = f"{MHD}/StructureDefinition/ihe-designationType"
SOURCE_ID = f"{MHD}/StructureDefinition/ihe-sourceId"
STATUS_PATCH = f"{MHD}/StructureDefinition/IHE.MHD.Patch.Parameters"
LIST_TYPES = f"{MHD}/CodeSystem/MHDlistTypes"

IDENTIFIER_TYPES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
HL7_IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
IDENTITY_STATES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
HL7_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
RFC3986 = "urn:ietf:rfc:3986"

RPPS = "https://rpps.esante.gouv.fr"
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
IDNST = "urn:oid:1.2.250.1.71.4.2.2"


def nos(name: str) -> str:
    """The FHIR address of a national code list: `TRE_R66-CategorieEtablissement` → its CodeSystem."""
    return f"https://mos.esante.gouv.fr/NOS/{name}/FHIR/{name.replace('_', '-', 1)}"


COMMUNE = nos("TRE_R13-CommuneOM")  # the one list of fr-core-vs-insee-code (FR Core 2.1.0); readers take either
ROLE_CLASS = nos("TRE_R260-HL7RoleClass")
KINSHIP = nos("TRE_R216-HL7RoleCode")
ESTABLISHMENT = nos("TRE_R66-CategorieEtablissement")
SECTOR = nos("TRE_R02-SecteurActivite")
MESSAGING = nos("TRE_R256-TypeMessagerie")
CONFIDENTIALITY = nos("TRE_A08-HL7Confidentiality")
VISIBILITY = nos("TRE_A07-StatutVisibiliteDocument")
