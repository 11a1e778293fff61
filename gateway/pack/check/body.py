"""Rules of the body, as far as the header knows it: structured (level 3) or one encapsulated document (level 1).

Source: CI-SIS, Structuration minimale (component); IHE XDS-SD for level 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model.texts import Text
from gateway.pack.check.conditions import all_at, among, at, either, listed, one
from gateway.pack.check.document import CI_SIS, HL7_FRANCE
from gateway.pack.check.rule import Asked, Rule, Spot
from gateway.pack.header import UNSTRUCTURED
from gateway.pack.xml import Element


def _templates(document: Element) -> tuple[bool, list[Element]]:
    """Whether a document with a non-XML body says so, and its templateIds beside the three of such a document."""
    found = all_at(document, "templateId") if at(document, "component/nonXMLBody") is not None else []
    says_so = not found or UNSTRUCTURED in [there.get("root") for there in found]
    return says_so, [there for there in found if there.get("root") not in (HL7_FRANCE, CI_SIS, UNSTRUCTURED)]


def _unstructured(document: Element, asked: Asked) -> Iterator[Spot]:
    """A document with a non-XML body has three templateIds and no other."""
    says_so, extra = _templates(document)
    if says_so:
        yield from ((there, "@root") for there in extra)
    elif not extra:
        yield document, f"templateId[@root='{UNSTRUCTURED}']"


def _structured_model(document: Element, asked: Asked) -> Iterator[Spot]:
    """A document with a non-XML body claims the template of a structured one in place of its own."""
    says_so, extra = _templates(document)
    if not says_so and extra:
        yield extra[0], "@root"


def _garbled(text: Element, asked: Asked) -> Iterator[Spot]:
    if not asked.sound:
        yield text, ""


def _no_pdf(text: Element, asked: Asked) -> Iterator[Spot]:
    media = text.get("mediaType", "")
    if media != "application/pdf" and asked.terms.find(media, "A12"):
        yield text, "@mediaType"


RULES = (
    Rule(
        "CDA-DOC-BODY",
        (".",),
        one("component"),
        Text(
            "Le document n'a pas un corps, et un seul.",
            "The document has not one body, and one only.",
            "Écrire un seul <component>.",
            "Write one <component>.",
        ),
    ),
    Rule(
        "CDA-DOC-BODY-KIND",
        ("component",),
        either("structuredBody", "nonXMLBody"),
        Text(
            "Le corps n'est ni structuré ni encapsulé, ou il est les deux.",
            "The body is neither structured nor encapsulated, or it is both.",
            "Mettre dans <component> un structuredBody ou un nonXMLBody.",
            "Put a structuredBody or a nonXMLBody into <component>.",
        ),
    ),
    Rule(
        "CDA-N1-TEMPLATES",
        (".",),
        _unstructured,
        Text(
            "Un document sans corps structuré a exactement trois templateId.",
            "A document without a structured body has exactly three templateIds.",
            f"Garder {HL7_FRANCE}, {CI_SIS} et {UNSTRUCTURED}.",
            f"Keep {HL7_FRANCE}, {CI_SIS} and {UNSTRUCTURED}.",
        ),
    ),
    Rule(
        "CDA-N1-MODEL",
        (".",),
        _structured_model,
        Text(
            "Un document sans corps structuré annonce le modèle d'un document structuré.",
            "A document without a structured body claims the model of a structured one.",
            f"Remplacer les templateId de modèle par {UNSTRUCTURED} seul.",
            f"Replace the templateIds of models by {UNSTRUCTURED} alone.",
        ),
        "warning",
    ),
    Rule(
        "CDA-N1-TEXT",
        ("component/nonXMLBody",),
        one("text", "mediaType"),
        Text(
            "Le corps encapsulé n'a pas de contenu, ou pas de type.",
            "The encapsulated body has no content, or no type.",
            'Écrire <text mediaType="application/pdf" representation="B64"> et le contenu en base64.',
            'Write <text mediaType="application/pdf" representation="B64"> and the content in base64.',
        ),
    ),
    Rule(
        "CDA-N1-ENCODING",
        ("component/nonXMLBody/text",),
        among("representation", "B64", needed=True),
        Text(
            "Le corps encapsulé ne se dit pas en base64.",
            "The encapsulated body does not say that it is in base64.",
            'Écrire representation="B64" et le contenu en base64.',
            'Write representation="B64" and the content in base64.',
        ),
    ),
    Rule(
        "CDA-N1-MEDIA",
        ("component/nonXMLBody/text",),
        listed("A12", name="mediaType"),
        Text(
            "Le type du corps encapsulé n'a pas de format au CI-SIS.",
            "The type of the encapsulated body has no format in the CI-SIS.",
            "Encapsuler un PDF/A-1 (application/pdf).",
            "Encapsulate a PDF/A-1 (application/pdf).",
        ),
    ),
    Rule(
        "CDA-N1-CONTENT",
        ("component/nonXMLBody/text",),
        _garbled,
        Text(
            "Le corps encapsulé est vide, ou n'est pas du base64.",
            "The encapsulated body is empty, or is not base64.",
            "Encoder le contenu entier en base64 (RFC 4648).",
            "Encode the whole content in base64 (RFC 4648).",
        ),
    ),
    Rule(
        "CDA-N1-PDF",
        ("component/nonXMLBody/text",),
        _no_pdf,
        Text(
            "Le corps encapsulé n'est pas un PDF : une messagerie peut ne pas savoir le montrer.",
            "The encapsulated body is no PDF: a mailbox may not know how to show it.",
            "Encapsuler un PDF/A-1 (application/pdf).",
            "Encapsulate a PDF/A-1 (application/pdf).",
        ),
        "warning",
    ),
)
"""The rules of the body."""
