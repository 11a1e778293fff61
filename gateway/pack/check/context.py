"""Rules of what the document is about: the act, the encounter, the order, the consent; and times against each other.

Source: CI-SIS, Structuration minimale (documentationOf, componentOf, inFulfillmentOf, authorization).
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model.texts import Text
from gateway.pack import times
from gateway.pack.check.conditions import among, at, both, listed, one, present, rooted, some, valued
from gateway.pack.check.rule import Asked, Rule, Spot
from gateway.pack.header import PERSONS
from gateway.pack.xml import Element

ACT = "documentationOf[1]/serviceEvent"
STAY = "componentOf/encompassingEncounter"


def _ends_before(bounds: Element, asked: Asked) -> Iterator[Spot]:
    """Told only when the clocks on both walls say so: many write a wrong zone."""
    low, high = at(bounds, "low"), at(bounds, "high")
    if low is None or high is None:
        return
    first, last = low.get("value", ""), high.get("value", "")
    if _after(first[:14], last[:14]) and _after(times.utc(first), times.utc(last)):
        yield high, "@value"


def _after(first: str, last: str) -> bool:
    length = min(len(first), len(last))  # 20261120 and 202611200930 may be the same moment
    return first[:length] > last[:length]


def _unborn(document: Element, asked: Asked) -> Iterator[Spot]:
    made, birth = at(document, "effectiveTime"), at(document, "recordTarget/patientRole/patient/birthTime")
    if made is not None and birth is not None and _after(birth.get("value", "")[:8], made.get("value", "")[:8]):
        yield birth, "@value"


RULES = (
    Rule(
        "CDA-ORD-ID",
        ("inFulfillmentOf",),
        present("order/id"),
        Text(
            "Une prescription exécutée n'a pas d'identifiant.",
            "An order fulfilled has no identifier.",
            "Écrire inFulfillmentOf/order/id.",
            "Write inFulfillmentOf/order/id.",
        ),
    ),
    Rule(
        "CDA-ACT-SOME",
        (".",),
        some("documentationOf"),
        Text(
            "Le document ne dit pas de quel acte il parle.",
            "The document does not say which act it is about.",
            "Écrire au moins un <documentationOf>.",
            "Write at least one <documentationOf>.",
        ),
    ),
    Rule(
        "CDA-ACT-EVENT",
        ("documentationOf",),
        one("serviceEvent"),
        Text(
            "Un documentationOf n'a pas un acte, et un seul.",
            "A documentationOf has not one act, and one only.",
            "Écrire un seul serviceEvent par <documentationOf>.",
            "Write one serviceEvent in each <documentationOf>.",
        ),
    ),
    Rule(
        "CDA-ACT-PERFORMER",
        (ACT,),
        valued("performer", typeCode="PRF"),
        Text(
            "L'acte principal (le premier) n'a pas un exécutant, et un seul.",
            "The main act (the first) has not one performer, and one only.",
            'Écrire un seul <performer typeCode="PRF">.',
            'Write one <performer typeCode="PRF">.',
        ),
    ),
    Rule(
        "CDA-ACT-PERFORMER-ID",
        (f"{ACT}/performer",),
        present("assignedEntity/id"),
        Text(
            "L'exécutant de l'acte principal n'a pas d'identifiant.",
            "The performer of the main act has no identifier.",
            "Écrire performer/assignedEntity/id.",
            "Write performer/assignedEntity/id.",
        ),
    ),
    Rule(
        "CDA-ACT-SETTING",
        (f"{ACT}/performer",),
        one("assignedEntity/representedOrganization/standardIndustryClassCode", "code", "codeSystem"),
        Text(
            "Le cadre d'exercice de l'acte principal n'est pas dit.",
            "The practice setting of the main act is not told.",
            "Écrire performer/assignedEntity/representedOrganization/standardIndustryClassCode.",
            "Write performer/assignedEntity/representedOrganization/standardIndustryClassCode.",
        ),
    ),
    Rule(
        "CDA-ACT-TIME",
        (ACT,),
        one("effectiveTime"),
        Text(
            "L'acte principal n'a pas une période, et une seule.",
            "The main act has not one period, and one only.",
            "Écrire un seul effectiveTime avec low.",
            "Write one effectiveTime with low.",
        ),
    ),
    Rule(
        "CDA-ACT-START",
        (f"{ACT}/effectiveTime",),
        present("low"),
        Text(
            "La période de l'acte principal n'a pas de début.",
            "The period of the main act has no beginning.",
            "Écrire effectiveTime/low.",
            "Write effectiveTime/low.",
        ),
    ),
    Rule(
        "CDA-ENC-ONE",
        (".",),
        one("componentOf"),
        Text(
            "Le document n'a pas un contexte de prise en charge, et un seul.",
            "The document has not one encounter, and one only.",
            "Écrire un seul <componentOf>.",
            "Write one <componentOf>.",
        ),
    ),
    Rule(
        "CDA-ENC-ENCOUNTER",
        ("componentOf",),
        one("encompassingEncounter"),
        Text(
            "Le componentOf n'a pas une rencontre, et une seule.",
            "The componentOf has not one encounter, and one only.",
            "Écrire un seul encompassingEncounter.",
            "Write one encompassingEncounter.",
        ),
    ),
    Rule(
        "CDA-ENC-TIME",
        (STAY,),
        present("effectiveTime"),
        Text(
            "La rencontre n'a pas de période.",
            "The encounter has no period.",
            "Écrire effectiveTime, avec nullFlavor si elle n'est pas connue.",
            "Write effectiveTime, with nullFlavor when it is not known.",
        ),
    ),
    Rule(
        "CDA-ENC-CODE",
        (f"{STAY}/code",),
        listed("J142"),
        Text(
            "Le type de rencontre n'est pas dans JDV_J142 (TypeRencontre).",
            "The kind of encounter is not in JDV_J142 (TypeRencontre).",
            "Choisir IMP, EMER, AMB, FLD, HH, VR, EXTERNE ou SEANCE.",
            "Choose IMP, EMER, AMB, FLD, HH, VR, EXTERNE or SEANCE.",
        ),
    ),
    Rule(
        "CDA-ENC-FACILITY",
        (STAY,),
        one("location/healthCareFacility/code", "code", "codeSystem"),
        Text(
            "Le secteur d'activité du lieu de prise en charge n'est pas dit.",
            "The sector of the place of care is not told.",
            "Écrire location/healthCareFacility/code.",
            "Write location/healthCareFacility/code.",
        ),
    ),
    Rule(
        "CDA-ENC-FACILITY-LIST",
        (f"{STAY}/location/healthCareFacility/code",),
        listed("J02"),
        Text(
            "Le secteur d'activité n'est pas dans JDV_J02 (XdsHealthcareFacilityTypeCode).",
            "The sector is not in JDV_J02 (XdsHealthcareFacilityTypeCode).",
            "Choisir un code de JDV_J02, par exemple SA07.",
            "Choose a code of JDV_J02, for instance SA07.",
        ),
    ),
    Rule(
        "CDA-ENC-PERSON",
        (f"{STAY}/responsibleParty/assignedEntity", f"{STAY}/encounterParticipant/assignedEntity"),
        rooted("id", PERSONS),
        Text(
            "Le responsable ou un intervenant de la rencontre n'a pas d'identifiant national de professionnel.",
            "The one responsible for the encounter, or a participant, has no national identifier of a professional.",
            f"Écrire un id sous {PERSONS}.",
            f"Write an id under {PERSONS}.",
        ),
    ),
    Rule(
        "CDA-ENC-ROLE",
        (f"{STAY}/encounterParticipant",),
        listed("J140", name="typeCode", needed=True),
        Text(
            "Le rôle d'un intervenant n'est pas dans JDV_J140 (EncounterParticipationType).",
            "The role of a participant is not in JDV_J140 (EncounterParticipationType).",
            "Choisir ADM, ATND, CON, DIS, REF ou RESP.",
            "Choose ADM, ATND, CON, DIS, REF or RESP.",
        ),
    ),
    Rule(
        "CDA-CON-CONSENT",
        ("authorization",),
        one("consent"),
        Text(
            "Une autorisation n'a pas un consentement, et un seul.",
            "An authorization has not one consent, and one only.",
            "Écrire un seul authorization/consent.",
            "Write one authorization/consent.",
        ),
    ),
    Rule(
        "CDA-CON-CLASS",
        ("authorization/consent",),
        both(among("classCode", "CONS"), among("moodCode", "EVN")),
        Text(
            "La classe ou le mode d'un consentement n'est pas le bon.",
            "The class or mood of a consent is not right.",
            'Écrire classCode="CONS" et moodCode="EVN".',
            'Write classCode="CONS" and moodCode="EVN".',
        ),
    ),
    Rule(
        "CDA-CON-CODE",
        ("authorization/consent",),
        one("code", "code"),
        Text(
            "Un consentement ne dit pas à quoi.",
            "A consent does not say to what.",
            "Écrire authorization/consent/code.",
            "Write authorization/consent/code.",
        ),
    ),
    Rule(
        "CDA-CON-STATUS",
        ("authorization/consent",),
        valued("statusCode", code="completed"),
        Text(
            "Un consentement n'est pas dit donné.",
            "A consent is not said to be given.",
            'Écrire <statusCode code="completed"/>.',
            'Write <statusCode code="completed"/>.',
        ),
    ),
    Rule(
        "CDA-COH-PERIOD",
        (".//effectiveTime", ".//time"),
        _ends_before,
        Text(
            "Une période finit avant de commencer.",
            "A period ends before it begins.",
            "Corriger low ou high.",
            "Correct low or high.",
        ),
    ),
    Rule(
        "CDA-COH-BIRTH",
        (".",),
        _unborn,
        Text(
            "Le patient est né après la création du document.",
            "The patient was born after the document was made.",
            "Vérifier birthTime et effectiveTime.",
            "Check birthTime and effectiveTime.",
        ),
        "warning",
    ),
)
"""Rules of act, encounter, order, consent and coherence."""
