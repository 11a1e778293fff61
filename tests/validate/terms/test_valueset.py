"""What a value set has: the codes its definition says, and no answer where a definition is missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.validate.terms import Terms
from tests.validate.terms.shelf import COLOURS, Json, Shelf, at, filtered, of, system, value_set

TREE = system(
    {"code": "warm", "concept": [{"code": "red", "concept": [{"code": "scarlet"}]}, {"code": "orange"}]},
    {"code": "cold", "concept": [{"code": "blue"}]},
    {"code": "black", "display": "Noir", "property": [{"code": "dark", "valueBoolean": True}]},
)
ALL = {"warm", "red", "scarlet", "orange", "cold", "blue", "black"}


def members(*definitions: Json, vs: str = "vs", url: str = COLOURS, ask: set[str] = ALL) -> set[str]:
    """The codes that are surely in; every answer must be known."""
    terms = Terms(Shelf(*definitions))
    answers = {code: terms.member(at(vs), url, code).answer for code in {*ask, "purple"}}
    assert None not in answers.values(), answers
    return {code for code, answer in answers.items() if answer}


def answer(*definitions: Json, code: str = "red", url: str | None = COLOURS, vs: str = "vs") -> tuple[Any, str]:
    verdict = Terms(Shelf(*definitions)).member(at(vs), url, code)
    return verdict.answer, verdict.missing


def test_a_whole_system_has_its_codes_nested_ones_too() -> None:
    assert members(TREE, value_set(of())) == ALL


def test_listed_codes_decide_even_when_the_system_is_not_here() -> None:
    assert members(value_set(of(COLOURS, "red", "blue"))) == {"red", "blue"}


@pytest.mark.parametrize(
    ("prop", "op", "value", "expected"),
    [
        ("concept", "is-a", "red", {"red", "scarlet"}),
        ("concept", "is-a", "nothing", set()),
        ("concept", "descendent-of", "warm", {"red", "scarlet", "orange"}),
        ("concept", "is-not-a", "warm", {"cold", "blue", "black"}),
        ("concept", "generalizes", "scarlet", {"scarlet", "red", "warm"}),
        ("concept", "in", "red, blue", {"red", "blue"}),
        ("concept", "not-in", "red,blue", ALL - {"red", "blue"}),
        ("concept", "=", "red", {"red"}),
        ("code", "regex", "[a-z]{4}", {"warm", "cold", "blue"}),
        ("parent", "=", "warm", {"red", "orange"}),
        ("child", "=", "red", {"warm"}),
        ("display", "=", "Noir", {"black"}),
        ("display", "exists", "false", ALL - {"black"}),
        ("dark", "=", "true", {"black"}),
        ("dark", "exists", "true", {"black"}),
    ],
)
def test_a_filter_takes_the_codes_it_says(prop: str, op: str, value: str, expected: set[str]) -> None:
    assert members(TREE, value_set(filtered(prop, op, value))) == expected


def test_several_filters_must_all_pass() -> None:
    include = of(
        filter=[*filtered("concept", "is-a", "warm")["filter"], *filtered("code", "regex", "[a-z]{4}")["filter"]]
    )
    assert members(TREE, value_set(include)) == {"warm"}


@pytest.mark.parametrize("op", ["child-of", "sounds-like"])
def test_a_filter_r4_does_not_have_decides_nothing(op: str) -> None:
    assert answer(TREE, value_set(filtered("concept", op, "red"))) == (None, COLOURS)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|aa)*", "((", r"(.)\1", "a*b*c*d*e*"])
def test_a_pattern_that_is_none_or_could_take_long_decides_nothing(pattern: str) -> None:
    assert answer(TREE, value_set(filtered("code", "regex", pattern)))[0] is None


def test_hierarchy_may_be_told_by_properties() -> None:
    by_parent = system("warm", {"code": "red", "property": [{"code": "parent", "valueCode": "warm"}]})
    by_child = system({"code": "warm", "property": [{"code": "child", "valueCode": "red"}]}, "red")
    by_subsumed = system("warm", {"code": "red", "property": [{"code": "subsumedBy", "valueCode": "warm"}]})
    by_own_name = system(
        "warm",
        {"code": "red", "property": [{"code": "under", "valueCode": "warm"}]},
        property=[{"code": "under", "uri": "http://hl7.org/fhir/concept-properties#parent", "type": "code"}],
    )
    for told in (by_parent, by_child, by_subsumed, by_own_name):
        assert members(told, value_set(filtered("concept", "descendent-of", "warm"))) == {"red"}


def test_a_hierarchy_in_a_circle_ends() -> None:
    circle = system(
        {"code": "a", "property": [{"code": "parent", "valueCode": "b"}]},
        {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]},
    )
    assert members(circle, value_set(filtered("concept", "is-a", "a")), ask={"a", "b"}) == {"a", "b"}


def test_a_coding_property_is_filtered_as_system_and_code() -> None:
    coded = system({"code": "red", "property": [{"code": "p", "valueCoding": {"system": "s", "code": "c"}}]}, "blue")
    assert members(coded, value_set(filtered("p", "=", "s#c"))) == {"red"}


def test_exclusions_are_taken_out() -> None:
    assert members(TREE, value_set(of(), exclude=[filtered("concept", "is-a", "warm")])) == {"cold", "blue", "black"}


def test_includes_are_united_and_value_sets_of_one_include_intersected() -> None:
    a = value_set(of(COLOURS, "red", "blue"), name="a")
    b = value_set(of(COLOURS, "red", "black"), name="b")
    both = value_set({"valueSet": [at("a"), at("b")]})
    one_or_other = value_set({"valueSet": [at("a")]}, {"valueSet": [at("b")]})
    assert members(a, b, both) == {"red"}
    assert members(a, b, one_or_other) == {"red", "blue", "black"}
    assert members(TREE, a, value_set({**filtered("concept", "is-a", "warm"), "valueSet": [at("a")]})) == {"red"}


def test_what_is_missing_leaves_undecided_only_what_depends_on_it() -> None:
    united = value_set(of(COLOURS, "red"), {"valueSet": [at("gone")]})
    assert answer(united, code="red") == (True, "")
    assert answer(united, code="blue") == (None, at("gone"))
    crossed = value_set({**of(COLOURS, "red"), "valueSet": [at("gone")]})
    assert answer(crossed, code="red") == (None, at("gone"))
    assert answer(crossed, code="blue") == (False, "")
    assert answer(code="red") == (None, at("vs"))


@pytest.mark.parametrize("content", ["fragment", "example"])
def test_a_part_of_a_system_decides_only_the_codes_it_has(content: str) -> None:
    part = system("red", "blue", content=content)
    assert answer(part, value_set(of()), code="red") == (True, "")
    assert answer(part, value_set(of()), code="green") == (None, COLOURS)
    assert answer(part, value_set(filtered("concept", "=", "red")), code="blue") == (False, "")


def test_a_system_whose_content_is_not_here_decides_nothing() -> None:
    for missing in (system(content="not-present"), system()):
        assert answer(missing, value_set(of())) == (None, COLOURS)


def test_a_version_asked_for_is_taken_where_it_is_and_hides_nothing_where_it_is_not() -> None:
    old, new = system("red", version="1"), system("red", "blue", version="2")
    assert members(new, old, value_set(of(version="1"))) == {"red"}
    assert members(new, old, value_set(of(version="9"))) == {"red", "blue"}
    assert Terms(Shelf(value_set(of(COLOURS, "red")))).member(at("vs") + "|7.0", COLOURS, "red").answer


def test_a_system_that_does_not_tell_cases_takes_any() -> None:
    assert members(system("Red", caseSensitive=False), value_set(of()), ask={"RED", "red"}) == {"RED", "red"}
    assert members(system("Red", caseSensitive=False), value_set(of(COLOURS, "Red")), ask={"RED"}) == {"RED"}
    assert members(system("Red"), value_set(of()), ask={"RED"}) == set()


def test_value_sets_that_import_each_other_end() -> None:
    a = value_set(of(COLOURS, "red"), {"valueSet": [at("b")]}, name="a")
    b = value_set(of(COLOURS, "blue"), {"valueSet": [at("a")]}, name="b")
    assert answer(a, b, vs="a", code="red") == (True, "")
    assert answer(a, b, vs="a", code="blue") == (True, "")
    assert answer(a, b, vs="a", code="green")[0] is None


def test_a_value_set_may_leave_out_codes_no_longer_in_use() -> None:
    old = {"code": "red", "property": [{"code": "status", "valueCode": "retired"}]}
    assert members(system(old, "blue"), value_set(of(), inactive=False)) == {"blue"}
    assert members(system(old, "blue"), value_set(of(), inactive=True)) == {"red", "blue"}


def test_an_expansion_decides_where_nothing_else_does() -> None:
    expansion = {"contains": [{"system": COLOURS, "code": "red", "contains": [{"system": COLOURS, "code": "scarlet"}]}]}
    alone = {"resourceType": "ValueSet", "url": at("vs"), "expansion": expansion}
    assert members(alone) == {"red", "scarlet"}
    unknowable = value_set(filtered("concept", "sounds-like", "red"), expansion=expansion)
    assert members(TREE, unknowable) == {"red", "scarlet"}
    assert members(TREE, value_set(of(COLOURS, "blue"), expansion=expansion)) == {"blue"}


@pytest.mark.parametrize(
    "cut",
    [
        {"total": 900},
        {"parameter": [{"name": "count", "valueInteger": 1}]},
        {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/valueset-toocostly", "valueBoolean": True}]},
    ],
)
def test_an_expansion_that_was_cut_says_only_yes(cut: Json) -> None:
    expansion = {"contains": [{"system": COLOURS, "code": "red"}], **cut}
    alone = {"resourceType": "ValueSet", "url": at("vs"), "expansion": expansion}
    assert answer(alone, code="red")[0] is True
    assert answer(alone, code="blue") == (None, at("vs"))


def test_an_abstract_code_of_an_expansion_is_no_member() -> None:
    contains = [{"system": COLOURS, "code": "warm", "abstract": True, "contains": [{"system": COLOURS, "code": "red"}]}]
    assert members({"resourceType": "ValueSet", "url": at("vs"), "expansion": {"contains": contains}}) == {"red"}


def test_a_code_without_a_system_is_looked_for_in_every_system() -> None:
    other = "https://example.org/CodeSystem/shades"
    both = value_set(of(COLOURS, "red"), of(other, "pale"))
    assert answer(both, url=None, code="pale") == (True, "")
    assert answer(both, url=None, code="dark") == (False, "")


def test_the_value_set_that_a_system_says_is_all_of_it_needs_no_definition() -> None:
    told = system("red", valueSet=at("colours"))
    assert members(told, vs="colours") == {"red"}
    assert answer(system("red"), vs="colours") == (None, at("colours"))


def test_value_sets_by_the_address_of_snomed_have_only_its_codes() -> None:
    terms = Terms(Shelf())
    address = "http://snomed.info/sct?fhir_vs=ecl/%3C%20404684003"
    assert terms.member(address, "http://snomed.info/sct", "73211009").answer is None
    assert terms.member(address, "http://loinc.org", "11488-4").answer is False


@pytest.mark.parametrize(
    "broken",
    [
        {"compose": []},
        {"compose": {"include": ["x", {"system": 3}, {"system": COLOURS, "filter": [{"op": "is-a"}]}]}},
        {"compose": {"include": [{"valueSet": [None, 4]}]}},
        {"compose": {"include": [{"system": COLOURS, "concept": [{"code": 5}, None]}]}},
        {"expansion": {"contains": [None, {"code": 4}], "total": "x"}},
        {},
    ],
)
def test_a_broken_definition_is_no_crash(broken: Json) -> None:
    Terms(Shelf(TREE, {"resourceType": "ValueSet", "url": at("vs"), **broken})).member(at("vs"), COLOURS, "red")


CODES = st.sampled_from(sorted(ALL))
SOME = st.lists(CODES, min_size=1, max_size=4, unique=True)
OPS = st.sampled_from(["is-a", "is-not-a", "descendent-of"])


def clauses(names: str) -> st.SearchStrategy[Json]:
    """An include or exclude that may import the value sets of these names."""
    own = st.one_of(
        st.builds(lambda codes: of(COLOURS, *codes), SOME),
        st.builds(lambda op, code: filtered("concept", op, code), OPS, CODES),
        st.just(of()),
    )
    if not names:
        return own
    imported = st.lists(st.sampled_from([at(name) for name in names]), min_size=1, max_size=2)
    only_imported = st.builds(lambda sets: {"valueSet": sets}, imported)
    return st.one_of(own, only_imported, st.builds(lambda one, sets: {**one, "valueSet": sets}, own, imported))


RANDOM = {
    name: (st.lists(clauses(earlier), min_size=1, max_size=3), st.lists(clauses(earlier), max_size=2))
    for name, earlier in zip("abcd", ("", "a", "ab", "abc"), strict=True)
}
UNDER = {"warm": {"red", "scarlet", "orange"}, "red": {"scarlet"}, "cold": {"blue"}}


def naive(definitions: dict[str, Json], name: str) -> set[str]:
    """The codes of a value set written down one by one, as the specification says it."""

    def clause(one: Json) -> set[str]:
        sets = [naive(definitions, each.rpartition("/")[2]) for each in one.get("valueSet", [])]
        if "system" in one:
            own = {each["code"] for each in one["concept"]} if "concept" in one else set(ALL)
            for test in one.get("filter", []):
                code, under = test["value"], UNDER.get(test["value"], set())
                own &= {"is-a": under | {code}, "descendent-of": under, "is-not-a": ALL - under - {code}}[test["op"]]
            sets.append(own)
        return set.intersection(*sets)

    compose = definitions[name]["compose"]
    found = {code for one in compose["include"] for code in clause(one)}
    return found - {code for one in compose.get("exclude", []) for code in clause(one)}


@settings(deadline=None, max_examples=100)
@given(st.fixed_dictionaries({name: st.tuples(*parts) for name, parts in RANDOM.items()}))
def test_membership_is_what_a_naive_expansion_has(drawn: dict[str, tuple[list[Json], list[Json]]]) -> None:
    """Over random value sets, each importing only those before it."""
    definitions = {name: value_set(*parts[0], exclude=parts[1], name=name) for name, parts in drawn.items()}
    for name in definitions:
        assert members(TREE, *definitions.values(), vs=name) == naive(definitions, name)
