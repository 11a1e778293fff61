"""What arrives may be anything: it is refused with reasons, never a crash."""

from __future__ import annotations

import copy
import json
import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.model.event import Event
from gateway.model.known import Known
from gateway.translate.fhir import from_bundle, names
from tests import strategies
from tests.translate.fhir.events import TERMS, bundle_of, example, memory, modest

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@modest
@given(body=anything)
def test_what_is_not_a_bundle_is_refused(body: Any) -> None:
    assert _faults(body) == {"not-a-bundle"}


@modest
@given(event=strategies.events(), seed=st.integers(), value=anything, edits=st.integers(1, 4))
def test_a_damaged_bundle_is_read_or_refused(event: Event, seed: int, value: Any, edits: int) -> None:
    chance, bundle = random.Random(seed), bundle_of(event)
    for _ in range(edits):
        _damage(bundle, chance, value)
    assert _read_or_refused(bundle, memory(event)[0])


@modest
@given(event=strategies.events(), seed=st.integers())
def test_references_that_turn_in_circles_are_read_or_refused(event: Event, seed: int) -> None:
    chance, bundle = random.Random(seed), bundle_of(event)
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    for place in _places(bundle, "reference"):
        place["reference"] = chance.choice([*urls, "#practitioner-1", "Patient/1", "#"])
    assert _read_or_refused(bundle, memory(event)[0])


def test_a_fault_says_where_in_the_bundle() -> None:
    bundle = bundle_of(example("team.created"))
    index = next(n for n, one in enumerate(bundle["entry"]) if one["resource"]["resourceType"] == "CareTeam")
    bundle["entry"][index]["resource"]["status"] = 7
    bundle["entry"][index]["resource"]["participant"][0]["period"] = "yesterday"
    with pytest.raises(Rejected) as refused:
        from_bundle(bundle, Known(), TERMS)
    assert {fault.pointer for fault in refused.value.faults if fault.code == "bad-resource"} == {
        f"/entry/{index}/resource/status",
        f"/entry/{index}/resource/participant/0/period",
    }
    assert {fault.about for fault in refused.value.faults if fault.code == "bad-resource"} == {"CareTeam"}


def test_an_extension_of_ours_with_a_field_that_does_not_exist_is_refused() -> None:
    bundle = bundle_of(example("team.created"))
    wrong = {"url": names.extension("team"), "extension": [{"url": "colour", "valueString": "blue"}]}
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "CareTeam":
            entry["resource"]["extension"] = [wrong]
    assert "bad-resource" in _faults(bundle)


@pytest.mark.parametrize("kind", ["Patient", "CareTeam"])
def test_what_must_be_there_once_is_asked_for(kind: str) -> None:
    bundle = bundle_of(example("team.created"))
    without = {**bundle, "entry": [one for one in bundle["entry"] if one["resource"]["resourceType"] != kind]}
    assert "missing-field" in _faults(without)
    twice = {**bundle, "entry": bundle["entry"] * 2}
    assert "bad-resource" in _faults(twice)


def test_a_type_we_do_not_know_or_not_carry_is_named_as_such() -> None:
    bundle = bundle_of(example("report.shared"))
    for code, fault in (("report.eaten", "unknown-type"), ("note.sent", "unsupported-type")):
        bundle["meta"]["tag"][0]["code"] = code
        assert _faults(bundle) == {fault}


def test_ten_thousand_members_are_refused_in_good_time() -> None:
    bundle = bundle_of(example("team.created"))
    team = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "CareTeam")
    team["participant"] = [team["participant"][0]] * 10_000
    assert "too-many" in _faults(bundle)
    bundle["entry"] *= 10_001
    assert "too-many" in _faults(bundle)


def test_many_references_to_one_big_resource_cost_one_reading() -> None:
    bundle = bundle_of(example("team.created"))
    role = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "PractitionerRole")
    role["telecom"] = [{"system": "phone", "value": "0102030405"}] * 9_000
    team = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "CareTeam")
    team["participant"] = [team["participant"][0]] * 9_000
    begun = time.process_time()
    assert "too-many" in _faults(bundle)
    assert time.process_time() - begun < 20  # seconds; 81 million steps would take minutes


def _read_or_refused(bundle: dict[str, Any], known: Known) -> bool:
    try:
        return isinstance(from_bundle(bundle, known, TERMS), Event)
    except Rejected as refused:
        return all(fault.text.fr for fault in refused.faults) and bool(refused.faults)


def _faults(bundle: Any) -> set[str]:
    with pytest.raises(Rejected) as refused:
        from_bundle(bundle, Known(), TERMS)
    return {fault.code for fault in refused.value.faults}


def _damage(bundle: dict[str, Any], chance: random.Random, value: Any) -> None:
    place: Any = bundle
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = chance.choice(keys)
        inner = place[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.8:
            place = inner
            continue
        match chance.randrange(3):
            case 0:
                place[key] = copy.deepcopy(value)
            case 1:
                del place[key]
            case _:
                place[key] = json.loads(json.dumps([inner, inner]))
        return


def _places(tree: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(tree, dict):
        own = [tree] if name in tree else []
        return own + [found for value in tree.values() for found in _places(value, name)]
    return [found for one in tree for found in _places(one, name)] if isinstance(tree, list) else []
