"""Codes of an event ⇄ FHIR Codings, with the official label and code system of each list."""

from __future__ import annotations

from urllib.parse import quote, unquote

from gateway.model.codes import Coded, Term, Terms
from gateway.translate.fhir import names
from gateway.translate.fhir.node import JSON, Node, said

_LISTS = names.code_system("list/")
_HL7 = ("http://terminology.hl7.org/", "http://hl7.org/fhir/")


def coding(terms: Terms, coded: Coded, *own: str) -> JSON:
    """A Coding. `own` are the lists a bare code of this field belongs to.

    A bare code of no known list has no system; a code of a list we do not carry gets an address of ours, or the
    list's own where it is one.
    """
    term = terms.term(coded, *own)
    if term and term.url:
        system: str | None = term.url
    elif coded.list and ":" in coded.list and not any(map(str.isspace, coded.list)):
        system = coded.list
    else:
        system = _LISTS + quote(coded.list, safe="") if coded.list else None
    label = term.display if term and not (system or "").startswith(_HL7) else None  # HL7's labels are English, ours not
    return said(system=system, code=coded.code, display=coded.display or label)


def concept(terms: Terms, coded: Coded, *own: str) -> JSON:
    """A CodeableConcept of that one code."""
    return {"coding": [coding(terms, coded, *own)]}


def read_coding(terms: Terms, node: Node, *own: str) -> JSON | None:
    """The Coded tree of a Coding, None when it names no code. The official label is not repeated."""
    code, system, display = node.text("code"), node.text("system"), node.text("display")
    if code is None:
        return None
    if system is None:
        return said(code=code, display=display)
    if system.startswith(_LISTS):
        return said(code=code, list=unquote(system[len(_LISTS) :]), display=display)
    name, term = _found(terms, code, system, own)
    if term and display == term.display:
        display = None
    return said(code=code, list=None if name in own else name or system, display=display)


def read_concept(terms: Terms, node: Node, *own: str) -> JSON | None:
    """The Coded tree of a CodeableConcept's first coding, None when it has none."""
    return next((found for one in node.each("coding") if (found := read_coding(terms, one, *own))), None)


def read_code(node: Node) -> str | None:
    """The bare code of a CodeableConcept's first coding."""
    return next((code for one in node.each("coding") if (code := one.text("code"))), None)


def _found(terms: Terms, code: str, system: str, own: tuple[str, ...]) -> tuple[str | None, Term | None]:
    # A value set (J…) repeats the codes of a nomenclature: the nomenclature is the better name for a list.
    for name in (*own, *sorted(terms.names(), key=lambda name: (name.startswith("J"), name))):
        term = terms.find(code, name)
        if term and term.url == system and term.code == code:
            return name, term
    return None, None
