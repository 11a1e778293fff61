"""A rule of the header, and what is found when a document breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from gateway.model.codes import Terms
from gateway.model.texts import Text
from gateway.pack.xml import Element

Severity = Literal["error", "warning"]

Spot = tuple[Element, str]
"""A place: an element, and what is missing or wrong below it (`@code`, `name/family`); empty = the element itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a condition may look up: the national lists, and whether the encapsulated body is base64 and not empty."""

    terms: Terms
    sound: bool = True


Condition = Callable[[Element, Asked], Iterable[Spot]]
"""Asked of one element: the spots at which it is not kept."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the national header asks for.

    id         stable and public: CDA-<block>-<what>; vendors' builds branch on it
    where      paths of the elements it is asked of, from the ClinicalDocument: "." is the document itself,
               `.//telecom` is anywhere in the header; elements that are not there are not asked
    condition  what must hold of each of them
    text       what is wrong and what to do, in French and English; never a value
    severity   `error`: the national schematron or text refuses it; `warning`: it does not, or official documents
               do it too (docs/decisions/0020)
    numbers    True: about the form or key of a number, which examples with invented numbers break; asked on demand
    """

    id: str
    where: tuple[str, ...]
    condition: Condition
    text: Text
    severity: Severity = "error"
    numbers: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken, at one place.

    path  XPath from the ClinicalDocument, names of `urn:hl7-org:v3` unprefixed; of what is missing, where it belongs
    line  in the file, from 1: of the element, or of its parent when it is missing; 0 when there is no place
    """

    rule: str
    severity: Severity
    path: str
    line: int
    fr: str
    en: str
    remedy: str
    remedy_en: str
