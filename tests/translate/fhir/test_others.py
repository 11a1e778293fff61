"""Transactions of other software, read as the one event each of them is; and ours, of which nothing is left unread."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.model.event import Event
from gateway.model.faults import Fault
from gateway.model.known import Known, after
from gateway.model.team import Member
from gateway.model.when import When
from gateway.translate import Understood, guide_of, logical_ids, of_pointer, read_transaction, speaks_of
from gateway.translate.fhir import from_bundle, names, to_bundle
from tests import foreign, strategies
from tests.conftest import SHARED
from tests.translate.fhir.events import TERMS, bundle_of, memory, modest, story

JSON = dict[str, Any]
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NOBODY = Known()
STORY = story()


def read(bundle: Any, known: Known = NOBODY, reports: tuple[str, ...] = ()) -> Understood:
    return read_transaction(bundle, known, TERMS, issuer="t/c", now=NOW, id="digest", reports=reports)


def refused(bundle: Any, known: Known = NOBODY, reports: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(code, place) of every fault."""
    with pytest.raises(Rejected) as caught:
        read(bundle, known, reports)
    return [(fault.code, of_pointer(fault.pointer)) for fault in caught.value.faults]


def told(understood: Understood) -> set[tuple[str, str]]:
    return {(notice.code, notice.about) for notice in understood.notices}


def known_after(event: Event, before: Known = NOBODY) -> Known:
    return after(before, event, "handle")[0]


CREATED = known_after(read(foreign.creation()).event)
NURSE = foreign.participant(foreign.NURSE_ROLE, "2026-11-20", as_="ATTPHYS")
WITH_NURSE = known_after(read(foreign.update(*foreign.MEMBERS, NURSE), CREATED).event, CREATED)


# — ours


@pytest.mark.parametrize("type", STORY)
def test_of_our_own_bundles_nothing_is_left_unread(type: str) -> None:
    event, before, now = STORY[type]
    understood = read(json.loads(json.dumps(to_bundle(event, now, TERMS))), before)
    assert understood.event == event
    assert understood.notices == ()


@modest
@given(event=strategies.events())
def test_our_bundles_read_here_as_everywhere(event: Event) -> None:
    bundle, before = bundle_of(event), memory(event)[0]
    assert read(bundle, before).event == from_bundle(bundle, before, TERMS)


# — care circles


def test_who_has_no_moment_and_no_sender_gets_them_from_what_is_said() -> None:
    understood = read(foreign.creation())
    assert understood.event.id == "digest"
    assert understood.event.occurred_at.text == "2026-11-22T10:00:00+00:00"
    assert understood.event.sender.organization is not None
    assert understood.event.sender.organization.name == "Maison de santé des Tilleuls"
    assert {code for code, _ in told(understood)} >= {"time-of-receipt", "sender-in-charge"}


def test_who_speaks_may_be_a_setting() -> None:
    bundle = foreign.creation(managingOrganization=[])
    assert ("no-sender", "Bundle.entry[0].resource.managingOrganization") in refused(bundle)
    assert ("missing-field", "Bundle.meta") not in refused(bundle)
    sender = {"rpps": "10100054328"}
    event = read_transaction(bundle, NOBODY, TERMS, issuer="t/c", now=NOW, id="digest", sender=sender).event
    assert event.sender.rpps is not None
    assert event.sender.rpps.number == "10100054328"


def test_an_identity_of_which_nobody_says_how_sure_it_is_is_provisional() -> None:
    bundle = foreign.creation()
    bundle["entry"][1]["resource"] = foreign.patient(sure=False)
    understood = read(bundle)
    assert understood.event.patient.identity_status == "provisional"
    assert understood.event.patient.outgoing_ins is None
    assert ("identity-provisional", "Bundle.entry[1].resource.extension") in told(understood)


@pytest.mark.parametrize(
    ("participants", "known", "type", "member"),
    [
        ((*foreign.MEMBERS, NURSE), CREATED, "team.member-joined", "10100054328"),
        (foreign.MEMBERS[:1], CREATED, "team.member-left", "urn:oid:1.2.3.4.5.6|P-4"),
        (
            (foreign.MEMBERS[0], foreign.participant(foreign.DAUGHTER, "2026-11-01", "2026-11-20")),
            CREATED,
            "team.member-left",
            "urn:oid:1.2.3.4.5.6|P-4",
        ),
        (
            (foreign.participant(foreign.DOCTOR_ROLE, "2026-11-01", as_="ADMPHYS"), foreign.MEMBERS[1]),
            CREATED,
            "team.role-changed",
            "10100012342",
        ),
        (
            (
                foreign.participant(foreign.DOCTOR_ROLE, "2026-11-01", "2026-11-19", as_="PCP"),
                foreign.participant(foreign.DOCTOR_ROLE, "2026-11-19", as_="ADMPHYS"),
                foreign.MEMBERS[1],
            ),
            CREATED,
            "team.role-changed",
            "10100012342",
        ),
        ((*foreign.MEMBERS, foreign.participant(foreign.NURSE_ROLE)), WITH_NURSE, None, "no-change"),
    ],
    ids=["joined", "no longer there", "left", "role replaced", "role closed and opened", "without a period"],
)
def test_each_single_change_is_its_event(
    participants: tuple[JSON, ...], known: Known, type: str | None, member: str
) -> None:
    bundle = foreign.update(*participants)
    if type is None:
        assert refused(bundle, known) == [(member, "Bundle.entry[0].resource")]
        return
    event = read(bundle, known).event
    assert (event.type, event.member.id) == (type, member)  # type: ignore[attr-defined]
    now = known_after(event, known)
    assert refused(bundle, now) == [("no-change", "Bundle.entry[0].resource")]  # told again, it says nothing new


def test_who_came_back_joins_again() -> None:
    left = foreign.participant(foreign.NURSE_ROLE, "2026-11-20", "2026-11-20")
    gone = known_after(read(foreign.update(*foreign.MEMBERS, left), WITH_NURSE).event, WITH_NURSE)
    back = foreign.participant(foreign.NURSE_ROLE, "2026-11-21")
    event = read(foreign.update(*foreign.MEMBERS, left, back), gone).event
    assert event.type == "team.member-joined"
    assert event.member.since == When("2026-11-21")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "ending",
    [
        {"status": "inactive"},
        {"status": "entered-in-error"},
        {"period": {"start": "2026-11-01", "end": "2026-11-21"}},
    ],
)
def test_a_circle_that_ends_is_closed(ending: JSON) -> None:
    event = read(foreign.update(**ending), CREATED).event
    assert event.type == "team.closed"
    assert not known_after(event, CREATED).team.team.open  # type: ignore[union-attr]


def test_an_end_still_to_come_closes_nothing() -> None:
    planned = foreign.update(period={"start": "2026-11-01", "end": "2031-01-01"})
    assert refused(planned, CREATED) == [("no-event-for-change", "Bundle.entry[0].resource")]


def test_what_else_changed_in_the_team_travels_with_the_event() -> None:
    event = read(foreign.update(*foreign.MEMBERS, NURSE, name="Cercle renommé"), CREATED).event
    assert event.team.name == "Cercle renommé"  # type: ignore[attr-defined]
    assert event.team.said() == {"id", "name"}  # type: ignore[attr-defined]


def test_what_is_told_otherwise_of_a_member_is_not_passed_over() -> None:
    bundle = foreign.update(*foreign.MEMBERS, NURSE)
    (doctor,) = (one["resource"] for one in bundle["entry"] if one["fullUrl"] == foreign.DOCTOR)
    doctor["name"][0]["family"] = "MARTIN-DUBOIS"
    assert ("not-kept", "Bundle.entry[0].resource.participant[0].member") in told(read(bundle, CREATED))


def test_a_closed_circle_takes_no_update() -> None:
    closed = known_after(read(foreign.update(status="inactive"), CREATED).event, CREATED)
    assert refused(foreign.update(*foreign.MEMBERS, NURSE), closed) == [("team-closed", "Bundle.entry[0].resource")]


def test_a_participant_nobody_knows_is_refused_where_they_stand() -> None:
    stranger = foreign.participant("PractitionerRole/0a1b2c3d", "2026-11-20")
    faults = refused(foreign.update(*foreign.MEMBERS, stranger), CREATED)
    assert ("unknown-participant", "Bundle.entry[0].resource.participant[2].member") in faults


def test_a_participant_is_known_by_a_number_alone() -> None:
    nurse = {"member": {"identifier": {"system": "https://rpps.esante.gouv.fr", "value": "10100054328"}}}
    event = read(foreign.update(*foreign.MEMBERS, nurse), CREATED).event
    assert (event.type, event.member.id) == ("team.member-joined", "10100054328")  # type: ignore[attr-defined]


def test_the_patient_is_no_member_of_their_own_circle() -> None:
    understood = read(foreign.creation(*foreign.MEMBERS, foreign.participant(foreign.PATIENT)))
    assert len(understood.event.team.members) == 2  # type: ignore[attr-defined]
    assert ("not-kept", "Bundle.entry[0].resource.participant[2]") in told(understood)


def test_a_relative_is_in_the_circle_as_what_they_are_to_the_patient() -> None:
    _, daughter = read(foreign.creation()).event.team.members  # type: ignore[attr-defined]
    assert [role.code for role in daughter.roles] == ["ECON"]
    assert (daughter.related.name, daughter.related.relationship.code) == ("Camille TROIS", "DAUC")


def test_a_structure_of_a_kind_we_do_not_know_is_another_kind() -> None:
    bundle = foreign.creation()
    bundle["entry"][2]["resource"]["type"][0]["coding"][0]["code"] = "463"
    assert read(bundle).event.team.structures[0].kind == "OTHER"  # type: ignore[attr-defined]
    del bundle["entry"][2]["resource"]["type"]
    understood = read(bundle)
    assert understood.event.team.structures[0].kind == "OTHER"  # type: ignore[attr-defined]
    assert ("kind-other", "Bundle.entry[0].resource.managingOrganization[0]") in told(understood)


def test_relative_references_of_a_server_are_followed() -> None:
    text = json.dumps(foreign.creation())
    for index, entry in enumerate(foreign.creation()["entry"]):
        address = f"{entry['resource']['resourceType']}/{index}"
        text = text.replace(f'"reference": "{entry["fullUrl"]}"', f'"reference": "{address}"')
    bundle = json.loads(text)
    for index, entry in enumerate(bundle["entry"]):
        entry["resource"]["id"] = str(index)
        entry["fullUrl"] = f"https://example.org/fhir/{entry['resource']['resourceType']}/{index}"
    assert read(bundle).event == read(foreign.creation()).event


def test_two_circles_are_two_events() -> None:
    bundle = foreign.creation()
    bundle["entry"].append(foreign.entry("urn:uuid:0b0c9a1e-2b7d-4c1a-9d54-000000000099", foreign.care_team()))
    assert [code for code, _ in refused(bundle)] == ["several-changes"]


# — documents


def test_a_provided_document_is_a_report_from_who_submits_it() -> None:
    understood = read(foreign.provided())
    event = understood.event
    assert event.type == "report.shared"
    report = event.report  # type: ignore[attr-defined]
    assert (report.id, report.type, report.facility, report.setting) == ("CR-2026-31", "11488-4", "SA05", "AMBULATOIRE")
    assert report.confidentiality == "N"
    assert report.document.data == foreign.PDF
    assert event.sender.rpps is not None
    assert event.sender.rpps.number == "10100012342"
    assert understood.notices == ()


def test_the_patient_may_be_in_the_description_of_the_document_alone() -> None:
    bundle = foreign.provided()
    del bundle["entry"][3]
    assert read(bundle).event.patient == read(foreign.provided()).event.patient


def test_intended_recipients_are_recipients() -> None:
    contained = [
        {**foreign.practitioner("10100054328", "DURAND", "Luc"), "id": "to"},
        {**foreign.structure(), "id": "house"},
        {"resourceType": "Device", "id": "thing"},
        *foreign.submission_set()["contained"],
    ]
    url = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-intended-recipient"
    extensions = foreign.submission_set()["extension"]
    extensions += [{"url": url, "valueReference": {"reference": f"#{id}"}} for id in ("to", "house", "thing")]
    understood = read(foreign.provided(submitted={"contained": contained, "extension": extensions}))
    first, second = understood.event.recipients
    assert first.rpps is not None
    assert first.rpps.number == "10100054328"
    assert second.ids[0].value == "750000127"
    assert ("unknown-recipient", "Bundle.entry[0].resource.extension[4]") in told(understood)


def test_a_code_of_another_system_is_told_and_not_taken_for_ours() -> None:
    bundle = foreign.provided()
    context = bundle["entry"][1]["resource"]["context"]
    context["facilityType"] = foreign.coded("http://snomed.info/sct", "22232009")
    understood = read(bundle)
    assert understood.event.report.facility is None  # type: ignore[attr-defined]
    assert ("not-kept", "Bundle.entry[1].resource.context.facilityType") in told(understood)
    bundle["entry"][1]["resource"]["type"] = foreign.coded("http://loinc.org", "99999-9")
    assert refused(bundle) == [("unknown-code", "Bundle.entry[1].resource.type")]


def test_an_author_that_is_a_device_is_told() -> None:
    bundle = foreign.provided()
    bundle["entry"][1]["resource"]["contained"].append({"resourceType": "Device", "id": "scanner"})
    bundle["entry"][1]["resource"]["author"].append({"reference": "#scanner"})
    understood = read(bundle)
    assert len(understood.event.report.authors) == 1  # type: ignore[attr-defined]
    assert ("not-kept", "Bundle.entry[1].resource.contained[3]") in told(understood)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ({"size": 3}, "document-differs"),
        ({"hash": "AAAA"}, "document-differs"),
        ({"url": "https://example.org/elsewhere.pdf"}, "missing-field"),
    ],
)
def test_the_document_is_the_one_described(damage: JSON, code: str) -> None:
    bundle = foreign.provided()
    bundle["entry"][1]["resource"]["content"][0]["attachment"] |= damage
    place = f"Bundle.entry[1].resource.content[0].attachment.{next(iter(damage))}"
    assert (code, place) in refused(bundle)


@pytest.mark.parametrize(
    "target",
    [
        {"identifier": {"system": "urn:oid:1.2.3.4.5.8", "value": "CR-1"}},
        {"reference": "DocumentReference?identifier=urn:oid:1.2.3.4.5.8|CR-1"},
    ],
)
def test_a_document_may_take_the_place_of_another(target: JSON) -> None:
    event = read(foreign.provided(relatesTo=[{"code": "replaces", "target": target}])).event
    assert (event.type, event.report.replaces) == ("report.replaced", "CR-1")  # type: ignore[attr-defined]


def patch(status: str, address: str = "DocumentReference?identifier=urn:oid:1.2.3.4.5.8|CR-1") -> JSON:
    parts = [
        {"name": "path", "valueString": "DocumentReference.status"},
        {"name": "type", "valueCode": "replace"},
        {"name": "value", "valueCode": status},
    ]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    return {"fullUrl": "urn:uuid:1", "resource": parameters, "request": {"method": "PATCH", "url": address}}


def test_the_older_one_may_be_superseded_beside_and_nothing_else() -> None:
    relates = [{"code": "replaces", "target": {"identifier": {"value": "CR-1"}}}]
    bundle = foreign.provided(relatesTo=relates)
    bundle["entry"].append(patch("superseded"))
    assert read(bundle).event.type == "report.replaced"
    bundle["entry"][-1] = patch("current")
    assert ("unsupported-patch", "Bundle.entry[4].resource") in refused(bundle)


def test_a_document_in_error_is_a_report_taken_back() -> None:
    spoken = {"url": names.extension("spoken-by"), "valueReference": {"reference": foreign.DOCTOR_ROLE}}
    bundle = foreign.bundle(patch("entered-in-error"), *foreign.actors(), meta={"extension": [spoken]})
    event = read(bundle).event
    assert (event.type, event.report.id, event.report.reason) == ("report.cancelled", "CR-1", "error")  # type: ignore[attr-defined]


# — any of them


def test_a_modifier_nobody_knows_stops_the_reading() -> None:
    strange = {"url": "https://example.org/not-this-one", "valueBoolean": True}
    bundle = foreign.creation(modifierExtension=[strange])
    assert refused(bundle) == [("unknown-modifier", "Bundle.entry[0].resource.modifierExtension[0]")]


def test_what_no_field_holds_is_told_by_its_place_and_never_by_its_value() -> None:
    bundle = foreign.creation(note=[{"text": "secret"}], telecom=[{"system": "phone", "value": "0102030405"}])
    bundle["entry"][1]["resource"]["maritalStatus"] = foreign.coded("http://example.org", "M")
    places = {place for code, place in told(read(bundle)) if code == "not-kept"}
    assert places == {
        "Bundle.entry[0].resource.note[0]",
        "Bundle.entry[0].resource.telecom[0]",
        "Bundle.entry[1].resource.maritalStatus",
        "Bundle.entry[5].resource",  # the nurse, of whom nobody speaks
        "Bundle.entry[6].resource",
    }


def test_many_things_not_kept_are_counted() -> None:
    bundle = foreign.creation(note=[{"text": f"note {n}"} for n in range(150)])
    codes = [notice.code for notice in read(bundle).notices]
    assert codes.count("not-kept") == 100
    assert codes.count("more-not-kept") == 1


def test_the_same_thing_has_the_same_logical_id_in_every_transaction() -> None:
    first = logical_ids(foreign.creation(), TERMS, issuer="t/c", id="a")
    again = logical_ids(foreign.update(), TERMS, issuer="t/c", id="b")
    other = logical_ids(foreign.creation(), TERMS, issuer="t/other", id="a")
    assert first == again
    assert not set(first) & set(other)


def test_what_a_transaction_may_need_of_the_memory_is_known_before_it_is_read() -> None:
    mentioned = speaks_of(foreign.update(), TERMS)
    assert mentioned.ids == ("C-12",)
    assert mentioned.patient is not None


@pytest.mark.parametrize(
    ("bundle", "guide"),
    [
        (foreign.creation(), names.TEAM_CREATION),
        (foreign.update(), names.TEAM_UPDATE),
        (foreign.provided(meta={}), names.PROVIDE_DOCUMENT),
        (foreign.bundle(foreign.entry(foreign.PATIENT, foreign.patient())), None),
        (foreign.bundle(meta={"profile": [names.TEAM_UPDATE + "|2.0.1"]}), names.TEAM_UPDATE),
        ({"resourceType": "Patient"}, None),
        ([], None),
    ],
)
def test_the_guide_is_the_one_claimed_else_that_of_the_entries(bundle: Any, guide: str | None) -> None:
    if isinstance(bundle, dict) and bundle.get("meta") == {}:
        del bundle["meta"]
    assert guide_of(bundle) == guide


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SAMPLES = (foreign.creation(), foreign.update(*foreign.MEMBERS, NURSE), foreign.provided())


@modest
@given(number=st.integers(0, 2), seed=st.integers(), value=anything, edits=st.integers(1, 4))
def test_whatever_was_done_to_a_transaction_it_is_read_or_refused(
    number: int, seed: int, value: Any, edits: int
) -> None:
    bundle, chance = copy.deepcopy(SAMPLES[number]), random.Random(seed)
    for _ in range(edits):
        damage(bundle, chance, value)
    assert all(isinstance(fault, Fault) and fault.text.fr for fault in _faults(bundle))


def _faults(bundle: JSON) -> tuple[Fault, ...]:
    guide_of(bundle)
    try:
        speaks_of(bundle, TERMS)
        logical_ids(bundle, TERMS, issuer="t/c", id="a")
        read(bundle, CREATED)
    except Rejected as told_why:
        return told_why.faults
    return ()


def damage(tree: Any, chance: random.Random, value: Any) -> None:
    """Put something else in a random place."""
    spots: list[tuple[Any, Any]] = []
    todo = [tree]
    while todo:
        here = todo.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        spots += [(here, key) for key in keys]
        todo += [here[key] for key in keys]
    here, key = chance.choice(spots)
    if chance.random() < 0.3 and isinstance(here, dict):
        del here[key]
    else:
        here[key] = copy.deepcopy(value)


def test_an_unclear_period_is_the_one_that_is_open() -> None:
    assert WITH_NURSE.team is not None
    team = WITH_NURSE.team.team
    doctor = team.members[0]
    former = Member(id=doctor.id, rpps=doctor.rpps, since=When("2026-01-01"), until=When("2026-02-01"))
    known = replace(WITH_NURSE, team=replace(WITH_NURSE.team, team=replace(team, members=(former, *team.members))))
    members = (foreign.participant(foreign.DOCTOR_ROLE, as_="PCP"), foreign.MEMBERS[1], NURSE)
    assert refused(foreign.update(*members), known) == [("no-change", "Bundle.entry[0].resource")]


OFFICIAL = SHARED / "fhir-packages"


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the FHIR packages are not beside the project")
def test_official_examples_are_read_or_refused_with_a_place() -> None:
    found = sorted(OFFICIAL.glob("*/examples/Bundle-*.json"))
    assert found
    for file in found:
        assert _answers(file)


def _answers(file: Path) -> bool:
    try:
        return bool(read(json.loads(file.read_text("utf-8"))).event)
    except Rejected as told_why:
        return all(of_pointer(fault.pointer).startswith("Bundle") for fault in told_why.faults)
