"""What the tests of this room share: an event with the memory before and after it, and the event others may see."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from gateway.journey.recall import Replayed
from gateway.model.event import Event, read_event
from gateway.model.known import Known, after
from gateway.translate.fhir import to_bundle
from tests import strategies

PROJECT = Path(__file__).resolve().parents[3]
PACKAGES = PROJECT / "../shared/fhir-packages"
KINDS = tuple(strategies.KINDS)
TERMS = strategies.terms()

modest = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def memory(event: Event) -> tuple[Known, Known]:
    """What is known before and after the event."""
    before = strategies.known_for(event)
    return before, after(before, event, strategies.PATIENT)[0]


def bundle_of(event: Event) -> dict[str, Any]:
    """Its bundle, as it arrives elsewhere: through JSON."""
    sent: dict[str, Any] = json.loads(json.dumps(to_bundle(event, memory(event)[1], TERMS)))
    return sent


def as_others_see(event: Event, back: Event) -> Event:
    """The event without an INS that is not qualified: the one documented loss.

    A patient known by nothing else carries, in `back`, an identifier of ours, which is taken as read.
    """
    patient = event.patient
    if patient.outgoing_ins is None and patient.ins is not None:
        patient = replace(patient, ins=None, local_id=patient.local_id or back.patient.local_id)
    return replace(event, patient=patient)


def example(type: str) -> Event:
    """The project's example of that type."""
    return read_event(json.loads((PROJECT / "examples" / f"{type}.json").read_text(encoding="utf-8")))


def story() -> dict[str, tuple[Event, Known, Known]]:
    """Each example with what is known before and after it, by its type: they follow each other."""
    memory, told = Replayed(()), {}
    for event in sorted(map(example, strategies.KINDS), key=lambda one: one.occurred_at.utc):
        before, now, _ = memory.count(event)
        told[event.type] = (event, before, now)
    return told


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The entries' resources of that type."""
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]
