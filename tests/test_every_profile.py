"""Every definition of ours in profiles/: judged with nothing but what travels with the product.

A definition is one file; beside it, a good example and a bad one whose tag names the one rule it breaks, and where.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs.generator.profiles import definitions
from gateway.model.event import Event
from gateway.translate import acknowledgement, audit_event, profile_of
from gateway.translate.fhir import names
from gateway.validate import Finding, Validator, open_library
from tests.cli.conftest import run
from tests.conftest import SHARED
from tests.translate.fhir.events import PROJECT, TERMS, story, to_bundle
from tests.translate.fhir.test_audit import RECORD
from tests.translate.fhir.test_delivery import EXCHANGE, LEG

JSON = dict[str, Any]

FOLDER = PROJECT / "profiles"
EXAMPLES = FOLDER / "examples"
FILES = sorted(FOLDER.glob("*.json"))
BROKEN = f"{names.ROOT}/CodeSystem/broken-rule"

each = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def read(file: Path) -> JSON:
    """A file as JSON."""
    tree: JSON = json.loads(file.read_bytes())
    return tree


@cache
def validator() -> Validator:
    """One that knows no package."""
    return Validator(open_library(own=FOLDER))


def errors(resource: JSON, profile: str) -> list[Finding]:
    """What makes a resource wrong by its type, and by one of our profiles."""
    report = validator().check_tree(resource, profiles=[profile])
    return [one for one in report.findings if one.severity in ("error", "fatal")]


def judged(file: Path, example: JSON) -> list[tuple[str, str]]:
    """Rule and place of every error of an example; extensions are judged where they stand."""
    definition = read(file)
    profiles = [definition["url"]] if definition["kind"] == "resource" else []
    found = validator().check_tree(example, profiles=profiles).findings
    return [(one.rule, one.path) for one in found if one.severity in ("error", "fatal")]


@each
def test_the_good_example_conforms(file: Path) -> None:
    assert judged(file, read(EXAMPLES / f"{file.stem}.good.json")) == []


@each
def test_the_bad_example_breaks_the_one_rule_it_names_where_it_says(file: Path) -> None:
    bad = read(EXAMPLES / f"{file.stem}.bad.json")
    (tag,) = (one for one in bad["meta"]["tag"] if one["system"] == BROKEN)
    assert judged(file, bad) == [(tag["code"], tag["display"])]


@each
def test_a_definition_is_called_as_its_file_and_lives_under_our_root(file: Path) -> None:
    definition = read(file)
    assert file.stem in (definition["id"], f"extension-{definition['id']}")
    assert definition["url"] == f"{names.ROOT}/StructureDefinition/{definition['id']}"
    assert definition["derivation"] == "constraint"


@each
def test_a_snapshot_holds_what_is_checked_and_nothing_people_read(file: Path) -> None:
    said = {name for element in read(file)["snapshot"]["element"] for name in element}
    assert said.isdisjoint({"definition", "short", "comment", "requirements", "mapping", "alias", "example", "base"})


def test_every_example_belongs_to_a_definition() -> None:
    known = {f"{file.stem}.{word}.json" for file in FILES for word in ("good", "bad")}
    assert {file.name for file in EXAMPLES.iterdir()} == known


@pytest.mark.skipif(not (SHARED / "fhir-packages").is_dir(), reason="the FHIR packages are not on this machine")
def test_the_files_are_what_their_bases_and_the_model_make_of_them() -> None:
    """Written by `make profiles`."""
    made = definitions([SHARED / "fhir-packages"])
    assert set(made) == set(FILES)
    assert [file.name for file in FILES if file.read_text("utf-8") != made[file]] == []


@pytest.mark.parametrize("kind", sorted(story()))
def test_the_bundle_of_every_kind_of_event_conforms_without_any_package(kind: str) -> None:
    event, _, known = story()[kind]
    assert errors(to_bundle(event, known, TERMS), profile_of(type(event))) == []


def test_every_kind_of_event_has_its_profile_here() -> None:
    kinds: list[type[Event]] = [type(event) for event, _, _ in story().values()]
    assert {profile_of(kind) for kind in kinds} <= {read(file)["url"] for file in FILES}


def test_an_audit_entry_and_an_acknowledgement_conform() -> None:
    assert errors(audit_event(RECORD, "passerelle/cpts-exemple"), names.profile("audit-event")) == []
    assert errors(acknowledgement(EXCHANGE, LEG), names.profile("delivery")) == []


def test_the_profile_of_the_guide_is_one_file_and_judges_as_the_guide_says(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "howto" / "profile.md").read_text("utf-8")
    profile, team = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    (command,) = re.findall(r"```sh\npasserelle (.*?)\n```", page)
    (tmp_path / "cpts-care-team.json").write_text(profile, "utf-8")
    (tmp_path / "team.json").write_text(team, "utf-8")
    without = json.loads(team)
    del without["participant"][0]["role"]
    (tmp_path / "without.json").write_text(json.dumps(without), "utf-8")
    words = [str(tmp_path / word) if word.endswith(".json") else word for word in command.split()]
    assert run(*words).code == 0
    words[-1] = str(tmp_path / "without.json")
    ran = run(*words, "--json")
    (told,) = json.loads(ran.out)
    (error,) = (one for one in told["findings"] if one["severity"] == "error")
    assert ran.code == 2
    assert (error["rule"], error["path"]) == ("min", "CareTeam.participant[0]")
    assert error["profile"].startswith("https://cpts.example.org/")
