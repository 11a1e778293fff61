"""Four dialects nobody wrote the grammar for: deep JSON of typed lists, XML of attributes, an envelope of two
namespaces, a wide CSV. Every type of event is told by each, whole, and every fault stands at its place."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from gateway.journey.recall import Replayed
from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import Event
from gateway.translate import Dialects, check_tables, from_bundle, read_many, read_vendor, to_bundle, write_vendor
from tests.strategies import terms
from tests.translate.dialects import EXAMPLES, ROOT, dialects
from tests.translate.test_every_dialect import leaves, named

UNSEEN = Path(__file__).parent / "unseen"
NAMES = ("nidimed", "carnetis", "soapit", "tableor")
LOST = {
    "nidimed": r"report\.encounter\.",
    "carnetis": r"report\.(encounter\.|custodian\.|facility|setting)",
    "soapit": r"report\.encounter\.",
    "tableor": r"report\.(encounter\.|custodian\.|facility|setting|signed_by\.|service_)",
}
"""What each has no place for."""


@cache
def unseen() -> Dialects:
    return Dialects.load([UNSEEN], terms())


@cache
def meant(kind: str) -> Event:
    """The canonical example of a type."""
    file = next(file for file in EXAMPLES if file.stem == kind)
    return read_vendor(file.read_bytes(), dialects().get("canonical"))


def test_their_tables_have_no_problem() -> None:
    assert check_tables([ROOT / "mappings", UNSEEN], terms()) == ()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", EXAMPLES, ids=named)
def test_each_tells_every_type_as_far_as_it_has_places_and_the_same_again(name: str, file: Path) -> None:
    theirs, event = unseen().get(name), meant(file.stem)
    body = write_vendor(event, theirs)
    again = read_vendor(body, theirs)
    said, told = (set(leaves(form.write(one, short=False))) for one in (event, again))
    assert told <= said
    assert all(re.match(LOST[name], field) for field, _ in said - told)
    assert write_vendor(again, theirs) == body


@pytest.mark.parametrize("name", NAMES)
def test_the_story_each_tells_comes_back_from_its_bundles(name: str) -> None:
    theirs, memory = unseen().get(name), Replayed(())
    told = [read_vendor(write_vendor(meant(file.stem), theirs), theirs) for file in EXAMPLES]
    for event in sorted(told, key=lambda one: one.occurred_at.utc):
        before, now, _ = memory.count(event)
        assert from_bundle(to_bundle(event, now, terms()), before, terms()) == event


WRONG = {
    "nidimed": [
        (b'"810100012342"', b'"10100012342"', "wrong-type", "/message/acteurs/0/ps/identifiants/0/valeur"),
        (b'"cog":51215', b'"cog":"51215"', "wrong-type", "/message/acteurs/1/personne/naissance/cog"),
        (b'"ref":"M-3"', b'"ref":"M-3","x":1', "unknown-field", "/message/acteurs/4/x"),
        (b'"version":7', b'"version":8', "unknown-code", "/message/entete/version"),
        (b'"28/03/1979"', b'"1979-03-28"', "bad-date", "/message/acteurs/1/personne/naissance/date"),
    ],
    "carnetis": [
        (b'rpps="10100012342"', b'rpps="10100012343"', "rpps-key", "/lot/evt/personne[1]/@rpps"),
        (b' a="18h10"', b"", "bad-instant", "/lot/evt/@le"),
        (b'ins="279035121518989"', b"ins='279035121518988'", "ins-key", "/lot/evt/personne[2]/@ins"),
        (b'type="CPTS"', b'type="CPT"', "unknown-code", "/lot/evt/equipe/structure[1]/@type"),
        (b'roles="MT"', b'roles="MT+XX"', "unknown-code", "/lot/evt/personne[3]/@roles"),
    ],
    "soapit": [
        (b">MED-GEN<", b">SORCIER<", "unknown-code", "/c:contexte/c:emetteur/c:metier"),
        (b"20261102181000", b"2026-11-02T18:10", "bad-date", "/c:contexte/c:horodatage"),
        (b'date="19790328"', b'date="28/03/1979"', "bad-date", "/c:patient/c:traits/c:naissance/@date"),
        (b'id="M-2"', b'id="M-1"', "duplicate-member", "/c:equipe/c:membres/c:membre[2]/@id"),
        (b"<c:membres>", b"<c:membre>1</c:membre><c:membres>", "unknown-field", "/c:equipe/c:membre"),
    ],
    "tableor": [
        (b",10100012342,MARTIN", b",10100012343,MARTIN", "rpps-key", 'row 2, column "auteur_rpps"'),
        (b",18:10,", b",18h10,", "bad-instant", 'row 2, column "date"'),
        (b",QUAL,", b",QUALIF,", "unknown-code", 'row 2, column "identite"'),
        (b",COORD,", b",COORDINATEUR,", "unknown-code", 'row 2, column "membre5_roles"'),
        (b",21,,,750054322", b",210,,,750054322", "unknown-code", 'row 2, column "membre4_profession"'),
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_of_a_body_is_told_at_once_each_at_its_place(name: str) -> None:
    theirs = unseen().get(name)
    right = write_vendor(meant("team.created"), theirs)
    every = right
    for good, bad, code, place in WRONG[name]:
        assert good in every
        every = every.replace(good, bad, 1)
        with pytest.raises(Rejected) as alone:
            read_vendor(right.replace(good, bad, 1), theirs)
        assert [(fault.code, fault.pointer[-len(place) :]) for fault in alone.value.faults] == [(code, place)]
    with pytest.raises(Rejected) as together:
        read_vendor(every, theirs)
    found = {(fault.code, fault.pointer[-len(place) :]) for fault in together.value.faults for *_, place in WRONG[name]}
    assert {(code, place) for _, _, code, place in WRONG[name]} <= found
    assert len(together.value.faults) == len(WRONG[name])
    assert all(fault.line and fault.column for fault in together.value.faults)


def test_a_lot_of_events_is_read_one_by_one_and_those_beside_a_wrong_one_stay() -> None:
    theirs = unseen().get("carnetis")
    events = [meant(file.stem) for file in EXAMPLES]
    bodies = [write_vendor(event, theirs) for event in events]
    head, tail = bodies[0].split(b" <evt ")[0], b"</lot>\n"
    inner = [body.removeprefix(head).removesuffix(tail) for body in bodies]
    inner[3] = inner[3].replace(b'type="', b'type="?')
    told = [event for event, _ in read_many(head + b"".join(inner) + tail, theirs)]
    assert isinstance(told[3], Rejected)
    assert [one.type for one in told if not isinstance(one, Rejected)] == [
        event.type for event in events if event is not events[3]
    ]
