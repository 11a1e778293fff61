"""A wrong table says every problem at once, with file, line and column."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gateway.translate import Dialects, MappingFault
from tests.strategies import terms

GOOD = """\
dialect: petit
version: "1"
source: invented
groups:
  patient:
    fields:
      identity_status: {path: /statut, verb: code, table: statut}
      local_id: {path: /dossier, verb: identifier, system: 1.2.3}
      given_names: {path: /prenoms, verb: text, list: true}
events:
  team.member-joined:
    when: {path: /type, is: AJOUT}
    fields:
      id: {path: /id, verb: text}
      occurred_at: {path: /quand, verb: instant}
      sender.rpps: {path: /de, verb: rpps}
      patient: {path: /patient, group: patient}
      team.id: {path: /equipe, verb: text}
      member.id: {path: /membre/id, verb: text}
      member.rpps: {path: /membre/rpps, verb: rpps}
codes:
  statut: {Q: qualified, P: provisional}
"""


def problems(folder: Path, *tables: str) -> list[str]:
    for index, table in enumerate(tables):
        (folder / f"t{index}.yaml").write_text(table, encoding="utf-8")
    with pytest.raises(MappingFault) as wrong:
        Dialects.load([folder], terms())
    assert wrong.value.code == "broken-mapping"
    return [str(problem).replace(f"{folder}/", "") for problem in wrong.value.problems]


def test_a_good_table_loads(tmp_path: Path) -> None:
    (tmp_path / "petit.yaml").write_text(GOOD, encoding="utf-8")
    assert Dialects.load([tmp_path], terms()).get("petit").source == "invented"


def test_only_the_tables_wanted_are_read(tmp_path: Path) -> None:
    (tmp_path / "petit.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "autre.yaml").write_text("dialect: autre\nevents: [", encoding="utf-8")
    assert list(Dialects.load([tmp_path], terms(), only=["petit"]).names) == ["petit"]
    with pytest.raises(MappingFault, match="not YAML"):
        Dialects.load([tmp_path], terms(), only=["autre"])


RULE = "      id: {path: /id, verb: text}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (RULE, "      id: {path: /id, verb: shout}", "14:29: no such verb: shout"),
        (RULE, "      id: {path: /id, verb: text, loud: true}", "14:35: verb text takes no loud; it takes nothing"),
        (RULE, "      id: {path: id, verb: text}", "14:18: a path begins with /"),
        (RULE, "      id: {verb: text}", "14:7: a rule needs a path"),
        (RULE, "      id: /id", "14:7: the rule of id is a mapping of names"),
        (RULE, "      id: {path: /id}", "14:7: id: a rule has one of verb, group or each"),
        (RULE, "      id: {path: /id, verb: flag}", "14:29: verb flag does not fill such a field"),
        (RULE, "      id: {path: /id, verb: text, list: true}", "14:7: id is no list"),
        (RULE, "      id: {path: /id, group: patient}", "14:7: id is one value"),
        (RULE, "      idd: {path: /id, verb: text}", "14:7: no such field: idd in MemberJoined"),
        (RULE, RULE + "\n" + RULE, '15:7: not YAML: found duplicate key "id"'),
        (RULE, "      id: {path: /id, verb: text", "15:18: not YAML"),
        ("/quand, verb: instant", "/quand, verb: local-time", "15:7: verb local-time: "),
        ("/quand, verb: instant", "/quand, verb: local-time, zone: Paris", "15:7: verb local-time: "),
        ("/quand, verb: instant", "/quand, verb: local-time, zone: 8", "15:59: zone is a text"),
        (
            "      team.id",
            "      sex: {path: /s, verb: text}\n      team.id",
            "18:7: no such field: sex in MemberJoined",
        ),
        (", list: true", "", "9:7: given_names is a list: add list: true"),
        ("/membre/rpps, verb", "/membre/id, verb", "20:7: /membre/id is read twice"),
        ("/membre/rpps, verb", "/equipe/rpps, verb", "20:7: /equipe/rpps is read twice"),
        ("path: /equipe", "path: /type", "18:7: /type is read twice"),
        ("group: patient}", "group: malade}", "17:40: no such group: malade"),
        ("group: patient}", "each: patient}", "17:7: patient is one object: use group"),
        ("group: patient}", "group: patient, short: sex}", "17:56: group patient has no single field sex"),
        ("group: patient}", "group: patient, list: true}", "17:49: a rule with group or each has no list"),
        ("    fields:\n      identity", "    include: patient\n    fields:\n      identity", "contains itself"),
        ("table: statut", "table: autre", "7:59: no such code table: autre"),
        ("table: statut", "table: statut, of: X99", "no such national list: X99"),
        ("P: provisional", "P: qualified", "22:26: code table statut: qualified is already written Q"),
        ("P: provisional", "P: maybe", "22:26: maybe is none of qualified, validated, retrieved, provisional"),
        ("P: provisional", "P: 3", "22:26: a code table joins their text"),
        ("  team.member-joined:", "  team.exploded:", "11:3: no such type of event: team.exploded"),
        ("    when: {path: /type, is: AJOUT}\n", "", "11:3: event team.member-joined needs when"),
        ("is: AJOUT", "is: 1.5", "12:29: a condition is a text, a whole number or true/false"),
        ("      team.id: {path: /equipe, verb: text}\n", "", "11:3: team is required in MemberJoined and has no rule"),
        ("      id: {path: /id, verb: text}\n", "", "11:3: id is required in MemberJoined and has no rule"),
        (
            "      member.id: {path: /membre/id, verb: text}\n",
            "",
            "11:3: member.id is required in Member and has no rule",
        ),
        ('version: "1"', "version: 1", "2:10: version is a text"),
        ("dialect: petit", "dialect: Le Petit", "1:10: a dialect's name is small letters"),
        ("source: invented\n", "", "1:1: a mapping table needs source"),
        ("codes:", "kodes:", "21:1: a mapping table has no kodes"),
    ],
)
def test_a_problem_is_told_with_its_line_and_column(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    found = problems(tmp_path, GOOD.replace(old, new, 1))
    told = f"t0.yaml:{said}" if said[0].isdecimal() else said
    assert any(told in one for one in found), found


def test_every_problem_of_every_table_is_told_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("verb: instant", "verb: shout").replace("/id, verb: text", "id, verb: text", 1)
    assert [one.partition(": ")[0] for one in problems(tmp_path, bad, bad)] == [
        "t0.yaml:14:18",
        "t0.yaml:15:41",
        "t1.yaml:14:18",
        "t1.yaml:15:41",
    ]


def test_two_tables_may_not_have_one_name(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD, GOOD) == ["t1.yaml:1:1: dialect petit is already told by t0.yaml"]


def test_two_events_told_alike_cannot_be_told_apart(tmp_path: Path) -> None:
    event = GOOD[GOOD.index("  team.member-joined") : GOOD.index("codes:")]
    twice = GOOD.replace("codes:", event.replace("joined", "left") + "codes:")
    assert "team.member-left cannot be told from team.member-joined" in problems(tmp_path, twice)[0]


@pytest.mark.parametrize("text", ["", "[]", "text", "dialect: [", "\x00", "- a\n- b: {"])
def test_a_file_that_is_no_table_is_a_problem_and_not_a_crash(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)[0].startswith("t0.yaml:")


def test_a_file_that_is_not_utf_8_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes("dialect: é".encode("latin-1"))
    with pytest.raises(MappingFault, match="cannot be read: UnicodeDecodeError"):
        Dialects.load([tmp_path], terms())


@pytest.mark.parametrize("rule", ["patient.sex: {path: /sexe, verb: text}", "member.id.x: {path: /x, verb: text}"])
def test_a_field_is_filled_once(tmp_path: Path, rule: str) -> None:
    found = problems(tmp_path, GOOD.replace("      team.id", f"      {rule}\n      team.id"))
    assert found[0].startswith("t0.yaml:18:7: ")
    assert "patient.sex is filled twice" in found[0] or "no such field: member.id.x" in found[0]


def test_yes_and_no_are_words_in_yaml_1_2(tmp_path: Path) -> None:
    rule = "      multiple_birth: {path: /jumeau, verb: flag, yes: YES, no: NO}\n      given_names"
    (tmp_path / "t.yaml").write_text(GOOD.replace("      given_names", rule), encoding="utf-8")
    told = Dialects.load([tmp_path], terms()).get("petit").told[0]
    patient = told.shape.rule(("patient",))
    assert patient is not None
    assert patient.shape is not None
    flag = patient.shape.rule(("multiple_birth",))
    assert flag is not None
    assert flag.verb is not None
    assert [flag.verb.inward(raw) for raw in ("YES", "NO")] == [True, False]


def _places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(place for key, value in inner for place in _places(value, (*at, key)))]


@settings(max_examples=50, deadline=None)
@given(
    data=st.data(),
    junk=st.sampled_from(
        [None, 0, 1.5, True, "", "x", "/x", "patient", "text", [], ["x"], {}, {"x": 1}, [[]], {1: {}}]
    ),
    renamed=st.booleans(),
)
def test_junk_anywhere_in_a_table_is_a_problem_and_never_a_crash(
    *, data: st.DataObject, junk: Any, renamed: bool
) -> None:
    tree = YAML(typ="safe", pure=True).load(GOOD)
    place = data.draw(st.sampled_from([at for at in _places(tree) if at]))
    inner = tree
    for step in place[:-1]:
        inner = inner[step]
    if renamed and isinstance(inner, dict) and isinstance(junk, (str, int, float, bool)):
        inner[junk] = inner.pop(place[-1])
    else:
        inner[place[-1]] = junk
    with TemporaryDirectory() as folder:
        (Path(folder) / "t.yaml").write_text(json.dumps(tree), encoding="utf-8")  # JSON is YAML
        try:
            Dialects.load([Path(folder)], terms())
        except MappingFault as wrong:
            told = wrong.problems
        else:
            return
    assert all(problem.line == 1 and problem.column >= 1 for problem in told)
