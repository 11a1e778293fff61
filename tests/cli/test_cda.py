"""passerelle cda check: findings by rule and place, one verdict a file, exit 2 when a file has an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Ran
from tests.pack.check.mutations import LEVEL_3

Passerelle = Callable[..., Ran]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A sound document, one with a warning, one with errors, and a file that is none."""
    texts = {
        "sound": LEVEL_3,
        "warned": LEVEL_3.replace("810100054328", "810100054329", 1),
        "broken": LEVEL_3.replace("fr-FR", "fr").replace("<suffix>DR<", "<suffix>Dr<"),
        "none": "no document",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.xml").write_text(text, "utf-8")
    return {name: tmp_path / f"{name}.xml" for name in texts}


def test_a_sound_document_and_one_with_warnings_pass(passerelle: Passerelle, files: dict[str, Path]) -> None:
    ran = passerelle("cda", "check", "--numbers", files["sound"], files["warned"])
    assert (ran.code, ran.err) == (0, "")
    assert f"{files['sound']}: valide (erreurs : 0, avertissements : 0)" in ran.out
    assert "warning CDA-IDE-PERSON: /ClinicalDocument/author[1]/assignedAuthor/id/@extension: " in ran.out


def test_keys_of_numbers_are_looked_at_on_demand(passerelle: Passerelle, files: dict[str, Path]) -> None:
    ran = passerelle("cda", "check", files["warned"])
    assert ran.out == f"{files['warned']}: valide (erreurs : 0, avertissements : 0)\n"


def test_every_fault_is_told_with_file_line_rule_place_and_remedy(
    passerelle: Passerelle, files: dict[str, Path]
) -> None:
    ran = passerelle("cda", "check", files["broken"])
    assert ran.code == 2
    first, second, verdict = ran.out.splitlines()
    line = LEVEL_3[: LEVEL_3.index("fr-FR")].count("\n") + 1
    assert first.startswith(
        f"{files['broken']}:{line}: error CDA-DOC-LANGUAGE-FORM: /ClinicalDocument/languageCode/@code:"
    )
    assert "Écrire par exemple fr-FR" in first
    assert "CDA-NAM-SUFFIX" in second
    assert verdict.endswith("non valide (erreurs : 2, avertissements : 0)")


def test_a_file_that_cannot_be_read_does_not_stop_the_others(passerelle: Passerelle, files: dict[str, Path]) -> None:
    ran = passerelle("cda", "check", files["none"], files["sound"], files["broken"], "--json")
    assert ran.code == 2
    told = json.loads(ran.out)
    assert [(one["file"], one["valid"]) for one in told] == [
        (str(files["none"]), False),
        (str(files["sound"]), True),
        (str(files["broken"]), False),
    ]
    assert [one["rule"] for one in told[0]["findings"]] == ["CDA-FILE-XML"]
    assert set(told[2]["findings"][0]) == {"rule", "severity", "path", "line", "fr", "en", "remedy", "remedy_en"}


def test_a_file_that_is_not_there_and_a_folder_are_told_beside_the_others(
    passerelle: Passerelle, files: dict[str, Path], tmp_path: Path
) -> None:
    ran = passerelle("cda", "check", tmp_path / "nowhere.xml", tmp_path, files["sound"])
    assert ran.code == 2
    assert f"{tmp_path / 'nowhere.xml'}: error CDA-FILE-READ: " in ran.out
    assert f"{tmp_path}: error CDA-FILE-READ: " in ran.out
    assert f"{files['sound']}: valide" in ran.out


def test_what_pack_writes_passes(passerelle: Passerelle, tmp_path: Path) -> None:
    assert passerelle("pack", EXAMPLES / "team.created.json", "--out", tmp_path).code == 0
    ran = passerelle("cda", "check", tmp_path / "document.xml", "--json")
    assert (ran.code, json.loads(ran.out)[0]["findings"]) == (0, [])
