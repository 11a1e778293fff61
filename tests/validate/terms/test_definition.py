"""Code systems and value sets as resources: what they say of themselves holds."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.validate.place import at_root, path_of
from gateway.validate.run import Run, Scope
from gateway.validate.terms import Terms
from tests.validate.terms.shelf import COLOURS, Json, Shelf, filtered, of, system, value_set

PROPERTIES = "http://hl7.org/fhir/concept-properties#"
TYPED = [{"code": "p", "type": "Coding"}, {"code": "b", "type": "boolean"}]


def found(resource: Json, *definitions: Json) -> list[tuple[str, str]]:
    scope = Scope(resource, at_root(resource["resourceType"]))
    run = Run(scope)
    Terms(Shelf(*definitions)).check_definition(run, scope)
    return [(one.rule, path_of(one.place)) for one in run.told]


@pytest.mark.parametrize(
    "resource",
    [
        system("red", {"code": "warm", "concept": [{"code": "orange"}]}, count=3),
        system("red", count=900, content="fragment"),
        system(content="not-present"),
        value_set(of(), filtered("concept", "is-a", "red"), filtered("b", "=", "true"), filtered("p", "=", "urn:x#c")),
        value_set(of("http://snomed.info/sct", filter=[{"property": "concept", "op": "is-a", "value": "404684003"}])),
        value_set(filtered("constraint", "=", "< 404684003 |Finding| OR << 73211009", "http://snomed.info/sct")),
        {"resourceType": "Patient", "concept": [1], "compose": 3},
    ],
)
def test_a_definition_that_holds_is_left_alone(resource: Json) -> None:
    assert found(resource, system("red", property=TYPED)) == []


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (system("red", content="not-present"), ("concepts-not-present", "CodeSystem.concept[0]")),
        (system("red", "blue", count=3), ("wrong-count", "CodeSystem.count")),
        (system("red", property=[TYPED[0], TYPED[0]]), ("property-twice", "CodeSystem.property[1]")),
        (
            system("red", property=[{"code": "inactive", "uri": PROPERTIES + "status", "type": "code"}]),
            ("property-misnamed", "CodeSystem.property[0]"),
        ),
        (
            system("red", property=[{"code": "inactive", "uri": PROPERTIES + "inactive", "type": "code"}]),
            ("property-type", "CodeSystem.property[0]"),
        ),
        (
            system(
                {"code": "x", "concept": [{"code": "y", "property": [{"code": "b", "valueCode": "1"}]}]}, property=TYPED
            ),
            ("property-value", "CodeSystem.concept[0].concept[0].property[0]"),
        ),
        (value_set(of("#c1")), ("system-relative", "ValueSet.compose.include[0]")),
        (value_set(of(), exclude=[of("c1")]), ("system-relative", "ValueSet.compose.exclude[0]")),
    ],
)
def test_a_definition_that_contradicts_itself_is_an_error_at_its_place(
    resource: Json, expected: tuple[str, str]
) -> None:
    assert found(resource) == [expected]


@pytest.mark.parametrize(
    ("include", "rule"),
    [
        (filtered("concept", "is-a", "rouge"), "filter-not-code"),
        (filtered("code", "=", "rouge"), "filter-not-code"),
        (filtered("concept", "is-a", "something", "http://snomed.info/sct"), "filter-not-code"),
        (filtered("p", "=", "c"), "filter-not-coding"),
        (filtered("p", "in", "urn:x#c, d"), "filter-not-coding"),
        (filtered("b", "=", "1"), "filter-not-boolean"),
        (filtered("notSelectable", "=", "yes"), "filter-not-boolean"),
        (filtered("constraint", "=", "404684003 << 73211009", "http://snomed.info/sct"), "filter-expression"),
    ],
)
def test_the_value_of_a_filter_fits_its_property(include: Json, rule: str) -> None:
    here = system("red", property=TYPED)
    assert found(value_set(include), here) == [(rule, "ValueSet.compose.include[0].filter[0]")]


@pytest.mark.parametrize(
    "broken",
    [
        {"property": [3, {"code": 4}], "concept": [None, {"property": "x"}]},
        {"property": {"code": "x"}, "concept": {"code": "x"}, "count": "3"},
        {"compose": [1]},
        {"compose": {"include": [1, {"system": "urn:x", "filter": [None, {}, {"value": 3}]}], "exclude": "x"}},
    ],
)
@pytest.mark.parametrize("kind", ["CodeSystem", "ValueSet"])
def test_a_broken_definition_is_no_crash(kind: str, broken: dict[str, Any]) -> None:
    found({"resourceType": kind, "content": "complete", **broken}, system("red", url=COLOURS))
