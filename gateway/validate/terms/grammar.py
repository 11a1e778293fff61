"""Systems whose codes follow a grammar, or carry a check digit: what the form of a code alone tells.

Nothing here knows a registry: a well-formed code of LOINC or SNOMED CT is not known to exist, one whose check digit is
wrong is known not to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from gateway.validate.terms.tables import CURRENCIES, LANGUAGES
from gateway.validate.terms.verdict import NO, YES, Verdict

MIME_TYPES = "urn:ietf:bcp:13"
LANGUAGE_TAGS = "urn:ietf:bcp:47"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The form of a system's codes.

    test   whether a code has that form
    whole  the form says all: what has it is a code of the system (as far as this validator tells)
    fr, en what the form is
    """

    test: Callable[[str], bool]
    whole: bool
    fr: str
    en: str


# RFC 6838 §4.2: type "/" subtype of restricted names; RFC 2045 §5.1: parameters
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MIME = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+-]{0,126}"
    rf'(?:[ \t]{{0,9}};[ \t]{{0,9}}{_WORD}=(?:{_WORD}|"[^"\r\n]{{0,200}}")){{0,20}}'
)
_SHORT_NAMES = frozenset({"json", "xml", "ttl"})
# RFC 5646 §2.1, without the tags grandfathered there
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}|sgn-[a-z]{2}-[a-z]{2}",
    re.IGNORECASE,
)
_COUNTRY = re.compile(r"[A-Z]{2}|[A-Z]{3}|[0-9]{3}")
_SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_LOINC = re.compile(r"(?:(?P<number>[0-9]{1,7})-(?P<check>[0-9])|L[APGL][0-9]{1,9}-[0-9]|MTHU[0-9]{6})")
_SNOMED = re.compile(r"[1-9][0-9]{5,17}")
_UCUM = re.compile(r"[!-z|~{}]+")
_SHORT = 250


def is_mime_type(code: str) -> bool:
    """A type and subtype with their parameters; FHIR also takes its own short names (R4 §3.1.0.1.11)."""
    return code in _SHORT_NAMES or _MIME.fullmatch(code) is not None


def is_language_tag(code: str) -> bool:
    """RFC 5646 form; a language of two letters is one of ISO 639-1."""
    found = _TAG.fullmatch(code) if len(code) <= _SHORT else None
    if found is None:
        return False
    language = (found["language"] or "").partition("-")[0].lower()
    return len(language) != 2 or language in LANGUAGES


def is_loinc(code: str) -> bool:
    """LOINC Users' Guide: digits, a hyphen, a check digit by modulus 10. Parts and answers: their form only."""
    found = _LOINC.fullmatch(code)
    if found is None or found["number"] is None:
        return found is not None
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(found["number"])))
    return -sum(each // 10 + each % 10 for each in doubled) % 10 == int(found["check"])


# The dihedral group of ten elements and the permutation of Verhoeff's check (SNOMED CT Technical Implementation
# Guide, “Check-digit computation”)
_TIMES = "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 9876543210"
_MOVED = "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258"
_MULTIPLY = tuple(tuple(map(int, row)) for row in _TIMES.split())
_PERMUTE = tuple(tuple(map(int, row)) for row in _MOVED.split())


def is_snomed(code: str) -> bool:
    """A concept identifier with its Verhoeff check digit, or a post-coordinated expression (not looked into)."""
    if any(mark in code for mark in ":+|={("):
        return True
    if not code.isascii() or _SNOMED.fullmatch(code) is None:
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _MULTIPLY[check][_PERMUTE[place % 8][int(digit)]]
    return check == 0


def is_unit(code: str) -> bool:
    """UCUM §§1-7: printable ASCII without blanks outside braces, brackets paired, no operator without an operand.

    The atoms are not looked up: a word that has the form passes.
    """
    if not 0 < len(code) <= _SHORT:
        return False
    bare = re.sub(r"\{[ -z|~]*\}", "1", code)  # an annotation; what it says has no meaning
    bare = re.sub(r"\[[!-Z^-z]+\]", "x", bare)  # a bracketed atom or a part of one
    if not _UCUM.fullmatch(bare) or any(mark in bare for mark in "{}[]"):
        return False
    while "(" in bare:
        inner = re.sub(r"\(([^()]+)\)", lambda found: "x" if _TERM.fullmatch(found[1]) else " ", bare)
        if inner == bare:
            return False
        bare = inner
    return _TERM.fullmatch(bare) is not None


_FACTOR = r"[!#-'*0-9:-Z^-z%\"_]+(?:[+-][0-9]+)?"
_TERM = re.compile(rf"/?{_FACTOR}(?:[./]{_FACTOR})*")

GRAMMARS: dict[str, Grammar] = {
    MIME_TYPES: Grammar(
        is_mime_type,
        True,
        "type/sous-type, comme application/pdf (RFC 6838)",
        "type/subtype, as in application/pdf (RFC 6838)",
    ),
    LANGUAGE_TAGS: Grammar(
        is_language_tag, True, "une langue, « fr » ou « fr-FR » (BCP 47)", "a language, “fr” or “fr-FR” (BCP 47)"
    ),
    "urn:iso:std:iso:4217": Grammar(
        CURRENCIES.__contains__, True, "trois lettres (ISO 4217)", "three letters (ISO 4217)"
    ),
    "urn:iso:std:iso:3166": Grammar(
        lambda code: _COUNTRY.fullmatch(code) is not None or _SUBDIVISION.fullmatch(code) is not None,
        True,
        "un code de pays (ISO 3166)",
        "a country code (ISO 3166)",
    ),
    "urn:iso:std:iso:3166:-2": Grammar(
        lambda code: _SUBDIVISION.fullmatch(code) is not None,
        True,
        "un code de subdivision (ISO 3166-2)",
        "a subdivision code (ISO 3166-2)",
    ),
    "urn:ietf:rfc:3986": Grammar(
        lambda code: not any(c.isspace() for c in code), True, "une URI (RFC 3986)", "a URI (RFC 3986)"
    ),
    UCUM: Grammar(is_unit, True, "une unité UCUM", "a UCUM unit"),
    LOINC: Grammar(is_loinc, False, "chiffres-clé, clé modulo 10", "digits-check digit, modulus 10"),
    SNOMED: Grammar(is_snomed, False, "6 à 18 chiffres, clé de Verhoeff", "6 to 18 digits, Verhoeff check digit"),
}


def has_form(system: str, code: str) -> bool:
    """Whether a code has the form of a system in GRAMMARS."""
    return _remembered(system, code) if len(code) <= _SHORT else GRAMMARS[system].test(code)


@lru_cache(maxsize=4096)
def _remembered(system: str, code: str) -> bool:
    return GRAMMARS[system].test(code)


def judge_form(system: str, code: str) -> Verdict:
    """No, or yes if the form says all, else not known."""
    if not has_form(system, code):
        return NO
    return YES if GRAMMARS[system].whole else _UNKNOWN[system]


_UNKNOWN = {system: Verdict(None, "system", system) for system in GRAMMARS}
