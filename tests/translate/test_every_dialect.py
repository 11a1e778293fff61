"""What is true of every dialect: it is one table, and what it tells is what was meant, both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.model.errors import Rejected
from gateway.model.event import KINDS, Event
from gateway.translate import MappingFault, read_vendor, write_vendor
from tests.strategies import events
from tests.translate.dialects import EXAMPLES, dialects, flat_events

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_comes_back_as_it_was_written(file: Path) -> None:
    ours = dialects().get("canonical")
    again = write_vendor(read_vendor(file.read_bytes(), ours), ours)
    assert json.loads(again) == json.loads(file.read_bytes())


def test_canonical_tells_every_type_carried() -> None:
    assert {told.kind.type for told in dialects().get("canonical").told} == set(KINDS)


def test_dialects_are_found_by_name() -> None:
    assert list(dialects().names) == ["canonical", "soignons"]
    assert dialects().get("soignons").version == "4.2"
    with pytest.raises(Rejected) as wrong:
        dialects().get("klingon")
    assert [fault.code for fault in wrong.value.faults] == ["unknown-dialect"]


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
    told = [(problem.file, problem.what) for problem in wrong.value.problems]
    assert told == [
        ("soignons.yaml", "cannot write profession: code table metier has no word for this code"),
        ("soignons.yaml", "cannot write since: no format for a date of this precision"),
    ]
    assert [problem.line for problem in wrong.value.problems] == [34, 35]
