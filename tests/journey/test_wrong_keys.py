"""A document whose numbers have wrong keys reaches its reader with a word about each, or is refused: a setting."""

from __future__ import annotations

import json
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

from gateway.journey.inbox import read_inbox
from gateway.journey.receive import receive
from gateway.journey.settle import settle
from gateway.model.audit import Entry
from gateway.pack import Enclosed, write_archive
from gateway.sandbox import DEMO_PEOPLE
from tests.journey.conftest import World
from tests.pack.material import MINTED, SOFTWARE, TERMS, packed

RPPS, WRONG = b"810100012342", b"810100012343"


def bring(world: World) -> None:
    """A mail whose document names its author by a number with a wrong key."""
    cda = packed("report.shared").cda
    assert RPPS in cda
    message = EmailMessage()
    message["From"], message["To"] = "sophie.bernard@b.mssante.test", DEMO_PEOPLE[0].address.text
    message.set_content("Bonjour")
    archive = write_archive([Enclosed(cda.replace(RPPS, WRONG))], MINTED, SOFTWARE, TERMS)
    message.add_attachment(archive, "application", "zip", filename="IHE_XDM.zip")
    with world.gateway.store.unit() as unit:
        at, tenant = world.clock(), world.caller.tenant
        unit.mail.add(DEMO_PEOPLE[0].address.text, "1", "d", message.as_bytes(), at, tenant=tenant)
        unit.audit(Entry(kind="mail-collected", at=at, tenant=tenant, actor="test"))
    settle(world.gateway, world.reader, "test")


def waiting(world: World) -> list[dict[str, Any]]:
    page = read_inbox(world.gateway, world.caller, cursor=None, limit=10)
    return [json.loads(item) for item in page.items]


def test_a_number_with_a_wrong_key_is_told_beside_the_event_and_kept_apart(world: World) -> None:
    bring(world)
    assert world.receive() == 1
    (item,) = waiting(world)
    assert "rpps-key:/sender/rpps" in item["notices"].split()
    assert "rpps" not in item["data"]["sender"]
    assert {"scheme": "LOCAL", "system": "1.2.250.1.71.4.2.1", "value": WRONG.decode()} in item["data"]["sender"]["ids"]
    (entry,) = world.audited(kind="inbox-received")
    assert entry["facts"]["notices"] == "rpps-key"


def test_where_the_settings_refuse_wrong_keys_such_a_mail_is_not_understood(world: World) -> None:
    bring(world)
    assert receive(replace(world.gateway, refuse_wrong_keys=True), world.reader, "test") == 0
    assert waiting(world) == []
    (entry,) = world.audited(kind="mail-not-understood")
    assert entry["facts"]["why"] == "rpps-key"
