"""Each kind of mailbox does what its name says, and says so in the standard forms."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.model.exchange import LegState
from gateway.model.identity import MailAddress
from gateway.pack import belongs, verdict
from gateway.pack.receipt import Receipt
from tests.sandbox.conftest import APP, LUC, Visitor

Fresh = Callable[[], str]


def mine(receipt: Receipt, message_id: str, destination: str) -> bool:
    return belongs(receipt, message_id=message_id, destination=MailAddress(destination), origin=MailAddress(APP))


def test_a_person_reads_and_answers_within_a_second(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    assert place.send(LUC, name)[0] == 250
    ((receipt, raw),) = place.receipts(name, 1, within_s=1.0)
    assert (receipt.kind, receipt.disposition) == ("mdn", "displayed")
    assert mine(receipt, name, LUC)
    assert verdict(receipt) is LegState.READ
    assert raw.startswith(b"Return-Path: <>\r\n")


def test_a_mail_is_stored_as_it_was_sent_under_the_carriers_traces(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    place.send(LUC, name)
    (stored,) = [one.path.read_bytes() for one in place.sandbox.arrivals() if one.message_id == name]
    trace, sent = stored[: -len(place.mail(LUC, name))], stored[-len(place.mail(LUC, name)) :]
    assert sent == place.mail(LUC, name)
    assert trace.startswith(f"Return-Path: <{APP}>\r\nDelivered-To: {LUC}\r\n".encode())
    assert trace.count(b"Received: ") == 2


def test_delivery_is_reported_when_success_is_asked_for(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    place.send(LUC, name, notify="SUCCESS,FAILURE,DELAY")
    receipts = [receipt for receipt, _ in place.receipts(name, 2)]
    assert {receipt.kind for receipt in receipts} == {"mdn", "dsn"}
    report = next(receipt for receipt in receipts if receipt.kind == "dsn")
    assert verdict(report) is LegState.DELIVERED
    assert mine(report, name, LUC)


def test_bounce_is_taken_and_then_reported_as_failed(place: Visitor, fresh: Fresh) -> None:
    name, address = fresh(), "bounce@b.mssante.test"
    assert place.send(address, name)[0] == 250
    ((receipt, raw),) = place.receipts(name, 1)
    assert (receipt.kind, receipt.action, receipt.code) == ("dsn", "failed", "5.1.1")
    assert raw.startswith(b"Return-Path: <>\r\n")
    assert mine(receipt, name, address)
    assert place.arrived(name) == []


def test_bounce_says_nothing_to_those_who_asked_never_to_be_told(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    assert place.send("bounce@b.mssante.test", name, notify="NEVER")[0] == 250
    assert place.receipts(name, 1, within_s=0.5) == []


def test_refuse_902_answers_with_the_french_error(place: Visitor, fresh: Fresh) -> None:
    name, address = fresh(), "refuse-902@b.mssante.test"
    assert place.send(address, name)[0] == 250
    ((receipt, raw),) = place.receipts(name, 1)
    assert (receipt.disposition, receipt.code) == ("processed/error", "902")
    assert verdict(receipt) is LegState.REFUSED
    assert mine(receipt, name, address)
    assert b"\r\nError: 902^patient inconnu\r\n" in raw


def test_greylist_takes_the_same_message_the_second_time(place: Visitor, fresh: Fresh) -> None:
    name, other, address = fresh(), fresh(), "greylist@b.mssante.test"
    assert place.send(address, name)[0] == 451
    assert place.send(address, name)[0] == 250
    assert place.send(address, other)[0] == 451
    assert place.arrived(name) == [address]


def test_full_is_full_every_time(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    assert [place.send("full@b.mssante.test", name)[0] for _ in range(3)] == [452, 452, 452]
    assert place.arrived(name) == []


def test_slow_answers_late_but_well(place: Visitor, fresh: Fresh) -> None:
    name, start = fresh(), time.monotonic()
    assert place.send("slow@b.mssante.test", name)[0] == 250
    assert time.monotonic() - start >= 0.4
    assert len(place.receipts(name, 1)) == 1


def test_silent_keeps_the_mail_and_says_nothing(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    assert place.send("silent@b.mssante.test", name)[0] == 250
    assert place.arrived(name) == ["silent@b.mssante.test"]
    assert place.receipts(name, 1, within_s=0.5) == []


def test_a_mailbox_that_cannot_store_says_later_and_not_never(place: Visitor, fresh: Fresh) -> None:
    spool, name = place.sandbox.root / "mail" / "silent@b.mssante.test" / "tmp", fresh()
    spool.rmdir()
    try:
        assert place.send("silent@b.mssante.test", name)[0] == 452
    finally:
        spool.mkdir()
    assert place.send("silent@b.mssante.test", name)[0] == 250


def test_the_same_mail_sent_twice_is_there_twice(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    place.send("silent@b.mssante.test", name)
    place.send("silent@b.mssante.test", name)
    assert len(place.arrived(name)) == 2
