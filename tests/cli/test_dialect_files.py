"""Files of every practice software through every command: translate, --back, --trace, explain, pack, inspect, check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.model.event import KINDS
from tests.cli.conftest import EXAMPLES, Ran
from tests.cli.test_files import FILES, FORMATS, after, of

Passerelle = Callable[..., Ran]
ROOT = EXAMPLES.parent
SOME = [
    (dialect, kind) for dialect, kind in FILES if kind in ("team.created", "plan.activity-changed", "report.replaced")
]
"""One of each shape; every type is asked the same of `translate` itself."""


@pytest.mark.parametrize(("dialect", "kind"), SOME)
def test_a_file_becomes_a_bundle_and_comes_back_as_it_was(
    dialect: str, kind: str, passerelle: Passerelle, tmp_path: Path
) -> None:
    earlier = after(kind, dialect)
    bundle = passerelle("translate", of(kind, dialect), "--dialect", dialect, *earlier)
    assert bundle.code == 0, bundle.err
    (tmp_path / "bundle.json").write_text(bundle.out, "utf-8")
    back = passerelle("translate", "--back", tmp_path / "bundle.json", "--dialect", dialect, *earlier)
    assert back.code == 0, back.err
    written = of(kind, dialect).read_bytes()
    assert json.loads(back.raw) == json.loads(written) if FORMATS[dialect] == "json" else back.raw == written


@pytest.mark.parametrize("dialect", FORMATS)
def test_the_trace_names_the_line_of_the_table_and_the_place_in_the_file(dialect: str, passerelle: Passerelle) -> None:
    file = of("team.created", dialect)
    ran = passerelle("translate", file, "--dialect", dialect, "--trace", "--json")
    assert ran.code == 0, ran.err
    answer = json.loads(ran.out)
    assert answer["bundle"]["resourceType"] == "Bundle"
    traced = {one["at"]: one for one in answer["trace"]}
    family = traced["/team/members/1/family"]
    table = (ROOT / "mappings" / f"{dialect}.yaml").read_text("utf-8").splitlines()
    assert table[family["line"] - 1].strip().startswith("family:")
    body = file.read_bytes().decode("windows-1252" if dialect == "tablosoin" else "utf-8").splitlines()
    assert "BERNARD" in body[family["body_line"] - 1]
    lines = passerelle("translate", file, "--dialect", dialect, "--trace").out.splitlines()
    assert any("/team/members/1/family" in line and f"{dialect}.yaml:{family['line']}" in line for line in lines)
    assert not [line for line in lines if "BERNARD" in line]


@pytest.mark.parametrize("dialect", FORMATS)
@pytest.mark.parametrize("command", ["translate", "explain"])
def test_what_was_never_announced_is_told_at_its_place_in_the_file(
    command: str, dialect: str, passerelle: Passerelle
) -> None:
    file = of("team.member-joined", dialect)
    ran = passerelle(command, file, "--dialect", dialect)
    assert ran.code == 2
    line, column, rest = ran.err.removeprefix(f"{file}:").split(":", 2)
    team = json.loads((EXAMPLES / "team.member-joined.json").read_bytes())["team"]["id"]
    body = file.read_bytes().decode("windows-1252" if dialect == "tablosoin" else "utf-8").splitlines()
    assert team in body[int(line) - 1][int(column) - 1 :]
    assert "unknown-team" in rest
    assert "/team/id" not in rest


@pytest.mark.parametrize("dialect", FORMATS)
def test_explain_and_pack_read_every_dialect(dialect: str, passerelle: Passerelle, tmp_path: Path) -> None:
    words = (of("plan.created", dialect), "--dialect", dialect, *after("plan.created", dialect))
    told = passerelle("explain", *words, "--json")
    assert json.loads(told.out)["legs"], told.err
    assert passerelle("pack", *words, "--out", tmp_path).code == 0
    assert (tmp_path / "message.eml").stat().st_size > 1000


@pytest.mark.parametrize(("dialect", "kind"), SOME)
def test_inspect_recognises_whose_file_it_is(dialect: str, kind: str, passerelle: Passerelle) -> None:
    told = json.loads(passerelle("inspect", of(kind, dialect)).out)
    assert (told["kind"], told["dialect"], told["faults"]) == ("event", dialect, [])
    assert told["event"]["type"] == kind


def test_inspect_shows_each_event_of_a_file_that_holds_several(passerelle: Passerelle) -> None:
    told = json.loads(passerelle("inspect", EXAMPLES / "tablosoin" / "semaine.csv").out)
    assert told["kind"] == "events"
    assert [event["event"]["type"] for event in told["events"]] == [
        kind for _, kind in sorted((one["event"]["occurred_at"], one["event"]["type"]) for one in told["events"])
    ]
    assert {event["event"]["type"] for event in told["events"]} == {
        kind for dialect, kind in FILES if dialect == "tablosoin"
    }


def test_earlier_events_may_lie_in_one_file(passerelle: Passerelle) -> None:
    week = EXAMPLES / "tablosoin" / "semaine.csv"
    ran = passerelle("translate", of("team.closed", "tablosoin"), "--dialect", "tablosoin", "--after", week)
    assert ran.code == 2
    assert "team-closed" in ran.err  # the whole week was counted, and its end with it


@pytest.mark.parametrize("dialect", FORMATS)
def test_earlier_events_may_be_canonical_too(dialect: str, passerelle: Passerelle) -> None:
    joined = of("team.member-joined", dialect)
    ran = passerelle("translate", joined, "--dialect", dialect, "--after", of("team.created"))
    assert ran.code == 0, ran.err


def test_translate_takes_one_event_at_a_time(passerelle: Passerelle) -> None:
    ran = passerelle("translate", EXAMPLES / "tablosoin" / "semaine.csv", "--dialect", "tablosoin")
    assert ran.code == 2
    assert "one-event-only" in ran.err


@pytest.mark.parametrize("dialect", FORMATS)
def test_a_fault_is_told_with_the_line_of_the_file(dialect: str, passerelle: Passerelle, tmp_path: Path) -> None:
    body = of("team.created", dialect).read_bytes()
    assert b"10100034569" in body
    file = tmp_path / f"faux.{FORMATS[dialect]}"
    file.write_bytes(body.replace(b"10100034569", b"10100034568", 1))
    ran = passerelle("translate", file, "--dialect", dialect)
    line = body[: body.index(b"10100034569")].count(b"\n") + 1
    assert ran.code == 2
    assert f"{file}:{line}:" in ran.err
    assert "rpps-key" in ran.err
    assert "10100034568" not in ran.err
    (error,) = json.loads(passerelle("translate", file, "--dialect", dialect, "--json").err)["errors"]
    assert error["line"] == line


def test_check_mappings_finds_nothing_wrong_with_our_own(passerelle: Passerelle) -> None:
    ran = passerelle("check", "mappings", "--json")
    assert ran.code == 0, ran.out
    told = {one["dialect"]: one["types"] for one in json.loads(ran.out)["dialects"]}
    assert set(told) == {"canonical", *FORMATS}
    assert set(told["canonical"]) == set(KINDS)


def test_check_mappings_tells_every_problem_with_file_line_and_column(passerelle: Passerelle, tmp_path: Path) -> None:
    table = (ROOT / "mappings" / "logiflat.yaml").read_text("utf-8")
    wrong = table.replace("verb: rpps, prefix", "verb: rps, prefix", 1).replace(
        "      birth_name:  ", "      birth_nam:  ", 1
    )
    (tmp_path / "mien.yaml").write_text(wrong.replace("dialect: logiflat", "dialect: mien"), "utf-8")
    ran = passerelle("check", "mappings", tmp_path)
    assert ran.code == 2
    lines = wrong.splitlines()
    for mark in ("verb: rps", "birth_nam:"):
        number = next(index for index, line in enumerate(lines, 1) if mark in line)
        assert any(f"mien.yaml:{number}:" in line for line in ran.out.splitlines()), ran.out
    assert json.loads(passerelle("check", "mappings", tmp_path, "--json").out)["ok"] is False


def test_what_is_never_used_in_a_table_is_named_and_harms_nothing(passerelle: Passerelle, tmp_path: Path) -> None:
    table = (ROOT / "mappings" / "balisoin.yaml").read_text("utf-8").replace("dialect: balisoin", "dialect: mien")
    table += "  jamais: {A: M}\n"
    (tmp_path / "mien.yaml").write_text(table, "utf-8")
    ran = passerelle("check", "mappings", tmp_path / "mien.yaml")
    assert ran.code == 0
    assert f"mien.yaml:{len(table.splitlines())}:3: code table jamais is used nowhere" in ran.out
    assert "dialect mien 2, 12 of 12 types" in ran.out


def test_one_table_is_checked_whatever_lies_beside_it(passerelle: Passerelle, tmp_path: Path) -> None:
    table = (ROOT / "mappings" / "balisoin.yaml").read_text("utf-8").replace("dialect: balisoin", "dialect: mien")
    (tmp_path / "mien.yaml").write_text(table, "utf-8")
    (tmp_path / "autre.yaml").write_text("dialect: [", "utf-8")
    assert passerelle("check", "mappings", tmp_path / "mien.yaml").code == 0
    assert passerelle("check", "mappings", tmp_path).code == 2


def test_a_folder_without_tables_is_not_called_right(passerelle: Passerelle, tmp_path: Path) -> None:
    ran = passerelle("check", "mappings", tmp_path)
    assert ran.code == 2
    assert "no mapping table" in ran.err
    assert passerelle("translate", of("team.created"), "--mappings", tmp_path / "nowhere").code == 2


def test_check_says_when_a_software_speaks_what_no_table_tells(passerelle: Passerelle) -> None:
    passerelle("init")
    settings = Path("passerelle.yaml")
    settings.write_text(settings.read_text("utf-8").replace("{dialect: canonical}}", "{dialect: klingon}}", 1), "utf-8")
    ran = passerelle("check")
    assert ran.code == 2
    assert "mon-logiciel.dialect: no table tells klingon" in ran.out


def test_a_dialect_from_outside_needs_a_folder_and_no_code(passerelle: Passerelle, tmp_path: Path) -> None:
    shutil.copy(ROOT / "mappings" / "balisoin.yaml", tmp_path / "mon-logiciel.yaml")
    table = (tmp_path / "mon-logiciel.yaml").read_text("utf-8")
    (tmp_path / "mon-logiciel.yaml").write_text(table.replace("dialect: balisoin", "dialect: mon-logiciel"), "utf-8")
    words = (of("team.created", "balisoin"), "--dialect", "mon-logiciel", "--mappings", tmp_path)
    assert json.loads(passerelle("translate", *words).out)["type"] == "transaction"
    assert passerelle("explain", *words).code == 0
    assert passerelle("pack", *words, "--out", tmp_path / "out").code == 0
    assert passerelle("check", "mappings", tmp_path).code == 0
    assert passerelle("translate", *words[:3]).code == 2
