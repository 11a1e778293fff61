"""Codings by themselves: system, code and display."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from gateway.validate.place import at_root, path_of
from gateway.validate.rules import RULES
from gateway.validate.run import Run, Scope, Told, TooCostly
from gateway.validate.terms import Terms
from tests.validate.terms.shelf import COLOURS, Json, Shelf, of, system, value_set

PLACE = (at_root("Basic"), "code", "code")
RED = {
    "code": "red",
    "display": "Rouge vif",
    "designation": [{"language": "en", "value": "Red"}],
}
HERE = system(RED, {"code": "plain"}, version="3")


def told(coding: Json, *definitions: Json) -> list[Told]:
    run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")))
    Terms(Shelf(*(definitions or (HERE,)))).check_coding(run, PLACE, coding)
    return run.told


def found(coding: Json, *definitions: Json) -> list[tuple[str, str, str]]:
    return [
        (one.rule, one.severity or RULES[one.rule].severity, path_of(one.place)) for one in told(coding, *definitions)
    ]


def of_code(code: str, url: str = COLOURS, **more: Any) -> Json:
    return {"system": url, "code": code, **more}


def test_a_code_of_its_system_is_right() -> None:
    assert found(of_code("red")) == []


def test_a_code_that_a_complete_system_does_not_have_is_an_error() -> None:
    assert found(of_code("rouge")) == [("unknown-code", "error", "Basic.code.code")]


def test_of_another_version_of_the_system_it_is_a_warning() -> None:
    assert found(of_code("rouge", version="4")) == [("unknown-code", "warning", "Basic.code.code")]
    assert found(of_code("rouge", version="3")) == [("unknown-code", "error", "Basic.code.code")]


def test_a_code_that_a_part_of_a_system_does_not_have_is_a_warning() -> None:
    part = system("red", content="fragment")
    assert found(of_code("rouge"), part) == [("unknown-code-in-part", "warning", "Basic.code.code")]
    assert found(of_code("red"), part) == []


@pytest.mark.parametrize("display", ["Rouge vif", "rouge  VIF", "Red", "red", " Red "])
def test_any_name_of_the_code_in_any_language_is_its_display(display: str) -> None:
    assert found(of_code("red", display=display)) == []


def test_the_same_accent_may_be_encoded_in_two_ways() -> None:
    assert found(of_code("e", display="Élevé"), system({"code": "e", "display": "Élevé"})) == []


def test_another_display_is_an_error_that_names_neither_it_nor_what_the_code_means() -> None:
    (one,) = told(of_code("red", display="Vert"))
    assert (one.rule, path_of(one.place)) == ("wrong-display", "Basic.code.display")
    said = RULES[one.rule].fr.format(**one.words) + RULES[one.rule].en.format(**one.words)
    assert not any(text in said for text in ("Vert", "Rouge", "Red"))


def test_a_code_without_a_name_takes_any_display() -> None:
    assert found(of_code("plain", display="Whatever")) == []


def test_a_supplement_gives_a_code_more_names() -> None:
    more = {
        "resourceType": "CodeSystem",
        "url": "https://example.org/CodeSystem/colours-de",
        "content": "supplement",
        "supplements": COLOURS,
        "concept": [{"code": "red", "designation": [{"language": "de", "value": "Rot"}]}],
    }
    assert found(of_code("red", display="Rot"), HERE, more) == []
    assert found(of_code("red", display="Grün"), HERE, more) == [("wrong-display", "error", "Basic.code.display")]


def test_a_system_that_does_not_tell_cases_takes_any() -> None:
    assert found(of_code("RED", display="rouge vif"), system(RED, caseSensitive=False)) == []


@pytest.mark.parametrize(
    ("concept", "rule"),
    [
        ({"property": [{"code": "inactive", "valueBoolean": True}]}, "ended-code"),
        ({"property": [{"code": "status", "valueCode": "retired"}]}, "ended-code"),
        ({"property": [{"code": "dateFin", "valueDateTime": "2024-03-29T12:00:00+01:00"}]}, "ended-code"),
        ({"property": [{"code": "notSelectable", "valueBoolean": True}]}, "abstract-code"),
    ],
)
def test_a_code_out_of_use_or_only_for_grouping_is_a_warning(concept: Json, rule: str) -> None:
    here = system({"code": "red", **concept}, date="2026-01-01")
    assert found(of_code("red"), here) == [(rule, "warning", "Basic.code.code")]


@pytest.mark.parametrize(
    "concept",
    [
        {"property": [{"code": "inactive", "valueBoolean": False}]},
        {"property": [{"code": "status", "valueCode": "deprecated"}]},
        {"property": [{"code": "dateFin", "valueDateTime": "2027-03-29T12:00:00+01:00"}]},
    ],
)
def test_a_code_that_will_end_later_or_is_discouraged_is_in_use(concept: Json) -> None:
    assert found(of_code("red"), system({"code": "red", **concept}, date="2026-01-01")) == []


def test_a_family_of_codes_listed_by_its_template_has_them_all() -> None:
    families = system("NNxxx", "HL7nnnn")
    for code in ("NNxxx", "NNFRA", "HL70203"):
        assert found(of_code(code), families) == []
    for code in ("NNfr", "HL7x", "NNFRANCE"):
        assert [one[0] for one in found(of_code(code), families)] == ["unknown-code"]


def test_a_system_that_is_not_here_is_a_warning() -> None:
    assert found(of_code("red"), value_set()) == [("unknown-system", "warning", "Basic.code.system")]
    assert [one.rule for one in told(of_code("red"), system(content="not-present"))] == ["unknown-system"]


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://loinc.org", "11488-5"), ("http://snomed.info/sct", "276885007x"), ("urn:ietf:bcp:47", "?")],
)
def test_a_code_without_the_form_of_its_system_is_an_error_though_the_system_is_not_here(url: str, code: str) -> None:
    for definitions in ((value_set(),), (system(url=url, content="not-present"),)):
        assert found(of_code(code, url), *definitions) == [("malformed-code", "error", "Basic.code.code")]


def test_a_system_known_by_its_form_needs_no_definition() -> None:
    assert found(of_code("fr-FR", "urn:ietf:bcp:47"), value_set()) == []
    assert found(of_code("mg", "http://unitsofmeasure.org"), value_set()) == []


@pytest.mark.parametrize("url", ["colours", "#c1", "CodeSystem/colours", ""])
def test_a_system_is_absolute(url: str) -> None:
    assert found(of_code("red", url)) == [("system-relative", "error", "Basic.code.system")]


def test_a_value_set_is_no_system() -> None:
    told_one = ("system-is-value-set", "error", "Basic.code.system")
    assert found(of_code("red", "https://example.org/any"), value_set(of(), url="https://example.org/any")) == [
        told_one
    ]
    assert found(of_code("red", "https://example.org/ValueSet/unknown")) == [told_one]


@pytest.mark.parametrize("content", ["supplement", "complete"])
def test_a_supplement_is_no_system(content: str) -> None:
    supplement = {**system("red", content=content), "supplements": "https://example.org/other"}
    assert found(of_code("red"), supplement) == [("system-is-supplement", "error", "Basic.code.system")]


def test_a_code_without_a_system_is_a_warning() -> None:
    assert found({"code": "red"}) == [("no-system", "warning", "Basic.code")]
    assert found({"display": "red"}) == []
    assert found({"code": "red", "system": 4}) == []


def test_the_unit_of_a_quantity_is_checked_as_a_coding_is() -> None:
    run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")))
    terms = Terms(Shelf())
    for quantity in ({"system": "http://unitsofmeasure.org", "code": "mm Hg"}, {"code": "mg"}, {"unit": "x"}):
        terms.check_unit(run, (at_root("Basic"), "value", "value"), quantity)
    assert [(one.rule, path_of(one.place)) for one in run.told] == [("malformed-code", "Basic.value.code")]


def test_names_of_systems_that_files_give_do_not_fill_the_memory() -> None:
    terms = Terms(Shelf(HERE))
    tracemalloc.start()
    try:
        run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")), steps=10**9)
        for number in range(9_000):
            terms.check_coding(run, PLACE, of_code("red", f"https://example.org/{number:0250}"))
        for number in range(300):
            terms.check_coding(run, PLACE, of_code("red", version=f"{number:010000}"))
        run.told.clear()
        run.memo.clear()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_600_000


def test_reading_definitions_for_a_file_is_work_of_that_file() -> None:
    run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")), steps=50_000)
    terms = Terms(Shelf(HERE))
    with pytest.raises(TooCostly):
        _ask_many(terms, run)


def _ask_many(terms: Terms, run: Run) -> None:
    for number in range(100):
        terms.check_coding(run, PLACE, of_code("red", version=f"{number}"))
