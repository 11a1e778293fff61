"""A software's own CDA document on its whole way: untouched in the mail, replaced and taken back by its own number."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from gateway import pack
from gateway.cli.box import TENANT
from gateway.journey.accept import Accepted
from gateway.model.errors import Rejected
from gateway.model.exchange import LegState
from tests.journey.conftest import World
from tests.journey.test_reports import BASE, cancel, leave, mail_of, replace
from tests.journey.test_uploaded import upload
from tests.pack.level3 import level3, section
from tests.pack.tagged import read_tagged


def own(number: str, text: str = "Cicatrisation complète.") -> bytes:
    """A level-3 document that a software numbered itself."""
    cda = level3(section("Conclusion", text))
    cda = re.sub(rb'<id root="2\.25\.[0-9]+"/>', f'<id root="1.2.3.4" extension="{number}"/>'.encode(), cda, count=1)
    return re.sub(rb'<setId root="[^"]*"/>', b'<setId root="1.2.3.5" extension="S-7"/>', cda)


def document(cda: bytes) -> dict[str, str]:
    """The document as an event brings it."""
    return {"content_type": "text/xml", "data": base64.b64encode(cda).decode()}


def shared(world: World, cda: bytes, **patient: Any) -> Accepted:
    """The example report with that document, to Sophie Bernard."""
    changes: dict[str, Any] = {"patient": {**BASE["patient"], **patient}} if patient else {}
    return world.report_to("sophie.bernard", report={**BASE["report"], "document": document(cda)}, **changes)


def test_a_document_goes_out_unchanged_with_its_page_beside_it(every_world: World) -> None:
    cda = own("CR-77")
    accepted = leave(every_world, shared(every_world, cda))
    mail = mail_of(every_world, accepted)
    assert mail.archive is not None
    (sent,) = pack.read_archive(mail.archive).documents
    assert sent.data == cda
    assert sent.entry.unique_id == "1.2.3.4^CR-77"
    ((_, page),) = mail.pdfs
    assert "Cicatrisation complète." in read_tagged(page).text()
    with every_world.gateway.store.glance() as unit:
        bundle = json.loads(unit.contents.get(TENANT, accepted.exchange, "bundle"))
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    assert base64.b64decode(resources["Binary"]["data"]) == cda
    assert resources["DocumentReference"]["content"][0]["attachment"]["contentType"] == "text/xml"


def test_it_is_taken_back_and_replaced_by_the_number_it_left_under(world: World) -> None:
    leave(world, shared(world, own("CR-77")))
    second = leave(world, replace(world, document=document(own("CR-78")), version=None))
    assert pack.read_archive(mail_of(world, second).archive or b"").documents[0].entry.action == "replace"
    taken = leave(world, cancel(world, report="CR-2"))
    (stand_in,) = pack.read_archive(mail_of(world, taken).archive or b"").documents
    assert (stand_in.entry.unique_id, stand_in.entry.action) == ("1.2.3.4^CR-78", "delete")


def test_a_newer_version_of_ours_names_it(world: World) -> None:
    leave(world, shared(world, own("CR-77")))
    second = leave(world, replace(world))
    header = pack.read_archive(mail_of(world, second).archive or b"").documents[0].cda().header
    assert header.replaces is not None
    assert (header.replaces.root, header.replaces.extension) == ("1.2.3.4", "CR-77")


def test_a_matricule_inside_it_stops_an_unqualified_identity_at_the_door(world: World) -> None:
    with pytest.raises(Rejected) as refusal:
        shared(world, own("CR-77"), identity_status="validated")
    (fault,) = refusal.value.faults
    assert (fault.code, fault.pointer) == ("ins-in-document", "/report/document/data")


def hidden(cda: bytes) -> bytes:
    """The document, masked to professionals by its own header."""
    mask = rb'\1><translation code="MASQUE_PS" codeSystem="1.2.250.1.213.1.1.4.13"/></confidentialityCode>'
    return re.sub(rb"(<confidentialityCode[^>]*)/>", mask, cda, count=1)


@pytest.mark.parametrize("how", ["data", "uploaded"])
def test_a_document_is_hidden_from_whom_it_says_itself(world: World, how: str) -> None:
    """What the event forgot to say is applied all the same, in the gate and in every form; its sender is told."""
    cda = hidden(own("CR-77"))
    brought = document(cda) if how == "data" else {"content_type": "text/xml", "content": upload(world, cda)}
    accepted = world.report_to("sophie.bernard", report={**BASE["report"], "document": brought})
    (notice,) = [one for one in accepted.notices if one.code == "masks-of-document"]
    assert (notice.at, notice.about) == (("report", "masks"), "MASQUE_PS")
    world.prepare()
    assert (world.leg(accepted).state, world.leg(accepted).reason) == (LegState.DENIED, "masked-to-professionals")


def test_a_document_said_to_be_masked_is_told_of_nothing(world: World) -> None:
    cda = hidden(own("CR-77"))
    report = {**BASE["report"], "masks": ["INVISIBLE_PATIENT", "MASQUE_PS"], "document": document(cda)}
    assert "masks-of-document" not in {one.code for one in world.report_to("sophie.bernard", report=report).notices}
