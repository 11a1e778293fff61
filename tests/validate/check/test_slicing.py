"""Slices: every way to tell items apart, and every rule on what is told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.validate.check.made import URL, Desk, profile, sliced

SYSTEM = "urn:oid:1.2.3"


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **more}


def one_identifier(discriminator: tuple[str, str], *inside: dict[str, Any], rules: str = "open") -> dict[str, Any]:
    """Exactly one identifier of the slice `ours`."""
    return profile(
        "one",
        "Patient",
        sliced("identifier", discriminator, rules=rules),
        {"path": "identifier:ours", "min": 1, "max": "1"},
        *inside,
    )


OURS = {"system": SYSTEM, "value": "1"}
TYPED = {"type": {"coding": [{"system": "urn:x", "code": "PI", "display": "more is allowed"}]}, "value": "1"}
TYPE = {"coding": [{"system": "urn:x", "code": "PI"}]}
FLAG = {"extension": [{"url": URL + "flag", "valueBoolean": True}], "value": "1"}


def ours(under: str = "", **asked: Any) -> dict[str, Any]:
    """What the slice asks of its items, or of something under them."""
    return {"path": "identifier:ours" + under, **asked}


WAYS: dict[str, tuple[tuple[str, str], list[dict[str, Any]], dict[str, Any]]] = {
    "a fixed value": (("value", "system"), [ours(".system", fixedUri=SYSTEM)], OURS),
    "a pattern": (("pattern", "type"), [ours(".type", patternCodeableConcept=TYPE)], TYPED),
    "a pattern above": (("value", "system"), [ours(patternIdentifier={"system": SYSTEM})], OURS),
    "a pattern on $this": (("value", "$this"), [ours(patternIdentifier={"system": SYSTEM})], OURS),
    "a deep path": (("value", "type.coding.code"), [ours(".type.coding.code", fixedCode="PI")], TYPED),
    "what stands under it": (("value", "type"), [ours(".type.coding.code", fixedCode="PI")], TYPED),
    "being there": (("exists", "system"), [ours(".system", min=1)], OURS),
    "not being there": (("exists", "period"), [ours(".period", max="0")], OURS),
    "a profile of its type": (
        ("profile", "$this"),
        [ours(type=[{"code": "Identifier", "profile": [URL + "with"]}])],
        OURS,
    ),
    "an extension being there": (
        ("exists", f"extension('{URL}flag')"),
        [
            sliced("identifier:ours.extension", ("value", "url")),
            ours(".extension:flag", min=1, type=[{"code": "Extension", "profile": [URL + "flag"]}]),
        ],
        FLAG,
    ),
}
WITH = profile("with", "Identifier", {"path": "system", "min": 1, "fixedUri": SYSTEM})
FLAGGING = profile(
    "flag",
    "Extension",
    {"path": "url", "fixedUri": URL + "flag"},
    {"path": "value[x]", "min": 1, "type": [{"code": "boolean"}]},
    context=[{"type": "element", "expression": "Element"}],
)
OTHER = {"value": "2", "period": {"start": "2024-01-01"}, "type": {"text": "another"}}


@pytest.fixture(params=WAYS, ids=lambda way: way.replace(" ", "-"))
def way(request: pytest.FixtureRequest) -> tuple[tuple[str, str], list[dict[str, Any]], dict[str, Any]]:
    return WAYS[request.param]


def test_an_item_is_known_by(way: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path, one_identifier(way[0], *way[1]), WITH, FLAGGING)
    assert desk.told(patient(identifier=[OTHER, way[2]])) == []


def test_a_slice_that_lacks_an_item_is_told_where_the_list_would_be(way: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path, one_identifier(way[0], *way[1]), WITH, FLAGGING)
    assert ("Patient", "slice-min") in desk.told(patient(identifier=[OTHER]))
    assert desk.told(patient()) == [("Patient", "slice-min")]


def test_a_slice_with_an_item_too_many_is_told(way: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path, one_identifier(way[0], *way[1]), WITH, FLAGGING)
    assert desk.told(patient(identifier=[way[2], OTHER, way[2]])) == [("Patient", "slice-max")]


def test_a_closed_slicing_refuses_what_is_in_no_slice(way: Any, tmp_path: Path) -> None:
    desk = Desk(tmp_path, one_identifier(way[0], *way[1], rules="closed"), WITH, FLAGGING)
    assert desk.told(patient(identifier=[way[2]])) == []
    assert desk.told(patient(identifier=[way[2], OTHER])) == [("Patient.identifier[1]", "slice-closed")]


def test_what_a_slice_asks_is_asked_of_its_items_only(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        one_identifier(
            ("value", "system"),
            {"path": "identifier:ours.system", "fixedUri": SYSTEM},
            {"path": "identifier:ours.value", "min": 1, "maxLength": 3},
        ),
    )
    assert desk.told(patient(identifier=[{"system": SYSTEM, "value": "12345"}, {"value": "12345"}])) == [
        ("Patient.identifier[0].value", "max-length")
    ]
    assert desk.told(patient(identifier=[{"system": SYSTEM}, {"use": "old"}])) == [("Patient.identifier[0]", "min")]


def ordered(rules: str, in_order: bool) -> dict[str, Any]:
    return profile(
        "ordered",
        "Patient",
        sliced("name", ("value", "use"), rules=rules, ordered=in_order),
        {"path": "name:first"},
        {"path": "name:first.use", "fixedCode": "official"},
        {"path": "name:second"},
        {"path": "name:second.use", "fixedCode": "usual"},
    )


FIRST, SECOND, THIRD = {"use": "official"}, {"use": "usual"}, {"use": "old"}


def test_an_ordered_slicing_keeps_the_order_of_the_definition(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ordered("open", True))
    assert desk.told(patient(name=[FIRST, THIRD, FIRST, SECOND])) == []
    assert desk.told(patient(name=[FIRST, SECOND, FIRST])) == [("Patient.name[2]", "slice-order")]


def test_strangers_come_last_where_a_slicing_is_open_at_its_end(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ordered("openAtEnd", False))
    assert desk.told(patient(name=[SECOND, FIRST, THIRD, THIRD])) == []
    assert desk.told(patient(name=[THIRD, FIRST])) == [("Patient.name[1]", "slice-end")]


def test_an_item_of_two_slices_is_told(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "both",
            "Patient",
            sliced("name", ("exists", "family"), ("exists", "text")),
            {"path": "name:one"},
            {"path": "name:one.family", "min": 1},
            {"path": "name:two"},
            {"path": "name:two.text", "min": 1},
        ),
    )
    assert desk.told(patient(name=[{"family": "x", "text": "x"}])) == [("Patient.name[0]", "slice-ambiguous")]
    assert desk.told(patient(name=[{"family": "x"}, {"text": "x"}])) == []


def test_slices_of_slices_count_among_the_items_of_their_slice(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "again",
            "Patient",
            sliced("telecom", ("value", "system")),
            sliced("telecom:phone", ("value", "use")),
            {"path": "telecom:phone.system", "fixedCode": "phone"},
            {"path": "telecom:phone/home", "min": 1},
            {"path": "telecom:phone/home.use", "fixedCode": "home"},
        ),
    )
    phone = {"system": "phone", "value": "1"}
    assert desk.told(patient(telecom=[phone, {**phone, "use": "home"}])) == []
    assert desk.told(patient(telecom=[phone, {"system": "fax", "value": "1", "use": "home"}])) == [
        ("Patient", "slice-min")
    ]


def test_the_default_slice_has_what_no_other_has(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "rest",
            "Patient",
            sliced("identifier", ("value", "system"), rules="closed"),
            {"path": "identifier:ours"},
            {"path": "identifier:ours.system", "fixedUri": SYSTEM},
            {"path": "identifier:@default"},
            {"path": "identifier:@default.use", "min": 1},
        ),
    )
    assert desk.told(patient(identifier=[OURS, {"value": "1", "use": "old"}])) == []
    assert desk.told(patient(identifier=[OURS, {"value": "1"}])) == [("Patient.identifier[1]", "min")]


def test_a_choice_is_sliced_by_type(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "typed",
            "Observation",
            sliced("value[x]", ("type", "$this"), rules="closed"),
            {"path": "value[x]:valueQuantity", "type": [{"code": "Quantity"}]},
            {"path": "value[x]:valueQuantity.unit", "min": 1},
        ),
    )
    said = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert desk.told({**said, "valueQuantity": {"value": 1, "unit": "kg"}}) == []
    assert desk.told({**said, "valueQuantity": {"value": 1}}) == [("Observation.value.ofType(Quantity)", "min")]
    assert ("Observation.value.ofType(string)", "slice-closed") in desk.told({**said, "valueString": "x"})


def bundle(*entries: dict[str, Any]) -> dict[str, Any]:
    held = [
        {"fullUrl": f"urn:uuid:3fdc72f4-a11d-4a9d-9260-a9f745779e0{number}", "resource": entry}
        for number, entry in enumerate(entries)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": held}


def entries_by(discriminator: str) -> tuple[dict[str, Any], ...]:
    named = [URL + "named"] if discriminator == "profile" else []
    return (
        profile(
            "entries",
            "Bundle",
            sliced("entry", (discriminator, "resource"), rules="closed"),
            {"path": "entry:patient", "min": 1, "max": "1"},
            {"path": "entry:patient.resource", "type": [{"code": "Patient", "profile": named}]},
        ),
        profile("named", "Patient", {"path": "name", "min": 1}),
    )


def test_entries_are_told_apart_by_the_type_of_their_resource(tmp_path: Path) -> None:
    desk = Desk(tmp_path, *entries_by("type"))
    assert desk.told(bundle(patient())) == []
    assert desk.told(bundle(patient(), {"resourceType": "Basic", "code": {"text": "x"}})) == [
        ("Bundle.entry[1]", "slice-closed")
    ]


def test_an_entry_that_misses_its_profile_says_why(tmp_path: Path) -> None:
    desk = Desk(tmp_path, *entries_by("profile"))
    assert desk.told(bundle(patient(name=[{"family": "x"}]))) == []
    assert desk.told(bundle(patient())) == [
        ("Bundle.entry[0]", "slice-closed"),
        ("Bundle", "slice-min"),
        ("Bundle.entry[0].resource", "min"),
    ]


def test_items_are_told_apart_by_what_they_refer_to(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "referring",
            "List",
            sliced("entry", ("type", "item.resolve()"), rules="closed"),
            {"path": "entry:patient", "min": 1},
            {
                "path": "entry:patient.item",
                "type": [{"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Patient"]}],
            },
        ),
    )
    held = {"resourceType": "List", "status": "current", "mode": "working"}
    person = {"resourceType": "Patient", "id": "p"}
    basic = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}}
    told = desk.told({**held, "contained": [person], "entry": [{"item": {"reference": "#p"}}]})
    assert told == []
    told = desk.told({**held, "contained": [basic], "entry": [{"item": {"reference": "#b"}}]})
    assert ("List.entry[0]", "slice-closed") in told
    assert ("List", "slice-min") in told
    assert desk.told({**held, "entry": [{"item": {"reference": "Patient/elsewhere"}}]}) == []
    told = desk.told({**held, "entry": [{"item": {"reference": "Basic/elsewhere"}}]})
    assert ("List.entry[0]", "slice-closed") in told
    told = desk.told({**held, "entry": [{"item": {"reference": "https://a.example.org/x"}}]})
    assert ("List.entry[0]", "slice-unjudged") in told


@pytest.mark.parametrize(
    ("kind", "path"),
    [("value", "system"), ("position", "$this"), ("value", "where(use='x')"), ("type", "assigner.resolve()")],
)
def test_a_discriminator_that_cannot_be_judged_is_told_and_refuses_nothing(
    kind: str, path: str, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, one_identifier((kind, path), rules="closed"))
    found = desk.findings(patient(identifier=[OURS, OTHER]))
    assert [(f.severity, f.code, f.rule) for f in found] == [("information", "not-supported", "slice-unjudged")]


def test_of_several_discriminators_those_that_ask_nothing_do_not_narrow_a_slice(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "several",
            "Patient",
            sliced("identifier", ("value", "system"), ("value", "use"), rules="closed"),
            {"path": "identifier:ours", "min": 1},
            {"path": "identifier:ours.system", "fixedUri": SYSTEM},
        ),
    )
    assert desk.told(patient(identifier=[{**OURS, "use": "usual"}, OURS])) == []
    assert desk.told(patient(identifier=[OURS, OTHER])) == [("Patient.identifier[1]", "slice-closed")]


def test_slices_of_a_slice_are_told_apart_as_it_is_when_it_does_not_say(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        profile(
            "silent",
            "Patient",
            sliced("telecom", ("value", "system"), ("value", "use")),
            {"path": "telecom:phone"},
            {"path": "telecom:phone.system", "fixedCode": "phone"},
            {"path": "telecom:phone/home", "max": "1"},
            {"path": "telecom:phone/home.use", "fixedCode": "home"},
        ),
    )
    home = {"system": "phone", "value": "1", "use": "home"}
    assert desk.told(patient(telecom=[home, {**home, "use": "work"}])) == []
    assert desk.told(patient(telecom=[home, home])) == [("Patient", "slice-max")]


@pytest.mark.parametrize(
    ("claimed", "fits"),
    [
        (URL + "guide|2.1.0", True),
        (URL + "guide", True),
        (URL + "guide|2.2.0", False),
        (URL + "guidebook", False),
    ],
)
def test_a_claim_of_a_profile_without_a_version_is_the_one_that_a_guide_pins(
    tmp_path: Path, claimed: str, fits: bool
) -> None:
    pinned = profile(
        "pinned",
        "Patient",
        sliced("meta.profile", ("value", "$this")),
        {"path": "meta.profile:guide", "min": 1, "max": "1", "patternCanonical": URL + "guide|2.1.0"},
    )
    told = Desk(tmp_path, pinned).told(patient(meta={"profile": [claimed]}))
    assert [rule for _, rule in told if rule.startswith("slice")] == ([] if fits else ["slice-min"])


SAID = {
    "a fixed value": f"system = « {SYSTEM} »",
    "a pattern": "type = « urn:x#PI »",
    "being there": "avec system",
    "not being there": "sans period",
    "a profile of its type": f"conforme à {URL}with",
}


@pytest.mark.parametrize("kind", SAID)
def test_what_is_missing_is_told_with_what_it_is_known_by(tmp_path: Path, kind: str) -> None:
    discriminator, inside, item = WAYS[kind]
    closed = Desk(tmp_path, one_identifier(discriminator, *inside, rules="closed"), WITH, FLAGGING)
    texts = {f.rule: f.fr for f in closed.findings(patient(identifier=[OTHER]))}
    assert f"« identifier:ours » ({SAID[kind]}) : il en faut au moins 1" in texts["slice-min"]
    assert f"ours ({SAID[kind].replace(URL, '')})" in texts["slice-closed"]
    (many,) = [f.en for f in closed.findings(patient(identifier=[item, item])) if f.rule == "slice-max"]
    assert "2 here" in many
