"""What is doubtful in a table is found before anybody sends a body."""

from __future__ import annotations

from pathlib import Path

from gateway.translate import check_tables, limits
from tests.strategies import terms
from tests.translate.speech import WRITTEN, speak, table

ROOT = Path(__file__).parents[2]


def found(folder: Path, lines: str, *, more: str = "", event: str = "") -> list[str]:
    (folder / "t.yaml").write_text(table(lines, more=more, event=event), "utf-8")
    places = [ROOT / "mappings" / "canonical.yaml", folder]
    return [problem.what for problem in check_tables(places, terms())]


def test_the_tables_of_the_project_are_beyond_doubt() -> None:
    assert check_tables([ROOT / "mappings", WRITTEN], terms()) == ()


def test_a_rule_that_is_never_reached_is_named(tmp_path: Path) -> None:
    lines = """
patient.birth_name:
        - {path: /nom, or: [/autre], verb: text}
        - {path: /autre, verb: text, case: upper}
"""
    assert found(tmp_path, lines) == ["never reached: /autre is read by an earlier rule"]


def test_groups_and_code_tables_nobody_uses_are_named(tmp_path: Path) -> None:
    more = "groups: {seul: {fields: {}}}\ncodes: {vide: {A: B}}"
    assert sorted(found(tmp_path, "", more=more)) == ["code table vide is used nowhere", "group seul is used nowhere"]


def test_a_code_that_no_list_of_its_field_has_is_named(tmp_path: Path) -> None:
    line = "member.profession: {path: /m, verb: code, table: metier}"
    assert found(tmp_path, line, more='codes: {metier: {A: "10", B: "999"}}') == [
        "code table metier: 999 is not in G15"
    ]


def test_every_problem_of_every_file_is_told_at_once_and_none_raised(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("dialect: [", "utf-8")
    (tmp_path / "b.yaml").write_text(table("idd: {path: /x, verb: text}"), "utf-8")
    told = [str(problem) for problem in check_tables([tmp_path], terms())]
    assert len(told) == 2
    assert "a.yaml:" in told[0]
    assert "no such field: idd" in told[1]
    assert "did you mean id?" in told[1]


def test_two_tables_of_one_name_are_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(table(""), "utf-8")
    (problem,) = check_tables([tmp_path], terms())
    assert "dialect essai is already told by" in problem.what


def test_what_a_rule_cannot_write_is_told_by_field() -> None:
    lines = """
patient.birth_date: {path: /ne_le, verb: day, format: "%d/%m/%Y"}
patient.given_names: {paths: [/prenom1, /prenom2], verb: text, list: true}
"""
    said = limits(speak(lines))["team.member-joined"]
    assert ("patient.birth_date", "a month without day") in said
    assert ("patient.given_names", "more than 2 of them, or in another order") in said
    assert ("sender.rpps", "anything but what the table always says") in said
    assert ("patient.local_id", "identifiers of another owner than 1.2.3") in said
