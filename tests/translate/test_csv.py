"""Tables of text: one row an event, or several; read in their encoding, written so that nothing runs."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.model.event import TeamCreated
from gateway.translate import MappingFault, read_many, read_vendor, split, write_vendor
from gateway.translate.body.csv_reading import rows, write_cell
from tests.translate.speech import WRITTEN, speak, written

TEXT = (WRITTEN / "lot.csv").read_bytes().decode("windows-1252").replace("\r\n", "\n")


def table(text: str = TEXT) -> bytes:
    return text.replace("\n", "\r\n").encode("windows-1252")


def told(body: bytes) -> list[tuple[str, str, int, int]]:
    with pytest.raises(Rejected) as wrong:
        read_many(body, written("tableur"))
    return [(one.code, one.pointer, one.line, one.column) for one in wrong.value.faults]


def test_rows_of_one_key_are_one_event_with_its_members() -> None:
    first, second = read_many(table(), written("tableur"))
    assert (first.where, second.where) == ("rows 2-3", "row 5")
    assert isinstance(first.event, TeamCreated)
    assert [member.family for member in first.event.team.members] == ["DURAND", "=cmd|x"]
    assert first.event.team.name == 'L\'équipe; "A"'
    address = first.event.patient.address
    assert address is not None
    assert (address.postal_code, address.country) == ("01000", "FR")


def test_each_event_of_a_file_is_a_body_of_its_own_and_comes_back_exactly() -> None:
    theirs = written("tableur")
    for part in split(table(), theirs):
        event = read_vendor(part.body, theirs)
        body = write_vendor(event, theirs)
        assert read_vendor(body, theirs) == event
        assert write_vendor(read_vendor(body, theirs), theirs) == body


def test_the_api_takes_one_event() -> None:
    with pytest.raises(Rejected) as wrong:
        read_vendor(table(), written("tableur"))
    assert [(one.code, one.pointer, one.line) for one in wrong.value.faults] == [("one-event-only", "row 5", 5)]


@pytest.mark.parametrize(
    ("right", "wrong", "code", "pointer", "line", "column"),
    [
        ("10100054328", "10100054329", "rpps-key", 'row 2, column "RPPS"', 2, 94),
        ("21/11/2026;10:00", "21/11/2026;25:00", "bad-instant", 'row 5, column "Date"', 5, 10),
        ("01/02/1950", "1950", "bad-date", 'row 2, column "Né le"', 2, 44),
        ("DUPONT;;;;;;y", "DURAND;;;;;;y", "rows-differ", 'row 2, column "Nom"', 2, 32),
        ("AJOUT;E2", "FETE;E2", "unknown-type", 'row 5, column "Événement"', 5, 1),
        ("Ville;", "Commune;", "unknown-field", 'row 2, column "Commune"', 2, 60),
        (";X;PROV", ";X;CHEF", "unknown-code", 'row 5, column "Rôles"', 5, 70),
    ],
)
def test_a_fault_has_its_row_its_column_and_its_line_in_the_file(
    right: str, wrong: str, code: str, pointer: str, line: int, column: int
) -> None:
    assert right in TEXT
    found = read_many(table(TEXT.replace(right, wrong, 1)), written("tableur"))
    told = [one for item in found if isinstance(item.event, Rejected) for one in item.event.faults]
    assert [(one.code, one.pointer, one.line, one.column) for one in told] == [(code, pointer, line, column)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", ("not-csv", "", 1, 0)),
        (table('a;b\n"x;1\n2;3\n'), ("not-csv", "", 2, 1)),
        (table('a;b\n1;x"y\n'), ("not-csv", "", 2, 3)),
        (table("a;b\n1\n"), ("row-length", "row 2", 2, 0)),
        (table("a;b\n1;2;3\n"), ("row-length", "row 2", 2, 0)),
        (table("a;a\n1;2\n"), ("duplicate-column", "row 1", 1, 2)),
        (b"a;b\r\n1;\x00\r\n", ("not-csv", "", 2, 0)),
        (b"a;\x81\r\n", ("wrong-encoding", "", 1, 0)),
        (b"a;b\r\n", ("not-csv", "", 1, 0)),
        (b";" * 1_000_000, ("too-many", "", 1, 0)),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_table_is_refused_as_a_whole_at_an_exact_place(
    body: bytes, expected: tuple[str, str, int, int]
) -> None:
    begin = time.process_time()
    if body == b"a;b\r\n":
        with pytest.raises(Rejected) as wrong:
            read_vendor(body, written("tableur"))
        assert [(one.code, one.pointer, one.line, one.column) for one in wrong.value.faults] == [expected]
    else:
        assert told(body) == [expected]
    assert time.process_time() - begin < 2


def test_rows_of_another_key_are_another_event() -> None:
    second = "20/11/2026;09:30;P-1;DUPONT;;"
    apart = table(TEXT.replace(f"EQUIPE;E1;{second}", f"EQUIPE;E9;{second}"))
    assert len(read_many(apart, written("tableur"))) == 3


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5), st.sampled_from(";,\t|"))
def test_any_cells_come_back_exactly_and_none_begins_as_a_formula(cells: list[str], delimiter: str) -> None:
    line = delimiter.join(write_cell(cell, delimiter) for cell in cells)
    found = rows(line + "\r\n", delimiter)
    assert [list(row.cells) for row in found] == ([cells] if any(cells) else [])
    shown = [write_cell(cell, delimiter).strip('" ') for cell in cells]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in shown if not cell.isspace())


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+33", "-1", "@x", "'=x", "''=x", "'t Hooft", " x ", 'a"b', "a;b"])
def test_a_name_is_a_name_whatever_a_spreadsheet_would_make_of_it(name: str) -> None:
    theirs = written("tableur")
    event = read_vendor(split(table(), theirs)[1].body, theirs)
    named = replace(event, patient=replace(event.patient, birth_name=name))
    body = write_vendor(named, theirs)
    assert read_vendor(body, theirs) == named
    assert f";{name}".encode("cp1252") not in body or name[0] not in "=+-@"


def test_a_letter_the_encoding_has_not_is_refused_in_writing() -> None:
    theirs = written("tableur")
    event = read_vendor(split(table(), theirs)[1].body, theirs)
    with pytest.raises(MappingFault, match="a character that windows-1252 does not have"):
        write_vendor(replace(event, patient=replace(event.patient, birth_name="Łódź")), theirs)


def test_rows_may_be_told_apart_by_a_column_and_a_table_may_have_no_heading() -> None:
    more = """
format: csv
csv: {delimiter: tab, encoding: utf-8-bom, key: id, heading: false, newline: lf,
      columns: [genre, type, id, quand, dossier, membre, nom, tel]}
groups:
  proche: {fields: {role: {value: NOK}, name: {path: /nom, verb: text}, phone: {path: /tel, verb: text}}}
"""
    lines = "patient.contacts: {rows: true, each: proche, where: {path: /genre, is: PROCHE}}"
    theirs = speak(lines, more=more)
    said = "AJOUT\t1\t2026-11-20T09:30:00+01:00\tP-1\tM-1"
    body = f"\ufeffPROCHE\t{said}\tAnne\t06\nPROCHE\t{said}\tLuc\t\n".encode()
    event = read_vendor(body, theirs)
    assert [(one.name, one.phone) for one in event.patient.contacts] == [("Anne", "06"), ("Luc", None)]
    assert write_vendor(event, theirs) == body


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("{delimiter: ab}", "delimiter is one character"),
        ("{encoding: klingon}", "encoding is utf-8"),
        ("{key: 3}", "key names columns"),
        ("{heading: false}", "false when columns names them all"),
        ("{columns: [a]}", "columns does not name type"),
        ("{newline: x}", "newline is crlf or lf"),
        ("{delimeter: x}", "did you mean delimiter?"),
    ],
)
def test_what_is_wrong_with_the_format_is_said(csv: str, said: str) -> None:
    with pytest.raises(MappingFault) as wrong:
        speak("", more=f"format: csv\ncsv: {csv}")
    assert any(said in problem.what for problem in wrong.value.problems), wrong.value.problems
