"""Codes bound to value sets: what is told of one that is outside, by how strongly it is bound."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.validate.element import Binding
from gateway.validate.place import at_root
from gateway.validate.rules import RULES
from gateway.validate.run import Run, Scope, Told
from gateway.validate.terms import Terms
from tests.validate.terms.shelf import COLOURS, Json, Shelf, at, of, system, value_set

PLACE = (at_root("Basic"), "code", "code")
WARM = value_set(of(COLOURS, "red", "orange"), title="Warm colours", version="2")


def coding(code: str, url: str | None = COLOURS) -> Json:
    return {"code": code} if url is None else {"system": url, "code": code}


def concept(*codings: Json, **more: Any) -> Json:
    return {"coding": list(codings), **more}


def told(value: Any, strength: str = "required", *definitions: Json, binding: Binding | None = None) -> list[Told]:
    run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")))
    bound = binding or Binding(strength, at("vs"))
    Terms(Shelf(*(definitions or (WARM,)))).check_binding(run, PLACE, value, "", bound, "https://example.org/p")
    return run.told


def rules(value: Any, strength: str = "required", *definitions: Json) -> list[tuple[str, str]]:
    return [(one.rule, one.severity or RULES[one.rule].severity) for one in told(value, strength, *definitions)]


INSIDE = [
    "red",
    coding("red"),
    concept(coding("red")),
    concept(coding("blue"), coding("red")),
    concept(coding("x", "https://x.org"), coding("red")),
]
OUTSIDE = [
    "blue",
    coding("blue"),
    concept(coding("blue")),
    coding("red", "https://x.org"),
    concept(coding("blue"), coding("black")),
]


@pytest.mark.parametrize("strength", ["required", "extensible", "preferred", "example", "maximum"])
@pytest.mark.parametrize("value", INSIDE)
def test_nothing_is_told_of_a_code_inside(value: Any, strength: str) -> None:
    assert rules(value, strength) == []


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        ("required", [("not-in-value-set", "error")]),
        ("extensible", [("outside-extensible", "warning")]),
        ("preferred", [("outside-preferred", "information")]),
        ("example", []),
    ],
)
@pytest.mark.parametrize("value", OUTSIDE)
def test_a_code_outside_is_told_as_strongly_as_it_is_bound(
    value: Any, strength: str, expected: list[tuple[str, str]]
) -> None:
    assert rules(value, strength) == expected


def test_the_sentence_names_the_value_set_and_its_codes_and_never_the_code_found() -> None:
    (one,) = told("blue")
    for text in (RULES[one.rule].fr, RULES[one.rule].en):
        said = text.format(**one.words)
        assert "Warm colours" in said
        assert f"{at('vs')}|2" in said
        assert "red, orange" in said
        assert "blue" not in said


def test_a_long_value_set_is_named_only_and_codes_of_several_systems_with_theirs() -> None:
    (long,) = told("z", "required", value_set(of(COLOURS, *(f"c{n}" for n in range(13)))))
    assert "c1" not in RULES[long.rule].en.format(**long.words)
    (several,) = told(coding("z"), "required", value_set(of(COLOURS, "red"), of("https://x.org", "pale")))
    assert f"red ({COLOURS}); pale (https://x.org)" in RULES[several.rule].en.format(**several.words)


@pytest.mark.parametrize(
    ("strength", "severity"), [("required", "error"), ("extensible", "warning"), ("preferred", None)]
)
@pytest.mark.parametrize("value", [{"text": "rouge"}, concept(text="rouge"), concept({"display": "rouge"})])
def test_a_text_alone_is_no_code(value: Json, strength: str, severity: str | None) -> None:
    assert rules(value, strength) == ([("no-code", severity)] if severity else [])


@pytest.mark.parametrize(
    "value", [{"value": 3, "unit": "kg"}, {"display": "rouge"}, {"extension": []}, 7, None, True, []]
)
def test_a_value_without_a_code_of_another_type_is_left_alone(value: Any) -> None:
    assert rules(value) == []


def test_what_cannot_be_verified_is_told_with_what_is_missing() -> None:
    for value in ("red", coding("red"), concept(coding("red"))):
        (one,) = told(value, "required", system("red"))
        assert (one.rule, one.severity, one.words["missing"]) == ("binding-unverified", "warning", at("vs"))
    (one,) = told("red", "extensible", system("red"))
    assert (one.rule, one.severity) == ("binding-unverified", "information")
    (one,) = told(coding("red"), "required", value_set(of()))
    assert one.words["missing"] == COLOURS


def test_of_a_weak_binding_a_system_that_is_not_here_is_not_told_twice() -> None:
    assert told(coding("red"), "extensible", value_set(of())) == []


def test_a_code_without_a_system_is_judged_by_the_code_alone() -> None:
    assert rules(coding("red", None)) == []  # told of the Coding: it names no system
    assert rules(concept(coding("blue", None))) == [("not-in-value-set", "error")]


def test_a_maximum_binds_beside_a_weaker_binding() -> None:
    most = value_set(of(COLOURS, "red", "orange", "blue"), name="most")
    binding = Binding("extensible", at("vs"), at("most"))

    def found(code: Any) -> list[str]:
        return [one.rule for one in told(code, "", WARM, most, binding=binding)]

    assert found("red") == []
    assert found(concept(coding("blue"))) == ["outside-extensible"]
    assert found("black") == ["outside-extensible", "outside-maximum"]


def test_a_maximum_only_warns_of_codes_a_guide_takes_from_elsewhere() -> None:
    binding = Binding("preferred", "", at("vs"))
    (own,) = told(concept(coding("blue")), "", WARM, binding=binding)
    (other,) = told(concept(coding("fr", "https://x.org")), "", WARM, binding=binding)
    assert (own.rule, own.severity) == ("outside-maximum", None)
    assert (other.rule, other.severity) == ("outside-maximum", "warning")


@pytest.mark.parametrize(
    ("purpose", "rule"),
    [("required", "not-in-value-set"), ("extensible", "outside-extensible"), ("maximum", "outside-maximum")],
)
def test_additional_bindings_are_judged_by_their_purpose(purpose: str, rule: str) -> None:
    binding = Binding("example", "", "", ((purpose, at("vs")), ("ui", at("vs"))))
    assert [one.rule for one in told("blue", binding=binding)] == [rule]
    assert told("red", binding=binding) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("red", True),
        ("blue", False),
        (coding("red"), True),
        (concept(coding("blue"), coding("red")), True),
        ({"text": "x"}, False),
        (coding("red", None), False),
        ({"value": 1}, False),
        (3, False),
    ],
)
def test_whether_a_value_is_in_a_value_set(value: Any, expected: bool) -> None:
    assert Terms(Shelf(WARM)).holds(at("vs"), value).answer is expected


def both_passes(value: Json, *definitions: Json, value_set: str = at("vs")) -> list[str]:
    """What is told of a CodeableConcept: first of its codings, then of its binding."""
    run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")))
    terms = Terms(Shelf(*definitions))
    for one in value["coding"]:
        terms.check_coding(run, PLACE, one)
    terms.check_binding(run, PLACE, value, "CodeableConcept", Binding("required", value_set), "https://example.org/p|1")
    return [each.rule for each in run.told]


def test_a_value_set_may_give_its_codes_names_of_its_own() -> None:
    colours = system({"code": "red", "display": "Red"}, {"code": "blue", "display": "Blue"})
    named = {"code": "red", "display": "Rouge", "designation": [{"value": "Vermeil"}]}
    guide = value_set({"system": COLOURS, "concept": [named, {"code": "blue"}]})
    expanded = {
        "resourceType": "ValueSet",
        "url": at("vs"),
        "expansion": {"contains": [{"system": COLOURS, **named}, {"system": COLOURS, "code": "blue"}]},
    }
    for names_it in (guide, expanded):
        for display in ("Red", "rouge", "Vermeil"):
            assert both_passes(concept({**coding("red"), "display": display}), colours, names_it) == []
        assert both_passes(concept({**coding("red"), "display": "Bleu"}), colours, names_it) == ["wrong-display"]
        assert both_passes(concept({**coding("blue"), "display": "Rouge"}), colours, names_it) == ["wrong-display"]


def test_a_code_that_a_value_set_lists_is_verified_though_its_system_is_not_here() -> None:
    assert both_passes(concept(coding("red"), coding("x", "https://x.org")), WARM) == ["unknown-system"]
    assert both_passes(concept(coding("red")), WARM) == []


def test_a_value_set_may_stand_in_the_definition_that_binds_to_it() -> None:
    profile = {
        "resourceType": "StructureDefinition",
        "url": "https://example.org/p",
        "contained": [{"resourceType": "List", "id": "x"}, {**WARM, "id": "warm"}],
    }
    assert both_passes(concept(coding("red")), system("red", "blue"), profile, value_set="#warm") == []
    assert both_passes(concept(coding("blue")), system("red", "blue"), profile, value_set="#warm") == [
        "not-in-value-set"
    ]
    assert both_passes(concept(coding("red")), system("red"), profile, value_set="#x") == ["binding-unverified"]


@pytest.mark.parametrize(
    "weaker", [Binding("extensible", at("r4")), Binding("preferred", at("r4")), Binding("preferred", "", at("r4"))]
)
@pytest.mark.parametrize("value", [coding("red"), concept(coding("red"))])
def test_a_code_in_the_value_set_of_a_guide_is_not_told_to_be_outside_a_weaker_one_of_r4(
    value: Json, weaker: Binding
) -> None:
    run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")))
    terms = Terms(Shelf(WARM, value_set(of("https://x.org", "green"), name="r4")))
    terms.check_binding(run, PLACE, value, "", weaker, "")
    other = coding("green")
    terms.check_binding(run, PLACE, other, "", weaker, "")
    assert len(run.told) == 2
    terms.check_binding(run, PLACE, value, "", Binding("required", at("vs")), "https://example.org/p")
    assert len(run.told) == 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["red", COLOURS, "https://x.org"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "system", "code", "display", "text", "version", "x"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150)
@given(JSON)
def test_whatever_stands_where_a_code_should_is_no_crash(value: Any) -> None:
    run = Run(Scope({"resourceType": "Basic"}, at_root("Basic")))
    terms = Terms(Shelf(WARM, system({"code": "red", "display": "Rouge"})))
    for one in (
        value,
        {"coding": value},
        {"system": COLOURS, "code": value},
        {"system": COLOURS, "code": "red", "display": value},
    ):
        if isinstance(one, dict):
            terms.check_coding(run, PLACE, one)
            terms.check_unit(run, PLACE, one)
        terms.check_binding(
            run, PLACE, one, "", Binding("extensible", at("vs"), at("gone"), (("required", at("vs")),)), "p"
        )
        terms.holds(at("vs"), one)
    for told in run.told:
        RULES[told.rule].fr.format(**told.words)
        RULES[told.rule].en.format(**told.words)


def test_a_sentence_tells_few_codes_as_their_system_writes_them_else_whose_codes_they_are() -> None:
    loud = system("RED", "ORANGE", "BLUE", caseSensitive=False)
    few = value_set(of(COLOURS, "RED", "ORANGE"), title="Warm colours")
    assert told(coding("BLUE"), "required", few, loud)[0].words["fr"] == f"RED, ORANGE ({COLOURS})"
    assert told("BLUE", "required", few, loud)[0].words["en"] == "RED, ORANGE"
    many = value_set(of(COLOURS, *(f"shade-{number}" for number in range(20))))
    assert (
        told(coding("red", "https://x.org"), "required", many)[0].words["en"] == f"a code of this set, from {COLOURS}"
    )
    assert told("red", "required", many)[0].words["fr"] == "un code de ce jeu"


def test_of_a_system_known_by_its_form_the_form_is_told_unless_only_some_codes_are_admitted() -> None:
    whole = value_set({"system": "urn:ietf:bcp:13"})
    assert "application/pdf" in told("pdf", "required", whole)[0].words["fr"]
    some = value_set(of("urn:ietf:bcp:13", *(f"text/{number}" for number in range(20))))
    assert told("application/pdf", "required", some)[0].words["fr"] == "un code de ce jeu"
