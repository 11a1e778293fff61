"""The validator a gateway judges with: our profiles, and the packages of its settings at the versions we pin."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from bench.validate import files, varied
from gateway.config import Settings
from gateway.model.errors import Broken
from gateway.wiring.conformance import validator_of
from tests.api.conftest import settings


def with_packages(*places: Path) -> Settings:
    """Settings that name these places."""
    tree = settings().model_dump(mode="json", exclude_unset=True)
    return Settings.model_validate(tree | {"profiles": {"packages": [str(place) for place in places]}})


def package(folder: Path, id: str, version: str) -> None:
    """A package without definitions."""
    inner = folder / f"{id}#{version}" / "package"
    inner.mkdir(parents=True)
    manifest = {"name": id, "version": version, "fhirVersions": ["4.0.1"]}
    (inner / "package.json").write_text(json.dumps(manifest), "utf-8")


def test_a_guide_in_another_version_than_ours_judges_nothing(tmp_path: Path) -> None:
    for id, version in (("hl7.fhir.fr.core", "2.1.0"), ("hl7.fhir.fr.core", "2.2.0"), ("org.example", "9.9.9")):
        package(tmp_path, id, version)
    found = {(one.id, one.version) for one in validator_of(with_packages(tmp_path))().library.packages}
    assert {("hl7.fhir.fr.core", "2.1.0"), ("org.example", "9.9.9")} <= found
    assert ("hl7.fhir.fr.core", "2.2.0") not in found


def test_it_is_opened_once_and_not_before_it_is_asked_for(tmp_path: Path) -> None:
    package(tmp_path, "org.example", "1.0.0")
    opening = validator_of(with_packages(tmp_path))
    assert opening() is opening()


def test_a_place_without_packages_is_told_at_the_start(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Broken, match="No FHIR package"):
            validator_of(with_packages(place))


def test_eight_threads_that_share_a_validator_find_what_one_finds() -> None:
    texts = [*files().values(), *islice(varied(files()["resource"]), 8)]
    one = validator_of(settings())()
    alone = [one.check(text).findings for text in texts]
    shared = validator_of(settings())()  # fresh: the threads compile what they ask, at the same time
    with ThreadPoolExecutor(8) as threads:
        order = [[(at + turn) % len(texts) for at in range(len(texts))] for turn in range(8)]
        told = threads.map(lambda turn: {at: shared.check(texts[at]).findings for at in turn}, order)
    assert all(found[at] == alone[at] for found in told for at in range(len(texts)))
    assert any(finding.severity == "error" for found in alone for finding in found)
