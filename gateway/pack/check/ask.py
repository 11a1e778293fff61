"""Asking every rule of one document: opened once, its header read without its body, every fault at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.texts import Text
from gateway.pack.check import authors, body, context, document, identifiers, ins, patient, people, values
from gateway.pack.check.conditions import all_at, at
from gateway.pack.check.rule import Asked, Finding, Rule, Spot
from gateway.pack.opened import Opened, open_cda
from gateway.pack.xml import XML_LIMIT, Element

FINDINGS_LIMIT = 1_000  # told of one document: a page nobody reads to its end
HEADER_LIMIT = 20_000  # elements; official headers have hundreds


def _unasked(element: Element, asked: Asked) -> Iterator[Spot]:
    return iter(())


FILE = (
    Rule(
        "CDA-FILE-XML",
        (),
        _unasked,
        Text(
            "Le fichier n'est pas du XML bien formé, ou il a un DOCTYPE.",
            "The file is not well-formed XML, or it has a DOCTYPE.",
            "Envoyer du XML 1.0 sans DOCTYPE ni entité.",
            "Send XML 1.0 without DOCTYPE or entities.",
        ),
    ),
    Rule(
        "CDA-FILE-CDA",
        (),
        _unasked,
        Text(
            "Le fichier ne contient pas de document CDA R2.",
            "The file holds no CDA R2 document.",
            "Envoyer un ClinicalDocument de l'espace de noms urn:hl7-org:v3.",
            "Send a ClinicalDocument of the namespace urn:hl7-org:v3.",
        ),
    ),
    Rule(
        "CDA-FILE-SIZE",
        (),
        _unasked,
        Text(
            "Le fichier est trop grand, ou a trop d'éléments.",
            "The file is too large, or has too many elements.",
            f"Rester sous {XML_LIMIT // 1_000_000} Mo hors contenu encapsulé, et {HEADER_LIMIT} éléments d'en-tête.",
            f"Stay below {XML_LIMIT // 1_000_000} MB without encapsulated content, and {HEADER_LIMIT} header elements.",
        ),
    ),
)
"""Why a file is not asked any other rule."""

RULES: tuple[Rule, ...] = (
    *FILE,
    *document.RULES,
    *body.RULES,
    *patient.RULES,
    *ins.RULES,
    *authors.RULES,
    *people.OTHERS,
    *people.SIGNATURES,
    *context.RULES,
    *identifiers.IDENTIFIERS,
    *identifiers.CODES,
    *values.TEXTS,
    *values.REACHED,
)
"""Every rule, by block of the header."""

_UNREADABLE = {"not-xml": FILE[0], "not-a-cda": FILE[1], "too-large": FILE[2], "too-many": FILE[2]}


def check_cda(data: bytes, terms: Terms, *, numbers: bool = False) -> tuple[Finding, ...]:
    """Every rule of the national header that a document breaks, in the order of its lines.

    data     the file: CDA R2 of level 1 or 3, self-presenting ones included
    terms    the national lists
    numbers  also ask for the form and key of RPPS, FINESS, SIREN, SIRET and INS

    What cannot be read is one finding, CDA-FILE-*, with the line at which it stops being XML. At most FINDINGS_LIMIT
    findings. Never raises for bad input, and no finding holds a value of the document. Source: CI-SIS, Structuration
    minimale de documents de santé.
    """
    try:
        opened = open_cda(data)
    except Rejected as rejected:
        return tuple(_finding(_UNREADABLE[fault.code], "", fault.line) for fault in rejected.faults[:1])
    root, asked = opened.root, Asked(terms, _sound(opened))
    for structured in all_at(root, "component/structuredBody"):
        structured.clear()  # only its being there is the header's matter
    if next(islice(root.iter(), HEADER_LIMIT, None), None) is not None:
        return (_finding(_UNREADABLE["too-large"], "", 0),)
    found = islice(_broken(root, asked, numbers), FINDINGS_LIMIT)
    return tuple(sorted(found, key=lambda finding: finding.line))


def _sound(opened: Opened) -> bool:
    """Whether the encapsulated body, when there is one, is what it says."""
    body = at(opened.root, "component/nonXMLBody/text")
    try:
        return body is None or bool(opened.encapsulated(body).strip())
    except Rejected:
        return False


def _broken(root: Element, asked: Asked, numbers: bool) -> Iterator[Finding]:
    tree = etree.ElementTree(root)
    for rule in (one for one in RULES if numbers or not one.numbers):
        for where in rule.where:
            for element in [root] if where == "." else all_at(root, where):
                for spot in rule.condition(element, asked):
                    yield _finding(rule, _path(tree, spot), _line(spot[0]))


def _line(element: Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _path(tree: etree._ElementTree, spot: Spot) -> str:
    element, below = spot
    steps = tree.getelementpath(element).replace("{urn:hl7-org:sdtc}", "sdtc:")
    told = re.sub(r"\{[^{}]*\}", "", steps)  # foreign names too: what their namespaces say is the document's
    return "/".join(step for step in ("/ClinicalDocument", told if told != "." else "", below) if step)


def _finding(rule: Rule, path: str, line: int) -> Finding:
    text = rule.text
    return Finding(rule.id, rule.severity, path, line, text.fr, text.en, text.remedy_fr, text.remedy_en)
