"""The matricule: where it stands when the identity is qualified, and nowhere when it is not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway import pack, translate
from gateway.journey.identity import check_identity
from gateway.journey.parcels import outgoing
from gateway.journey.spoken import spoken
from gateway.model.errors import Rejected
from gateway.model.event import Event, read_event, write_event
from gateway.model.faults import Fault, Notice
from gateway.model.identity import Ins, InsKind, LocalId, MailAddress
from gateway.translate import MappingFault
from tests.journey.conftest import PEOPLE, World
from tests.leaks import says
from tests.pack.material import EARLIER, KINDS, MINTED, SOFTWARE, TERMS, small_pdf, story
from tests.translate.dialects import dialects

NUMBER = "279035121518989"
STATUSES = ("qualified", "validated", "retrieved", "provisional")
UNSURE = STATUSES[1:]


def known_as(kind: str, status: str, series: InsKind, *, local: bool = True) -> Event:
    """One event of the story, its patient identified like this."""
    event, _ = story()[kind]
    number = LocalId("1.2.3.4.5", "P-42") if local else None
    ins = Ins(NUMBER, series)
    return replace(event, patient=replace(event.patient, ins=ins, identity_status=status, local_id=number))  # type: ignore[arg-type]


def forms(event: Event) -> Iterator[tuple[str, bytes]]:
    """Everything that could leave for this event: bytes by what they are."""
    _, known = story()[event.type]
    bundle = translate.to_bundle(event, known, TERMS)
    yield "bundle", json.dumps(bundle, ensure_ascii=False).encode()
    packed = pack.pack(event, known, TERMS, MINTED, SOFTWARE, previous=EARLIER)
    yield "cda", packed.cda
    yield "xdm", packed.archive
    yield "pdf", packed.pdf
    names = (packed.pdf_name, packed.patient_line, packed.label, packed.title)
    yield "names", "\n".join(names).encode()
    yield "mail", pack.write_mail(packed, envelope(json.dumps(bundle).encode()))
    for name in dialects().names:
        try:
            yield name, envelope_of(event, name)
        except MappingFault:
            continue  # a dialect may have no words for a kind of event


def envelope(bundle: bytes) -> pack.Envelope:
    """What a leg adds to make a mail."""
    return pack.Envelope(
        message_id="abc@a.mssante.test",
        at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        sender=MailAddress("app@a.mssante.test"),
        sender_name="Cabinet Martin",
        recipient=MailAddress("luc@b.mssante.test"),
        recipient_name="Luc DURAND",
        text="Bonjour.",
        nil="DEV935997",
        bundle=bundle,
    )


def envelope_of(event: Event, dialect: str) -> bytes:
    """A callback's body in the words of that dialect."""
    data, media_type = spoken(outgoing(event), dialects().get(dialect))
    return pack.write_cloudevent(
        pack.CloudEvent(
            id=event.id,
            source="g/t/c",
            type=event.type,
            time=event.occurred_at.utc,
            data=data,
            media_type=media_type,
            extensions={"dialect": dialect},
        )
    )


CASES = [*(("qualified", one) for one in InsKind), *(("validated", one) for one in InsKind)]


@pytest.mark.parametrize(("status", "series"), [*CASES, *((one, InsKind.NIR_TEST) for one in UNSURE[1:])])
def test_a_qualified_matricule_is_in_every_form_and_another_one_in_none(status: str, series: InsKind) -> None:
    for name, data in forms(known_as("report.shared", status, series)):
        if name == "names":
            assert not says(NUMBER[:13], data)  # file names and subjects never hold it
        else:
            assert says(NUMBER[:13], data) is (status == "qualified"), name  # a dialect may write the key apart


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_event_shows_a_matricule_that_is_not_qualified(kind: str) -> None:
    for name, data in forms(known_as(kind, "validated", InsKind.NIR_TEST, local=False)):
        assert not says(NUMBER[:13], data), name


@pytest.mark.parametrize("where", ["local_id", "other_ids"])
def test_a_number_under_the_oid_of_a_matricule_leaves_in_no_form(where: str) -> None:
    event = known_as("report.shared", "validated", InsKind.NIR_TEST)
    wrong = LocalId(InsKind.NIR.oid, NUMBER[:13] + "00")  # as a document with a wrong key is read
    more: dict[str, Any] = {where: wrong if where == "local_id" else (wrong,)}
    patient = replace(event.patient, ins=None, **more)
    for name, data in forms(replace(event, patient=patient)):
        assert not says(NUMBER[:13], data), name


@pytest.mark.parametrize("status", ["qualified", "provisional"])
def test_the_header_of_the_mail_says_whether_the_matricule_is_there(status: str) -> None:
    found = dict(forms(known_as("report.shared", status, InsKind.NIR_TEST)))
    assert pack.read_mail(found["mail"]).ins_complete is (status == "qualified")
    for oid in (kind.oid.encode() for kind in InsKind):
        assert (oid in found["cda"]) is (status == "qualified" and oid == InsKind.NIR_TEST.oid.encode())


def test_the_search_itself_finds_what_is_hidden() -> None:
    spaced = b"2 79 03 51 215 189 89"
    assert says(NUMBER, spaced)
    assert says(NUMBER, b"%32%37%39%30%33%35121518989")
    assert says(NUMBER, NUMBER.encode("utf-16-be"))
    assert says(NUMBER, b'{"data": "' + base64.b64encode(b"xxxxxxxxxxxxxxxxxx" + NUMBER.encode()) + b'"}')
    assert says(NUMBER, small_pdf(f"Matricule {NUMBER}"))
    assert not says(NUMBER, b"279035121518988")


# — at the door


def looked_at(event: Event, *, production: bool = False) -> list[tuple[str, str]]:
    faults, notices = check_identity(event, production=production)
    told: list[Fault | Notice] = [*faults, *notices]
    return [(one.code, "/".join(map(str, one.at))) for one in told]


@pytest.mark.parametrize(
    "written", [NUMBER, NUMBER[:13], "2 79 03 51 215 189 89", "2.79.03.51.215.189", "2790351-215189_89"]
)
@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("patient/used_name", ("patient", "used_name")),
        ("patient/local_id/value", ("patient", "local_id", "value")),
        ("report/title", ("report", "title")),
        ("report/id", ("report", "id")),
        ("id", ("id",)),
    ],
)
def test_an_unqualified_matricule_in_another_field_is_refused_there(
    written: str, place: str, path: tuple[str, ...]
) -> None:
    tree = write_event(known_as("report.shared", "validated", InsKind.NIR_TEST))
    spot: Any = tree
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = f"n {written} bis"
    assert looked_at(read_event(tree)) == [("ins-in-another-field", place), ("ins-kept-inside", "patient/ins")]
    tree["patient"]["identity_status"] = "qualified"
    assert looked_at(read_event(tree)) == []


def test_a_local_identifier_under_the_oid_of_a_matricule_is_refused() -> None:
    event = known_as("report.shared", "validated", InsKind.NIR_TEST)
    for system in ("1.2.250.1.213.1.4.8", "urn:oid:1.2.250.1.213.1.4.11"):
        told = replace(event, patient=replace(event.patient, ins=None, local_id=LocalId(system, "P-42")))
        assert looked_at(told) == [("ins-as-local-id", "patient/local_id/system")]


@pytest.mark.parametrize(
    ("value", "like"),
    [
        (NUMBER, True),
        ("2 79 03 51 215 189 89", True),
        ("279035121518988", False),
        ("P-42", False),
        ("979035121518984", False),
    ],
)
def test_a_local_identifier_that_looks_like_a_matricule_is_told_and_taken(value: str, like: bool) -> None:
    event = known_as("report.shared", "validated", InsKind.NIR_TEST)
    told = replace(event, patient=replace(event.patient, ins=None, local_id=LocalId("1.2.3", value)))
    assert looked_at(told) == ([("local-id-like-ins", "patient/local_id/value")] if like else [])


@pytest.mark.parametrize("series", InsKind)
@pytest.mark.parametrize("production", [True, False])
def test_test_identities_stay_out_of_production_and_real_ones_out_of_test(series: InsKind, production: bool) -> None:
    code = "test-identity-in-production" if production else "real-identity-in-test"
    wrong = [] if series.for_real is production else [(code, "patient/ins/kind")]
    for status in STATUSES:  # qualified or not: what is for real is not for tests
        kept = [] if status == "qualified" else [("ins-kept-inside", "patient/ins")]
        assert looked_at(known_as("team.created", status, series), production=production) == wrong + kept


def test_the_door_asks(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        world.report_to(
            "luc.durand",
            patient={
                "ins": {"number": NUMBER, "kind": "NIR"},
                "identity_status": "validated",
                "birth_name": NUMBER,
                "birth_date": "1979-03-28",
            },
        )
    assert {(fault.code, fault.pointer) for fault in refused.value.faults} == {
        ("real-identity-in-test", "/patient/ins/kind"),
        ("ins-in-another-field", "/patient/birth_name"),
    }


@pytest.mark.parametrize("status", ["qualified", "validated"])
def test_neither_the_audit_log_nor_the_technical_one_ever_holds_a_matricule(world: World, status: str) -> None:
    heard: list[str] = []
    world.gateway = replace(world.gateway, notice=lambda sentence, **facts: heard.append(json.dumps([sentence, facts])))
    tree = write_event(known_as("report.shared", status, InsKind.NIR_TEST))
    mine = {"mss": f"{NUMBER}@patient.mssante.fr", "name": "le patient", "category": "1"}
    recipients = [{"patient": True}, {"rpps": PEOPLE["luc.durand"].rpps}, *([mine] if status == "qualified" else [])]
    accepted = world.tell("report.shared", **{**tree, "team": None, "recipients": recipients})
    with pytest.raises(Rejected):
        world.tell("report.shared", **{**tree, "id": "another", "patient": {**tree["patient"], "birth_date": NUMBER}})
    world.prepare()
    world.send()
    world.collect()
    world.notify()
    with world.gateway.store.glance() as unit:
        kept = "\n".join(entry.record for entry in unit.log.every() if entry.record).encode()
    assert world.legs(accepted)
    assert b"leg-created" in kept
    assert not says(NUMBER[:13], kept)
    assert not says(NUMBER[:13], "\n".join(heard).encode())
