"""Rules of the document itself: its declarations, its identity, its versions.

Source: CI-SIS, Structuration minimale de documents de santé.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.model.texts import Text
from gateway.pack.check.conditions import (
    all_at,
    among,
    at,
    at_most,
    both,
    listed,
    one,
    rooted_once,
    shaped,
    some,
    valued,
    written,
)
from gateway.pack.check.rule import Asked, Rule, Spot
from gateway.pack.header import UNSTRUCTURED
from gateway.pack.xml import Element

HL7_FRANCE = "2.16.840.1.113883.2.8.2.1"
CI_SIS = "1.2.250.1.213.1.1.1.1"


def _model(document: Element, asked: Asked) -> Iterator[Spot]:
    roots = [there.get("root") for there in all_at(document, "templateId")]
    if not [root for root in roots if root not in (HL7_FRANCE, CI_SIS)]:
        yield document, f"templateId[@root!='{HL7_FRANCE}' and @root!='{CI_SIS}']"


def _former(code: Element, asked: Asked) -> Iterator[Spot]:
    """Types that have a class and left the list."""
    value = code.get("code", "")
    if asked.terms.find(value, "X04") and asked.terms.find(value, "J07") is None:
        yield code, "@code"


def _own_parent(document: Element, asked: Asked) -> Iterator[Spot]:
    own = at(document, "id")
    if own is None:
        return
    for parent in all_at(document, "relatedDocument/parentDocument/id"):
        if (parent.get("root"), parent.get("extension")) == (own.get("root"), own.get("extension")):
            yield parent, ""


RULES = (
    Rule(
        "CDA-DOC-CLASS",
        (".",),
        both(among("classCode", "DOCCLIN"), among("moodCode", "EVN")),
        Text(
            "La classe ou le mode du document n'est pas celui d'un document clinique.",
            "The class or mood of the document is not that of a clinical document.",
            'Écrire classCode="DOCCLIN" et moodCode="EVN", ou les omettre.',
            'Write classCode="DOCCLIN" and moodCode="EVN", or leave them out.',
        ),
    ),
    Rule(
        "CDA-DOC-REALM",
        (".",),
        valued("realmCode", code="FR"),
        Text(
            "Le document ne se déclare pas français, une seule fois.",
            "The document does not declare itself French, once.",
            'Écrire un seul <realmCode code="FR"/>.',
            'Write one <realmCode code="FR"/>.',
        ),
    ),
    Rule(
        "CDA-DOC-STANDARD",
        (".",),
        valued("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        Text(
            "Le typeId n'est pas celui de CDA R2.",
            "The typeId is not that of CDA R2.",
            'Écrire root="2.16.840.1.113883.1.3" et extension="POCD_HD000040".',
            'Write root="2.16.840.1.113883.1.3" and extension="POCD_HD000040".',
        ),
    ),
    Rule(
        "CDA-DOC-HL7FR",
        (".",),
        rooted_once("templateId", HL7_FRANCE),
        Text(
            "La conformité aux spécifications de HL7 France n'est pas déclarée, une seule fois.",
            "Conformance to the specifications of HL7 France is not declared, once.",
            f'Écrire un seul <templateId root="{HL7_FRANCE}"/>.',
            f'Write one <templateId root="{HL7_FRANCE}"/>.',
        ),
    ),
    Rule(
        "CDA-DOC-CISIS",
        (".",),
        rooted_once("templateId", CI_SIS),
        Text(
            "La conformité à l'en-tête du CI-SIS n'est pas déclarée, une seule fois.",
            "Conformance to the header of the CI-SIS is not declared, once.",
            f'Écrire un seul <templateId root="{CI_SIS}"/>.',
            f'Write one <templateId root="{CI_SIS}"/>.',
        ),
    ),
    Rule(
        "CDA-DOC-MODEL",
        (".",),
        _model,
        Text(
            "Aucun modèle de document n'est déclaré.",
            "No document model is declared.",
            f"Ajouter le templateId du volet ou, sans corps structuré, {UNSTRUCTURED}.",
            f"Add the templateId of the document's volet or, without a structured body, {UNSTRUCTURED}.",
        ),
    ),
    Rule(
        "CDA-DOC-ID",
        (".",),
        one("id"),
        Text(
            "Le document n'a pas un identifiant, et un seul.",
            "The document has not one identifier, and one only.",
            "Écrire un <id> avec sa racine (root).",
            "Write one <id> with its root.",
        ),
    ),
    Rule(
        "CDA-DOC-TYPE",
        (".",),
        one("code", "code"),
        Text(
            "Le document n'a pas un type, et un seul.",
            "The document has not one type, and one only.",
            "Écrire un <code> avec code, displayName et codeSystem.",
            "Write one <code> with code, displayName and codeSystem.",
        ),
    ),
    Rule(
        "CDA-DOC-TYPE-LIST",
        ("code",),
        listed("J07", "X04"),
        Text(
            "Le type du document n'est pas dans JDV_J07 (XdsTypeCode).",
            "The type of the document is not in JDV_J07 (XdsTypeCode).",
            "Choisir un type de JDV_J07.",
            "Choose a type of JDV_J07.",
        ),
    ),
    Rule(
        "CDA-DOC-TYPE-FORMER",
        ("code",),
        _former,
        Text(
            "Le type du document n'est plus dans JDV_J07 (XdsTypeCode).",
            "The type of the document is no longer in JDV_J07 (XdsTypeCode).",
            "Choisir un type de JDV_J07 pour les nouveaux documents.",
            "Choose a type of JDV_J07 for new documents.",
        ),
        "warning",
    ),
    Rule(
        "CDA-DOC-TITLE",
        (".",),
        written("title"),
        Text(
            "Le document n'a pas un titre, et un seul.",
            "The document has not one title, and one only.",
            "Écrire un <title> avec son texte.",
            "Write one <title> with its text.",
        ),
    ),
    Rule(
        "CDA-DOC-TIME",
        (".",),
        one("effectiveTime", "value"),
        Text(
            "Le document n'a pas une date de création, et une seule.",
            "The document has not one time of creation, and one only.",
            "Écrire un <effectiveTime> avec sa valeur.",
            "Write one <effectiveTime> with its value.",
        ),
    ),
    Rule(
        "CDA-DOC-CONFIDENTIALITY",
        (".",),
        one("confidentialityCode", "code"),
        Text(
            "Le document n'a pas un niveau de confidentialité, et un seul.",
            "The document has not one level of confidentiality, and one only.",
            "Écrire un <confidentialityCode> avec code, displayName et codeSystem.",
            "Write one <confidentialityCode> with code, displayName and codeSystem.",
        ),
    ),
    Rule(
        "CDA-DOC-CONFIDENTIALITY-LIST",
        ("confidentialityCode",),
        among("code", "N", "R", "V"),
        Text(
            "Le niveau de confidentialité n'est pas N, R ou V.",
            "The level of confidentiality is not N, R or V.",
            "Choisir N (normal), R (restreint) ou V (très restreint) de 2.16.840.1.113883.5.25.",
            "Choose N (normal), R (restricted) or V (very restricted) of 2.16.840.1.113883.5.25.",
        ),
    ),
    Rule(
        "CDA-DOC-MASK",
        ("confidentialityCode/translation",),
        listed("J08"),
        Text(
            "Un code de masquage n'est pas dans JDV_J08 (XdsConfidentialityCode).",
            "A masking code is not in JDV_J08 (XdsConfidentialityCode).",
            "Choisir un code de JDV_J08, ou retirer cette traduction.",
            "Choose a code of JDV_J08, or remove this translation.",
        ),
        "warning",
    ),
    Rule(
        "CDA-DOC-LANGUAGE",
        (".",),
        one("languageCode", "code"),
        Text(
            "Le document n'a pas une langue, et une seule.",
            "The document has not one language, and one only.",
            'Écrire <languageCode code="fr-FR"/>.',
            'Write <languageCode code="fr-FR"/>.',
        ),
    ),
    Rule(
        "CDA-DOC-LANGUAGE-FORM",
        ("languageCode",),
        shaped("code", re.compile(r"([a-z]{2}-[A-Z]{2})?")),
        Text(
            "La langue ne s'écrit pas langue-PAYS.",
            "The language is not written language-COUNTRY.",
            "Écrire par exemple fr-FR (ISO 639-1 et ISO 3166).",
            "Write for instance fr-FR (ISO 639-1 and ISO 3166).",
        ),
    ),
    Rule(
        "CDA-DOC-SET",
        (".",),
        one("setId"),
        Text(
            "Le document n'a pas un identifiant commun à ses versions (setId), et un seul.",
            "The document has not one identifier for all its versions (setId), and one only.",
            "Écrire un <setId> avec sa racine, le même pour toutes les versions.",
            "Write one <setId> with its root, the same for all versions.",
        ),
        "warning",
    ),
    Rule(
        "CDA-DOC-VERSION",
        (".",),
        one("versionNumber", "value"),
        Text(
            "Le document n'a pas un numéro de version, et un seul.",
            "The document has not one version number, and one only.",
            "Écrire un <versionNumber> avec sa valeur, à partir de 1.",
            "Write one <versionNumber> with its value, from 1.",
        ),
    ),
    Rule(
        "CDA-DOC-VERSION-FORM",
        ("versionNumber",),
        shaped("value", re.compile(r"[0-9]*", re.ASCII)),
        Text(
            "Le numéro de version n'est pas un entier.",
            "The version number is not an integer.",
            "Écrire un entier, à partir de 1.",
            "Write an integer, from 1.",
        ),
    ),
    Rule(
        "CDA-DOC-REPLACED",
        (".",),
        at_most(1, "relatedDocument"),
        Text(
            "Le document nomme plusieurs documents remplacés.",
            "The document names several documents that it replaces.",
            "Garder un seul <relatedDocument>.",
            "Keep one <relatedDocument>.",
        ),
    ),
    Rule(
        "CDA-DOC-REPLACED-KIND",
        ("relatedDocument",),
        among("typeCode", "RPLC", needed=True),
        Text(
            "Le lien avec un autre document n'est pas un remplacement.",
            "The relation to another document is not a replacement.",
            'Écrire typeCode="RPLC", ou retirer le <relatedDocument>.',
            'Write typeCode="RPLC", or remove the <relatedDocument>.',
        ),
    ),
    Rule(
        "CDA-DOC-REPLACED-ID",
        ("relatedDocument",),
        some("parentDocument/id"),
        Text(
            "Le document remplacé n'a pas d'identifiant.",
            "The document replaced has no identifier.",
            "Écrire parentDocument/id avec sa racine.",
            "Write parentDocument/id with its root.",
        ),
    ),
    Rule(
        "CDA-DOC-REPLACED-SELF",
        (".",),
        _own_parent,
        Text(
            "Le document dit se remplacer lui-même.",
            "The document says that it replaces itself.",
            "Donner un nouvel identifiant à la nouvelle version.",
            "Give the newer version an identifier of its own.",
        ),
    ),
)
"""The document's own rules."""
