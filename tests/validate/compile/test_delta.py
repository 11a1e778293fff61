"""A delta holds what a profile adds to its type, and nothing its type asks already."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.validate import open_library
from gateway.validate.compile import Structures
from gateway.validate.element import Element
from tests.conftest import SHARED

PACKAGES = SHARED / "fhir-packages"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
pytestmark = pytest.mark.skipif(not PACKAGES.is_dir(), reason="the published packages are not at hand")


@pytest.fixture(scope="module")
def structures(tmp_path_factory: pytest.TempPathFactory) -> Structures:
    return Structures(open_library(packages=[PACKAGES], cache=Path(tmp_path_factory.mktemp("kept"))))


def size(element: Element) -> int:
    return 1 + sum(map(size, element.children)) + sum(map(size, element.slices))


def under(element: Element, *names: str) -> Element:
    for name in names:
        (element,) = [one for one in (*element.children, *element.slices) if name in (one.name, one.slice_name)][:1]
    return element


@pytest.mark.parametrize("name", ["Patient", "Bundle", "Extension", "HumanName", "Questionnaire", "Age", "string"])
def test_a_type_adds_nothing_to_itself(name: str, structures: Structures) -> None:
    added = structures.added(HL7 + name)
    assert added is not None
    assert size(added.root) == 1
    assert not added.root.constraints


def test_most_of_a_profile_is_its_type_and_goes(structures: Structures) -> None:
    canonical = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins"
    whole, added = structures.get(canonical), structures.added(canonical)
    assert whole is not None
    assert added is not None
    assert size(added.root) < size(whole.root) / 2


def test_what_a_profile_adds_stays(structures: Structures) -> None:
    added = structures.added("https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins")
    assert added is not None
    assert "fr-core-1" in [one.key for one in added.root.constraints]
    assert "dom-2" not in [one.key for one in added.root.constraints]
    assert under(added.root, "identifier", "INS-NIR", "value").min == 1
    assert under(added.root, "gender").min == 1
    assert "photo" not in [one.name for one in added.root.children]


def test_a_binding_that_is_the_types_own_is_not_added_though_it_is_pinned(structures: Structures) -> None:
    added = structures.added("https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-practitioner")
    assert added is not None
    assert not [one.name for one in added.root.children if one.name in ("language", "gender", "id", "text")]


def test_a_definition_is_compiled_once_and_what_is_not_there_is_none(structures: Structures) -> None:
    assert structures.get(HL7 + "bp") is structures.get(HL7 + "bp")
    assert structures.added("http://example.org/StructureDefinition/absent") is None
    assert structures.type("Nothing") is None
    assert structures.broken == {}
