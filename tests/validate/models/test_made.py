"""With no package the base types are those of HL7's R4, as far as models tell them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.validate.library import Library, open_library
from gateway.validate.models.codes import value_set_of
from gateway.validate.models.made import PRIMITIVES
from tests.conftest import SHARED

CORE = SHARED / "fhir-packages" / "hl7.fhir.r4.core#4.0.1"
needs_core = pytest.mark.skipif(not CORE.is_dir(), reason="HL7's R4 core package is not beside the project")

ALONE = open_library()
NOT_MADE = {
    "EffectEvidenceSynthesis", "Evidence", "EvidenceVariable", "MedicinalProduct", "MedicinalProductAuthorization",
    "MedicinalProductContraindication", "MedicinalProductIndication", "MedicinalProductIngredient",
    "MedicinalProductInteraction", "MedicinalProductManufactured", "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical", "MedicinalProductUndesirableEffect", "RiskEvidenceSynthesis", "SubstanceAmount",
    "SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein", "SubstanceReferenceInformation",
    "SubstanceSourceMaterial", "SubstanceSpecification",
}  # fmt: skip
"""Types of R4 that R4B removed or wrote anew: no model tells them."""


def types(library: Library) -> Iterator[dict[str, Any]]:
    for file in sorted((CORE / "package").glob("StructureDefinition-*.json")):
        if told := library.type_definition(file.stem.removeprefix("StructureDefinition-")):
            yield told


def asked(definition: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Of each element in order: path, cardinality, types with their targets, contentReference."""
    return [
        (
            element["path"],
            element["min"] if "." in element["path"] else 0,
            element["max"],
            frozenset(map(_type, element.get("type", ()))),
            element.get("contentReference"),
        )
        for element in definition["snapshot"]["element"]
    ]


def _type(told: dict[str, Any]) -> tuple[str, frozenset[str]]:
    system = told["code"].startswith("http://hl7.org/fhirpath/System.") or told["code"] == "uri"
    targets = (
        told.get("targetProfile", ()) if told["code"] == "Reference" else ()
    )  # models tell no targets of canonical
    return "string" if system or told["code"] == "id" else told["code"], frozenset(targets)


@needs_core
def test_every_made_type_has_the_elements_cardinalities_and_types_of_r4() -> None:
    library = open_library(packages=[CORE])
    compared, missing = 0, set()
    for theirs in types(library):
        if theirs["kind"] in {"logical", "primitive-type"}:
            continue
        ours = ALONE.type_definition(theirs["type"])
        if ours is None:
            missing.add(theirs["type"])
            continue
        compared += 1
        assert asked(ours) == asked(theirs)
        assert ours["kind"] == theirs["kind"]
        assert ours.get("baseDefinition") == theirs.get("baseDefinition")
    assert missing == NOT_MADE
    assert compared > 160


@needs_core
def test_every_made_list_has_the_codes_of_r4_and_binds_the_same_elements() -> None:
    library = open_library(packages=[CORE])
    bound = 0
    for theirs in types(library):
        ours = ALONE.type_definition(theirs["type"])
        made = {one["path"]: one.get("binding") for one in ours["snapshot"]["element"]} if ours else {}
        for element in theirs["snapshot"]["element"]:
            binding = made.get(element["path"])
            if binding is None:
                continue
            bound += 1
            assert element["binding"]["strength"] == "required"
            assert element["binding"]["valueSet"].partition("|")[0] == binding["valueSet"]
            assert codes(ALONE, binding["valueSet"]) == codes(library, binding["valueSet"])
    assert bound > 300


@needs_core
def test_every_invariant_is_r4s_own() -> None:
    library = open_library(packages=[CORE])
    keys: set[str] = set()
    for theirs in types(library):
        ours = ALONE.type_definition(theirs["type"])
        said = {one["path"]: one.get("constraint", ()) for one in theirs["snapshot"]["element"]}
        for element in ours["snapshot"]["element"] if ours else ():
            right = {(one["key"], one["severity"], one["expression"]) for one in said[element["path"]]}
            made = {(one["key"], one["severity"], one["expression"]) for one in element.get("constraint", ())}
            assert made <= right
            keys |= {key for key, _, _ in made}
    assert len(keys) > 50


def codes(library: Library, canonical: str) -> set[tuple[str, str]]:
    """Every code of a value set of whole systems and single codes."""
    found = library.find(canonical, "ValueSet") or value_set_of(canonical)
    assert found is not None
    return {
        (include["system"], concept["code"])
        for include in found["compose"]["include"]
        for concept in include.get("concept") or _all(library, include["system"])
    }


def _all(library: Library, system: str) -> list[dict[str, Any]]:
    found = library.code_system(system)
    assert found is not None
    rest = list(found.get("concept", ()))
    every = []
    while rest:
        concept = rest.pop()
        every.append(concept)
        rest.extend(concept.get("concept", ()))
    return every


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_every_primitive_type_is_there(name: str) -> None:
    told = ALONE.type_definition(name)
    assert told is not None
    assert told["kind"] == "primitive-type"
    assert [one["path"] for one in told["snapshot"]["element"]] == [
        name,
        *(f"{name}.{x}" for x in ("id", "extension", "value")),
    ]


@pytest.mark.parametrize(
    "name", ["Ingredient", "SubscriptionTopic", "Patient2", "", "../patient", "PatientContact", "bundle"]
)
def test_what_r4_does_not_have_is_not_made(name: str) -> None:
    assert ALONE.type_definition(name) is None


def test_what_was_made_is_kept_for_next_time(tmp_path: Path) -> None:
    first = open_library(cache=tmp_path / "cache").type_definition("CareTeam")
    (file,) = (tmp_path / "cache").iterdir()
    assert open_library(cache=tmp_path / "cache").type_definition("CareTeam") == first
    for spoiled in (b"{", b"[]", b'{"seal": 1, "made": {}}'):
        file.write_bytes(spoiled)
        assert open_library(cache=tmp_path / "cache").type_definition("CareTeam") == first


def test_a_base_type_is_also_found_by_its_canonical_and_its_lists_too() -> None:
    care_team = ALONE.structure_definition("http://hl7.org/fhir/StructureDefinition/CareTeam|4.0.1")
    assert care_team == ALONE.type_definition("CareTeam")
    assert ALONE.value_set("http://hl7.org/fhir/ValueSet/care-team-status|4.0.1") is not None
    assert ALONE.value_set("http://hl7.org/fhir/ValueSet/mimetypes") is None
    assert not ALONE.has_core
