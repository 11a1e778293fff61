"""What is true of every dialect: it is one table, and what it tells is what was meant, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.journey.recall import Replayed
from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, Event
from gateway.translate import MappingFault, from_bundle, losses, read_vendor, to_bundle, write_vendor
from tests import strategies as some
from tests.strategies import events
from tests.translate.dialects import EXAMPLES, PRACTICES, ROOT, dialects, flat_events, told_by

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FILES = [(name, file) for name in PRACTICES for file in told_by(name)]


def named(value: object) -> str | None:
    return value.name if isinstance(value, Path) else None


# — our own, and a small one of the tests


@QUIET
@given(events())
def test_canonical_tells_every_event_exactly(event: Event) -> None:
    ours = dialects().get("canonical")
    assert read_vendor(write_vendor(event, ours), ours) == event


@QUIET
@given(flat_events())
def test_a_flat_french_dialect_tells_its_events_exactly(event: Event) -> None:
    theirs = dialects().get("soignons")
    assert read_vendor(write_vendor(event, theirs), theirs) == event


@pytest.mark.parametrize("file", EXAMPLES, ids=named)
def test_an_example_comes_back_as_it_was_written(file: Path) -> None:
    ours = dialects().get("canonical")
    again = write_vendor(read_vendor(file.read_bytes(), ours), ours)
    assert json.loads(again) == json.loads(file.read_bytes())


def test_canonical_tells_every_type() -> None:
    assert {told.kind.type for told in dialects().get("canonical").told} == set(KINDS)


def test_dialects_are_found_by_name() -> None:
    assert set(dialects().names) == {"canonical", "soignons", *PRACTICES}
    assert dialects().get("soignons").version == "4.2"
    with pytest.raises(Rejected) as wrong:
        dialects().get("klingon")
    assert [fault.code for fault in wrong.value.faults] == ["unknown-dialect"]


# — the practice software of the examples


def story(dialect: str) -> list[Event]:
    """The events of one dialect's files, as they happened."""
    spoken = dialects().get(dialect)
    told = (read_vendor(file.read_bytes(), spoken) for file in told_by(dialect))
    return sorted(told, key=lambda event: event.occurred_at.utc)


@pytest.mark.parametrize("dialect", PRACTICES)
def test_every_type_a_dialect_tells_has_its_example(dialect: str) -> None:
    told = {told.kind.type for told in dialects().get(dialect).told}
    assert {file.stem for file in told_by(dialect)} == told
    assert told <= set(KINDS)


@pytest.mark.parametrize(("dialect", "file"), FILES, ids=named)
def test_a_file_is_written_back_as_it_was(dialect: str, file: Path) -> None:
    spoken = dialects().get(dialect)
    event = read_vendor(file.read_bytes(), spoken)
    assert event.type == file.stem
    again = write_vendor(event, spoken)
    if spoken.format == "json":
        assert json.loads(again) == json.loads(file.read_bytes())
    else:
        assert again == file.read_bytes()
    assert read_vendor(again, spoken) == event


@pytest.mark.parametrize("dialect", PRACTICES)
def test_its_events_follow_from_each_other_and_come_back_from_their_bundles(dialect: str) -> None:
    memory = Replayed(())
    for event in story(dialect):
        before, now, _ = memory.count(event)
        bundle = to_bundle(event, now, some.terms())
        assert from_bundle(bundle, before, some.terms()) == event


@pytest.mark.parametrize(("dialect", "file"), FILES, ids=named)
def test_a_file_tells_the_canonical_example_as_far_as_it_carries_it_and_invents_nothing(
    dialect: str, file: Path
) -> None:
    example = next(one for one in EXAMPLES if one.stem == file.stem)
    said = set(leaves(form.write(read_vendor(file.read_bytes(), dialects().get(dialect)), short=False)))
    meant = set(leaves(form.write(read_vendor(example.read_bytes(), dialects().get("canonical")), short=False)))
    assert said <= meant
    for must in ("id", "occurred_at", "patient.ins.number", "sender.rpps"):
        assert must in {name for name, _ in said}


def leaves(tree: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """(dotted name without numbers, value) of each value: FINESS numbers written short or among the ids alike."""
    if isinstance(tree, dict):
        if tree.keys() == {"scheme", "value"} and tree["scheme"] == "FINESS":
            yield above.removesuffix(".ids") + ".finess", tree["value"]
            return
        for name, value in tree.items():
            yield from leaves(value, f"{above}.{name}".lstrip("."))
    elif isinstance(tree, list):
        for value in tree:
            yield from leaves(value, above)
    else:
        yield above, str(tree)


@pytest.mark.parametrize("dialect", PRACTICES)
def test_what_a_dialect_cannot_carry_is_the_report_beside_its_examples(dialect: str) -> None:
    from tests.cli.conftest import run

    spoken = dialects().get(dialect)
    printed = run("check", "mappings", ROOT / "mappings" / f"{dialect}.yaml", "--losses")
    assert printed.code == 0, printed.out
    report = (told_by(dialect)[0].parent / "losses.txt").read_text("utf-8")
    assert printed.out.partition("\n")[2] == report
    for kind in KINDS:
        assert (kind in losses(spoken)) is (f"{kind} does not carry" in report)


def test_the_three_differ_as_real_ones_do() -> None:
    assert {dialects().get(name).format for name in PRACTICES} == {"json", "xml", "csv"}
    assert [dialects().get(name).of("report.shared") is None for name in PRACTICES] == [False, False, True]


# — any words, not only those of the examples


@QUIET
@given(st.sampled_from(FILES), some.lines(), some.lines(), some.keys())
def test_any_name_is_told_back_exactly_or_said_to_be_unsayable(
    told: tuple[str, Path], birth: str, used: str, id: str
) -> None:
    dialect, file = told
    spoken = dialects().get(dialect)
    event = read_vendor(file.read_bytes(), spoken)
    event = replace(event, id=id, patient=replace(event.patient, birth_name=birth, used_name=used))
    try:
        body = write_vendor(event, spoken)
    except MappingFault:
        assume(spoken.format == "json")
        raise
    assert read_vendor(body, spoken) == event


@pytest.mark.parametrize("dialect", PRACTICES)
@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+33", "-1", "@x", "a;b", 'a"b', "a<b&c", "D'ARC", "1,5", "000123"])
def test_what_another_program_could_take_for_something_else_stays_a_name(dialect: str, name: str) -> None:
    spoken = dialects().get(dialect)
    event = story(dialect)[0]
    event = replace(event, patient=replace(event.patient, birth_name=name))
    assert read_vendor(write_vendor(event, spoken), spoken).patient.birth_name == name


def test_a_letter_the_encoding_has_not_is_named_and_never_replaced() -> None:
    spoken = dialects().get("tablosoin")
    event = story("tablosoin")[0]
    polish = replace(event, patient=replace(event.patient, birth_name="Łukasz"))
    with pytest.raises(MappingFault, match=r"tablosoin\.yaml"):
        write_vendor(polish, spoken)


# — faults, in the sender's own places

BROKEN = [
    ("logiflat", b"810100012342", b"810100012341", "rpps-key", "/emetteur_rpps"),
    ("logiflat", b'"QUALIFIEE"', b'"SUREMENT"', "unknown-code", "/pat_identite"),
    ("logiflat", b'"28/03/1979"', b'"1979-03-28"', "bad-date", "/pat_date_naissance"),
    ("balisoin", b">10100012342<", b">10100012341<", "rpps-key", "identifiant"),
    ("balisoin", b'cle="89"', b'cle="88"', "ins-key", "ins"),
    ("tablosoin", b"10100012342;MARTIN", b"10100012341;MARTIN", "rpps-key", 'column "Auteur RPPS"'),
    ("tablosoin", b"28/03/1979", b"31/02/1979", "bad-date", 'column "Né(e) le"'),
]


@pytest.mark.parametrize(("dialect", "right", "wrong", "code", "place"), BROKEN)
def test_a_fault_has_its_place_and_its_line_in_their_own_file(
    dialect: str, right: bytes, wrong: bytes, code: str, place: str
) -> None:
    spoken = dialects().get(dialect)
    body = next(file for file in told_by(dialect) if file.stem == "team.member-joined").read_bytes()
    assert right in body
    broken = body.replace(right, wrong, 1)
    with pytest.raises(Rejected) as refused:
        read_vendor(broken, spoken)
    (fault,) = refused.value.faults
    assert fault.code == code
    assert place in fault.pointer
    assert fault.line == broken[: broken.index(wrong)].count(b"\n") + 1


# — what the tests' own flat dialect writes


def test_the_flat_dialect_writes_french_names_codes_and_dates() -> None:
    joined = next(file for file in EXAMPLES if file.stem == "team.member-joined").read_bytes()
    event = read_vendor(joined, dialects().get("canonical"))
    local = event.patient.local_id
    assert local is not None
    flat = json.loads(joined)
    flat["patient"]["local_id"]["system"] = "1.2.250.1.999.7"
    event = read_vendor(json.dumps(flat).encode(), dialects().get("canonical"))
    told = json.loads(write_vendor(event, dialects().get("soignons")))
    assert told["evenement"] == "EQUIPE_AJOUT"
    assert told["version_format"] == "4.2"
    assert told["horodatage"] == "20/11/2026 09:30:00"
    assert told["emetteur_idnps"] == "810100012342"
    assert told["emetteur_profession"] == "MED"
    assert told["identite"] == 4
    assert told["date_naissance"] == "28/03/1979"
    assert told["ajout"]["etat_civil"] == {"nom": "DURAND", "prenom": "Luc"}
    assert told["ajout"]["depuis"] == "20/11/2026"
    assert "patient" not in told


def test_a_type_the_table_has_not_cannot_be_written() -> None:
    plan = next(file for file in EXAMPLES if file.stem == "plan.created").read_bytes()
    event = read_vendor(plan, dialects().get("canonical"))
    with pytest.raises(MappingFault, match=r"soignons\.yaml:1:1: dialect soignons does not tell plan\.created"):
        write_vendor(event, dialects().get("soignons"))


def test_a_value_a_verb_cannot_write_names_the_rule() -> None:
    joined = json.loads(next(file for file in EXAMPLES if file.stem == "team.member-joined").read_bytes())
    joined["patient"]["local_id"]["system"] = "1.2.250.1.999.7"
    joined["member"]["since"] = "2026-11"
    joined["member"]["profession"] = "91"
    event = read_vendor(json.dumps(joined).encode(), dialects().get("canonical"))
    with pytest.raises(MappingFault) as wrong:
        write_vendor(event, dialects().get("soignons"))
    told = [(Path(problem.file).name, problem.what) for problem in wrong.value.problems]
    assert told == [
        ("soignons.yaml", "cannot write profession: code table metier has no word for this code"),
        ("soignons.yaml", "cannot write since: no format for a date of this precision"),
    ]
    assert [problem.line for problem in wrong.value.problems] == [34, 35]
