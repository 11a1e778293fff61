"""The page: readable, archival, the same bytes each time, and no word of an event is ever markup."""

from __future__ import annotations

import io
import re
import subprocess
import time
from dataclasses import replace
from shutil import which
from threading import Thread

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings

from gateway.model.codes import Coded
from gateway.model.event import Event, MemberJoined, PlanCreated, TeamCreated
from gateway.model.identity import Ins, InsKind
from gateway.model.known import Known
from gateway.model.plan import Activity, Goal, Problem, Schedule, Timing, Who
from gateway.model.when import When
from gateway.pack.draft import draft
from gateway.pack.matter import team_now
from gateway.pack.page import write_page
from gateway.pack.page_plan import when_label
from gateway.pack.pdf import judge
from tests import strategies
from tests.pack.material import EARLIER, KINDS, MINTED, SOFTWARE, TERMS, known_after, packed, report_with, story
from tests.pack.tagged import read_tagged


def page_of(event: Event, known: Known) -> bytes:
    header = draft(event, known, TERMS, MINTED, SOFTWARE, "SYNTH")
    return write_page(event, known, TERMS, MINTED, SOFTWARE, header, EARLIER)


def words_of(pdf: bytes) -> str:
    """The page's text in reading order, blanks folded."""
    if which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_tagged_archival_and_in_french(kind: str) -> None:
    pdf = packed(kind).pdf
    assert judge(pdf).archival
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "fr-FR"
        assert opened.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in opened.Root
        xmp = opened.Root.Metadata.read_bytes()
    assert b"<pdfaid:part>1</pdfaid:part>" in xmp
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in xmp


@pytest.mark.parametrize("kind", KINDS)
def test_a_screen_reader_finds_the_title_the_headings_and_the_heads_of_tables(kind: str) -> None:
    page = read_tagged(packed(kind).pdf)
    assert page.title == packed(kind).title
    assert "".join(one.text for one in page.said if "H1" in one.under) == page.title
    headings = {one.text for one in page.said if "H2" in one.under}
    tables = page.elements.count("Table")
    assert len(headings) >= tables
    rows, heads, cells = (page.elements.count(name) for name in ("TR", "TH", "TD"))
    assert (heads >= 2 * tables, cells >= heads, rows > tables or not tables) == (True, True, True)
    assert all({"TH", "TD"} & {*one.under} for one in page.said if "Table" in one.under)


@pytest.mark.parametrize(
    ("kind", "tables"),
    [
        ("plan.created", {"Problèmes": "ProblèmeCode", "Objectifs": "ObjectifÉchéanceÉtat",
                          "Actions": "ActionQuiQuandÉtat"}),
        ("team.member-joined", {"Structures": "StructureTypeIdentifiant",
                                "Composition actuelle de l'équipe": "MembreRôleDepuis"}),
    ],
)  # fmt: skip
def test_a_table_follows_its_heading_and_names_its_columns(kind: str, tables: dict[str, str]) -> None:
    said = "".join(
        f"|{one.text}|" if "H2" in one.under else one.text
        for one in read_tagged(packed(kind).pdf).said
        if {"H2", "TH"} & {*one.under}
    )
    for heading, columns in tables.items():
        assert f"|{heading}|{columns}" in said


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_event_gives_the_same_bytes(kind: str) -> None:
    event, known = story()[kind]
    assert page_of(event, known) == page_of(event, known) == packed(kind).pdf


def test_a_page_of_a_team_names_everyone_and_their_place() -> None:
    words = words_of(packed("team.created").pdf)
    event, _ = story()["team.created"]
    assert isinstance(event, TeamCreated)
    for member in event.team.members:
        assert member.label in words
    for said in ("PAT-TROIS DOMINIQUE", "28/03/1979", "Féminin", "279035121518989", "CPTS des Deux Rives", "Infirmier"):
        assert said in words
    assert "document produit par Passerelle le 20/11/2026 à 09:45" in words  # Paris time


def test_a_page_of_an_arrival_shows_the_newcomer_and_the_team_as_it_now_stands() -> None:
    event, known = story()["team.member-joined"]
    assert isinstance(event, MemberJoined)
    words = words_of(packed("team.member-joined").pdf)
    assert f"{event.member.label} rejoint l'équipe « Équipe de soins de Mme Pat-Trois »" in words
    assert "Qualité Infirmier Structure Cabinet infirmier Durand" in words
    team = team_now(event, known)
    assert team is not None
    assert event.member in team.members
    assert [member.label for member in team.members if member.label not in words] == []


def test_a_page_of_a_plan_shows_problems_goals_and_who_does_what_when() -> None:
    event, _ = story()["plan.created"]
    assert isinstance(event, PlanCreated)
    words = words_of(packed("plan.created").pdf)
    for problem in event.plan.problems:
        assert problem.text in words
    for goal in event.plan.goals:
        assert goal.text in words
    assert "2 fois par semaine" in words
    assert "en cours" in words


def test_a_report_without_document_says_so() -> None:
    assert "n'a joint aucun document" in words_of(packed("report.shared").pdf)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (Schedule(timing=Timing(times=3, unit="week")), "3 fois par semaine"),
        (Schedule(timing=Timing(times=1, every=6, unit="week")), "1 fois toutes les 6 semaines"),
        (Schedule(timing=Timing(times=2, every=3, unit="month")), "2 fois tous les 3 mois"),
        (Schedule(timing=Timing(times=1, every=2, unit="year")), "1 fois tous les 2 ans"),
        (Schedule(due=When("2026-12-15")), "avant le 15/12/2026"),
        (Schedule(text="le mardi"), "le mardi"),
        (None, ""),
    ],
)
def test_a_rhythm_is_said_in_french(schedule: Schedule | None, said: str) -> None:
    assert when_label(schedule) == said


INJECTIONS = (
    '#read("/etc/passwd")',
    '"] #panic("x") [',
    '#include "page.typ"',
    "#{ while true {} }",
    "$ x^2 $ *gras* _italique_ = Titre",
    "\\u{41} \\ `raw` <label> @ref // fin",
    '\\"}, "title": "autre',
    "#import sys: *; #sys.inputs",
    "{{7*7}} ${7*7} <script>alert(1)</script>",
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_the_words_of_an_event_are_never_markup(text: str) -> None:
    event, known = story()["plan.created"]
    assert isinstance(event, PlanCreated)
    plan = replace(
        event.plan,
        title=text,
        programme=text,
        problems=(Problem(text=text, code=Coded(code=text, display=text)),),  # type: ignore[arg-type]
        goals=(Goal(id="1", text=text),),  # type: ignore[arg-type]
        activities=(Activity(id="1", what=text, who=Who(text=text), when=Schedule(text=text)),),  # type: ignore[arg-type]
    )
    patient = replace(event.patient, birth_name=text, used_name=text)
    before = time.process_time()
    pdf = page_of(replace(event, plan=plan, patient=patient), known)
    assert time.process_time() - before < 2
    squeezed = re.sub(r"\s", "", words_of(pdf))
    assert re.sub(r"\s", "", text) in squeezed
    assert "root:" not in squeezed


@pytest.mark.parametrize(
    "text", ["😀 中文 한국어", "\u0378\U0010fffd", "ﷺ" * 40, "x" * 500, "é\u0301\u200d\u00ad", "a\nb\n\nc"]
)
def test_text_no_font_has_still_makes_a_page(text: str) -> None:
    event, known = story()["team.created"]
    assert isinstance(event, TeamCreated)
    named = replace(event, team=replace(event.team, name=text), patient=replace(event.patient, used_name=text))
    assert judge(page_of(named, known)).archival


@pytest.mark.parametrize("status", ["validated", "retrieved", "provisional"])
def test_an_unqualified_matricule_is_not_on_the_page(status: str) -> None:
    event, known = story()["team.created"]
    number = "279035121518989"
    patient = replace(event.patient, ins=Ins(number, InsKind.NIR_TEST), identity_status=status)  # type: ignore[arg-type]
    pdf = page_of(replace(event, patient=patient), known)
    words = words_of(pdf)
    assert number not in re.sub(r"\s", "", words)
    assert "INS" not in words
    assert {"validated": "validée", "retrieved": "récupérée", "provisional": "provisoire"}[status] in words


@given(strategies.events())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_event_has_a_page(event: Event) -> None:
    assert judge(page_of(event, known_after(event))).archival


def test_pages_made_at_once_do_not_mix() -> None:
    made: dict[str, bytes] = {}

    def make(kind: str) -> None:
        made[kind] = page_of(*story()[kind])

    threads = [Thread(target=make, args=(kind,)) for kind in KINDS for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {kind: packed(kind).pdf for kind in KINDS}


def test_a_team_of_five_hundred_fits() -> None:
    event, known = story()["team.created"]
    assert isinstance(event, TeamCreated)
    member = event.team.members[0]
    many = tuple(replace(member, id=f"M-{n}", family=f"NOM-{n}") for n in range(500))
    before = time.process_time()
    words = words_of(page_of(replace(event, team=replace(event.team, members=many)), known))
    assert time.process_time() - before < 5
    assert "NOM-499" in words


def test_a_page_for_a_report_lists_its_acts() -> None:
    event = report_with(None, acts=(Coded(code="ABCD001", display="Un acte"),))
    assert "Un acte" in words_of(page_of(event, Known()))
