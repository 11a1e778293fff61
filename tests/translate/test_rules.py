"""Each word of the grammar, read and written back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.model.event import MemberJoined
from gateway.translate import Dialect, MappingFault, read_vendor, write_vendor
from tests.translate.speech import BODY, faults, load, problems, read, speak


def both_ways(dialect: Dialect, **places: Any) -> MemberJoined:
    """The event of a body that is written back just as it was."""
    event = read(dialect, **places)
    assert isinstance(event, MemberJoined)
    assert json.loads(write_vendor(event, dialect)) == {**BODY, **places}
    assert read(dialect, **json.loads(write_vendor(event, dialect))) == event
    return event


def test_what_the_dialect_always_says_needs_no_place() -> None:
    event = both_ways(speak(""))
    assert event.sender.rpps is not None
    assert event.team.id == "T-1"


def test_a_constant_that_cannot_be_is_a_problem_of_the_table() -> None:
    assert problems("patient.sex: {value: X}")[0].startswith("patient.sex cannot be that: ")
    assert problems("patient.birth_date: {value: 1979-13-01}")[0].startswith("patient.birth_date cannot be that: ")
    assert "member.organization is an object" in problems("member.organization: {value: x}")[0]


def test_a_constant_alone_makes_no_object_beside_values_that_are_absent() -> None:
    dialect = speak("patient.address.city: {path: /ville, verb: text}\npatient.address.country: {value: FR}")
    assert both_ways(dialect).patient.address is None
    address = both_ways(dialect, ville="BOURG").patient.address
    assert address is not None
    assert (address.city, address.country) == ("BOURG", "FR")


def test_the_first_place_that_is_there_is_read_and_the_first_of_all_is_written() -> None:
    dialect = speak("patient.birth_name: {path: /nom, or: [/nom_naissance, /nomUsuel], verb: text}")
    assert read(dialect, nomUsuel="B").patient.birth_name == "B"
    assert read(dialect, nom_naissance="A", nomUsuel="B").patient.birth_name == "A"
    assert both_ways(dialect, nom="A").patient.birth_name == "A"


def test_a_value_cut_by_length_is_put_together_and_cut_again() -> None:
    dialect = speak("patient.ins: {paths: [/nir, /cle], lengths: [13, 2], verb: ins, kind: NIR-TEST}")
    event = both_ways(dialect, nir="2790351215189", cle="89")
    assert event.patient.ins is not None
    assert event.patient.ins.number == "279035121518989"
    assert [(one.code, one.pointer) for one in faults(dialect, cle="89")] == [("missing-field", "/nir")]
    assert [(one.code, one.pointer) for one in faults(dialect, nir="2790351215189", cle="88")] == [("ins-key", "/nir")]


def test_a_date_and_an_hour_of_two_places_make_one_instant() -> None:
    line = 'patient.deceased_at: {paths: [/le, /a], verb: local-time, zone: Europe/Paris, format: "%d/%m/%Y %H:%M"}'
    event = both_ways(speak(line), le="20/11/2026", a="09:30")
    assert event.patient.deceased_at is not None
    assert event.patient.deceased_at.text == "2026-11-20T09:30:00+01:00"


def test_a_rule_is_used_only_where_its_condition_holds_and_makes_it_hold() -> None:
    lines = """
member.specialty: {path: /code, verb: text, only: {path: /genre, is: SPE}}
member.function: {path: /code, verb: text, only: {path: /genre, in: [FON, FCT]}}
"""
    dialect = speak(lines)
    assert both_ways(dialect, genre="SPE", code="SM54").member.specialty == "SM54"
    assert both_ways(dialect, genre="FON", code="interne").member.function == "interne"
    assert read(dialect, genre="FCT", code="interne") == read(dialect, genre="FON", code="interne")
    assert [(one.code, one.pointer) for one in faults(dialect, genre="X", code="y")] == [("unknown-field", "/code")]


def test_two_rules_may_not_read_one_place_unless_their_conditions_exclude_each_other() -> None:
    lines = "member.specialty: {path: /code, verb: text}\nmember.function: {path: /code, verb: text}"
    assert problems(lines) == ["/code is read twice"]
    only = lines.replace("/code, verb: text}", "/code, verb: text, only: {path: /g, is: A}}")
    assert problems(only) == ["/code is read twice"]


def test_one_of_several_places_of_one_name_is_told_by_what_stands_in_it() -> None:
    lines = """
member.specialty: {path: "/codes[type=SPE]/valeur", verb: text}
member.function: {path: "/codes[type=FON][rang=1]/valeur", verb: text}
"""
    dialect = speak(lines)
    spe, fon = {"type": "SPE", "valeur": "SM54"}, {"type": "FON", "rang": 1, "valeur": "interne"}
    event = both_ways(dialect, codes=[spe, fon])
    assert (event.member.specialty, event.member.function) == ("SM54", "interne")
    assert read(dialect, codes=[fon, spe]) == event
    assert [(one.code, one.pointer) for one in faults(dialect, codes=[spe, {"type": "X", "valeur": "y"}])] == [
        ("unknown-field", "/codes/1")
    ]
    assert [one.pointer for one in faults(dialect, codes=[spe, {**spe}])] == ["/codes/1"]
    assert [one.pointer for one in faults(dialect, codes=[fon, {**spe, "x": 1}])] == ["/codes/1/x"]


def test_a_list_of_theirs_may_hold_objects_of_two_groups() -> None:
    more = """
groups:
  medecin: {fields: {family: {path: /nom, verb: text}}}
  aidant: {fields: {role: {value: CAREGIVER}, name: {path: /nom, verb: text}}}
"""
    lines = """
patient.treating_physician: {path: "/entourage[lien=MT]", group: medecin}
patient.contacts: {path: "/entourage[lien=AIDANT]", each: aidant}
"""
    entourage = [{"lien": "MT", "nom": "A"}, {"lien": "AIDANT", "nom": "B"}, {"lien": "AIDANT", "nom": "C"}]
    event = both_ways(speak(lines, more=more), entourage=entourage)
    assert event.patient.treating_physician is not None
    assert [contact.name for contact in event.patient.contacts] == ["B", "C"]


def test_an_item_is_meant_by_its_number() -> None:
    dialect = speak("patient.birth_name: {path: /noms/0, verb: text}\npatient.used_name: {path: /noms/1, verb: text}")
    event = both_ways(dialect, noms=["A", "B"])
    assert (event.patient.birth_name, event.patient.used_name) == ("A", "B")
    assert [one.pointer for one in faults(dialect, noms=["A", "B", "C"])] == ["/noms/2"]
    with pytest.raises(MappingFault, match="nothing to write before it"):
        write_vendor(read(dialect, noms=["A"]).__class__(**_without_first(read(dialect, noms=["A", "B"]))), dialect)


def _without_first(event: Any) -> dict[str, Any]:
    from dataclasses import fields, replace

    said = {field.name: getattr(event, field.name) for field in fields(event)}
    return {**said, "patient": replace(event.patient, birth_name=None)}


def test_a_list_may_be_one_text() -> None:
    dialect = speak('patient.given_names: {path: /prenoms, verb: text, split: ", "}')
    assert both_ways(dialect, prenoms="MARIE, ANNE").patient.given_names == ("MARIE", "ANNE")
    assert read(dialect, prenoms=" MARIE ,ANNE,").patient.given_names == ("MARIE", "ANNE")
    dialect = speak('patient.given_names: {path: /prenoms, verb: text, split: "\\n"}')
    assert both_ways(dialect, prenoms="MARIE LOU\nANNE").patient.given_names == ("MARIE LOU", "ANNE")
    assert read(dialect, prenoms="MARIE LOU \r\n ANNE\r\n").patient.given_names == ("MARIE LOU", "ANNE")


def test_a_list_may_be_a_single_value_or_several_places() -> None:
    dialect = speak("member.roles: {path: /role, verb: code, of: [R260, R259], list: one}")
    assert [role.code for role in both_ways(dialect, role="PCP").member.roles] == ["PCP"]
    dialect = speak("patient.given_names: {paths: [/prenom1, /prenom2, /prenom3], verb: text, list: true}")
    assert both_ways(dialect, prenom1="A", prenom2="B").patient.given_names == ("A", "B")
    assert read(dialect, prenom2="B").patient.given_names == ("B",)


def test_a_list_may_be_put_together_from_places_of_different_kinds() -> None:
    more = """
groups:
  fixe: {fields: {system: {value: phone}, use: {value: home}, value: {path: /tel, verb: text}}}
  mobile: {fields: {system: {value: phone}, use: {value: mobile}, value: {path: /portable, verb: text}}}
"""
    dialect = speak("patient.telecom: {items: [{group: fixe}, {group: mobile}]}", more=more)
    event = both_ways(dialect, tel="01", portable="06")
    assert [(one.use, one.value) for one in event.patient.telecom] == [("home", "01"), ("mobile", "06")]
    assert [(one.use, one.value) for one in both_ways(dialect, portable="06").patient.telecom] == [("mobile", "06")]
    assert both_ways(dialect).patient.telecom == ()


def test_a_group_may_lie_in_columns_with_a_prefix() -> None:
    more = """
groups:
  proche: {fields: {role: {value: NOK}, name: {path: /nom, verb: text}, phone: {path: /tel, verb: text}}}
"""
    line = "patient.contacts: {items: [{group: proche, prefix: proche1_}, {group: proche, prefix: proche2_}]}"
    dialect = speak(line, more=more)
    event = both_ways(dialect, proche1_nom="A", proche2_nom="B", proche2_tel="06")
    assert [(one.name, one.phone) for one in event.patient.contacts] == [("A", None), ("B", "06")]
    assert [one.pointer for one in faults(dialect, proche1_nom="A", proche3_nom="B")] == ["/proche3_nom"]


def test_one_text_may_hold_two_fields() -> None:
    dialect = speak("member.family, member.given: {path: /nom, verb: full-name}")
    event = both_ways(dialect, nom="DE LA TOUR Anne Marie")
    assert (event.member.family, event.member.given) == ("DE LA TOUR", "Anne Marie")
    assert [one.code for one in faults(dialect, nom="Anne")] == ["wrong-type"]
    dialect = speak('member.family, member.given: {path: /nom, verb: split, separator: "^"}')
    assert both_ways(dialect, nom="Martin^Anne").member.given == "Anne"
    assert both_ways(dialect, nom="Martin").member.given is None


def test_one_code_may_hold_two_fields() -> None:
    more = 'codes: {metier: {MG: ["10", SM54], IDE: ["60", null]}}'
    dialect = speak("member.profession, member.specialty: {path: /metier, verb: code, table: metier}", more=more)
    assert both_ways(dialect, metier="MG").member.specialty == "SM54"
    assert both_ways(dialect, metier="IDE").member.specialty is None


def test_more_words_are_read_than_are_written() -> None:
    more = "codes: {sexe: {H: M, F: F}}\ncodes-read: {sexe: {M: M, Homme: M}}"
    dialect = speak("patient.sex: {path: /sexe, verb: code, table: sexe}", more=more)
    assert {read(dialect, sexe=word).patient.sex for word in ("H", "M", "Homme")} == {"M"}
    assert json.loads(write_vendor(read(dialect, sexe="Homme"), dialect))["sexe"] == "H"


def test_a_word_of_ours_may_name_its_list() -> None:
    more = 'codes: {role: {MED: PCP, COORD: {list: R85, code: "330"}}}'
    dialect = speak("member.roles: {path: /roles, verb: code, table: role, list: true}", more=more)
    roles = both_ways(dialect, roles=["COORD", "MED"]).member.roles
    assert [(role.list, role.code) for role in roles] == [("R85", "330"), (None, "PCP")]


def test_what_is_not_said_has_a_default_and_words_for_nothing_say_nothing() -> None:
    dialect = speak("patient.multiple_birth: {path: /jumeau, verb: flag, yes: O, no: N, default: N}")
    assert read(dialect).patient.multiple_birth is False
    assert read(dialect, jumeau="O").patient.multiple_birth is True
    dialect = speak("patient.birth_name: {path: /nom, verb: text, blank: NC, blank-read: [INCONNU, 0]}")
    assert {read(dialect, nom=word).patient.birth_name for word in ("NC", "INCONNU", 0)} == {None}
    assert json.loads(write_vendor(read(dialect), dialect))["nom"] == "NC"


def test_null_and_empty_may_mean_absent() -> None:
    dialect = speak("patient.birth_name: {path: /nom, verb: text}", more="empty: absent")
    assert read(dialect, nom=None) == read(dialect, nom="") == read(dialect)
    assert [one.code for one in faults(speak("patient.birth_name: {path: /nom, verb: text}"), nom=None)] == [
        "null-field"
    ]


def test_an_object_is_never_taken_for_a_word_for_nothing() -> None:
    lines = "patient.address: {path: /adresse, group: adresse}"
    more = "empty: absent\ngroups: {adresse: {fields: {city: {path: /ville, verb: text}}}}"
    address = read(speak(lines, more=more), adresse={"ville": "PARIS"}).patient.address
    assert address is not None
    assert address.city == "PARIS"


def test_places_known_and_not_carried_are_passed_over_others_are_not() -> None:
    dialect = speak("", more="ignore: [/meta, /suivi/vu]")
    assert read(dialect, meta={"x": [1]}, suivi={"vu": True}) == read(dialect)
    assert [one.pointer for one in faults(dialect, suivi={"lu": True})] == ["/suivi/lu"]
    assert read(speak("", more='ignore: "/*"'), x=1, y={}) == read(speak(""))


WRAPPED = """\
dialect: essai
version: "1"
source: invented
ignore: [/entete]
groups:
  message:
    always: [{path: /v, is: 2}]
    ignore: [/vu]
    fields:
      id: {path: /id, verb: text}
      occurred_at: {paths: [/jour, /heure], join: T, verb: instant}
      sender.rpps: {value: "10100012342"}
      patient: {path: /patient, group: patient}
      team.id: {path: /equipe, verb: text}
  patient:
    fields:
      identity_status: {value: provisional}
      local_id: {path: "/ids[type=IPP]/valeur", verb: identifier, system: 1.2.3}
  membre:
    fields:
      id: {path: /membre, verb: text, only: {path: /sorte, is: P}}
      rpps: {value: "10100054328"}
events:
  team.created: {within: /corps/creer, include: message}
  team.member-joined: {within: /corps/ajouter, include: message, fields: {member: {group: membre}}}
  team.member-left: {within: /corps/retirer, include: message, fields: {member: {group: membre}}}
"""


def test_messages_wrapped_in_a_name_of_their_own_share_their_groups() -> None:
    dialect = load(WRAPPED)
    inner = {"id": "1", "jour": "2026-11-20", "heure": "09:30:00+01:00", "equipe": "T", "v": 2}
    inner |= {"patient": {"ids": [{"type": "IPP", "valeur": "P-1"}]}, "membre": "M-1", "sorte": "P"}
    body = {"corps": {"ajouter": inner}}
    event = read_vendor(json.dumps({"entete": {"x": 1}, **body}).encode(), dialect)
    assert event.type == "team.member-joined"
    assert json.loads(write_vendor(event, dialect)) == body
    assert (
        read_vendor(json.dumps({"corps": {"retirer": inner | {"vu": 1}}}).encode(), dialect).type == "team.member-left"
    )

    def told(body: object) -> list[tuple[str, str]]:
        return [(one.code, one.pointer) for one in faults(dialect, json.dumps(body).encode())]

    assert told({"corps": {"ajouter": inner | {"jour": "hier", "vue": 1, "sorte": "Q"}}}) == [
        ("unknown-field", "/corps/ajouter/vue"),
        ("unknown-field", "/corps/ajouter/membre"),
        ("bad-instant", "/corps/ajouter/jour"),
        ("missing-field", "/corps/ajouter/membre"),
    ]
    assert told({"corps": {"ajouter": inner, "retirer": inner}}) == [("unknown-field", "/corps/retirer")]
    assert told({"corps": {"supprimer": inner}}) == [("unknown-type", "/corps")]
    assert told({"vu": 1, **body}) == [("unknown-field", "/vu")]


def test_the_one_of_several_that_is_missing_is_named_by_what_tells_it() -> None:
    dialect = load(WRAPPED.replace("id: {path: /id, verb: text}", 'id: {path: "/ids[type=EVT]/v", verb: text}', 1))
    patient = {"ids": [{"type": "IPP", "valeur": "P-1"}]}
    inner = {"jour": "2026-11-20", "heure": "09:30:00+01:00", "equipe": "T", "patient": patient}
    body = {"corps": {"creer": inner | {"ids": [{"type": "DOS", "v": "1"}]}}}
    assert [(one.code, one.pointer, one.about) for one in faults(dialect, json.dumps(body).encode())] == [
        ("unknown-field", "/corps/creer/ids/0", ""),
        ("missing-field", "/corps/creer/ids", "ids[type=EVT]/v"),
    ]


def test_one_message_within_another_cannot_be_told_from_it() -> None:
    with pytest.raises(MappingFault) as wrong:
        load(WRAPPED.replace("/corps/retirer", "/corps/ajouter/x").replace("/corps/creer", "/corps"))
    assert [problem.what for problem in wrong.value.problems] == [
        "team.member-joined cannot be told from team.created: give them another value at one path",
        "team.member-left cannot be told from team.created, team.member-joined: give them another value at one path",
    ]


def test_a_place_that_always_holds_the_same_word_is_written_and_asked_for() -> None:
    dialect = speak("", more='always: {path: /version, is: "4.2"}')
    assert json.loads(write_vendor(read(dialect), dialect))["version"] == "4.2"
    assert [(one.code, one.pointer) for one in faults(dialect, version="5")] == [("unknown-code", "/version")]
    assert read(speak("", more='always: {path: /v, is: "4.2"}\nignore: [/v]'), v="5") == read(dialect)


def test_several_rules_may_speak_of_one_field() -> None:
    lines = """
patient.deceased_at:
  - {path: /deces_le, verb: day, format: "%d/%m/%Y"}
  - {path: /deces, verb: local-time, zone: Europe/Paris}
"""
    dialect = speak(lines.replace("\n  -", "\n        -"))
    assert both_ways(dialect, deces_le="20/11/2026").patient.deceased_at is not None
    assert both_ways(dialect, deces="2026-11-20T09:30:00").patient.deceased_at is not None


@pytest.mark.parametrize(
    ("options", "theirs", "ours", "written"),
    [
        ("prefix: FR-", "FR-A", "A", "FR-A"),
        ("suffix: '#'", "A#", "A", "A#"),
        ('remove: " ."', "0 1.2 3", "0123", "0123"),
        ("pad: 5", "1000", "01000", "01000"),
        ("case: upper", "Dupont", "DUPONT", "DUPONT"),
        ("numeric: true, pad: 5", 1000, "01000", 1000),
    ],
)
def test_their_wording_is_taken_away_and_put_back(options: str, theirs: Any, ours: str, written: Any) -> None:
    dialect = speak(f"patient.birth_name: {{path: /nom, verb: text, {options}}}")
    event = read(dialect, nom=theirs)
    assert event.patient.birth_name == ours
    assert json.loads(write_vendor(event, dialect))["nom"] == written


def test_events_are_told_apart_by_what_is_there() -> None:
    dialect = speak("", kind="/kind")
    assert [one.code for one in faults(dialect)] == ["missing-field"]
    assert [(one.code, one.pointer) for one in faults(dialect, kind="X")] == [("unknown-type", "/kind")]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("member.role: {path: /r, verb: text}", "no such field: member.role in MemberJoined; did you mean roles?"),
        ("member.roles: {path: /r, verb: text}", "verb text does not fill such a field; code can"),
        ("member.roles: {path: /r, verb: code}", "is a list: add list: true, or list: one"),
        ("patient.sex: {path: /s, verb: code, tabel: x}", "did you mean table?"),
        ("patient.sex: {path: s, verb: text}", "a path begins with /"),
        ('patient.sex: {path: "/s[a=1]b", verb: text}', "after a condition in brackets comes / or the end"),
        ('patient.sex: {path: "/s[a=1]", verb: text}', "after a condition in brackets comes the place of a value"),
        ("patient.sex: {paths: [/a], verb: text}", "paths is a list of two paths or more"),
        ("patient.sex: {paths: [/a, /b], lengths: [1], verb: text}", "lengths gives the characters of each path"),
        ("patient.sex: {path: /s, verb: text, only: {path: /x}}", "only has one of is, in or present"),
        ("patient.sex: {path: /s, verb: split}", "verb split fills several fields"),
        ("patient.sex: {path: /s, verb: flag}", "text, code can"),
        ("patient.telecom: {items: []}", "a list: items are rules"),
        ("patient.contacts: {rows: true, each: x}", "no such group: x"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_with_what_to_write_instead(lines: str, said: str) -> None:
    assert any(said in problem for problem in problems(lines)), problems(lines)
