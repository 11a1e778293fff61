"""An event translated to FHIR and back is the same event."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.event import Event
from gateway.translate.fhir import from_bundle, to_bundle
from tests import strategies
from tests.translate.fhir.events import KINDS, TERMS, as_others_see, bundle_of, example, memory, modest


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_comes_back_exactly_save_an_ins_that_is_not_qualified(kind: str) -> None:
    @modest
    @given(event=strategies.KINDS[kind]())
    def comes_back(event: Event) -> None:
        back = from_bundle(bundle_of(event), memory(event)[0], TERMS)
        assert back == as_others_see(event, back)

    comes_back()


@modest
@given(event=strategies.events(), seed=st.integers())
def test_the_order_of_keys_means_nothing(event: Event, seed: int) -> None:
    shuffled = _shuffled(bundle_of(event), random.Random(seed))
    back = from_bundle(shuffled, memory(event)[0], TERMS)
    assert back == as_others_see(event, back)


@modest
@given(event=strategies.events())
def test_the_same_event_gives_the_same_bundle(event: Event) -> None:
    first, second = (json.dumps(to_bundle(event, memory(event)[1], TERMS)) for _ in range(2))
    assert first == second


@modest
@given(event=strategies.events().filter(lambda event: event.patient.ins and not event.patient.outgoing_ins))
def test_an_ins_that_is_not_qualified_is_nowhere_in_the_bundle(event: Event) -> None:
    assert event.patient.ins is not None
    text = json.dumps(bundle_of(event))
    assert event.patient.ins.number not in text
    assert event.patient.ins.number[:13] not in text
    assert f"urn:oid:{event.patient.ins.kind.oid}" not in text


@pytest.mark.parametrize("type", ["team.created", "team.member-joined", "plan.created", "report.shared"])
def test_the_examples_come_back(type: str) -> None:
    event = example(type)
    before = strategies.known_for(event)
    back = from_bundle(bundle_of(event), before, TERMS)
    assert back == as_others_see(event, back)


@modest
@given(event=strategies.events())
def test_two_issuers_with_the_same_ids_never_meet(event: Event) -> None:
    known = memory(event)[1]
    one, other = (json.dumps(to_bundle(event, known, TERMS, issuer=issuer)) for issuer in ("a/logimed", "b/medisoft"))
    assert "NamingSystem/a%2Flogimed/" in one + unquote(one)  # a cancelled report is named in an address alone
    assert "NamingSystem/a%2Flogimed/" not in other + unquote(other)
    for word in ("team", "member", "plan", "goal", "report", "relative", "patient-of-event"):
        assert f"NamingSystem/{word}" not in one + other + unquote(one + other)
    back = from_bundle(json.loads(one), memory(event)[0], TERMS)
    assert back == as_others_see(event, back)


def _shuffled(tree: Any, chance: random.Random) -> Any:
    if isinstance(tree, dict):
        keys = list(tree)
        chance.shuffle(keys)
        return {key: _shuffled(tree[key], chance) for key in keys}
    return [_shuffled(one, chance) for one in tree] if isinstance(tree, list) else tree
