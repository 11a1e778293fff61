"""passerelle validate: findings by place, profile and rule, one verdict a file, exit 2 when a file has an error."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cli.conftest import EXAMPLES, Ran

Passerelle = Callable[..., Ran]
PROFILE = "http://example.org/fhir/StructureDefinition/named-person"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user who has no FHIR packages and no cache."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A sound person, the same in XML, one with faults, a file that is none, and a profile of its own."""
    texts = {
        "sound.json": '{"resourceType": "Person", "name": [{"family": "Exemple"}]}',
        "sound.xml": '<Person xmlns="http://hl7.org/fhir"><name><family value="Exemple"/></name></Person>',
        "broken.json": '{"resourceType": "Person",\n"gender": "homme",\n"birthDate": "1970-02-30",\n"colour": 1}',
        "none.json": '{"resourceType":\n"Person",}',
        "profile.json": json.dumps(
            {
                "resourceType": "StructureDefinition",
                "url": PROFILE,
                "version": "1.0",
                "name": "NamedPerson",
                "status": "active",
                "kind": "resource",
                "abstract": False,
                "type": "Person",
                "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Person",
                "derivation": "constraint",
                "differential": {"element": [{"id": "Person.name", "path": "Person.name", "min": 1}]},
            }
        ),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    return {name: tmp_path / name for name in texts}


def test_sound_files_pass_in_json_and_xml(passerelle: Passerelle, files: dict[str, Path]) -> None:
    ran = passerelle("validate", files["sound.json"], files["sound.xml"])
    assert (ran.code, ran.err) == (0, "")
    for name in ("sound.json", "sound.xml"):
        assert f"{files[name]}: valide (erreurs : 0" in ran.out


def test_each_finding_has_its_file_line_severity_rule_place_and_sentence(
    passerelle: Passerelle, files: dict[str, Path]
) -> None:
    ran = passerelle("validate", files["broken.json"])
    assert ran.code == 2
    assert f"{files['broken.json']}:3: error date-format: Person.birthDate: Une date s'écrit AAAA" in ran.out
    assert f"{files['broken.json']}:4: error unknown-element: Person" in ran.out
    assert "homme" not in ran.out
    assert ran.out.splitlines()[-1].startswith(f"{files['broken.json']}: non valide (erreurs : ")


def test_json_has_the_fields_promised_and_speaks_the_language_asked(
    passerelle: Passerelle, files: dict[str, Path]
) -> None:
    told = json.loads(passerelle("validate", "--json", "--lang", "en", files["sound.json"], files["broken.json"]).out)
    assert [(one["file"], one["valid"]) for one in told] == [
        (str(files["sound.json"]), True),
        (str(files["broken.json"]), False),
    ]
    for finding in told[1]["findings"]:
        assert list(finding) == ["severity", "code", "path", "line", "profile", "rule", "text"]
    (date,) = (one for one in told[1]["findings"] if one["rule"] == "date-format")
    assert (date["severity"], date["code"], date["path"], date["line"]) == ("error", "value", "Person.birthDate", 3)
    assert date["text"].startswith("A date is YYYY")


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    passerelle: Passerelle, files: dict[str, Path], tmp_path: Path
) -> None:
    ran = passerelle("validate", "--json", tmp_path / "nowhere.json", tmp_path, files["none.json"], files["sound.json"])
    assert ran.code == 2
    told = json.loads(ran.out)
    assert [one["valid"] for one in told] == [False, False, False, True]
    assert [[finding["rule"] for finding in one["findings"]] for one in told[:3]] == [
        ["file-unreadable"],
        ["file-unreadable"],
        ["json-syntax"],
    ]
    assert told[2]["findings"][0]["line"] == 2


def test_a_profile_is_asked_for_by_its_canonical_and_given_in_a_file(
    passerelle: Passerelle, files: dict[str, Path]
) -> None:
    asked = ("validate", "--json", "--definitions", files["profile.json"], "--profile", PROFILE)
    assert passerelle(*asked, files["sound.json"]).code == 0
    ran = passerelle(*asked, files["broken.json"])
    (finding,) = (one for one in json.loads(ran.out)[0]["findings"] if one["rule"] == "min")
    assert (finding["path"], finding["profile"], finding["code"]) == ("Person", f"{PROFILE}|1.0", "required")


def test_a_profile_nobody_has_is_an_error_that_says_where_it_was_looked_for(
    passerelle: Passerelle, files: dict[str, Path]
) -> None:
    ran = passerelle("validate", "--json", "--profile", PROFILE, "--lang", "en", files["sound.json"])
    assert ran.code == 2
    (finding,) = (one for one in json.loads(ran.out)[0]["findings"] if one["severity"] == "error")
    assert (finding["rule"], finding["profile"]) == ("profile-not-found", PROFILE)
    assert "passerelle profiles install" in finding["text"]


def test_standard_input_is_a_file_too(
    passerelle: Passerelle, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = io.BytesIO(files["broken.json"].read_bytes())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=data))
    ran = passerelle("validate", "--json", "-")
    assert (ran.code, json.loads(ran.out)[0]["file"]) == (2, "-")


def test_outcomes_are_operation_outcomes_that_are_valid_themselves(
    passerelle: Passerelle, files: dict[str, Path], tmp_path: Path
) -> None:
    ran = passerelle("validate", "--outcome", files["sound.json"], files["broken.json"])
    outcomes = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, [one["resourceType"] for one in outcomes]) == (2, ["OperationOutcome", "OperationOutcome"])
    dates = [issue for issue in outcomes[1]["issue"] if issue["expression"] == ["Person.birthDate"]]
    assert dates[0]["location"] == ["Line 3"]
    assert dates[0]["details"]["coding"][0]["code"] == "date-format"
    for number, one in enumerate(outcomes):
        (tmp_path / f"outcome-{number}.json").write_text(json.dumps(one), "utf-8")
    again = passerelle("validate", "--json", tmp_path / "outcome-0.json", tmp_path / "outcome-1.json")
    assert [one for told in json.loads(again.out) for one in told["findings"] if one["severity"] == "error"] == []


def test_what_translate_writes_can_be_validated(passerelle: Passerelle, tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text(passerelle("translate", EXAMPLES / "team.created.json").out, "utf-8")
    told = json.loads(passerelle("validate", "--json", tmp_path / "bundle.json").out)
    assert not [one for one in told[0]["findings"] if one["severity"] == "fatal"]


def test_definitions_that_cannot_be_read_are_refused_at_once(passerelle: Passerelle, files: dict[str, Path]) -> None:
    ran = passerelle("validate", "--definitions", files["none.json"], files["sound.json"])
    assert (ran.code, ran.out) == (2, "")
    assert "none.json" in ran.err
