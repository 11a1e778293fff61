"""What a literal reference says by itself: `#p1`, `Patient/1`, `https://x/fhir/Patient/1/_history/2`, `urn:uuid:…`.

FHIR R4 §2.3.0.1 (literal references), §3.1.0.1 (RESTful URLs), §3.2.0.8 (conditional references).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal as OneOf

_NAMES = """
    Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic
    Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry
    ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication
    CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
    CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric
    DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
    Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable
    ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse
    HealthcareService ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation
    ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure MeasureReport Media Medication
    MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement
    MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
    MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
    MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
    MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition
    OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation
    Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
    RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject
    RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition
    StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein
    SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
    TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription
"""

RESOURCE_TYPES = frozenset(_NAMES.split())

_RESTFUL = re.compile(
    r"(https?://(?:[A-Za-z0-9\\.:%$_~\-]*/)+)?([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})"
    r"(?:/_history/([A-Za-z0-9.\-]{1,64}))?"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")

Form = OneOf["contained", "restful", "absolute", "conditional", "other"]


@dataclass(frozen=True, slots=True)
class Literal:
    """One reference, taken apart.

    form     contained (`#…`) | restful (type and id, with or without a server) | absolute (any other URI)
             | conditional (`Patient?identifier=…`) | other: a relative URL that is none of these
    url      without its version and without `#`
    server   of a RESTful URL, with its last slash; "" for a relative one
    type, id, version   of a RESTful URL, "" for the others; `type` of a conditional one too
    """

    form: Form
    url: str
    server: str = ""
    type: str = ""
    id: str = ""
    version: str = ""

    @property
    def relative(self) -> bool:
        """Whether it means something only from where it stands."""
        return self.form == "other" or (self.form == "restful" and not self.server)


@lru_cache(maxsize=4096)
def literal(reference: str) -> Literal:
    """Take a reference apart. Anything may be asked: what cannot be read is `other`."""
    if reference.startswith("#"):
        return Literal("contained", reference[1:])
    found = _RESTFUL.fullmatch(reference) if len(reference) < 4096 else None
    if found is not None and found[2] in RESOURCE_TYPES:
        server, name, key, version = found[1] or "", found[2], found[3], found[4] or ""
        return Literal("restful", f"{server}{name}/{key}", server, name, key, version)
    kind, asked, _ = reference.partition("?")
    if asked and kind.rpartition("/")[2] in RESOURCE_TYPES:
        return Literal("conditional", reference, type=kind.rpartition("/")[2])
    if _SCHEME.match(reference):
        url, _, version = reference.partition("/_history/")
        return Literal("absolute", url, version=version)
    return Literal("other", reference)


def is_absolute(url: str) -> bool:
    """Does a URI name its scheme?"""
    return _SCHEME.match(url) is not None
