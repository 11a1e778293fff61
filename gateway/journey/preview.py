"""preview: the dry run of an accept. It reads the memory, decides every leg, stores nothing and uses up no key."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from gateway import translate
from gateway.journey.accept import count, examine
from gateway.journey.explain import explained
from gateway.journey.gateway import Caller, Gateway
from gateway.journey.legs import plan_legs
from gateway.journey.recall import aliases, recall
from gateway.journey.received_by import received_by
from gateway.journey.uploaded import document_size, find_upload, named_content
from gateway.model.event import Event
from gateway.model.faults import Notice


def preview(
    gateway: Gateway, caller: Caller, body: bytes, dialect: str
) -> tuple[Event, tuple[Notice, ...], dict[str, Any]]:
    """What accepting this body would do: the event, the notices, and the explained legs with the `trace` of each field.

    Raises Rejected.
    """
    event, notices = examine(gateway, caller, body, dialect)
    with gateway.store.glance() as unit:
        handle = unit.patients.known(caller.tenant, aliases(event.patient, caller.client)) or ""
        known, recalled = recall(unit.memory.of(caller.tenant, caller.client), event, handle)
        objections = unit.objections.active(caller.tenant, handle)
        received = received_by(unit, caller.tenant, caller.client, event, known)
    spoken = gateway.dialects.get(dialect)
    known, counted = count(known, event, handle, lambda faults: translate.point(faults, body, spoken))
    origin = gateway.origins.of(caller.tenant, event.sender)
    planned, choices = plan_legs(
        event,
        known,
        tenant=caller.tenant,
        client=caller.client,
        patient=handle,
        routes=gateway.routes,
        directory=gateway.directory,
        white_list=gateway.white_list(),
        objections=objections,
        origin=origin.address if origin else None,
        now=gateway.clock(),
        endpoints=gateway.endpoints,
        received=received.receivers,
    )
    content = named_content(event)
    size = document_size(event, find_upload(gateway, caller, content) if content else None)
    trace = translate.trace(body, spoken)
    traced = [{**asdict(one), "file": PurePath(one.file).name} for one in trace]  # where it lies is nobody's business
    told = {**explained(planned, choices, size, origin), "trace": traced}
    return event, (*notices, *recalled, *counted), told
