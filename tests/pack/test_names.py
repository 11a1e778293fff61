"""File names and the subject's patient line: readable, and nothing a path or a header could mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.people import Patient
from gateway.model.when import Day
from gateway.pack.draft import draft
from gateway.pack.header import Code, Header
from gateway.pack.names import patient_line, pdf_name
from tests.pack.material import MINTED, SOFTWARE, TERMS, packed, story


def header(**patient: str) -> Header:
    event, known = story()["plan.created"]
    told = replace(event, patient=replace(event.patient, **patient))
    return draft(told, known, TERMS, MINTED, SOFTWARE, "SYNTH")


def test_a_pdf_is_named_by_day_type_and_patient() -> None:
    assert packed("plan.created").pdf_name == "20261120_Plan personnalisé de soins_PAT-TROIS_DOMINIQUE.pdf"


def test_a_long_type_is_cut_at_forty_characters() -> None:
    long = replace(header(), code=Code("18761-7", "Note de transfert (dont lettre de liaison à l'entrée)"))
    assert pdf_name(long).split("_")[1] == "Note de transfert (dont lettre de liaiso"


NASTY = [
    "../../etc/passwd", "..\\..\\x", "C:\\x", "/abs", "a\r\nBcc: x@y.fr", "a\nb", 'x"; filename="y', "x%0d%0aBcc: z",
    "=?utf-8?q?x?=", "nul\0byte", "\u202egnp.exe", "a\u2028b", "<script>", "x" * 400, "....", "CON", "a|b*c?", "😀",
    "_",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_no_text_escapes_from_a_file_name(text: str) -> None:
    name = pdf_name(header(birth_name=text, first_given_name=text))
    assert not set(name) & set('/\\:*?"<>|%;=`$\r\n\0\u202e\u2028')
    assert name.startswith("20261120_Plan personnalisé de soins")
    assert name.endswith(".pdf")
    assert ".." not in name
    assert len(name) < 200
    assert name.isprintable()


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_a_patient_line_is_one_printable_line(family: str, given_name: str) -> None:
    event, _ = story()["plan.created"]
    line = patient_line(replace(event.patient, birth_name=family or "X", first_given_name=given_name))
    assert line.isprintable()
    assert line.endswith("28/03/1979")
    assert "  " not in line


def test_a_patient_line_says_what_is_known() -> None:
    event, _ = story()["plan.created"]
    assert patient_line(event.patient) == "PAT-TROIS DOMINIQUE 28/03/1979"
    local = event.patient.local_id
    unknown = Patient(identity_status="provisional", local_id=local, birth_date=Day("1979-03"), used_name="inconnu")
    assert patient_line(unknown) == "INCONNU 03/1979"
    assert patient_line(Patient(identity_status="provisional", local_id=local)) == ""
