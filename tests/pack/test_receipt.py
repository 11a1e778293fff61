"""Which receipts are understood, which may move a leg, and what they prove."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.exchange import LegState
from gateway.model.identity import MailAddress
from gateway.pack.mail import write_mail
from gateway.pack.receipt import Receipt, belongs, read_receipt, verdict
from tests.pack.test_delivery_status import POSTFIX, dsn
from tests.pack.test_disposition import mdn
from tests.pack.test_mail import ENVELOPE, PACKED

KO = (
    "Return-Path: <luc.durand@b.mssante.test>\nReceived: from b\n"
    "From: Luc <luc.durand@b.mssante.test>\nTo: app@cpts.a.mssante.test\nDate: Fri, 20 Nov 2026 09:31:00 +0100\n"
    "Subject: =?utf-8?q?[KO_Int=C3=A9gration_syst=C3=A8me_!][902]_XDM/1.0/DDM+Plan?=\n"
    "Content-Type: multipart/mixed; boundary=k\n\n--k\nContent-Type: text/plain\n\n902 : patient inconnu\n"
    "--k\nContent-Type: message/rfc822\nContent-Disposition: attachment; filename=message_original.eml\n\n"
    f"Message-ID: <{ENVELOPE.message_id}>\nTo: luc.durand@b.mssante.test\n\nx\n--k--\n"
).encode()


def received(raw: bytes, path: str = "") -> bytes:
    """As our operator gives it to us, with what it recorded on top."""
    return f"Return-Path: <{path}>\r\nDelivered-To: app@cpts.a.mssante.test\r\nReceived: from b\r\n".encode() + raw


def mine(receipt: Receipt | None) -> bool:
    assert receipt is not None
    message_id, destination, origin = ENVELOPE.message_id, ENVELOPE.recipient, ENVELOPE.sender
    return belongs(receipt, message_id=message_id, destination=destination, origin=origin)


def read(raw: bytes) -> Receipt:
    receipt = read_receipt(raw)
    assert receipt is not None
    return receipt


def test_an_mdn_is_told_whole() -> None:
    assert read(received(mdn("902"))) == Receipt(
        kind="mdn",
        original_message_id=ENVELOPE.message_id,
        final_recipient="luc.durand@b.mssante.test",
        reporter="luc.durand@b.mssante.test",
        addressees=("app@cpts.a.mssante.test",),
        return_path_empty=True,
        disposition="processed/error",
        action="automatic",
        code="902",
        at=datetime(2026, 11, 20, 9, 31, tzinfo=UTC),
    )


def test_a_dsn_is_told_whole() -> None:
    receipt = read(received(dsn()))
    assert (receipt.kind, receipt.action, receipt.code) == ("dsn", "failed", "5.1.1")
    assert receipt.return_path_empty
    assert receipt.disposition is None


def test_an_ordinary_mail_that_says_ko_is_a_receipt() -> None:
    receipt = read(KO)
    assert (receipt.kind, receipt.code, receipt.original_message_id) == ("ko-mail", "902", ENVELOPE.message_id)
    assert mine(receipt)
    assert verdict(receipt) is LegState.REFUSED


def test_an_ordinary_mail_is_no_receipt() -> None:
    assert read_receipt(write_mail(PACKED, ENVELOPE)) is None
    assert read_receipt(b"") is None


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        (mdn("displayed"), LegState.READ),
        (mdn("processed"), LegState.READ),
        (mdn("902"), LegState.REFUSED),
        (mdn("processed").replace(b"; processed", b"; processed/error"), LegState.REFUSED),
        (mdn("displayed").replace(b"; displayed", b"; deleted"), None),
        (mdn("displayed").replace(b"; displayed", b"; dispatched"), None),
        (mdn("displayed").replace(b"; displayed", b"; denied"), None),
        (dsn("failed"), LegState.FAILED),
        (dsn("delivered", "2.0.0"), LegState.DELIVERED),
        (dsn("relayed", "2.0.0"), None),
        (dsn("delayed", "4.0.0"), None),
        (dsn("expanded", "2.0.0"), None),
    ],
)
def test_a_receipt_proves_what_it_says_and_no_more(raw: bytes, state: LegState | None) -> None:
    assert verdict(read(raw)) is state


# — what may move a leg


def test_the_recipients_own_receipt_belongs() -> None:
    assert mine(read_receipt(received(mdn("displayed"))))


def test_a_receipt_from_the_recipients_domain_belongs() -> None:
    raw = mdn("processed").replace(b"From: <luc.durand@", b"From: <logiciel@")
    assert mine(read_receipt(received(raw)))


def test_the_carriers_report_belongs_when_its_return_path_is_empty() -> None:
    assert mine(read_receipt(received(dsn())))


def test_case_and_spelling_of_addresses_do_not_matter() -> None:
    raw = mdn("processed").replace(b"From: <luc.durand@b.mssante.test>", b'From: "Luc, D." <Luc.Durand@B.mssante.test>')
    assert mine(read_receipt(received(raw)))


FORGED = {
    "another message": received(mdn("processed").replace(b"Original-Message-ID: <", b"Original-Message-ID: <x")),
    "another recipient": received(mdn("processed").replace(b"rfc822;luc.", b"rfc822;luce.")),
    "from another domain": received(mdn("processed").replace(b"From: <luc.durand@b.", b"From: <luc.durand@evil.")),
    "from a domain that ends alike": received(mdn("processed").replace(b"From: <luc.durand@b.", b"From: <luc@xb.")),
    "from a subdomain": received(mdn("processed").replace(b"From: <luc.durand@b.", b"From: <luc.durand@x.b.")),
    "from ourselves": received(mdn("processed").replace(b"From: <luc.durand@b.", b"From: <app@cpts.a.")),
    "with the domain only in its display name": received(
        mdn("processed").replace(
            b"From: <luc.durand@b.mssante.test>", b'From: "luc.durand@b.mssante.test" <spy@evil.test>'
        )
    ),
    "with two authors": received(
        mdn("processed").replace(
            b"From: <luc.durand@b.mssante.test>", b"From: luc.durand@b.mssante.test, spy@evil.test"
        )
    ),
    "with two From": received(b"From: luc.durand@b.mssante.test\r\n" + mdn("processed")),
    "without From": received(mdn("processed").replace(b"From: ", b"X-From: ")),
    "written to another mailbox": received(mdn("processed").replace(b"To: <app@cpts.a.", b"To: <other@cpts.a.")),
    "without Final-Recipient": received(mdn("processed").replace(b"Final-Recipient:", b"X-Final:")),
    "a bounce with a sender": received(dsn(), "spy@b.mssante.test"),
    "a bounce nobody recorded a Return-Path for": b"Received: from b\r\n" + dsn(),
    "a bounce that brings its own Return-Path": b"Received: from evil\r\nReturn-Path: <>\r\n" + dsn(),
    "a bounce under another's Return-Path": received(b"Return-Path: <>\r\n" + dsn(), "spy@evil.test"),
    "a bounce for another recipient": received(dsn().replace(b"rfc822; luc.", b"rfc822; luce.")),
    "a bounce of another message": received(dsn().replace(b"Envelope-Id: ", b"Envelope-Id: x")),
    "a ko mail from another domain": KO.replace(b"From: Luc <luc.durand@b.", b"From: Luc <luc.durand@evil."),
    "a ko mail about another recipient": KO.replace(b"\nTo: luc.durand@", b"\nTo: other@"),
    "a ko mail about another message": KO.replace(b"Message-ID: <", b"Message-ID: <x"),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_receipt_stays_unmatched(forgery: str) -> None:
    assert not mine(read_receipt(FORGED[forgery]))


def test_a_receipt_for_another_leg_of_ours_does_not_belong() -> None:
    receipt = read(received(mdn("processed")))
    other = replace(receipt, final_recipient="other@b.mssante.test")
    assert mine(receipt)
    assert not mine(other)


# — hostile bytes


def deep(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return head + b"\nx"


HOSTILE = {
    "nested ten thousand deep": deep(10_000),
    "ten thousand messages in messages": b"Content-Type: message/rfc822\n\n" * 10_000,
    "one header of 5 MB": b"To: " + b"(" * 5_000_000,
    "a header line without end": b"A" * 5_000_000,
    "a million headers": b"A: b\n" * 1_000_000,
    "a header folded a million times": b"Subject: x" + b"\n x" * 50_000 + b"\n\n",
    "addresses full of comments": b"From: " + b"(a" * 9_000 + b"\nSubject: [KO\n\n",
    "addresses full of quotes": b'From: "' + b'\\"' * 9_000 + b"\nSubject: Undelivered\n\n",
    "parameters full of quotes": b"Content-Type: multipart/report;" + b';a="\\' * 4_000 + b"\n\n",
    "a hundred thousand parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 100_000,
    "one boundary a million times on one line": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b" * 1_000_000,
    "lines that begin like a boundary": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bb\n" * 300_000,
    "no boundary": b"Content-Type: multipart/report; report-type=disposition-notification\n\n--\n",
    "an empty boundary": b'Content-Type: multipart/report; boundary=""\n\n----\n',
    "bad continuations": b"Content-Type: multipart/report; boundary*0*=%zz'; boundary*999=x; boundary*1*=y\n\nx",
    "an encoded word in a character set that is none": b"Subject: =?x-bad?q?=5BKO?= =?utf-8?b?////?=\n\nx",
    "nul bytes": b"\0" * 100_000,
    "a date far away": mdn("processed").replace(b"Date: ", b"Date: Fri, 99 Nov 99999999999 99:99:99 +9999 "),
    "base64 that is none": b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n"
    b"Content-Transfer-Encoding: base64\n\n=====\n--b--",
    "encoded words by the thousand": b"Subject: " + b"=?utf-8?q?a?= " * 1_400 + b"\n\nx",
    "a report of blank lines": b"Content-Type: multipart/report; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\n" + b"\n \t" * 60_000 + b"\n--b--",
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_bytes_are_answered_within_a_second(kind: str) -> None:
    start = time.process_time()
    receipt = read_receipt(HOSTILE[kind])
    assert receipt is None or not (kind == "a date far away" and receipt.at)
    assert time.process_time() - start < 1.0


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_receipt_is_never_a_crash(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([mdn("902"), dsn(), KO, POSTFIX.encode()]))[:6_000])
    draw = random.Random(data.draw(st.integers(0, 1_000_000)))
    for _ in range(data.draw(st.integers(1, 60))):
        raw[draw.randrange(len(raw))] = draw.randrange(256)
    receipt = read_receipt(bytes(raw[: draw.randrange(len(raw))]))
    assert receipt is None or verdict(receipt) in (*LegState, None)


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_without_a_crash(raw: bytes) -> None:
    assert read_receipt(raw) is None


def test_an_address_is_compared_in_lower_case() -> None:
    receipt = read(received(mdn("processed")))
    shouted = MailAddress(ENVELOPE.recipient.text.upper())
    assert belongs(receipt, message_id=ENVELOPE.message_id, destination=shouted, origin=ENVELOPE.sender)
