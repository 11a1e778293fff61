"""What each kind of event says: who left, what changed, which document is replaced, and nothing of one taken back."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.model.event import KINDS as VOCABULARY
from gateway.model.event import MemberLeft, ReportCancelled, ReportReplaced
from gateway.model.identity import Rpps
from gateway.model.known import Known
from gateway.model.people import Address, Contact, Telecom
from gateway.pack import Earlier, Packed, pack, read_archive, read_cda
from gateway.pack.xdm import Document
from tests import strategies
from tests.pack.material import EARLIER, KINDS, MINTED, SOFTWARE, TERMS, known_after, packed, story
from tests.pack.test_cda import find, schema
from tests.pack.test_document import bring, every_byte
from tests.pack.test_page import page_of, words_of


def documents(made: Packed) -> tuple[Document, ...]:
    return read_archive(made.archive).documents


def test_the_story_tells_one_event_of_every_kind() -> None:
    assert set(KINDS) == set(VOCABULARY)


SAID = {
    "team.member-left": (
        "Départ d'un membre", "Hugo PETIT quitte l'équipe « Équipe de soins de Mme Pat-Trois » (19/11/2026)",
        "Motif départ en retraite",
    ),
    "team.role-changed": (
        "Sophie BERNARD change de rôle dans l'équipe", "(21/11/2026)",
        "Ancien rôle Professionnel de santé", "Nouveau rôle Aidant",
    ),
    "team.closed": ("Fin de l'équipe de soins", "Motif déménagement du patient", "Jusqu'au 21/11/2026", "Luc DURAND"),
    "plan.activity-changed": (
        "Action modifiée", "Pansement un jour sur deux", "Qui Luc DURAND", "État suspendu", "modifiée par ce message",
        "Surveillance de la glycémie",
    ),
    "plan.revised": ("Révision : Plan de Mme Pat-Trois",),
    "plan.closed": ("Clôture : Plan de Mme Pat-Trois", "Plan clos le 21/11/2026", "Motif objectifs atteints"),
    "report.replaced": ("annule et remplace la version précédente",),
    "report.cancelled": (
        "Annulation d'un document", "Il ne doit plus être utilisé", "19/11/2026 à 17:06",
        "Motif le document ne concerne pas ce patient", EARLIER[0].document.root,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAID)
def test_a_page_says_what_happened_and_why(kind: str) -> None:
    words = words_of(packed(kind).pdf)
    assert [said for said in SAID[kind] if said not in words] == []


def test_someone_who_left_is_no_more_in_the_team_on_the_page() -> None:
    present, _, gone = words_of(packed("team.member-left").pdf).partition("Participations terminées")
    assert "Hugo PETIT" in gone
    assert "Hugo PETIT" not in present.partition("Composition actuelle")[2]


def test_a_participation_told_by_mistake_is_said_to_be_taken_back() -> None:
    left, known = story()["team.member-left"]
    assert isinstance(left, MemberLeft)
    mistaken = replace(
        left, member=replace(left.member, id="M-9", rpps=Rpps("10100054328"), family="ERREUR", reason="error")
    )
    words = words_of(page_of(mistaken, known))
    assert "ERREUR : participation saisie par erreur" in words
    assert "cette participation est retirée" in words


def test_the_subject_says_that_a_version_is_replaced_or_a_document_taken_back() -> None:
    assert packed("report.replaced").label == "Annule et remplace - CR ou fiche de consultation ou de visite"
    assert packed("report.cancelled").label == "Annulation d'un document"
    assert packed("plan.revised").label == "Plan personnalisé de soins"


# — newer versions


def test_a_newer_version_names_the_last_document_that_went_out() -> None:
    cda = packed("report.replaced").cda
    assert find(cda, "//c:relatedDocument[@typeCode='RPLC']/c:parentDocument/c:id/@root") == [EARLIER[-1].document.root]
    assert find(cda, "/c:ClinicalDocument/c:versionNumber/@value") == ["2"]
    assert read_cda(cda).header.set_id == read_cda(packed("report.shared").cda).header.set_id
    assert documents(packed("report.replaced"))[0].entry.action == "replace"


def test_a_newer_version_of_what_never_went_out_names_no_document_and_still_replaces() -> None:
    event, known = story()["report.replaced"]
    made = pack(event, known, TERMS, MINTED, SOFTWARE)
    assert read_cda(made.cda).header.replaces is None
    assert documents(made)[0].entry.action == "replace"
    assert made.label.startswith("Annule et remplace")


def test_a_version_said_too_low_counts_higher_than_what_it_replaces() -> None:
    event, known = story()["report.replaced"]
    assert isinstance(event, ReportReplaced)
    assert known.replaced
    third = replace(known, replaced=replace(known.replaced, version=2), report=None)
    header = read_cda(pack(event, third, TERMS, MINTED, SOFTWARE).cda).header
    assert header.version == 3
    said = replace(event, report=replace(event.report, version=7))
    assert read_cda(pack(said, third, TERMS, MINTED, SOFTWARE).cda).header.version == 7


def test_a_shared_report_that_replaces_nothing_is_no_newer_version() -> None:
    entry = documents(packed("report.shared"))[0].entry
    assert entry.action is None
    assert read_cda(packed("report.shared").cda).header.replaces is None


# — cancellations


def test_a_cancellation_stands_in_for_each_document_that_went_out() -> None:
    found = documents(packed("report.cancelled"))
    assert [one.entry.unique_id for one in found] == [earlier.document.root for earlier in reversed(EARLIER)]
    assert {one.entry.action for one in found} == {"delete"}
    assert {one.cda().body for one in found} == {packed("report.cancelled").pdf}
    sets = {one.cda().header.set_id for one in found}
    assert sets == {read_cda(packed("report.shared").cda).header.set_id}


def test_a_cancellation_holds_no_word_of_the_report_and_of_the_patient_only_who_it_is() -> None:
    event, known = story()["report.cancelled"]
    shared, _ = story()["report.shared"]
    patient = replace(
        event.patient,
        address=Address(lines=("12 rue des Tilleuls",), city="PARIS"),
        telecom=(Telecom(system="phone", value="0639980042"),),
        contacts=(Contact(role="NOK", name="Anne VOISINE"),),
    )
    made = pack(replace(event, patient=patient), known, TERMS, MINTED, SOFTWARE, previous=EARLIER)
    everything = every_byte(made.pdf, made.cda, made.archive).decode("utf-8", "replace")
    squeezed = re.sub(r"\s", "", everything)
    report = shared.report  # type: ignore[attr-defined]
    for word in (report.title, report.type, report.id, "CR-2026-118-2", "Tilleuls", "0639980042", "VOISINE"):
        assert re.sub(r"\s", "", word) not in squeezed
    assert "PAT-TROIS" in everything
    assert made.ins_complete


def test_a_cancellation_of_what_is_not_known_any_more_names_its_set_alone() -> None:
    event, known = story()["report.cancelled"]
    (document,) = documents(pack(event, known, TERMS, MINTED, SOFTWARE))
    header = document.cda().header
    assert header.id.root == MINTED.oid("document")
    assert header.set_id == documents(packed("report.cancelled"))[0].cda().header.set_id


@given(
    strategies.report_replaced() | strategies.report_cancelled(),
    st.lists(st.builds(Earlier, st.uuids(), st.datetimes(timezones=st.timezones())), max_size=3, unique_by=id),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_newer_word_makes_a_coherent_archive_of_valid_documents(
    event: ReportReplaced | ReportCancelled, previous: list[Earlier]
) -> None:
    event = bring(event, None)  # type: ignore[assignment]
    made = pack(event, known_after(event), TERMS, MINTED, SOFTWARE, previous=previous)
    archive = read_archive(made.archive)
    assert archive.findings == ()
    for document in archive.documents:
        assert schema().validate(etree.fromstring(document.data))
        facts = document.cda().facts
        assert facts.differences(made.facts["event"]) == ()
        assert document.facts.differences(facts) == ()
    stated = [field.name for field in fields(made.facts["event"]) if getattr(made.facts["event"], field.name)]
    assert {"created", "type"} <= set(stated)


def test_an_event_is_packed_with_nothing_known_beside_it() -> None:
    for kind in KINDS:
        event, _ = story()[kind]
        assert pack(event, Known(), TERMS, MINTED, SOFTWARE).title
