"""`passerelle profiles`: official packages from a registry, in a folder, and what of the list is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import wiring
from tests.cli.conftest import Ran
from tests.places.registry import LittleRegistry, made

Run = Callable[..., Ran]
UN = made("exemple.un", "1.0.0", dependencies={"exemple.deux": "dev"})


@pytest.fixture
def registry() -> Iterator[LittleRegistry]:
    with LittleRegistry({("exemple.un", "1.0.0"): UN}) as place:
        yield place


def test_named_packages_are_installed_and_told(passerelle: Run, tmp_path: Path, registry: LittleRegistry) -> None:
    words = ["profiles", "install", "exemple.un#1.0.0", "--into", str(tmp_path / "p"), "--registry", registry.url]
    ran = passerelle(*words, "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["ok"], told["into"]) == (0, True, str(tmp_path / "p"))
    assert [(one["package"], one["state"], one["wanted"]) for one in told["packages"]] == [
        ("exemple.un#1.0.0", "installed", True),
        ("exemple.deux#dev", "missing", False),
    ]
    assert "exemple.un#1.0.0: 0.0 / 0.0 Mo (100 %)" in ran.err
    ran = passerelle(*words)
    assert ran.code == 0
    assert "exemple.un#1.0.0: Déjà là." in ran.out
    assert "exemple.deux#dev (dépendance): Aucun registre n'a cette version." in ran.out


def test_a_package_that_is_not_there_in_the_end_is_exit_2(
    passerelle: Run, tmp_path: Path, registry: LittleRegistry
) -> None:
    words = ["profiles", "install", "--into", str(tmp_path), "--registry", registry.url]
    ran = passerelle(*words, "exemple.neuf#1.0.0", "exemple.un#1.0.0")
    assert ran.code == 2
    assert "exemple.neuf#1.0.0: Aucun registre n'a cette version." in ran.err
    assert "exemple.un#1.0.0: Installé." in ran.out
    registry.status = 500
    ran = passerelle(*words, "exemple.neuf#1.0.0")
    assert ran.code == 2
    assert "Aucun registre ne répond" in ran.err


def test_without_names_the_whole_list_is_asked_for(passerelle: Run, tmp_path: Path) -> None:
    with LittleRegistry({("hl7.fhir.r4.core", "4.0.1"): made("hl7.fhir.r4.core", "4.0.1")}) as registry:
        ran = passerelle("profiles", "install", "--into", str(tmp_path), "--registry", registry.url, "--json")
    states = {one["package"]: one["state"] for one in json.loads(ran.out)["packages"]}
    assert ran.code == 2
    assert states["hl7.fhir.r4.core#4.0.1"] == "installed"
    assert set(states) == set(wiring.installed([]))


def test_what_is_there_is_listed_and_missed_with_check(
    passerelle: Run, tmp_path: Path, registry: LittleRegistry
) -> None:
    passerelle("profiles", "install", "exemple.un#1.0.0", "--into", str(tmp_path), "--registry", registry.url)
    ran = passerelle("profiles", "list", "--into", str(tmp_path), "--json")
    told = {one["package"]: one["state"] for one in json.loads(ran.out)["packages"]}
    assert ran.code == 0
    assert (told["exemple.un#1.0.0"], told["hl7.fhir.r4.core#4.0.1"]) == ("other", "missing")
    assert told["ans.fhir.fr.mss#0.1.0-snapshot"] == "optional"
    assert registry.fetched() == ["/archives/exemple.un/1.0.0"]
    ran = passerelle("profiles", "install", "--check", "--into", str(tmp_path))
    assert ran.code == 2
    assert "hl7.fhir.r4.core#4.0.1: absent" in ran.out


def test_a_name_that_is_none_is_refused(passerelle: Run, tmp_path: Path) -> None:
    ran = passerelle("profiles", "install", "hl7.fhir.r4.core", "--into", str(tmp_path))
    assert ran.code == 2
    assert "ID#VERSION" in ran.err


def test_packages_go_where_the_settings_say_and_else_to_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert wiring.packages_place(None) == tmp_path / ".fhir" / "packages"
    monkeypatch.delenv("HOME")
    with pytest.raises(Exception, match="--into"):
        wiring.packages_place(None)


def test_check_says_which_packages_are_there(passerelle: Run, tmp_path: Path) -> None:
    passerelle("init", tmp_path)
    ran = passerelle("check")
    assert ran.code == 0
    assert "Aucun paquet FHIR officiel" in ran.out
    settings = tmp_path / "passerelle.yaml"
    settings.write_text(settings.read_text("utf-8") + "profiles: {packages: [paquets]}\n", "utf-8")
    ran = passerelle("check")
    assert ran.code == 2
    assert "paquets" in ran.out
    with LittleRegistry({("hl7.fhir.r4.core", "4.0.1"): made("hl7.fhir.r4.core", "4.0.1")}) as registry:
        passerelle("profiles", "install", "hl7.fhir.r4.core#4.0.1", "--registry", registry.url)
    ran = passerelle("check", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["packages"]["hl7.fhir.r4.core#4.0.1"] == "there"
    assert "Paquets FHIR de la liste absents : hl7.fhir.fr.core#2.1.0" in passerelle("check").out
