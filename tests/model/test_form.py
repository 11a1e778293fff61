from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.catalogue import FAULTS
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, RESERVED, read_event, write_event
from gateway.model.faults import Fault

MINIMAL: dict[str, Any] = {
    "id": "E-1",
    "type": "team.created",
    "occurred_at": "2026-11-20T09:30:00+01:00",
    "sender": {"rpps": "10100012342"},
    "patient": {"local_id": {"system": "1.2.3", "value": "P"}, "identity_status": "provisional"},
    "team": {"id": "T-7"},
}


def changed(**fields: Any) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(json.dumps(MINIMAL))
    for path, value in fields.items():
        *above, last = path.split("__")
        place = tree
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return tree


def faults(tree: Any) -> set[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        read_event(tree)
    return {(fault.code, "/".join(map(str, fault.at))) for fault in refused.value.faults}


def test_what_is_read_is_written_back() -> None:
    assert write_event(read_event(MINIMAL)) == MINIMAL


def test_every_fault_is_told_at_once_each_with_its_place() -> None:
    tree = changed(
        occurred_at="2026-11-20T09:30:00",
        sender__rpps="10100012341",
        patient__ins={"number": "279035121518900", "kind": "NIR-TEST"},
        patient__colour="blue",
        team__name="Équipe\r\nBcc: x",
        team__members=[{"id": "M-1"}],
    )
    assert faults(tree) == {
        ("bad-instant", "occurred_at"),
        ("rpps-key", "sender/rpps"),
        ("ins-key", "patient/ins/number"),
        ("unknown-field", "patient/colour"),
        ("control-character", "team/name"),
        ("member-kind", "team/members/0"),
    }


@pytest.mark.parametrize(
    ("tree", "fault"),
    [
        (changed(type="team.painted"), ("unknown-type", "type")),
        (changed(type="note.sent"), ("unsupported-type", "type")),
        (changed(team=None), ("null-field", "team")),
        (
            changed(team__members=[{"id": str(n), "related": {"name": "A"}} for n in range(10_000)]),
            ("too-many", "team/members"),
        ),
        (changed(patient={"identity_status": "qualified"}), ("no-patient-identifier", "patient")),
        (changed(team__since="2026-11-02", team__until="2026-11-01"), ("dates-reversed", "team/until")),
        (changed(recipients=[{"member": "M", "role": "PCP"}]), ("recipient-kind", "recipients/0")),
        (changed(team__name="a\u202eb"), ("control-character", "team/name")),
        (changed(team__name="a\ud800b"), ("control-character", "team/name")),
        (changed(team__name="x" * 501), ("text-too-long", "team/name")),
        (changed(team__name="  "), ("empty-text", "team/name")),
        (changed(team__status="happy"), ("unknown-code", "team/status")),
        (changed(team__id=7), ("wrong-type", "team/id")),
        (changed(sender={"organization": {"name": "Cabinet"}}), ("no-professional-identifier", "sender")),
    ],
)
def test_a_fault_has_a_stable_code_and_a_place(tree: Any, fault: tuple[str, str]) -> None:
    assert fault in faults(tree)


@pytest.mark.parametrize("tree", [None, [], "x", 7, {}, {"type": 3}, {"type": ["team.created"]}])
def test_what_is_not_an_event_is_refused(tree: Any) -> None:
    assert faults(tree)


def test_a_short_form_stands_for_its_object_and_is_written_as_the_contract_shows_it() -> None:
    event = read_event(changed(team__ground="formalised", sender__profession={"code": "10"}))
    assert write_event(event)["team"]["ground"] == {"kind": "formalised"}
    assert write_event(event)["sender"]["profession"] == "10"


@pytest.mark.parametrize("mode", ["only", "also"])
def test_what_is_said_is_written_even_where_it_is_the_usual(mode: str) -> None:
    tree = changed(recipients=[{"patient": True}], recipients_mode=mode)
    assert write_event(read_event(tree)) == tree


def test_the_vocabulary_has_room_for_every_first_wave_kind() -> None:
    assert len(KINDS) == 12
    assert not RESERVED & set(KINDS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "team", "patient", "kind", "code", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(st.sampled_from(sorted(set(MINIMAL) | {"plan", "report", "member", "legal"})), JSON, max_size=8),
)
def test_no_tree_makes_the_reader_crash_and_every_fault_is_in_the_catalogue(kind: str, tree: dict[str, Any]) -> None:
    told: tuple[Fault, ...] = ()
    try:
        read_event({**MINIMAL, **tree, "type": kind})
    except Rejected as refused:
        told = refused.faults
    assert all(fault.code in FAULTS and fault.text.remedy_fr for fault in told)
