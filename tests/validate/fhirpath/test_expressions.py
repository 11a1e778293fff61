"""What expressions mean, on resources made for it; types come from the models, no package is needed."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from gateway.validate import open_library
from gateway.validate.check.shape import Shapes
from gateway.validate.compile import Structures
from gateway.validate.fhirpath import Context, Item, Members, NotEvaluated, compile_expression
from gateway.validate.fhirpath.values import Amount, plain

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "extension": [{"url": "https://a.test/e1", "valueString": "one"}, {"url": "https://a.test/e2", "valueInteger": 2}],
    "active": True,
    "name": [
        {"use": "official", "family": "Essai", "given": ["Ada", "Zoé"]},
        {"use": "usual", "given": ["Ada"], "period": {"start": "2001-05", "end": "2020-01-02"}},
    ],
    "birthDate": "1974-12-25",
    "_birthDate": {"extension": [{"url": "https://a.test/time", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
    "deceasedBoolean": False,
    "multipleBirthInteger": 2,
    "contact": [{"relationship": [{"text": "x"}]}, {"gender": "female"}],
    "managingOrganization": {"reference": "#org"},
    "contained": [{"resourceType": "Organization", "id": "org", "name": "CPTS"}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "https://s.test", "code": "c1"}]},
    "effectiveDateTime": "2024-02-29T10:00:00+01:00",
    "valueQuantity": {"value": Decimal("185.50"), "unit": "lbs", "system": "http://unitsofmeasure.org", "code": "kg"},
    "component": [{"code": {"text": "a"}, "valueInteger": n} for n in (1, 2, 3)],
}


class Around:
    """Surroundings in which everything has a known answer."""

    def resolve(self, reference: str) -> Item | None:
        return members().whole(PATIENT["contained"][0]) if reference == "#org" else None

    def member_of(self, item: Item, value_set: str) -> bool:
        return item.value == "female" and value_set == "https://a.test/vs"

    def subsumes(self, system: str, above: str, below: str) -> bool:
        return above == below

    def conforms_to(self, item: Item, canonical: str) -> bool:
        return canonical.endswith("yes")

    def html_checks(self, text: str) -> bool:
        return True

    def now(self) -> str:
        return "2026-11-22T10:20:30.000+00:00"


@cache
def members() -> Members:
    return Members(Shapes(Structures(open_library(packages=[]))))


def evaluated(expression: str, resource: dict[str, Any] = PATIENT, steps: int = 100_000) -> list[Any]:
    """The answer, plain: items as their JSON."""
    root = members().whole(resource)
    context = Context(members(), Around(), subject=root, resource=root, root=root, steps=steps)
    answer = [plain(item) for item in compile_expression(expression)(context, [root])]
    return [item.value if isinstance(item, Item) else getattr(item, "text", item) for item in answer]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("name.given", ["Ada", "Zoé", "Ada"]),
        ("Patient.name.given.distinct().count()", [2]),
        ("name.first().family", ["Essai"]),
        ("name[1].use", ["usual"]),
        ("name.where(use = 'usual').given", ["Ada"]),
        ("name.where($index = 1).use", ["usual"]),
        ("name.select(given.first())", ["Ada", "Ada"]),
        ("name.all(given.exists())", [True]),
        ("name.all(family.exists())", [False]),
        ("name.exists(use = 'old')", [False]),
        ("name.given.isDistinct()", [False]),
        ("name.given.last()", ["Ada"]),
        ("name.given.tail()", ["Zoé", "Ada"]),
        ("name.given.skip(1).take(1)", ["Zoé"]),
        ("name.given | 'Ada'", ["Ada", "Zoé"]),
        ("name.given.intersect('Zoé')", ["Zoé"]),
        ("name.given.exclude('Ada')", ["Zoé"]),
        ("name.given.combine('Ada').count()", [4]),
        ("'Ada' in name.given", [True]),
        ("name.given contains 'Léo'", [False]),
        ("photo.empty()", [True]),
        ("photo.not().empty()", [True]),
        ("contact.gender.memberOf('https://a.test/vs')", [True]),
        ("extension('https://a.test/e2').value", [2]),
        ("extension.where(url = 'https://a.test/e1').value is string", [True]),
        ("birthDate.extension('https://a.test/time').value < @1974-12-26T00:00:00Z", [True]),
        ("birthDate.hasValue()", [True]),
        ("name.given.where(value = 'Zoé').value", ["Zoé"]),
        ("birthDate.getValue()", ["1974-12-25"]),
        ("deceased is boolean", [True]),
        ("(deceased as dateTime).empty()", [True]),
        ("deceased.is(Boolean)", [True]),
        ("multipleBirth.ofType(integer) + 1", [3]),
        ("contact.first() is BackboneElement", [True]),
        ("Patient is DomainResource", [True]),
        ("$this is Observation", [False]),
        ("Patient.type().name", ["Patient"]),
        ("managingOrganization.resolve().name", ["CPTS"]),
        ("managingOrganization.resolve() is Organization", [True]),
        ("contained.conformsTo('https://a.test/yes')", [True]),
        ("%resource.id & '-' & %nothing.id", NotEvaluated),
        ("%resource.id & '-' & photo.url", ["p1-"]),
        ("%ucum", ["http://unitsofmeasure.org"]),
        ("%`vs-administrative-gender`", ["http://hl7.org/fhir/ValueSet/administrative-gender"]),
        ("repeat(contained).id", ["org"]),
        ("descendants().where($this is Organization).name", ["CPTS"]),
        ("children().count() > 10", [True]),
        ("name.given.aggregate($total & $this, '')", ["AdaZoéAda"]),
        ("iif(active, 'yes', 'no')", ["yes"]),
        ("name.trace('names', given).count()", [2]),
        ("today() = @2026-11-22 and now() > @2026-11-22T10:20:30Z - 1 minute", [True]),
        ("defineVariable('who', name.first()).select(%who.family)", ["Essai"]),
        ("name.given.subsetOf('Ada' | 'Zoé') and name.given.supersetOf('Zoé')", [True]),
    ],
)
def test_a_path_leads_where_its_definition_says(expression: str, answer: Any) -> None:
    if answer is NotEvaluated:
        with pytest.raises(NotEvaluated):
            evaluated(expression)
    else:
        assert evaluated(expression) == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("2 + 3 * 4", [14]),
        ("-(2 + 1).abs()", [-3]),
        ("7 div 2 = 3 and 7 mod 2 = 1 and 7 / 2 = 3.5", [True]),
        ("1 / 0", []),
        ("1 div 0", []),
        ("10.power(3)", [1000]),
        ("2.5.round()", [Decimal(3)]),
        ("1.7.truncate() | 1.2.ceiling() | 1.9.floor()", [1, 2]),
        ("'a' + 'b' & {}", ["ab"]),
        ("1 = 1.0", [True]),
        ("1 = '1'", [False]),
        ("1 = {}", []),
        ("1 != 2", [True]),
        ("'ABC  d' ~ 'abc d'", [True]),
        ("1.23 ~ 1.2", [True]),
        ("(1 | 2) ~ (2 | 1)", [True]),
        ("(1 | 2) = (2 | 1)", [False]),
        ("true and {}", []),
        ("false and {}", [False]),
        ("true or {}", [True]),
        ("{} implies true", [True]),
        ("false implies {}", [True]),
        ("true xor true", [False]),
        ("3 > 2 and 2 >= 2 and 1 < 2 and 'a' < 'b'", [True]),
        ("'abcdef'.substring(2, 2) & 'abc'.substring(5)", ["cd"]),
        ("'abc'.indexOf('c') = 2 and 'abc'.length() = 3", [True]),
        ("'a,b'.split(',').join('-')", ["a-b"]),
        ("'abc'.replace('b', 'x').upper()", ["AXC"]),
        ("'a1b2'.replaceMatches('[0-9]', '')", ["ab"]),
        ("'N8000123'.matches('^N[0-9]{4,}$')", [True]),
        ("'xN8'.matchesFull('N[0-9]')", [False]),
        (r"'it\'s \u0041'.startsWith('it')", [True]),
        ("{}.startsWith('x')", [False]),
        ("'12'.toInteger() + 1", [13]),
        ("'1.50'.toDecimal().toString()", ["1.50"]),
        ("'maybe'.convertsToBoolean() or 'x'.convertsToInteger()", [False]),
        ("'2024-02-30'.convertsToDate()", [False]),
        ("@2012 < @2013-01", [True]),
        ("@2012-01 < @2012-01-05", []),
        ("@2012-01-31 + 1 month = @2012-02-29", [True]),
        ("@2012 = @2012-01", []),
        ("@2012-04-15T15:00:00+02:00 = @2012-04-15T13:00:00Z", [True]),
        ("@T10:30 < @T10:31", [True]),
        ("4 days > 3 days and 1 'kg' = 1000 'g'", [True]),
        ("'QQ=='.length() // a comment", [4]),
        ("/* before */ 'x' /* after */", ["x"]),
        ("'YQ=='.decode('base64') & 'a'.encode('hex')", ["a61"]),
        ("'<a>'.escape('html')", ["&lt;a&gt;"]),
        ("(true | false).anyTrue() and (true | true).allTrue() and false.combine(false).allFalse()", [True]),
        ("1 'mg' + 2 'mg'", [Amount(Decimal(3), "mg")]),
    ],
)
def test_values_are_reckoned_and_compared_as_fhirpath_says(expression: str, answer: list[Any]) -> None:
    assert evaluated(expression) == answer


def test_quantities_and_choices_of_an_observation_have_their_types() -> None:
    assert evaluated("value.value > 185 and value.unit = 'lbs' and value is Quantity", OBSERVATION) == [True]
    assert evaluated("component.value.ofType(integer).aggregate($this + $total, 0)", OBSERVATION) == [6]
    assert evaluated("effective.toString().length() >= 8", OBSERVATION) == [True]
    assert evaluated("component.where(value >= 2).count()", OBSERVATION) == [2]


@pytest.mark.parametrize(
    "expression",
    [
        "name.",
        "name(",
        "1 +",
        "'open",
        "name..given",
        "frob()",
        "name.exists(1, 2)",
        "{1}",
        "%",
        "$that",
        "name given",
        pytest.param("1" * 5_000, id="5,000 digits"),
        "(",
    ],
)
def test_what_is_no_expression_is_said_to_be_none(expression: str) -> None:
    with pytest.raises(NotEvaluated):
        evaluated(expression)


@pytest.mark.parametrize(
    "expression",
    ["1 = 1 and (1 | 2)", "name.family.single() + name.single()", "'a' < 1", "true < false", "1 'kg' > 1 'm'"],
)
def test_what_has_no_answer_is_not_guessed(expression: str) -> None:
    with pytest.raises(NotEvaluated):
        evaluated(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "repeat(%resource | contained)",
        "descendants().select(%resource.descendants()).select(%resource.descendants()).count()",
        "('a' & 'a').matches('^(a+)+$') and 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('^((a+)+)+$')",
        "''.combine('a').select($this.replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')).length() < 0",
        "(" * 200 + "1" + ")" * 200,
        "1" + "0" * 30_000,
        ".".join(["a"] * 9_000),
        "10.power(10).power(10).power(10).power(10).power(10)",
    ],
    ids=lambda text: text[:40],
)
def test_an_expression_that_would_never_end_ends(expression: str) -> None:
    with suppress(NotEvaluated, RecursionError):  # those who evaluate make “not evaluated” of the second
        evaluated(expression)
