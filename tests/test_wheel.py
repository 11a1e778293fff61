"""The wheel carries what the product needs: in an empty environment, it translates an event of each dialect."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what the project tracks, so that nothing lying about comes in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in filter(None, tracked):
        target = source / name.decode()
        if (ROOT / name.decode()).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name.decode(), target)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = out.glob("*.whl")
    return built


def test_tables_profiles_examples_migrations_and_the_page_travel_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
    for wanted in (
        "gateway/mappings/canonical.yaml",
        "gateway/mappings/logiflat.yaml",
        "gateway/mappings/balisoin.yaml",
        "gateway/mappings/tablosoin.yaml",
        "gateway/examples/tablosoin/semaine.csv",
        "gateway/mappings/tables/J07.csv",
        "gateway/profiles/README.md",
        "gateway/profiles/packages.yaml",
        "gateway/validate/models/lists.json",
        "gateway/validate/models/invariants.json",
        "gateway/examples/team.created.json",
        "gateway/examples/routes.yaml",
        "gateway/mappings/tables/X04-archives.csv",
        "gateway/pack/style/page.typ",
        "gateway/pack/style/document.typ",
        "gateway/pack/style/look.typ",
        "gateway/web/style/passerelle.css",
        "gateway/web/templates/base.html",
        "gateway/record/migrations/versions/0001_first_tables.py",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith("tests/")]


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    constraints = ["-c", str(ROOT / "constraints.txt")] if (ROOT / "constraints.txt").exists() else []
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-q", *constraints, str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, text=True)
    return folder


DIALECTS = {"canonical": "team.created.json"} | {
    name: f"{name}/team.created.{suffix}"
    for name, suffix in (("logiflat", "json"), ("balisoin", "xml"), ("tablosoin", "csv"))
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_wheel_installed_in_an_empty_environment_translates_an_event(
    dialect: str, environment: Path, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "examples" / DIALECTS[dialect], tmp_path / "event")
    ran = subprocess.run(
        [environment / "bin" / "passerelle", "translate", "event", "--dialect", dialect],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(ran.stdout)["type"] == "transaction"


def test_the_wheel_installed_in_an_empty_environment_makes_checks_and_archives_documents(
    environment: Path, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "examples" / "team.created.json", tmp_path)

    def run(*words: str) -> str:
        command = [environment / "bin" / "passerelle", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    run("pack", "team.created.json", "--out", "pli")
    (checked,) = json.loads(run("cda", "check", "pli/document.xml", "--json"))
    assert (checked["valid"], checked["findings"]) == (True, [])
    run("xdm", "build", "pli/document.xml", "--out", "archive.zip")
    (document,) = json.loads(run("xdm", "read", "archive.zip", "--json"))["documents"]
    assert document["size"] == (tmp_path / "pli" / "document.xml").stat().st_size


def test_the_wheel_installed_in_an_empty_environment_validates_without_any_package(
    environment: Path, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "examples" / "team.created.json", tmp_path)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [environment / "bin" / "passerelle", *words]
        alone = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=alone)

    bundle = json.loads(run("translate", "team.created.json").stdout)
    (tmp_path / "right.json").write_text(json.dumps(bundle))
    (team,) = (one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "CareTeam")
    del team["name"]
    (tmp_path / "wrong.json").write_text(json.dumps(bundle))
    assert run("validate", "right.json").returncode == 0
    ours = "https://passerelle.example.org/fhir/StructureDefinition/passerelle-team-creation"
    refused = run("validate", "--json", "--profile", ours, "right.json", "wrong.json")
    assert refused.returncode == 2
    right, wrong = json.loads(refused.stdout)
    assert (right["valid"], wrong["valid"]) == (True, False)
    assert "min" in {one["rule"] for one in wrong["findings"] if one["severity"] == "error"}
