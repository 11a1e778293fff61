"""Definitions are found by canonical, whatever the layout of the packages and whatever versions lie there."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gateway.model.errors import Broken
from gateway.validate.library import open_library
from tests.conftest import SHARED

ROOT = "https://exemple.invalid/fhir"
CORE = "http://hl7.org/fhir/StructureDefinition/"
PACKAGES = SHARED / "fhir-packages"


def definition(kind: str, name: str, version: str = "", **more: Any) -> dict[str, Any]:
    told = {"resourceType": kind, "id": name, "url": f"{ROOT}/{kind}/{name}", "status": "draft", **more}
    return told | ({"version": version} if version else {})


def package(place: Path, id: str, version: str, *definitions: dict[str, Any], **manifest: Any) -> Path:
    folder = place / f"{id}#{version}" / "package"
    folder.mkdir(parents=True)
    write(folder / "package.json", {"name": id, "version": version, **manifest})
    for one in definitions:
        write(folder / f"{one['resourceType']}-{one['id']}.json", one)
    return folder


def write(file: Path, told: Any) -> Path:
    file.write_text(json.dumps(told), "utf-8")
    return file


@pytest.mark.parametrize("layout", ["cache", "package", "inner", "plain"])
def test_every_layout_of_packages_is_read(tmp_path: Path, layout: str) -> None:
    inner = package(tmp_path / "cache", "exemple.un", "1.0.0", definition("ValueSet", "un"))
    place = {"cache": inner.parent.parent, "package": inner.parent, "inner": inner, "plain": tmp_path / "plain"}[layout]
    if layout == "plain":
        place.mkdir()
        write(place / "un.json", definition("ValueSet", "un"))
    library = open_library(packages=[place])
    assert library.value_set(f"{ROOT}/ValueSet/un") is not None
    assert [one.name for one in library.packages] == (["plain"] if layout == "plain" else ["exemple.un#1.0.0"])


def test_a_place_that_is_not_there_or_holds_no_package_is_said(tmp_path: Path) -> None:
    for place in (tmp_path / "absent", tmp_path):
        with pytest.raises(Broken, match=place.name):
            open_library(packages=[place]).find(f"{ROOT}/ValueSet/un")


def test_the_version_asked_for_is_taken_and_another_one_where_it_is_not_there(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "1.10.1-snapshot"):
        package(tmp_path, "exemple.un", version, definition("ValueSet", "un", version))
    library = open_library(packages=[tmp_path])
    url = f"{ROOT}/ValueSet/un"
    found = {asked: (library.value_set(url + asked) or {})["version"] for asked in ("", "|1.9.0", "|1.9", "|7", "|")}
    assert found == {"": "1.10.1-snapshot", "|1.9.0": "1.9.0", "|1.9": "1.9.0", "|7": "1.10.1-snapshot", "|": found[""]}


def test_of_several_versions_of_a_package_the_one_others_depend_on_comes_first(tmp_path: Path) -> None:
    for version in ("1.0.0", "2.0.0"):
        package(tmp_path, "exemple.un", version, definition("ValueSet", "un", version))
    package(tmp_path, "exemple.deux", "1.0.0", dependencies={"exemple.un": "1.0.x"})
    found = open_library(packages=[tmp_path]).value_set(f"{ROOT}/ValueSet/un")
    assert found is not None
    assert found["version"] == "1.0.0"


def test_what_is_given_by_hand_comes_before_packages_and_packages_before_our_own(tmp_path: Path) -> None:
    file = write(tmp_path / "main.json", definition("ValueSet", "un", title="by hand"))
    package(tmp_path / "a", "exemple.un", "1", definition("ValueSet", "un", title="first place"))
    package(tmp_path / "b", "exemple.un", "2", definition("ValueSet", "un", title="second place"))
    own = tmp_path / "own"
    own.mkdir()
    write(own / "un.json", definition("ValueSet", "un", title="own"))
    (own / "examples").mkdir()
    write(own / "examples" / "no.json", definition("ValueSet", "example"))
    places = [tmp_path / "a", tmp_path / "b"]
    for library, title in (
        (open_library(definitions=[file], packages=places, own=own), "by hand"),
        (open_library(packages=places, own=own), "first place"),
        (open_library(own=own), "own"),
    ):
        assert (library.find(f"{ROOT}/ValueSet/un") or {})["title"] == title
        assert not library.mentions(f"{ROOT}/ValueSet/example")


def test_a_version_asked_for_is_found_in_a_later_place(tmp_path: Path) -> None:
    package(tmp_path / "a", "exemple.un", "2", definition("ValueSet", "un", "2"))
    package(tmp_path / "b", "exemple.un", "1", definition("ValueSet", "un", "1"))
    library = open_library(packages=[tmp_path / "a", tmp_path / "b"])
    assert (library.value_set(f"{ROOT}/ValueSet/un|1") or {})["version"] == "1"


def test_a_whole_code_system_goes_before_a_fragment_of_it_and_supplements_stand_apart(tmp_path: Path) -> None:
    url = f"{ROOT}/CodeSystem/un"
    package(tmp_path, "exemple.a", "9", definition("CodeSystem", "un", "9", content="fragment"))
    package(tmp_path, "exemple.b", "1", definition("CodeSystem", "un", "1", content="complete"))
    french = definition("CodeSystem", "un-fr", content="supplement", supplements=f"{url}|1")
    package(tmp_path, "exemple.c", "1", french)
    library = open_library(packages=[tmp_path])
    assert (library.code_system(url) or {})["content"] == "complete"
    assert library.supplements(url) == (french,)
    assert library.code_system(french["url"]) is None


def test_a_kind_asked_for_is_kept_to(tmp_path: Path) -> None:
    package(tmp_path, "exemple.un", "1", definition("ValueSet", "un"))
    library = open_library(packages=[tmp_path])
    assert library.code_system(f"{ROOT}/ValueSet/un") is None
    assert library.structure_definition(f"{ROOT}/ValueSet/un") is None
    assert library.mentions(f"{ROOT}/ValueSet/un|3")


def test_packages_of_another_fhir_are_left_alone(tmp_path: Path) -> None:
    for version, fhir in (("4.0.1", ["4.0.1"]), ("5.0.0", ["5.0.0"])):
        package(tmp_path, "exemple.un", version, definition("ValueSet", "un", version), fhirVersions=fhir)
    assert [one.version for one in open_library(packages=[tmp_path]).packages] == ["4.0.1"]


def test_definitions_are_found_in_a_bundle_a_guide_and_parameters(tmp_path: Path) -> None:
    inside = [definition("ValueSet", name) for name in ("entry", "contained", "parameter")]
    files = [
        write(tmp_path / "b.json", {"resourceType": "Bundle", "entry": [{"resource": inside[0]}, {}, 3]}),
        write(tmp_path / "g.json", definition("ImplementationGuide", "g", contained=[inside[1]])),
        write(tmp_path / "p.json", {"resourceType": "Parameters", "parameter": [{"name": "x", "resource": inside[2]}]}),
    ]
    library = open_library(definitions=files)
    assert [library.value_set(one["url"]) for one in inside] == inside
    assert library.find(f"{ROOT}/ImplementationGuide/g") is not None


def test_definitions_are_read_in_xml_too(tmp_path: Path) -> None:
    file = tmp_path / "un.xml"
    file.write_text(
        f'''<?xml version="1.0"?>
        <ValueSet xmlns="http://hl7.org/fhir"><url value="{ROOT}/ValueSet/un"/><status value="draft"/>
        <compose><include><system value="{ROOT}/CodeSystem/un"/><concept><code value="a"/></concept></include></compose>
        </ValueSet>'''
    )
    found = open_library(definitions=[file]).value_set(f"{ROOT}/ValueSet/un")
    assert found is not None
    assert found["compose"] == {"include": [{"system": f"{ROOT}/CodeSystem/un", "concept": [{"code": "a"}]}]}


@pytest.mark.parametrize(
    "text", ["", "{", "\x00", "[" * 5000, "3", "<", "<!DOCTYPE a><a/>", "<a/>", "[1.5" * 5000], ids=range(9)
)
def test_a_file_of_definitions_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "faulty.json"
    file.write_text(text)
    with pytest.raises(Broken, match=r"faulty\.json"):
        open_library(definitions=[file])


def test_numbers_of_definitions_keep_their_text(tmp_path: Path) -> None:
    package(tmp_path, "exemple.un", "1", definition("Measure", "un", fixedDecimal=120.5))
    file = next(tmp_path.rglob("Measure-un.json"))
    file.write_text(file.read_text("utf-8").replace("120.5", "120.50"), "utf-8")
    found = open_library(packages=[tmp_path]).find(f"{ROOT}/Measure/un")
    assert found is not None
    assert str(found["fixedDecimal"]) == "120.50"
    assert isinstance(found["fixedDecimal"], Decimal)


def test_threads_that_ask_at_once_get_the_same_answer(tmp_path: Path) -> None:
    urls = [f"{ROOT}/ValueSet/v{number}" for number in range(40)]
    package(tmp_path, "exemple.un", "1", *(definition("ValueSet", url.rpartition("/")[2]) for url in urls))
    library = open_library(packages=[tmp_path])
    found: list[str] = []

    def ask() -> None:
        found.extend((library.value_set(url) or {})["url"] for url in urls)

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(urls * 8)


@pytest.mark.skipif(not PACKAGES.is_dir(), reason="the official packages are not beside the project")
def test_the_official_packages_are_found_by_what_guides_pin() -> None:
    library = open_library(packages=[PACKAGES])
    patient = library.structure_definition("https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient|2.1.0")
    assert patient is not None
    assert patient["type"] == "Patient"
    nos = "https://mos.esante.gouv.fr/NOS/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass"
    assert library.code_system(f"{nos}|1.3.0") is not None
    assert library.has_core
    assert library.type_definition("Patient") == library.structure_definition(CORE + "Patient|4.0.1")


@pytest.mark.skipif(not PACKAGES.is_dir(), reason="the official packages are not beside the project")
def test_a_copy_of_the_core_package_adds_nothing_to_the_types_of_r4() -> None:
    library = open_library(packages=[PACKAGES])
    meta = library.type_definition("Meta")
    bundle = library.type_definition("Bundle")
    assert meta is not None
    assert bundle is not None
    names = [element["path"] for element in meta["snapshot"]["element"]]
    standard = ["id", "extension", "versionId", "lastUpdated", "source", "profile", "security", "tag"]
    assert names == ["Meta", *(f"Meta.{name}" for name in standard)]
    pressure = library.structure_definition(CORE + "bp")
    assert pressure is not None
    strengths = {
        one["binding"]["strength"]
        for one in pressure["snapshot"]["element"]
        if one["path"] == "Observation.component.value[x]" and "ucum-vitals-common" in one["binding"]["valueSet"]
    }
    assert strengths == {"extensible"}
    outcome = next(one for one in bundle["snapshot"]["element"] if one["path"] == "Bundle.entry.response.outcome")
    assert [one["code"] for one in outcome["type"]] == ["Resource"]
    assert library.type_definition("SubscriptionStatus") is None
    fhir_type = library.structure_definition(CORE + "structuredefinition-fhir-type")
    assert fhir_type is not None
    assert {one["expression"] for one in fhir_type["context"]} == {
        "ElementDefinition.type.code",
        "ElementDefinition.type",
    }
