"""Whoever sent us a document and asked is told, once, that a software has it; and why, when it could not take it in."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.cli.box import POLLING, TENANT
from gateway.deliver import DeliveryReport, Outcome, Parcel
from gateway.journey.gateway import Caller
from gateway.journey.inbox import HAS_IT, Acknowledgement, NotIntegrated, acknowledge
from gateway.journey.reply import reply
from gateway.model.event import read_event
from gateway.pack import Receipt, read_receipt
from gateway.record import Reply
from gateway.sandbox import DEMO_PEOPLE, Sandbox
from gateway.sandbox.letter import write_letter
from tests.journey.conftest import EXAMPLES, World
from tests.journey.test_inbox import fetched, waiting

US, SOPHIE = DEMO_PEOPLE[0].address, DEMO_PEOPLE[2]
OTHER = Caller(TENANT, POLLING, "client:other")
REFUSED = Acknowledgement(NotIntegrated("902"))

Change = Callable[[bytes], bytes]


def same(raw: bytes) -> bytes:
    return raw


def without(field: bytes) -> Change:
    return lambda raw: re.sub(rb"(?mi)^" + field + rb":.*\r\n(?:[ \t].*\r\n)*", b"", raw, count=1)


def with_field(line: bytes) -> Change:
    return lambda raw: line + b"\r\n" + raw


@pytest.fixture
def letter(sandbox: Sandbox, world: World) -> Callable[..., str]:
    return sending(sandbox)(world)


@pytest.fixture
def every_letter(sandbox: Sandbox, every_world: World) -> Callable[..., str]:
    return sending(sandbox)(every_world)


def sending(sandbox: Sandbox) -> Callable[[World], Callable[..., str]]:
    """Sophie's software sends us a report and asks for a receipt; it has arrived. Gives the mail's Message-ID."""

    def of(world: World) -> Callable[..., str]:
        tree: dict[str, Any] = json.loads((EXAMPLES / "report.shared.json").read_bytes())
        tree = {name: value for name, value in tree.items() if name not in ("team", "recipients")}

        def send(change: Change = same, *, sender: str = SOPHIE.address.text) -> str:
            seed = UUID(int=time.time_ns())
            event = read_event(tree | {"id": f"R-{seed}"})
            raw = change(write_letter(event, SOPHIE, US, world.gateway.terms, seed, datetime.now(UTC)))
            sandbox.post(sender, US.text, raw)
            fetched(world, 1)
            return f"{seed.hex}@{SOPHIE.address.domain}"

        return send

    return of


def work(world: World) -> None:
    """Carry every reply that is due."""
    while reply(world.gateway, world.reader, "test"):
        pass


def replies(world: World) -> list[Reply]:
    with world.gateway.store.glance() as unit:
        return [
            one for state in ("pending", "sent", "failed", "not-sent") for one in unit.replies.find(TENANT, state=state)
        ]


def heard(sandbox: Sandbox, message_id: str, number: int = 1) -> list[tuple[Receipt, bytes]]:
    """What Sophie's mailbox holds about that mail, once there are `number` of them."""
    end = time.monotonic() + 5
    while True:
        raws = [one.path.read_bytes() for one in sandbox.arrivals() if one.recipient == SOPHIE.address.key]
        read = [(receipt, raw) for raw in raws if (receipt := read_receipt(raw)) is not None]
        mine = [pair for pair in read if pair[0].original_message_id == message_id]
        if len(mine) >= number or time.monotonic() > end:
            return mine
        time.sleep(0.05)


def test_a_software_has_it_and_its_sender_reads_that_it_was_processed(
    every_world: World, every_letter: Callable[..., str], sandbox: Sandbox
) -> None:
    world, sent = every_world, every_letter()
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    acknowledge(world.gateway, OTHER, waiting(world, OTHER)[0]["id"], REFUSED)
    work(world)
    ((receipt, raw),) = heard(sandbox, sent)
    assert (receipt.kind, receipt.disposition, receipt.code) == ("mdn", "processed", None)
    assert receipt.final_recipient == US.text
    assert raw.startswith(b"Return-Path: <>\r\n")
    (one,) = replies(world)  # the first word counts
    assert (one.state, one.outcome, one.client, one.tries) == ("sent", "processed", world.caller.client, 1)
    (owed,) = world.audited(kind="reply-owed")
    (started,) = world.audited(kind="reply-started")
    (tried,) = world.audited(kind="reply-tried")
    assert owed["facts"]["reply"] == started["facts"]["reply"] == tried["facts"]["reply"] == one.id
    assert (tried["facts"]["state"], tried["facts"]["says"]) == ("sent", "processed")
    assert world.gateway.store.verify().whole


def test_what_a_software_could_not_take_in_is_refused_with_its_code(
    world: World, letter: Callable[..., str], sandbox: Sandbox
) -> None:
    sent = letter()
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"], REFUSED)
    work(world)
    ((receipt, raw),) = heard(sandbox, sent)
    assert (receipt.kind, receipt.code) == ("mdn", "902")
    assert b"processed/error" in raw
    assert world.audited(kind="inbox-acknowledged")[0]["facts"]["error"] == "902"


def test_without_a_request_an_error_is_an_ordinary_mail_and_success_is_silence(
    world: World, letter: Callable[..., str], sandbox: Sandbox
) -> None:
    unasked = without(b"Disposition-Notification-To")
    fine = letter(unasked)
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    wrong = letter(unasked)
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"], REFUSED)
    work(world)
    ((receipt, raw),) = heard(sandbox, wrong)
    assert (receipt.kind, receipt.code) == ("ko-mail", "902")
    assert b"message_original.eml" in raw
    assert heard(sandbox, fine, 0) == []
    assert {(one.state, one.code) for one in replies(world)} == {("sent", "250 2.0.0"), ("not-sent", "not-asked")}


NEVER_ANSWERED: Mapping[str, tuple[Change, str]] = {
    "an automatic answer": (with_field(b"Auto-Submitted: auto-replied"), SOPHIE.address.text),
    "no return path": (same, ""),
}


@pytest.mark.parametrize("name", NEVER_ANSWERED)
@pytest.mark.parametrize("said", [HAS_IT, REFUSED])
def test_programs_do_not_write_to_each_other_for_ever(
    world: World, letter: Callable[..., str], sandbox: Sandbox, name: str, said: Acknowledgement
) -> None:
    change, sender = NEVER_ANSWERED[name]
    sent = letter(change, sender=sender)
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"], said)
    work(world)
    (one,) = replies(world)
    assert (one.state, one.code, one.destination) == ("not-sent", "not-asked", None)
    assert heard(sandbox, sent, 0) == []


def test_a_receipt_asked_for_to_another_address_than_the_senders_is_not_sent_by_itself(
    world: World, letter: Callable[..., str]
) -> None:
    other = b"Disposition-Notification-To: <hugo.petit@b.mssante.test>\r\n"
    letter(lambda raw: other + without(b"Disposition-Notification-To")(raw))
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    work(world)
    assert [(one.state, one.code) for one in replies(world)] == [("not-sent", "not-asked")]


def test_our_own_answer_is_never_answered(world: World, letter: Callable[..., str], sandbox: Sandbox) -> None:
    """It comes back to us, as a mail to us: it is a receipt that belongs to nothing, and owes nothing."""
    sent = letter()
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    work(world)
    ((_, raw),) = heard(sandbox, sent)
    before = len(replies(world))
    sandbox.post("", US.text, raw)
    end = time.monotonic() + 10
    while len(world.audited(kind="mail-collected")) < 3 and time.monotonic() < end:
        world.collect()
        if world.audited(kind="receipt-unmatched"):
            break
        time.sleep(0.1)
    world.receive()
    work(world)
    assert world.audited(kind="receipt-unmatched")
    assert len(replies(world)) == before


def test_outside_the_white_list_nothing_leaves(world: World, letter: Callable[..., str], sandbox: Sandbox) -> None:
    sent = letter()
    usable = world.gateway.white_list()
    assert usable is not None
    elsewhere = replace(usable, domains=frozenset({"msp-deux-ponts.a.mssante.test"}))
    world.gateway = replace(world.gateway, white_list=lambda: elsewhere)
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    work(world)
    assert [(one.state, one.code) for one in replies(world)] == [("failed", "not-in-white-list")]
    assert heard(sandbox, sent, 0) == []


def test_without_a_usable_white_list_it_waits_for_one(
    world: World, letter: Callable[..., str], sandbox: Sandbox
) -> None:
    sent, listed = letter(), world.gateway.white_list
    world.gateway = replace(world.gateway, white_list=lambda: None)
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    work(world)
    assert [(one.state, one.code, one.tries) for one in replies(world)] == [("pending", "white-list-missing", 1)]
    world.gateway = replace(world.gateway, white_list=listed)
    world.pass_time(minutes=2)
    work(world)
    assert len(heard(sandbox, sent)) == 1


def test_a_mailbox_that_does_not_answer_owes_nothing(world: World, letter: Callable[..., str]) -> None:
    letter()
    quiet = world.changed(lambda tree: tree["mailboxes"][0].update(answers=False))
    acknowledge(quiet.gateway, world.caller, waiting(world)[0]["id"], REFUSED)
    assert replies(world) == []
    assert waiting(world) == []


@pytest.mark.parametrize("asked", [True, False])
def test_a_broken_archive_is_refused_by_itself_to_who_asked_and_to_nobody_else(
    world: World, letter: Callable[..., str], sandbox: Sandbox, asked: bool
) -> None:
    def broken(raw: bytes) -> bytes:
        raw = raw if asked else without(b"Disposition-Notification-To")(raw)
        head, _, archive = raw.partition(b"IHE_XDM.zip")
        assert archive
        at = archive.index(b"\r\n\r\n") + 400
        return head + b"IHE_XDM.zip" + archive[:at] + b"AAAA" + archive[at + 4 :]

    sent = letter(broken)
    assert world.audited(kind="mail-not-understood")
    work(world)
    told = [receipt.code for receipt, _ in heard(sandbox, sent, int(asked))]
    assert told == (["906"] if asked else [])
    assert [(one.outcome, one.client, one.state) for one in replies(world)] == [
        ("906", None, "sent" if asked else "not-sent")
    ]


def test_a_letter_between_people_is_not_refused(world: World, sandbox: Sandbox) -> None:
    sandbox.post(
        SOPHIE.address.text,
        US.text,
        b"From: sophie.bernard@b.mssante.test\r\nTo: " + US.text.encode() + b"\r\nSubject: bonjour\r\n"
        b"Disposition-Notification-To: sophie.bernard@b.mssante.test\r\n\r\nBonjour\r\n",
    )
    fetched(world, 1)
    assert world.audited(kind="mail-not-understood")
    assert replies(world) == []


def test_of_several_documents_success_is_said_with_the_last_and_an_error_with_the_first(world: World) -> None:
    """One mail, two documents, one software."""
    for said, expected in ((HAS_IT, "processed"), (REFUSED, "902")):
        ids = two_documents(world)
        acknowledge(world.gateway, world.caller, ids[0])
        assert not [one for one in replies(world) if one.outcome == expected]
        acknowledge(world.gateway, world.caller, ids[1], said)
        assert [one.outcome for one in replies(world)].count(expected) == 1


def two_documents(world: World) -> tuple[str, str]:
    from gateway.journey.minting import mint_id
    from gateway.model.audit import Entry
    from gateway.record import Item

    now = world.clock()
    with world.gateway.store.unit() as unit:
        mail = unit.mail.add(US.text, "1", f"{time.time_ns():x}", b"Subject: x\r\n\r\n", now, tenant=TENANT)
        assert mail is not None
        ids = tuple(mint_id(now, world.gateway.draw) for _ in range(2))
        for n, id in enumerate(ids, start=1):
            unit.inbox.add(
                Item(tenant=TENANT, id=id, client=world.caller.client, mail=mail, n=n, type="report.shared", at=now),
                b"{}",
            )
        unit.audit(Entry(kind="inbox-received", at=now, tenant=TENANT, actor="test"))
    return ids[0], ids[1]


def test_another_software_of_the_mailbox_sees_where_the_answer_stands(world: World, letter: Callable[..., str]) -> None:
    from gateway.api.told import InboxPage

    letter()
    assert "answer" not in waiting(world, OTHER)[0]
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    assert waiting(world, OTHER)[0]["answer"] == "pending"
    work(world)
    assert waiting(world, OTHER)[0]["answer"] == "sent"
    InboxPage.model_validate({"items": waiting(world, OTHER), "next_cursor": None})


def test_a_callback_that_took_the_item_acknowledges_it_to_the_sender_too(
    world: World, letter: Callable[..., str], sandbox: Sandbox
) -> None:
    sent = letter()
    world.call()
    work(world)
    ((receipt, _),) = heard(sandbox, sent)
    assert receipt.disposition == "processed"


class Flaky:
    """A transport that tells what it is told to tell, and keeps the parcels; then the real one."""

    def __init__(self, inner: Any, *outcomes: DeliveryReport | type[BaseException]) -> None:
        self._inner, self._outcomes, self.parcels = inner, list(outcomes), list[Parcel]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def send(self, parcel: Parcel) -> DeliveryReport:
        self.parcels.append(parcel)
        report: DeliveryReport = self._inner.send(parcel)
        if not self._outcomes:
            return report
        told = self._outcomes.pop(0)
        if isinstance(told, DeliveryReport):
            return told
        raise told


class Killed(BaseException):
    pass


def test_an_unknown_outcome_is_tried_again_with_the_same_bytes(
    world: World, letter: Callable[..., str], sandbox: Sandbox
) -> None:
    sent = letter()
    flaky = Flaky(world.gateway.transports["mssante"], DeliveryReport(Outcome.UNKNOWN, "outcome-unknown", ""))
    world.gateway = replace(world.gateway, transports={**world.gateway.transports, "mssante": flaky})
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    work(world)
    assert [(one.state, one.code) for one in replies(world)] == [("pending", "outcome-unknown")]
    world.pass_time(minutes=2)
    work(world)
    first, second = flaky.parcels
    assert (first.message_id, first.body) == (second.message_id, second.body)
    assert not first.returns
    assert len(heard(sandbox, sent, 2)) == 2  # the same receipt twice: their software knows it by its Message-ID
    assert [(one.state, one.tries) for one in replies(world)] == [("sent", 2)]


def test_a_worker_killed_while_it_sends_leaves_the_answer_to_another(
    every_world: World, every_letter: Callable[..., str], sandbox: Sandbox
) -> None:
    world, sent = every_world, every_letter()
    flaky = Flaky(world.gateway.transports["mssante"], Killed)
    world.gateway = replace(world.gateway, transports={**world.gateway.transports, "mssante": flaky})
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    with suppress(Killed):
        work(world)
    work(world)
    assert len(flaky.parcels) == 1  # its lease is not over
    world.end_leases()
    work(world)
    first, second = flaky.parcels
    assert first == second
    assert {read.disposition for read, _ in heard(sandbox, sent, 2)} == {"processed"}
    assert [(one.state, one.tries) for one in replies(world)] == [("sent", 2)]


def test_an_answer_nobody_takes_is_given_up_on_the_schedule_and_said(world: World, letter: Callable[..., str]) -> None:
    letter()
    refusing = [DeliveryReport(Outcome.TRY_LATER, "451 4.4.1", "away")] * 20
    flaky = Flaky(world.gateway.transports["mssante"], *refusing)
    pace = replace(world.gateway.pace, schedule=(timedelta(minutes=1),) * 2)
    world.gateway = replace(world.gateway, pace=pace, transports={**world.gateway.transports, "mssante": flaky})
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    for _ in range(5):
        work(world)
        world.pass_time(minutes=3)
    assert [(one.state, one.code, one.tries) for one in replies(world)] == [("failed", "451 4.4.1", 3)]
    assert [entry["facts"]["state"] for entry in world.audited(kind="reply-tried")] == ["pending", "pending", "failed"]


def test_two_workers_carry_one_answer_once(
    every_world: World, every_letter: Callable[..., str], sandbox: Sandbox
) -> None:
    world, sent = every_world, every_letter()
    acknowledge(world.gateway, world.caller, waiting(world)[0]["id"])
    threads = [threading.Thread(target=work, args=(world,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard(sandbox, sent)) == 1
    assert len(world.audited(kind="reply-started")) == 1
