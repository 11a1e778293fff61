"""Codes judged by their form: what is not one is refused, and a form that says all decides."""

from __future__ import annotations

import pytest

from gateway.validate.terms.filters import matches, pattern_of
from gateway.validate.terms.grammar import GRAMMARS, LANGUAGE_TAGS, LOINC, MIME_TYPES, SNOMED, UCUM, has_form

RIGHT = {
    MIME_TYPES: [
        "text/plain",
        "application/fhir+json; fhirVersion=4.0",
        'text/plain; charset="utf-8"',
        "xml",
        "image/*",
    ],
    LANGUAGE_TAGS: ["fr", "fr-FR", "FR-fr", "de-CH-1996", "zh-Hant-TW", "x-home", "fra", "es-419", "en-a-bbb-x-cc"],
    UCUM: [
        "mg",
        "mm[Hg]",
        "kg/m2",
        "10*9/L",
        "/min",
        "{beats}/min",
        "L/(min.m2)",
        "[in_i]",
        "%",
        "m.s-2",
        "{a b}",
        "'",
    ],
    LOINC: ["11488-4", "60591-5", "LA27975-4", "LP7785-3"],
    SNOMED: ["73211009", "404684003", "73211009 |Diabetes|:363698007=113331007"],
    "urn:iso:std:iso:4217": ["EUR", "XPF"],
    "urn:iso:std:iso:3166": ["FR", "FRA", "250", "FR-974"],
    "urn:iso:std:iso:3166:-2": ["FR-2A"],
    "urn:ietf:rfc:3986": ["urn:oid:1.2.250", "https://example.org/x"],
}
WRONG = {
    MIME_TYPES: ["", "text", "text/", "text/pl ain", "text/plain; charset", "/plain", "a/b/c"],
    LANGUAGE_TAGS: ["", "français", "f", "fr_FR", "fr-", "qq", "fr-FR-"],
    UCUM: ["", "mm Hg", "mg/", "a..b", "(mg", "mg)", "µg", "°C", "{a", "[in_i", "/", "mg//L", "()"],
    LOINC: ["11488-5", "11488", "11488-4x", "x"],
    SNOMED: ["73211008", "276885007x", "12345", "073211009", "1" * 19, "٧٣٢١١٠٠٩"],
    "urn:iso:std:iso:4217": ["eur", "EURO", "ZZZ"],
    "urn:iso:std:iso:3166": ["fr", "FRANCE", "1", "FR-"],
    "urn:iso:std:iso:3166:-2": ["FR"],
    "urn:ietf:rfc:3986": ["a b"],
}


def test_every_system_with_a_form_is_asked_here() -> None:
    assert GRAMMARS.keys() == RIGHT.keys() == WRONG.keys()


@pytest.mark.parametrize(("system", "code"), [(system, code) for system, codes in RIGHT.items() for code in codes])
def test_a_code_of_the_form_is_taken(system: str, code: str) -> None:
    assert has_form(system, code)


@pytest.mark.parametrize(("system", "code"), [(system, code) for system, codes in WRONG.items() for code in codes])
def test_a_code_without_the_form_is_not(system: str, code: str) -> None:
    assert not has_form(system, code)


@pytest.mark.parametrize("system", [LOINC, SNOMED])
def test_one_wrong_digit_never_passes_the_check_digit(system: str) -> None:
    code = RIGHT[system][0]
    for place, digit in enumerate(code):
        if digit.isdigit():
            others = [code[:place] + other + code[place + 1 :] for other in "0123456789" if other != digit]
            assert not any(has_form(system, other) for other in others if not other.startswith("0"))


@pytest.mark.parametrize("system", GRAMMARS)
def test_a_hostile_code_is_answered(system: str) -> None:
    """One that made a pattern try every way to match would never be."""
    for piece in ("a", "(", "((a", "{", "a-", "a;b=c", "[", "/", "1", "-x", "a/b;", '"'):
        for code in (piece * 100_000, "a/" + piece * 60, "(" * 60 + piece + ")" * 60):
            assert has_form(system, code) in (True, False)


@pytest.mark.parametrize("pattern", [".*.*.*x", "[a-z]+[a-z]+[0-9]+", "(abc|abd)?.*[a-z]*-"])
def test_a_pattern_that_is_taken_answers_on_any_code(pattern: str) -> None:
    compiled = pattern_of(pattern)
    assert compiled is not None
    assert not matches(compiled, "a" * 200)
    assert not matches(compiled, "a" * 1_000_000)
