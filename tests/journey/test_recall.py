from __future__ import annotations

from gateway.journey.recall import Replayed, aliases
from gateway.model.event import read_event
from tests.model.test_form import MINIMAL, changed

INS = {"number": "279035121518989", "kind": "NIR-TEST"}
KNOWN_PERSON = {"birth_name": "PAT-TROIS", "birth_date": "1979-03-28", "identity_status": "qualified", "ins": INS}


def plan(**patient: object) -> dict[str, object]:
    tree = {**MINIMAL, "id": "E-9", "type": "plan.created", "plan": {"id": "PL-1"}, "patient": patient}
    tree.pop("team")
    return tree


def test_a_plan_without_a_team_gets_the_patients_only_team() -> None:
    memory = Replayed([read_event(changed(patient=KNOWN_PERSON))])
    _, known, notices = memory.count(read_event(plan(**KNOWN_PERSON)))
    assert known.team is not None
    assert known.team.team.id == "T-7"
    assert notices == ()


def test_a_plan_of_a_patient_with_two_teams_gets_neither_and_says_so() -> None:
    teams = [read_event(changed(patient=KNOWN_PERSON, id=f"E-{n}", team={"id": f"T-{n}"})) for n in (1, 2)]
    _, known, notices = Replayed(teams).count(read_event(plan(**KNOWN_PERSON)))
    assert known.team is None
    assert [notice.code for notice in notices] == ["team-not-chosen"]


def test_a_patient_is_the_same_by_any_name_told_before() -> None:
    local = {"system": "1.2.3", "value": "P"}
    both = read_event(changed(patient={**KNOWN_PERSON, "local_id": local}))
    _, known, _ = Replayed([both]).count(read_event(plan(local_id=local, identity_status="provisional")))
    assert known.team is not None


def test_an_unqualified_matricule_is_never_an_alias_others_could_match() -> None:
    event = read_event(changed(patient={**KNOWN_PERSON, "identity_status": "provisional"}))
    assert aliases(event.patient, "logimed") == ("UNQUALIFIED:logimed:279035121518989",)
