"""The header drafted from an event: who writes, who answers, who keeps, and what stands where nothing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model.codes import Coded
from gateway.model.event import Event, Recipient, ReportShared
from gateway.model.identity import Identifier, InsKind, LocalId, MailAddress, Rpps, Scheme
from gateway.model.known import Known
from gateway.model.people import Contact, Organization, Professional, TreatingPhysician
from gateway.model.report import Encounter, Signature
from gateway.model.when import When
from gateway.pack.cda import read_cda, write_cda
from gateway.pack.draft import draft
from gateway.pack.header import PERSONS, STRUCTURES, Header, Id
from gateway.pack.matter import title
from gateway.pack.parties import speciality
from gateway.pack.received import as_event
from tests.pack.material import MINTED, SOFTWARE, TERMS, report_with, story

OTHER = Professional(rpps=Rpps("10100054328"), family="DURAND", given="Luc", profession=Coded(code="60"))


def drafted(event: Event, kind: str = "report.shared") -> Header:
    return draft(event, story()[kind][1], TERMS, MINTED, SOFTWARE, "SYNTH")


def numbers(*ids: Id) -> list[str]:
    return [id.extension for id in ids]


def test_the_authors_of_a_report_come_in_order() -> None:
    event = report_with(None)
    both = replace(event, report=replace(event.report, authors=(OTHER, *event.report.authors)))
    assert numbers(*(author.ids[0] for author in drafted(both).authors)) == ["810100054328", "810100012342"]


def test_the_signatory_answers_else_the_one_acted_for_else_the_sender() -> None:
    signed = report_with(None, signed_by=Signature(professional=OTHER, at=When("2026-11-19")))
    authenticator = drafted(signed).authenticator
    assert authenticator is not None
    assert (numbers(*authenticator.ids), authenticator.time) == (["810100054328"], "20261119")
    unsigned = report_with(None, signed_by=None)
    acting = replace(unsigned, sender=replace(unsigned.sender, acting_for=OTHER))
    for event, number in ((acting, "810100054328"), (unsigned, "810100012342")):
        told = drafted(event).authenticator
        assert told is not None
        assert numbers(*told.ids) == [number]


def test_the_custodian_is_named_else_the_senders_site_else_the_teams_structure() -> None:
    named = drafted(report_with(None, custodian=Organization(finess="750000002", name="CPTS"))).custodian
    assert named.id == Id(STRUCTURES, "1750000002")
    event, _ = story()["team.created"]
    assert drafted(event, "team.created").custodian.name == "Maison de santé des Deux Ponts"
    alone = replace(event, sender=replace(event.sender, organization=None))
    assert drafted(alone, "team.created").custodian.name == "CPTS des Deux Rives"


def test_documented_defaults_stand_where_the_structure_demands_a_value() -> None:
    event = report_with(None, setting=None, facility=None, confidentiality=None, language=None, encounter=None)
    without = replace(event, sender=replace(event.sender, organization=None))
    header = drafted(without)
    assert header.setting is not None
    assert header.stay.facility is not None
    assert (header.setting.code, header.stay.facility.code) == ("AMBULATOIRE", "SA43")
    assert (header.confidentiality.code, header.language) == ("N", "fr-FR")


def test_what_the_report_says_goes_before_every_default() -> None:
    event = report_with(
        None,
        setting="HAD",
        facility="SA05",
        confidentiality="V",
        language="fr-CH",
        version=3,
        encounter=Encounter(id="S-1", type="AMB", since=When("2026-11-18"), until=When("2026-11-19")),
        acts=(Coded(code="ACQH004", list="CCAM"), Coded(code="34117-2", list="LOINC", display="Historique")),
        service_start=When("2026-11-18"),
        service_end=When("2026-11-19T10:00:00+01:00"),
    )
    header = drafted(event)
    assert header.setting is not None
    assert header.stay.facility is not None
    assert header.stay.code is not None
    assert (header.setting.code, header.stay.facility.code, header.stay.code.code) == ("HAD", "SA05", "AMB")
    assert (header.confidentiality.code, header.language, header.version) == ("V", "fr-CH", 3)
    assert (header.acts[0].low, header.acts[0].high) == ("20261118", "20261119100000+0100")
    assert [act.code.code for act in header.acts if act.code] == ["ACQH004", "34117-2"]


@pytest.mark.parametrize(("said", "language"), [("fr", "fr-FR"), ("es", "es-ES"), ("??", "fr-FR"), ("en-GB", "en-GB")])
def test_a_language_has_its_country(said: str, language: str) -> None:
    assert drafted(report_with(None, language=said)).language == language


def test_versions_of_one_report_share_their_set_and_other_reports_do_not() -> None:
    one, two = drafted(report_with(None)), drafted(report_with(None, version=2))
    assert one.set_id == two.set_id != drafted(report_with(None, id="another")).set_id
    later = draft(
        report_with(None), story()["report.shared"][1], TERMS, replace(MINTED, seed=MINTED.uuid("x")), SOFTWARE, "SYNTH"
    )
    assert later.set_id == one.set_id
    other = draft(report_with(None), story()["report.shared"][1], TERMS, MINTED, SOFTWARE, "SYNTH", issuer="t/other")
    assert other.set_id != one.set_id
    assert later.id != one.id


def test_recipients_named_by_number_mailbox_or_place_are_said_and_roles_are_not() -> None:
    event, known = story()["team.member-joined"]
    assert known.team
    member = known.team.team.members[1]
    named = replace(
        event,
        recipients=(
            Recipient(member=member.id),
            Recipient(rpps=Rpps("10100054328")),
            Recipient(finess="750000002"),
            Recipient(mss=MailAddress("a@b.mssante.fr")),
            Recipient(role="PCP"),
            Recipient(patient=True),
        ),
    )
    told = drafted(named, "team.member-joined").recipients
    assert len(told) == 4
    assert member.rpps
    assert told[0].ids[0] == Id(PERSONS, member.rpps.national)
    assert told[1].ids[0] == Id(PERSONS, "810100054328")
    assert told[2].organization is not None
    assert told[2].organization.id == Id(STRUCTURES, "1750000002")
    assert told[3].mail == "a@b.mssante.fr"


def test_the_declared_physician_takes_part_and_none_or_unknown_do_not() -> None:
    event, _ = story()["team.created"]

    def participants(physician: TreatingPhysician) -> list[str]:
        told = replace(event, patient=replace(event.patient, treating_physician=physician))
        participants = drafted(told, "team.created").participants
        return [who.function.code for kind, who in participants if kind == "INF" and who.function]

    assert participants(TreatingPhysician(rpps=Rpps("10100054328"), family="DURAND")) == ["PCP"]
    assert participants(TreatingPhysician(none=True)) == participants(TreatingPhysician(unknown=True)) == []


def test_those_close_to_the_patient_are_said_until_their_time_is_over() -> None:
    event, _ = story()["team.created"]
    sister = Contact(role="NOK", name="Anne PAT", relationship=Coded(code="SIS"), phone="06 12 34 56 78")
    guardian = Contact(role="GUARD", name="UDAF 75", measure="tutelle")
    gone = Contact(role="ECON", name="Paul PAT", until=When("2026-01-31"))
    told = replace(event, patient=replace(event.patient, contacts=(sister, guardian, gone)))
    header = drafted(told, "team.created")
    assert [one.role for one in header.subject.guardians] == ["GUARD"]
    (trusted,) = header.informants
    assert trusted.code is not None
    assert (trusted.role, trusted.code.code, trusted.phone) == ("NOK", "SIS", "tel:0612345678")


@pytest.mark.parametrize(
    ("profession", "specialty", "code"),
    [
        (Coded(code="10"), "SM54", "G15_10/SM54"),
        (Coded(code="10"), "NOT-ONE", "G15_10"),
        (Coded(code="60", list="G15"), None, "G15_60"),
        (Coded(code="40"), "SCD01", "G15_40/SCD01"),
        (Coded(code="330", list="R85"), None, "330"),
        (Coded(code="ZZZ", list="R85", display="Autre"), None, "ZZZ"),
    ],
)
def test_profession_and_speciality_are_one_code(profession: Coded, specialty: str | None, code: str) -> None:
    found = speciality(Professional(family="X", profession=profession, specialty=specialty), TERMS)
    assert found is not None
    assert found.code == code
    assert found.display


def test_a_profession_the_national_list_lacks_is_another_one_with_its_own_word_beside() -> None:
    healer = replace(OTHER, profession=Coded(code="ZZZ", list="R85", display="Rebouteux"))
    event = report_with(None)
    header = drafted(replace(event, report=replace(event.report, authors=(healer,))))
    author = header.authors[0]
    assert author.code is not None
    assert (author.code.code, author.code.display) == ("312", "Autre professionnel")
    assert [(one.code, one.display) for one in author.also] == [("ZZZ", "Rebouteux")]
    back, _ = as_event(read_cda(write_cda(header, b"%PDF-1.4 a document")))
    assert isinstance(back, ReportShared)
    assert back.report.authors[0].profession == healer.profession


def test_a_person_without_rpps_keeps_their_own_identifiers() -> None:
    ids = (Identifier(Scheme.ADELI, "751234567"), Identifier(Scheme.LOCAL, "S-9", "https://logiciel.example/ids"))
    event = report_with(None, authors=(Professional(ids=ids, family="PETIT", given="Ana"),))
    (author,) = drafted(event).authors
    assert author.ids[0] == Id(PERSONS, "0751234567")
    assert (author.ids[1].extension, author.ids[1].system) == ("S-9", "https://logiciel.example/ids")
    assert [who.name for who in drafted(event).facts.author] == ["Ana PETIT"]


@pytest.mark.parametrize("kind", InsKind)
def test_nothing_under_an_ins_oid_leaves_but_a_qualified_ins(kind: InsKind) -> None:
    number = "279035121518980"  # a wrong key: what a document received may hold
    written = Professional(ids=(Identifier(Scheme.LOCAL, number, kind.oid),), family="PAT-TROIS", given="Dominique")
    event = report_with(None, authors=(written,))
    strange = LocalId(f"urn:oid:{kind.oid}", number)
    hidden = replace(event.patient, ins=None, identity_status="provisional")
    for local, others in ((strange, ()), (LocalId("1.2.3", "P-1"), (strange,))):
        header = drafted(replace(event, patient=replace(hidden, local_id=local, other_ids=others)))
        assert number.encode() not in write_cda(header, b"%PDF-1.4")


def test_further_numbers_of_the_patient_are_said_after_the_first() -> None:
    event = report_with(None)
    patient = replace(event.patient, local_id=LocalId("1.2.3", "A"), other_ids=(LocalId("1.2.4", "B"),))
    ids = drafted(replace(event, patient=patient)).subject.ids
    assert [(id.root, id.extension) for id in ids[-2:]] == [("1.2.3", "A"), ("1.2.4", "B")]


@pytest.mark.parametrize(("kind", "named"), [("team.created", True), ("plan.created", True), ("report.shared", False)])
def test_a_page_about_a_team_or_a_plan_names_its_members_and_a_report_does_not(kind: str, named: bool) -> None:
    event, known = story()[kind]
    assert known.team
    members = [who.rpps for who in known.team.team.members if who.kind == "professional"]
    told = [who.ids[0].extension for type, who in drafted(event, kind).participants if type == "PRF"]
    assert told == ([rpps.national for rpps in members if rpps] if named else [])


def test_titles_say_what_the_document_is() -> None:
    titles = {kind: title(event, known, TERMS, "SYNTH") for kind, (event, known) in story().items()}
    assert titles["team.created"] == "Équipe de soins"
    assert titles["team.member-joined"] == "Nouveau membre de l'équipe de soins"
    assert titles["report.shared"] == "Compte rendu de consultation du 19 novembre 2026"
    assert title(report_with(None, title=None), Known(), TERMS, "SYNTH") == "CR ou fiche de consultation ou de visite"
