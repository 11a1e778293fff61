"""What a practice software sends wrong comes back with every fault at once, each at its place in its own body."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.model.event import read_event
from gateway.model.faults import Fault
from gateway.translate import point, read_vendor, write_vendor
from tests.translate.dialects import EXAMPLES, dialects

Tree = dict[str, Any]


def example(kind: str) -> Tree:
    file = next(file for file in EXAMPLES if file.stem == kind)
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def flat() -> Tree:
    """The member who joined, as the flat dialect tells it."""
    tree = example("team.member-joined")
    tree["patient"]["local_id"]["system"] = "1.2.250.1.999.7"
    return json.loads(write_vendor(read_event(tree), dialects().get("soignons")))  # type: ignore[no-any-return]


def faults(tree: Any, name: str = "canonical") -> list[Fault]:
    with pytest.raises(Rejected) as wrong:
        read_vendor(json.dumps(tree).encode(), dialects().get(name))
    return list(wrong.value.faults)


def said(tree: Any, name: str = "canonical") -> list[tuple[str, str]]:
    return [(fault.code, fault.pointer) for fault in faults(tree, name)]


def put(path: str, value: Any) -> Callable[[Tree], None]:
    def change(tree: Any) -> None:
        *parents, last = [int(step) if step.isdecimal() else step for step in path[1:].split("/")]
        for step in parents:
            tree = tree[step]
        tree[last] = value

    return change


def drop(name: str) -> Callable[[Tree], None]:
    return lambda tree: tree.pop(name)


OURS: list[tuple[str, Callable[[Tree], Any], list[tuple[str, str]]]] = [
    ("wrong INS key", put("/patient/ins/number", "279035121518988"), [("ins-key", "/patient/ins/number")]),
    ("short INS", put("/patient/ins/number", "2790351215189"), [("ins-form", "/patient/ins/number")]),
    ("INS with spaces", put("/patient/ins/number", "2 79 03 51 215 189 89"), [("ins-form", "/patient/ins/number")]),
    ("wrong RPPS key", put("/member/rpps", "10100054329"), [("rpps-key", "/member/rpps")]),
    ("RPPS as a number", put("/member/rpps", 10100054328), [("wrong-type", "/member/rpps")]),
    (
        "wrong FINESS",
        put("/sender/organization/ids/0/value", "750043219"),
        [("finess-key", "/sender/organization/ids/0/value")],
    ),
    (
        "unknown scheme",
        put("/sender/organization/ids/0/scheme", "IBAN"),
        [("unknown-code", "/sender/organization/ids/0/scheme")],
    ),
    ("unknown type", put("/type", "team.exploded"), [("unknown-type", "/type")]),
    ("type of the second wave", put("/type", "note.sent"), [("unsupported-type", "/type")]),
    ("type as a list", put("/type", ["team.created"]), [("unknown-type", "/type")]),
    ("no type", drop("type"), [("missing-field", "/type")]),
    ("null type", put("/type", None), [("null-field", "/type")]),
    ("unknown field", put("/member/nonsense", 1), [("unknown-field", "/member/nonsense")]),
    ("unknown field with a slash", put("/x~y", 1), [("unknown-field", "/x~0y")]),
    ("another type's field", put("/report", {}), [("unknown-field", "/report")]),
    ("null", put("/patient/sex", None), [("null-field", "/patient/sex")]),
    ("no patient", drop("patient"), [("missing-field", "/patient")]),
    ("patient as a text", put("/patient", "DUPONT"), [("wrong-type", "/patient")]),
    ("no zone", put("/occurred_at", "2026-11-20T09:30:00"), [("bad-instant", "/occurred_at")]),
    ("no such day", put("/patient/birth_date", "1979-02-30"), [("bad-date", "/patient/birth_date")]),
    (
        "line break in a name",
        put("/patient/birth_name", "DUP\r\nX-MSS: 1"),
        [("control-character", "/patient/birth_name")],
    ),
    ("unknown profession", put("/member/profession", "11"), [("unknown-code", "/member/profession")]),
    ("unknown role", put("/member/roles/0", "CHEF"), [("unknown-code", "/member/roles/0")]),
    (
        "profession of a list that is none",
        put("/member/profession", {"list": "R38", "code": "SM54"}),
        [("unknown-code", "/member/profession/list")],
    ),
    (
        "profession with a field too many",
        put("/member/profession", {"code": "60", "x": 1}),
        [("unknown-field", "/member/profession/x")],
    ),
    ("short ground unknown", put("/team/ground", "friendship"), [("unknown-code", "/team/ground")]),
    ("long ground unknown", put("/team/ground", {"kind": "friendship"}), [("unknown-code", "/team/ground/kind")]),
    ("no member id", lambda tree: tree["member"].pop("id"), [("missing-field", "/member/id")]),
    ("a relative and a professional", put("/member/related", {"name": "X"}), [("member-kind", "/member")]),
    ("local id as a text", put("/patient/local_id", "P-42"), [("wrong-type", "/patient/local_id")]),
    (
        "recipient named twice",
        put("/recipients", [{"member": "M-1", "role": "PCP"}]),
        [("recipient-kind", "/recipients/0")],
    ),
    ("recipients as an object", put("/recipients", {}), [("wrong-type", "/recipients")]),
    (
        "wrong FINESS in short",
        put("/sender/organization/finess", "750043219"),
        [("finess-key", "/sender/organization/finess")],
    ),
    ("wrong SIRET of a recipient", put("/recipients", [{"siret": "1"}]), [("siren-form", "/recipients/0/siret")]),
    ("600 names", put("/patient/given_names", ["A"] * 600), [("too-many", "/patient/given_names")]),
]


@pytest.mark.parametrize(("what", "change", "expected"), OURS, ids=[what for what, _, _ in OURS])
def test_a_fault_is_told_at_its_place_in_our_own_words(what: str, change: Any, expected: list[tuple[str, str]]) -> None:
    tree = example("team.member-joined")
    change(tree)
    assert said(tree) == expected


THEIRS: list[tuple[str, Callable[[Tree], Any], list[tuple[str, str]]]] = [
    ("wrong INS key", put("/patient_matricule", "279035121518988"), [("ins-key", "/patient_matricule")]),
    ("RPPS without prefix", put("/emetteur_idnps", "10100012342"), [("wrong-type", "/emetteur_idnps")]),
    ("wrong RPPS key", put("/emetteur_idnps", "810100012343"), [("rpps-key", "/emetteur_idnps")]),
    ("wrong FINESS", put("/emetteur_finess", "750043219"), [("finess-key", "/emetteur_finess")]),
    ("unknown trade", put("/emetteur_profession", "SORCIER"), [("unknown-code", "/emetteur_profession")]),
    ("status as a text", put("/identite", "4"), [("unknown-code", "/identite")]),
    ("English date", put("/date_naissance", "1979-03-28"), [("bad-date", "/date_naissance")]),
    ("no such day", put("/date_naissance", "30/02/1979"), [("bad-date", "/date_naissance")]),
    ("an hour that never was", put("/horodatage", "29/03/2026 02:30:00"), [("bad-instant", "/horodatage")]),
    ("a flag in English", put("/naissance_multiple", "Y"), [("wrong-type", "/naissance_multiple")]),
    ("unknown event", put("/evenement", "EQUIPE_EXPLOSE"), [("unknown-type", "/evenement")]),
    ("no event", drop("evenement"), [("missing-field", "/evenement")]),
    ("unknown field", put("/surnom", "x"), [("unknown-field", "/surnom")]),
    ("unknown field inside", put("/ajout/etat_civil/surnom", "x"), [("unknown-field", "/ajout/etat_civil/surnom")]),
    ("a text for an object", put("/ajout/etat_civil", "Luc"), [("wrong-type", "/ajout/etat_civil")]),
    ("no date of birth", drop("date_naissance"), [("missing-field", "/date_naissance")]),
    ("no status", drop("identite"), [("missing-field", "/identite")]),
    ("no member", drop("ajout"), [("missing-field", "/ajout")]),
    ("no team", drop("equipe"), [("missing-field", "/equipe")]),
    ("no ref", lambda tree: tree["ajout"].pop("ref"), [("missing-field", "/ajout/ref")]),
    ("unknown ground", put("/ajout/fondement", "AMITIE"), [("unknown-code", "/ajout/fondement")]),
    (
        "unknown long ground",
        put("/ajout/fondement", {"nature": "AMITIE"}),
        [("unknown-code", "/ajout/fondement/nature")],
    ),
]


@pytest.mark.parametrize(("what", "change", "expected"), THEIRS, ids=[what for what, _, _ in THEIRS])
def test_a_fault_is_told_at_its_place_in_their_words(what: str, change: Any, expected: list[tuple[str, str]]) -> None:
    tree = flat()
    change(tree)
    assert said(tree, "soignons") == expected


def test_a_missing_field_is_named_in_their_words() -> None:
    tree = flat()
    del tree["date_naissance"]
    assert [fault.about for fault in faults(tree, "soignons")] == ["date_naissance"]


def test_every_fault_is_told_at_once() -> None:
    tree = example("team.created")
    tree["nonsense"] = 1
    tree["patient"]["ins"]["number"] = "279035121518988"
    tree["sender"]["specialty"] = "SM99"
    tree["team"]["members"][0]["rpps"] = "1"
    tree["team"]["members"][2].pop("id")
    assert set(said(tree)) == {
        ("unknown-field", "/nonsense"),
        ("ins-key", "/patient/ins/number"),
        ("unknown-code", "/sender/specialty"),
        ("rpps-form", "/team/members/0/rpps"),
        ("missing-field", "/team/members/2/id"),
    }


def test_a_fault_of_the_table_is_not_told_a_second_time_by_the_model() -> None:
    tree = example("report.shared")
    tree["report"]["type"] = "00000-0"
    assert [(fault.code, fault.about) for fault in faults(tree)] == [("unknown-code", "J07")]


def test_no_fault_holds_the_value_received() -> None:
    tree = example("report.shared")
    tree["patient"]["birth_name"] = "SECRET\n"
    tree["report"]["type"] = "SECRET"
    tree["report"]["document"]["data"] = "SECRET!"
    assert "SECRET" not in repr(faults(tree))


def test_two_members_of_one_id_are_told_at_the_second() -> None:
    tree = example("team.created")
    tree["team"]["members"][3] = {**tree["team"]["members"][2]}
    assert said(tree) == [("duplicate-member", "/team/members/3/id")]


def test_ten_thousand_members_are_too_many() -> None:
    tree = example("team.created")
    tree["team"]["members"] = [{**tree["team"]["members"][1], "id": f"M-{n}"} for n in range(10_000)]
    assert [(fault.code, fault.pointer, fault.about) for fault in faults(tree)] == [
        ("too-many", "/team/members", "500")
    ]


def test_a_flood_of_unknown_fields_is_told_in_part() -> None:
    assert len(faults({**example("plan.created"), **{f"x{n}": 1 for n in range(5_000)}})) == 1_000


def test_an_endless_key_is_not_repeated() -> None:
    assert said({**example("plan.created"), "k" * 1_000: 1}) == [("unknown-field", "")]


def test_data_that_is_not_base64_is_refused() -> None:
    tree = example("report.shared")
    tree["report"]["document"]["data"] = "JVBERi0xLjQ*"
    assert said(tree) == [("bad-base64", "/report/document/data")]


def test_an_ins_on_an_identity_that_is_not_qualified_is_read_and_stays_inside() -> None:
    tree = example("plan.created")
    tree["patient"]["identity_status"] = "retrieved"
    patient = read_vendor(json.dumps(tree).encode(), dialects().get("canonical")).patient
    assert patient.ins is not None
    assert patient.outgoing_ins is None


def test_a_fault_found_later_finds_its_place_in_the_body_that_was_read() -> None:
    body = json.dumps(flat()).encode()
    (fault,) = point([Fault("unknown-team", ("team", "id"))], body, dialects().get("soignons"))
    assert (fault.code, fault.pointer) == ("unknown-team", "/equipe")


def _places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(place for key, value in inner for place in _places(value, (*at, key)))]


JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.just([])
    | st.just({})
    | st.just([[{}]])
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(["canonical", "soignons"]), JUNK)
def test_junk_anywhere_is_read_or_rejected_with_a_place_and_never_a_crash(
    data: st.DataObject, name: str, junk: Any
) -> None:
    tree = flat() if name == "soignons" else example(data.draw(st.sampled_from(sorted(file.stem for file in EXAMPLES))))
    place = data.draw(st.sampled_from([at for at in _places(tree) if at]))
    inner: Any = tree
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = junk
    try:
        read_vendor(json.dumps(tree).encode(), dialects().get(name))
    except Rejected as wrong:
        told = wrong.faults
    else:
        told = ()
    for fault in told:
        assert fault.text.fr
        inside: Any = tree
        for step in fault.pointer.split("/")[1:-1]:  # every step but the last leads somewhere
            step = step.replace("~1", "/").replace("~0", "~")
            inside = inside[int(step) if isinstance(inside, list) else step]


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(EXAMPLES), st.binary(max_size=8))
def test_torn_bytes_are_read_or_rejected_and_never_a_crash(data: st.DataObject, file: Path, junk: bytes) -> None:
    body = file.read_bytes()
    first, second = sorted((data.draw(st.integers(0, len(body))), data.draw(st.integers(0, len(body)))))
    torn = body[:first] + junk + body[second:]
    try:
        read_vendor(torn, dialects().get("canonical"))
    except Rejected as wrong:
        told = wrong.faults
    else:
        return
    assert all(fault.text.fr for fault in told)
