"""What a profile adds: cardinalities, types, values, profiles of types."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.validate.check.made import URL, Desk, profile, sliced

OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **more}


def test_a_profile_asks_for_more_and_allows_less(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path, profile("more", "Patient", {"path": "name", "min": 2, "max": "3"}, {"path": "photo", "max": "0"})
    )
    name = {"family": "x"}
    assert desk.told(patient(name=[name] * 3)) == []
    assert desk.told(patient()) == [("Patient", "min")]
    assert desk.told(patient(name=[name])) == [("Patient", "min")]
    assert desk.told(patient(name=[name] * 4)) == [("Patient", "max")]
    assert desk.told(patient(name=[name] * 2, photo=[{"title": "x"}])) == [("Patient", "max")]


def test_what_is_under_an_absent_element_is_not_asked_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("deep", "Patient", {"path": "contact.name.family", "min": 1}))
    assert desk.told(patient()) == []
    assert desk.told(patient(contact=[{"name": {"family": "x"}}, {"name": {"text": "x"}}])) == [
        ("Patient.contact[1].name", "min")
    ]


ASKED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "fixed-string": ({"fixedString": "a"}, {"family": "a"}, {"family": "b"}),
    "max-length": ({"maxLength": 3}, {"family": "abc"}, {"family": "abcd"}),
    "pattern-string": ({"patternString": "a"}, {"family": "a"}, {"family": "A"}),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_value_is_what_is_asked(asked: str, tmp_path: Path) -> None:
    rule, right, wrong = ASKED[asked]
    desk = Desk(tmp_path, profile("asked", "Patient", {"path": "name.family", **rule}))
    assert desk.told(patient(name=[right])) == []
    assert [path for path, _ in desk.told(patient(name=[right, wrong]))] == ["Patient.name[1].family"]


CODE = {"coding": [{"system": "urn:a", "code": "1"}, {"system": "urn:b", "code": "2"}]}


@pytest.mark.parametrize(
    ("rule", "value", "right"),
    [
        ("pattern", CODE, True),
        ("pattern", {"coding": [*CODE["coding"], {"system": "urn:c", "code": "3"}], "text": "x"}, True),
        ("pattern", {"coding": list(reversed(CODE["coding"]))}, True),
        ("pattern", {"coding": [{"system": "urn:a", "code": "1"}]}, False),
        ("pattern", {"coding": [{"system": "urn:a", "code": "2"}, {"system": "urn:b", "code": "1"}]}, False),
        ("pattern", {"text": "x"}, False),
        ("fixed", CODE, True),
        ("fixed", {**CODE, "text": "x"}, False),
        ("fixed", {"coding": list(reversed(CODE["coding"]))}, False),
        ("fixed", {"coding": CODE["coding"][:1]}, False),
    ],
)
def test_a_pattern_is_met_by_more_and_a_fixed_value_by_itself_only(
    rule: str, value: Any, right: bool, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, profile("coded", "Observation", {"path": "code", f"{rule}CodeableConcept": CODE}))
    told = desk.told({**OBSERVATION, "code": value})
    assert told == ([] if right else [("Observation.code", rule)])


@pytest.mark.parametrize(
    ("bounds", "low", "right", "high"),
    [
        ({"minValueInteger": 1, "maxValueInteger": 3}, ("valueInteger", 0), ("valueInteger", 3), ("valueInteger", 4)),
        (
            {"minValueDateTime": "2020-03-01", "maxValueDateTime": "2020-12-31"},
            ("valueDateTime", "2020-02-28"),
            ("valueDateTime", "2020-12-31T23:00:00+01:00"),
            ("valueDateTime", "2021"),
        ),
        (
            {
                "minValueQuantity": {"value": 1, "system": "urn:u", "code": "kg"},
                "maxValueQuantity": {"value": 2.5, "system": "urn:u", "code": "kg"},
            },
            ("valueQuantity", {"value": Decimal("0.9"), "system": "urn:u", "code": "kg"}),
            ("valueQuantity", {"value": Decimal("2.50"), "system": "urn:u", "code": "kg"}),
            ("valueQuantity", {"value": Decimal("2.51"), "system": "urn:u", "code": "kg"}),
        ),
    ],
    ids=["integer", "dateTime", "Quantity"],
)
def test_a_value_stays_within_its_bounds(bounds: Any, low: Any, right: Any, high: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("bounded", "Observation", {"path": "value[x]", **bounds}))
    assert [rule for _, rule in desk.told({**OBSERVATION, low[0]: low[1]})] == ["min-value"]
    assert desk.told({**OBSERVATION, right[0]: right[1]}) == []
    assert [rule for _, rule in desk.told({**OBSERVATION, high[0]: high[1]})] == ["max-value"]


def test_a_quantity_in_another_unit_is_not_compared(tmp_path: Path) -> None:
    most = {"value": 2, "system": "urn:u", "code": "kg"}
    desk = Desk(tmp_path, profile("unit", "Observation", {"path": "value[x]", "maxValueQuantity": most}))
    assert desk.told({**OBSERVATION, "valueQuantity": {"value": 900, "system": "urn:u", "code": "g"}}) == []


def test_a_choice_keeps_the_types_a_profile_leaves_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("narrow", "Observation", {"path": "value[x]", "type": [{"code": "Quantity"}]}))
    assert desk.told({**OBSERVATION, "valueQuantity": {"value": 1}}) == []
    assert desk.told({**OBSERVATION, "valueString": "x"}) == [("Observation.value.ofType(string)", "type")]


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ({"valueString": "x"}, True),
        ({"valueInteger": 1}, True),
        ({"valueCode": "x"}, False),
        ({"valueMarkdown": "x"}, False),
        ({"valuePositiveInt": 1}, False),
    ],
)
def test_a_choice_names_each_of_its_types(value: dict[str, Any], right: bool, tmp_path: Path) -> None:
    kept = {"path": "value[x]", "type": [{"code": "string"}, {"code": "integer"}]}
    desk = Desk(tmp_path, profile("asked", "Patient"), profile("kept", "Extension", kept))
    told = desk.told(patient(extension=[{"url": f"{URL}kept", **value}]))
    assert [rule for _, rule in told] == ([] if right else ["type"])


def test_a_choice_may_be_named_by_its_type(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("renamed", "Observation", {"path": "valueQuantity.unit", "min": 1}))
    assert desk.told({**OBSERVATION, "valueQuantity": {"value": 1, "unit": "kg"}}) == []
    assert desk.told({**OBSERVATION, "valueQuantity": {"value": 1}}) == [("Observation.value.ofType(Quantity)", "min")]


def test_any_of_the_profiles_of_a_type_is_enough(tmp_path: Path) -> None:
    either = [{"code": "HumanName", "profile": [URL + "family", URL + "text"]}]
    desk = Desk(
        tmp_path,
        profile("either", "Patient", {"path": "name", "type": either}),
        profile("family", "HumanName", {"path": "family", "min": 1}),
        profile("text", "HumanName", {"path": "text", "min": 1}),
    )
    assert desk.told(patient(name=[{"family": "x"}, {"text": "x"}])) == []
    assert desk.told(patient(name=[{"use": "usual"}])) == [("Patient.name[0]", "profile-none")]


def test_the_one_profile_of_a_type_says_itself_what_is_wrong(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile("only", "Patient", {"path": "name", "type": [{"code": "HumanName", "profile": [URL + "family"]}]}),
        profile("family", "HumanName", {"path": "family", "min": 1}),
    )
    found = [f for f in desk.findings(patient(name=[{"text": "x"}])) if f.severity == "error"]
    assert [(f.path, f.rule, f.profile) for f in found] == [("Patient.name[0]", "min", URL + "family|1.0.0")]


def test_a_profile_is_asked_of_the_right_type_and_must_be_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("people", "Patient", {"path": "name", "min": 1}))
    basic = {"resourceType": "Basic", "code": {"text": "x"}}
    assert desk.told(basic) == [("Basic", "profile-type")]
    assert [(f.severity, f.rule) for f in desk.findings(basic, "absent")] == [("warning", "profile-unknown")]


def test_a_definition_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    broken = profile("broken", "Patient")
    broken["snapshot"] = {"element": [{"path": "Patient"}, {"path": "Patient.nowhere.name"}]}
    circle = profile("circle", "Patient", {"path": "name", "min": 1}) | {"baseDefinition": URL + "circle"}
    desk = Desk(tmp_path, broken, circle)
    assert desk.told(patient(), "broken") == [("Patient", "profile-broken")]
    assert desk.told(patient(), "circle") == [("Patient", "profile-broken")]


def test_a_primitive_may_have_extensions_only(tmp_path: Path) -> None:
    flag = profile(
        "flag",
        "Extension",
        {"path": "url", "fixedUri": URL + "flag"},
        {"path": "value[x]", "min": 1, "type": [{"code": "boolean"}]},
        context=[{"type": "element", "expression": "Element"}],
    )
    desk = Desk(
        tmp_path,
        profile(
            "unknown-birth",
            "Patient",
            {"path": "birthDate", "min": 1},
            sliced("birthDate.extension", ("value", "url")),
            {
                "path": "birthDate.extension:flag",
                "max": "1",
                "type": [{"code": "Extension", "profile": [URL + "flag"]}],
            },
            {"path": "name.given", "max": "2"},
        ),
        flag,
    )
    one = {"url": URL + "flag", "valueBoolean": True}
    assert desk.told(patient(_birthDate={"extension": [one]})) == []
    assert desk.told(patient(_birthDate={"extension": [one, one]})) == [("Patient.birthDate", "slice-max")]
    assert desk.told(patient(_birthDate={"extension": [{**one, "valueBoolean": 1}]}))
    given = {"given": ["a", None, None], "_given": [None, {"extension": [one]}, {"extension": [one]}]}
    assert desk.told(patient(birthDate="2020", name=[given])) == [("Patient.name[0]", "max")]


def r5(what: str, **value: Any) -> dict[str, Any]:
    return {"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition." + what, **value}


def test_a_value_may_be_asked_for_itself_or_else_for_a_reason(tmp_path: Path) -> None:
    reason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    absent = {"extension": [{"url": reason, "valueCode": "unknown"}]}
    told = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/rendered-value", "valueString": "x"}]}
    desk = Desk(
        tmp_path,
        profile(
            "valued",
            "Patient",
            {"path": "active", "extension": [r5("mustHaveValue", valueBoolean=True)]},
            {"path": "gender", "extension": [r5("valueAlternatives", valueCanonical=reason)]},
            {
                "path": "id",
                "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/minLength", "valueInteger": 3}],
            },
        ),
    )
    assert desk.told(patient(active=True, gender="male", id="abc")) == []
    assert desk.told(patient(_gender=absent)) == []
    assert desk.told(patient(_active=absent)) == [("Patient.active", "value-missing")]
    assert desk.told(patient(_gender=told)) == [("Patient.gender", "value-alternative")]
    assert desk.told(patient(id="ab")) == [("Patient.id", "min-length")]


def test_parameters_hold_profiled_resources(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "asked",
            "Parameters",
            sliced("parameter", ("value", "name")),
            {"path": "parameter:who", "min": 1},
            {"path": "parameter:who.name", "fixedString": "who"},
            {"path": "parameter:who.resource", "min": 1, "type": [{"code": "Patient", "profile": [URL + "named"]}]},
        ),
        profile("named", "Patient", {"path": "name", "min": 1}),
    )
    asked = {"resourceType": "Parameters", "parameter": [{"name": "who", "resource": patient()}]}
    assert desk.told(asked) == [("Parameters.parameter[0].resource", "min")]
    asked["parameter"][0]["resource"]["name"] = [{"text": "x"}]  # type: ignore[index]
    assert desk.told(asked) == []


def test_nested_items_are_asked_what_the_base_asks_of_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("form", "Questionnaire", {"path": "item.text", "min": 1}))
    form: dict[str, Any] = {
        "resourceType": "Questionnaire",
        "status": "active",
        "item": [{"linkId": "1", "type": "group", "text": "x", "item": [{"linkId": "2", "type": "string"}]}],
    }
    assert desk.told(form) == []
    del form["item"][0]["item"][0]["linkId"]
    assert desk.told(form) == [("Questionnaire.item[0].item[0]", "min")]


def test_a_profile_is_told_once_however_often_it_is_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path, profile("once", "Patient", {"path": "name", "min": 1}))
    assert desk.told(patient(meta={"profile": [URL + "once", URL + "once|1.0.0"]}), "once") == [("Patient", "min")]
