"""What comes for a client's software waits in its inbox: never lost, never twice, until it says that it has it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.api.told import InboxPage
from gateway.cli.box import CLIENT, POLLING
from gateway.journey.collect import collect
from gateway.journey.gateway import Caller
from gateway.journey.inbox import acknowledge, read_inbox
from gateway.journey.receive import receive
from gateway.journey.settle import settle
from gateway.journey.steer import NotFound
from gateway.model.audit import Entry
from gateway.sandbox import DEMO_PEOPLE, Sandbox
from gateway.sandbox.listener import received
from tests.journey.conftest import EXAMPLES, World
from tests.pack.test_zips import bomb

OURS = DEMO_PEOPLE[0].address.text
SOPHIE = "sophie.bernard@b.mssante.test"
TO_ALL = (
    "routes: [{{name: r, when: {{event: '*'}}, to: {{each: member}}, via: folder, mode: exchange, attach_fhir: {}}}]"
)

Post = Callable[[bytes], None]


@pytest.fixture
def post(sandbox: Sandbox) -> Post:
    """Somebody of another operator writes to our mailbox."""
    return lambda mail: sandbox.post(SOPHIE, OURS, mail)


def written(world: World, kind: str = "team.created", *, bundle: bool = True, **changes: Any) -> bytes:
    """A mail as another gateway would write it: ours, before it is sent to anybody."""
    writer = world.with_routes(TO_ALL.format("always" if bundle else "never"))
    accepted = writer.tell(kind, **changes)
    writer.prepare()
    with world.gateway.store.glance() as unit:
        return unit.contents.get(world.caller.tenant, accepted.exchange, "parcel/1")


def waiting(world: World, caller: Caller | None = None) -> list[dict[str, Any]]:
    page = read_inbox(world.gateway, caller or world.caller, cursor=None, limit=100)
    return [json.loads(item) for item in page.items]


def fetched(world: World, number: int) -> None:
    """Collect until that many mails that are no receipts have come in, and read them."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        world.collect()
        with world.gateway.store.glance() as unit:
            if len(unit.mail.waiting(state="not-a-receipt")) >= number:
                break
        time.sleep(0.1)
    world.receive()


def states(world: World) -> dict[str, int]:
    with world.gateway.store.glance() as unit:
        return {state: number for (_, state), number in unit.mail.tally().items()}


def test_a_bundle_another_gateway_attached_becomes_the_very_event_it_was(every_world: World, post: Post) -> None:
    post(written(every_world))
    fetched(every_world, 1)
    (item,) = waiting(every_world)
    assert item["type"] == "inbox.received"
    assert item["data"] == json.loads((EXAMPLES / "team.created.json").read_bytes())
    assert (item["dialect"], item["mailbox"], item["sentby"]) == ("canonical", OURS, OURS)
    (entry,) = every_world.audited(kind="inbox-received")
    assert (entry["facts"]["form"], entry["facts"]["items"]) == ("bundle", 2)  # one for each software of the tenant
    InboxPage.model_validate({"items": [item], "next_cursor": None})


def test_a_document_becomes_the_report_it_is(world: World, post: Post) -> None:
    post(written(world, "report.shared", bundle=False, team=None, recipients=[{"rpps": "10100023455"}]))
    fetched(world, 1)
    (item,) = waiting(world)
    assert item["data"]["type"] == "report.shared"
    assert item["data"]["patient"]["birth_name"] == "PAT-TROIS"
    assert item["data"]["report"]["document"]["content_type"] == "application/pdf"


def test_a_receipt_is_never_a_letter(world: World) -> None:
    accepted = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    end = time.monotonic() + 10
    while world.leg(accepted).receipt is None and time.monotonic() < end:
        world.collect()
        time.sleep(0.1)
    assert world.receive() == 0
    assert waiting(world) == []


HOSTILE = {
    "nothing in it": b"From: x@b.mssante.test\r\nSubject: bonjour\r\n\r\nBonjour\r\n",
    "no mail at all": bytes(range(256)) * 40,
    "a deep header": b"To: " + b"(" * 60_000 + b"\r\n\r\nx",
    "a bomb for an archive": (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: application/zip\r\n"
        b'Content-Disposition: attachment; filename="IHE_XDM.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(bomb())
        + b"\r\n--x--\r\n"
    ),
    "a bundle that is none": (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: application/fhir+json\r\n\r\n"
        + b"[" * 90_000
        + b"\r\n--x--\r\n"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_stays_stored_is_marked_and_counted(world: World, name: str) -> None:
    with world.gateway.store.unit() as unit:
        unit.mail.add(OURS, "1", "d", HOSTILE[name], world.clock(), tenant=world.caller.tenant)
        unit.audit(Entry(kind="mail-collected", at=world.clock(), tenant=world.caller.tenant, actor="test"))
    settle(world.gateway, world.reader, "test")
    assert world.receive() == 0
    assert states(world) == {"not-understood": 1}
    (entry,) = world.audited(kind="mail-not-understood")
    assert entry["facts"]["why"] == ("unsafe-archive" if "bomb" in name else "nothing-for-software")
    with world.gateway.store.glance() as unit:
        assert unit.mail.raw(entry["facts"]["mail"], tenant=world.caller.tenant) == HOSTILE[name]
    assert world.receive() == 0
    assert len(world.audited(kind="mail-not-understood")) == 1


def test_two_workers_make_one_item_of_one_mail(every_world: World, post: Post) -> None:
    for n in range(3):
        post(written(every_world, id=f"I-{n}"))
    end = time.monotonic() + 15
    while sum(states(every_world).values()) < 3 and time.monotonic() < end:
        collect(every_world.gateway, every_world.gateway.transports["mssante"], "test")
        time.sleep(0.1)
    settle(every_world.gateway, every_world.reader, "test")
    threads = [
        threading.Thread(target=receive, args=(every_world.gateway, every_world.reader, f"worker {n}")) for n in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(item["data"]["id"] for item in waiting(every_world)) == ["I-0", "I-1", "I-2"]
    assert len(every_world.audited(kind="inbox-received")) == 3


def test_a_worker_that_dies_between_storing_and_forgetting_neither_loses_nor_doubles(
    every_world: World, post: Post
) -> None:
    """The mail is stored, then its process is no more: the server still has it, and gives it once more."""
    post(written(every_world))

    class Killed(BaseException):
        pass

    class Dying:
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def forget(self, mailbox: str, handles: object) -> None:
            raise Killed

    end = time.monotonic() + 15
    while states(every_world) == {} and time.monotonic() < end:
        with suppress(Killed):
            collect(every_world.gateway, Dying(every_world.gateway.transports["mssante"]), "dies")
        time.sleep(0.1)
    assert states(every_world) == {"collected": 1}
    fetched(every_world, 1)
    fetched(every_world, 0)
    assert len(waiting(every_world)) == 1


def test_an_item_is_there_until_its_own_client_acknowledges_it(every_world: World, post: Post) -> None:
    world = every_world
    post(written(world))
    fetched(world, 1)
    (item,) = waiting(world)
    for stranger in (Caller(world.caller.tenant, "another", "x"), Caller("another", CLIENT, "x")):
        assert waiting(world, stranger) == []
        with pytest.raises(NotFound):
            acknowledge(world.gateway, stranger, item["id"])
    assert len(waiting(world)) == 1
    acknowledge(world.gateway, world.caller, item["id"])
    acknowledge(world.gateway, world.caller, item["id"])
    assert waiting(world) == []
    assert len(world.audited(kind="inbox-acknowledged")) == 1
    assert {entry["facts"]["first"] for entry in world.audited(kind="content-read")} == {item["id"]}
    assert world.gateway.store.verify().whole


def test_pages_follow_each_other_and_hold_everything_once(world: World, post: Post) -> None:
    for n in range(5):
        post(written(world, id=f"P-{n}"))
    fetched(world, 5)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = read_inbox(world.gateway, world.caller, cursor=cursor, limit=2)
        assert len(page.items) <= 2
        seen += [json.loads(item)["data"]["id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == [f"P-{n}" for n in range(5)]


def test_each_software_of_the_tenant_has_its_own_item_and_a_mailbox_may_name_one(world: World, post: Post) -> None:
    def named(tree: dict[str, Any]) -> None:
        tree["mailboxes"][0] |= {"tenant": "msp-deux-ponts", "client": POLLING}

    other = Caller(world.caller.tenant, POLLING, "client:other")
    post(written(world, id="C-1"))
    fetched(world, 1)
    assert [len(waiting(world, who)) for who in (world.caller, other)] == [1, 1]
    acknowledge(world.gateway, other, waiting(world, other)[0]["id"])
    assert [len(waiting(world, who)) for who in (world.caller, other)] == [1, 0]
    world = world.changed(named)
    post(written(world, id="C-2"))
    fetched(world, 1)
    assert [len(waiting(world, who)) for who in (world.caller, other)] == [1, 1]


def test_a_client_with_an_address_is_called_with_the_item_and_its_answer_acknowledges_it(
    every_world: World, post: Post, sandbox: Sandbox
) -> None:
    world = every_world
    post(written(world))
    fetched(world, 1)
    (item,) = waiting(world)
    world.call()
    assert waiting(world) == []
    site = json.loads((sandbox.root / "sandbox.json").read_text())["sites"]["practice"]
    (heard,) = [one for one in received(Path(site["folder"])) if one.message_id == item["id"]]
    assert heard.event == item
    (entry,) = world.audited(kind="inbox-acknowledged")
    assert entry["facts"]["by"] == "callback"


def test_a_mail_in_a_mailbox_of_nobody_is_kept_aside(world: World, post: Post) -> None:
    world.gateway = replace(world.gateway, clients={})
    post(written(world))
    fetched(world, 1)
    assert states(world) == {"not-understood": 1}
    assert world.audited(kind="mail-not-understood")[0]["facts"]["why"] == "no-client"


def test_an_item_that_was_erased_does_not_hold_up_what_is_told_behind_it(world: World, post: Post) -> None:
    post(written(world, id="E-1"))
    fetched(world, 1)
    (item,) = waiting(world)
    with world.gateway.store.unit() as unit:
        unit.contents.erase(world.caller.tenant, item["id"])
        unit.audit(
            Entry(
                kind="content-purged", at=world.clock(), tenant=world.caller.tenant, actor="test", exchange=item["id"]
            )
        )
    assert waiting(world) == []
    accepted = world.tell("team.created", id="E-2")
    world.prepare()
    world.notify()
    world.call()
    with world.gateway.store.glance() as unit:
        assert unit.notices.get(world.caller.tenant, item["id"]).code == "erased"  # type: ignore[union-attr]
        behind = unit.notices.find(world.caller.tenant, exchange=accepted.exchange)
    assert behind
    assert {one.state for one in behind} == {"sent"}


def test_a_mail_that_breaks_us_does_not_keep_the_others_waiting(world: World, post: Post) -> None:
    for n in (1, 2):
        post(written(world, id=f"B-{n}"))
    end = time.monotonic() + 15
    while sum(states(world).values()) < 2 and time.monotonic() < end:
        world.collect()
        time.sleep(0.1)
    with world.gateway.store.glance() as unit:
        first = unit.mail.waiting(state="not-a-receipt")[0]
    with world.gateway.store.unit() as unit:
        unit.contents.erase(world.caller.tenant, first.id)
        unit.audit(
            Entry(kind="content-purged", at=world.clock(), tenant=world.caller.tenant, actor="test", exchange=first.id)
        )
    assert world.receive() == 1
    assert states(world) == {"received": 1, "not-understood": 1}
