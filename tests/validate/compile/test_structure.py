"""A flat list of elements becomes a tree, whatever the publisher's habits; what cannot be one is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.validate.compile import BadDefinition, structure_of
from gateway.validate.element import Element
from tests.conftest import SHARED

FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"


def definition(*elements: dict[str, Any], of: str = "Observation") -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "url": "http://example.org/StructureDefinition/x",
        "type": of,
        "kind": "resource",
        "derivation": "constraint",
        "snapshot": {"element": [{"path": of}, *elements]},
    }


def child(element: Element, name: str) -> Element:
    (found,) = [one for one in element.children if one.name == name]
    return found


def test_slices_stand_beside_what_they_slice_with_their_own_elements() -> None:
    root = structure_of(
        definition(
            {"path": "Observation.code", "max": "1"},
            {"path": "Observation.code.coding", "slicing": {"discriminator": [{"type": "value", "path": "code"}]}},
            {"path": "Observation.code.coding.code"},
            {"path": "Observation.code.coding", "sliceName": "a", "min": 1},
            {"path": "Observation.code.coding.code", "fixedCode": "1"},
            {"path": "Observation.code.coding", "sliceName": "a/b"},
            {"path": "Observation.code.coding.code", "fixedCode": "2"},
            {"path": "Observation.code.coding", "sliceName": "c"},
            {"path": "Observation.code.text"},
        )
    ).root
    code = child(root, "code")
    coding = child(code, "coding")
    assert [one.name for one in code.children] == ["coding", "text"]
    assert [one.slice_name for one in coding.slices] == ["a", "c"]
    assert [one.slice_name for one in coding.slices[0].slices] == ["a/b"]
    assert child(coding, "code").fixed is None
    assert child(coding.slices[0], "code").fixed == ("1",)
    assert child(coding.slices[0].slices[0], "code").fixed == ("2",)
    assert coding.slicing is not None
    assert coding.slicing.discriminators == (("value", "code"),)


@pytest.mark.parametrize("named", [{}, {"sliceName": "valueQuantity"}])
def test_a_choice_named_by_its_type_is_a_slice_of_the_choice(named: dict[str, str]) -> None:
    root = structure_of(
        definition(
            {"path": "Observation.value[x]", "type": [{"code": "Quantity"}, {"code": "string"}]},
            {"path": "Observation.valueQuantity", "type": [{"code": "Quantity"}], **named},
            {"path": "Observation.valueQuantity.unit", "min": 1},
        )
    ).root
    (value,) = root.children
    assert (value.name, value.choice, value.slices[0].slice_name) == ("value", True, "valueQuantity")
    assert child(value.slices[0], "unit").min == 1


def test_a_fixed_false_is_a_fixed_value() -> None:
    root = structure_of(definition({"path": "Patient.active", "fixedBoolean": False}, of="Patient")).root
    assert child(root, "active").fixed == (False,)


def test_types_of_the_path_language_are_read_as_those_of_fhir() -> None:
    system = "http://hl7.org/fhirpath/System.String"
    root = structure_of(
        definition(
            {"path": "Observation.a", "type": [{"code": system, "extension": [{"url": FHIR_TYPE, "valueUrl": "uri"}]}]},
            {"path": "Observation.b", "type": [{"code": system}]},
            {"path": "Observation.c", "type": [{"code": "http://hl7.org/fhir/StructureDefinition/Quantity"}]},
        )
    ).root
    assert [one.code for one in root.children] == ["uri", "string", "Quantity"]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"snapshot": None},
        {"snapshot": {"element": []}},
        {"snapshot": {"element": [{"path": "Patient"}, {"path": "Patient.nowhere.name"}]}},
        {"snapshot": {"element": [{"id": "Patient"}]}},
        {"snapshot": {"element": [{"path": "Patient"}, {"path": "Patient.name", "max": "many"}]}},
        {"snapshot": {"element": [{"path": "Patient"}, {"path": "Patient.name", "min": "x"}]}},
        {"snapshot": {"element": [{"path": "Patient"}, {"path": "Patient.name", "type": "x"}]}},
        {"snapshot": {"element": ["x"]}},
        {"snapshot": {"element": [{"path": 1}]}},
    ],
)
def test_what_is_no_tree_is_refused_and_never_crashes(broken: dict[str, Any]) -> None:
    with pytest.raises(BadDefinition):
        structure_of({"url": "http://example.org/x", "type": "Patient", **broken})


@pytest.mark.parametrize("wrong", [3, {}, "http://example.org/x", [3], [{}]], ids=str)
@pytest.mark.parametrize("part", ["profile", "targetProfile", "aggregation"])
def test_what_a_type_lists_is_a_list_of_texts(part: str, wrong: Any) -> None:
    element = {"id": "Patient.link", "path": "Patient.link", "type": [{"code": "Reference", part: wrong}]}
    with pytest.raises(BadDefinition):
        structure_of(definition({"id": "Patient", "path": "Patient"}, element, of="Patient"))


PUBLISHED = sorted((SHARED / "fhir-packages").glob("*/package/StructureDefinition-*.json"))
GUIDES = [file for file in PUBLISHED if "hl7.fhir.r4.core" not in file.parts[-3]]


@pytest.mark.skipif(not GUIDES, reason="the published packages are not at hand")
def test_every_published_snapshot_is_a_tree_that_keeps_every_element() -> None:
    def size(element: Element) -> int:
        return 1 + sum(map(size, element.children)) + sum(map(size, element.slices))

    for file in GUIDES:
        published = json.loads(file.read_bytes())
        if "snapshot" in published:
            assert size(structure_of(published).root) == len(published["snapshot"]["element"]), file.name
