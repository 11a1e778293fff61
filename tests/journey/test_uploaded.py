"""A report whose document was uploaded: it leaves whole by every channel that can carry it, and the others say why."""

from __future__ import annotations

import base64
import itertools
import json
import os
from hashlib import sha256
from typing import Any

import pytest

from gateway import pack, translate
from gateway.journey.accept import Accepted
from gateway.journey.preview import preview
from gateway.journey.upload import begin_upload
from gateway.journey.uploaded import find_upload, open_content
from gateway.journey.view import show_leg
from gateway.model.errors import Rejected
from gateway.model.exchange import LegState
from gateway.model.known import Known
from gateway.record import CHUNK
from tests.api.test_contents import pdf_of
from tests.journey.conftest import EXAMPLES, World

ROUTES = "routes: [{{name: r, when: {{event: 'report.*'}}, to: {{role: '{role}'}}, via: {via}, mode: exchange}}]"
TO_FHIR = ROUTES.format(role="330", via="fhir_server")
TO_PARTNER = ROUTES.format(role="PROV", via="callback")


def upload(world: World, data: bytes) -> str:
    """Upload it; how an event names it."""
    digest = sha256(data).hexdigest()
    incoming = begin_upload(world.gateway, world.caller, digest, most_waiting=1_000_000_000)
    incoming.add(data)
    incoming.finish()
    return f"sha256:{digest}"


def report(content: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())["report"]
    return {**told, "document": {"content_type": "application/pdf", "content": content}}


def share(world: World, data: bytes) -> Accepted:
    """Upload a document, then share it with one mailbox of the sandbox."""
    return world.report_to("luc.durand", report=report(upload(world, data)))


def kept(world: World, accepted: Accepted) -> dict[str, bytes]:
    with world.gateway.store.glance() as unit:
        names = unit.contents.names(world.caller.tenant, accepted.exchange)
        return {name: unit.contents.get(world.caller.tenant, accepted.exchange, name) for name in names}


@pytest.mark.parametrize(
    "sizes", [(), (1, 1, 1), (CHUNK,), (CHUNK, 1), (CHUNK - 1, CHUNK + 1), (3 * CHUNK + 5,), (65_536,) * 33]
)
def test_however_it_arrives_it_is_the_same_content(sizes: tuple[int, ...], world: World) -> None:
    data = os.urandom(sum(sizes))
    ends = list(itertools.accumulate(sizes))
    parts = [data[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    digest = sha256(data).hexdigest()
    incoming = begin_upload(world.gateway, world.caller, digest, most_waiting=0)
    incoming.add(*parts[:1])
    incoming.add(*parts[1:])
    assert incoming.finish()
    upload = find_upload(world.gateway, world.caller, f"sha256:{digest.upper()}")
    assert upload is not None
    with open_content(world.gateway, upload) as file:
        assert file.read() == data
        middle = file.seek(len(data) // 2)
        assert file.read(10) == data[middle : middle + 10]
        assert file.seek(0, os.SEEK_END) == len(data)
        assert file.read() == b""


def test_an_uploaded_document_leaves_whole_by_mail(every_world: World) -> None:
    world, data = every_world, pdf_of(1_500_000)
    accepted = share(world, data)
    world.prepare()
    made = kept(world, accepted)
    assert [content for _, content in pack.read_mail(made["parcel/1"]).pdfs] == [data]
    assert made["pdf"] == data
    (binary,) = (
        entry["resource"]
        for entry in json.loads(made["bundle"])["entry"]
        if entry["resource"]["resourceType"] == "Binary"
    )
    assert base64.b64decode(binary["data"]) == data
    world.send()
    assert world.leg(accepted).state is LegState.HANDED_OVER


@pytest.mark.parametrize("route", [TO_FHIR, TO_PARTNER], ids=["fhir_server", "callback"])
def test_an_uploaded_document_leaves_whole_to_an_endpoint(route: str, every_world: World) -> None:
    data, world = pdf_of(1_500_000), every_world.with_routes(route)
    world.tell("team.created")
    accepted = world.tell("report.shared", recipients=None, report=report(upload(world, data)))
    world.prepare()
    parcel = json.loads(kept(world, accepted)["parcel/1"])
    if route == TO_FHIR:
        event = translate.from_bundle(parcel, Known(), world.gateway.terms)
    else:
        event = translate.read_vendor(json.dumps(parcel["data"]).encode(), world.gateway.dialects.get("canonical"))
    assert event.report.document.data == data  # type: ignore[attr-defined]
    world.send()
    assert world.legs(accepted)[0].state is LegState.ARRIVED


def taking(world: World, **sizes: int) -> World:
    """The same world, where the operators and each endpoint take so many bytes."""

    def change(tree: dict[str, Any]) -> None:
        for operator in tree["operators"].values():
            operator["max_size"] = sizes["operators"]
        for endpoint in tree["endpoints"].values():
            endpoint["max_size"] = sizes["endpoints"]

    return world.changed(change)


def test_a_document_larger_than_any_mail_leaves_to_an_endpoint_that_takes_it(world: World) -> None:
    world = taking(world, operators=1_000_000, endpoints=50_000_000).with_routes(TO_FHIR)
    world.tell("team.created")
    accepted = world.tell("report.shared", recipients=None, report=report(upload(world, pdf_of(20_000_000))))
    world.prepare()
    world.send()
    assert [leg.state for leg in world.legs(accepted)] == [LegState.ARRIVED]


def test_what_no_leg_can_carry_is_held_with_the_limit_and_never_packed(
    every_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, data = taking(every_world, operators=1_000_000, endpoints=1_000_000), pdf_of(800_000)
    accepted = share(world, data)
    world.prepare()
    leg = world.leg(accepted)
    assert (leg.state, leg.reason, leg.message_id) == (LegState.HELD, "too-large", None)
    assert "1,0 Mo" in show_leg(leg)["reason"]["fr"]
    assert set(kept(world, accepted)) == {"bundle", "event", "known"}
    assert len(kept(world, accepted)["bundle"]) < 20_000
    assert world.audited(kind="leg-created", reason="too-large")


def test_a_dry_run_says_what_is_too_large_before_anything_is_sent(world: World) -> None:
    world, data = taking(world, operators=1_000_000, endpoints=1_000_000), pdf_of(800_000)
    named, small = report(upload(world, data)), report(upload(world, pdf_of(100)))
    brought = {**named, "document": {"content_type": "application/pdf", "data": base64.b64encode(data).decode()}}
    event = json.loads((EXAMPLES / "report.shared.json").read_bytes())
    for told, limit in ((named, "1,0 Mo"), (brought, "1,0 Mo"), (small, None)):
        body = json.dumps({**{part: event[part] for part in event if part != "team"}, "report": told}).encode()
        _, _, explained = preview(world.gateway, world.caller, body, "canonical")
        for leg in explained["legs"]:
            assert (leg["too_large"] is None) if limit is None else limit in leg["too_large"]["fr"]
        assert explained["legs"]


def test_a_document_erased_before_it_was_packed_holds_the_exchange(world: World) -> None:
    accepted = share(world, pdf_of(100))
    with world.gateway.store.unit() as unit:
        upload = unit.uploads.of(world.caller.tenant, accepted.exchange)
        assert upload is not None
        unit.uploads._drop()
    world.prepare()
    assert (world.exchange(accepted).state, world.exchange(accepted).reason) == ("held", "broken")


def test_two_events_at_once_do_not_share_one_upload(every_world: World) -> None:
    world = every_world
    named = report(upload(world, pdf_of(100)))
    first = world.report_to("luc.durand", report=named, id="one")
    with pytest.raises(Rejected) as refused:
        world.report_to("luc.durand", report={**named, "id": "other"}, id="two")
    assert [fault.code for fault in refused.value.faults] == ["unknown-content"]
    assert world.report_to("luc.durand", report=named, id="one").exchange == first.exchange
