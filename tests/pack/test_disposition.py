"""What a read receipt promises, in the form we write and in the forms the field still sends."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.model.errors import Rejected
from gateway.pack.disposition import read_disposition, receipt_wanted, write_mdn
from gateway.pack.mail import write_mail
from gateway.pack.mime import open_message
from tests.pack.test_mail import ENVELOPE, PACKED, modern

ORIGINAL = write_mail(PACKED, ENVELOPE)
AT = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)
NIL = "DEV935997"
NEW = "mdnmdnmdnmdn@b.mssante.test"


def mdn(outcome: str = "processed", original: bytes = ORIGINAL) -> bytes:
    return write_mdn(
        original,
        reporter=ENVELOPE.recipient,
        final_recipient=ENVELOPE.recipient,
        message_id=NEW,
        at=AT,
        outcome=outcome,
        nil=NIL,
    )


@pytest.mark.parametrize(
    ("outcome", "disposition", "automatic", "error", "code"),
    [
        ("displayed", "displayed", False, False, None),
        ("processed", "processed", True, False, None),
        ("902", "processed", True, True, "902"),
        ("901", "processed", True, True, "901"),
    ],
)
def test_a_receipt_is_read_back_as_it_was_written(
    outcome: str, disposition: str, automatic: bool, error: bool, code: str | None
) -> None:
    said = read_disposition(open_message(mdn(outcome)))
    assert said is not None
    assert (said.disposition, said.automatic, said.error, said.code) == (disposition, automatic, error, code)
    assert said.original_message_id == ENVELOPE.message_id
    assert said.final_recipient == ENVELOPE.recipient.text


def test_a_receipt_has_three_parts_and_the_last_one_is_the_whole_mail() -> None:
    message = modern(mdn("902"))
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "disposition-notification"
    text, notification, returned = message.iter_parts()
    assert "902" in text.get_content()
    assert notification.get_content_type() == "message/disposition-notification"
    assert returned.get_content_type() == "message/rfc822"
    inner = returned.get_content()
    assert inner["Message-ID"] == f"<{ENVELOPE.message_id}>"
    assert len(list(inner.iter_attachments())) == 2
    assert message["To"].addresses[0].addr_spec == ENVELOPE.sender.text
    assert message["Subject"].startswith("[KO Intégration système !][902] XDM/1.0/DDM+Plan")
    assert message["Auto-Submitted"] == "auto-replied"


def test_a_receipt_names_its_product() -> None:
    assert modern(mdn())["X-MSS-NIL"] == NIL


def test_a_receipt_answers_the_mail_it_is_about() -> None:
    message = modern(mdn())
    assert message["In-Reply-To"] == message["References"] == f"<{ENVELOPE.message_id}>"
    told = b"References: <a@x.fr> <b@x.fr>\r\n" + ORIGINAL
    assert modern(mdn(original=told))["References"] == f"<a@x.fr> <b@x.fr> <{ENVELOPE.message_id}>"


def test_a_receipt_says_whom_the_mail_was_for_as_its_sender_wrote_it() -> None:
    notification = open_message(mdn()).parts[1]
    assert b"Original-Recipient: rfc822;luc.durand@b.mssante.test\r\n" in notification.body
    several = ORIGINAL.replace(b"\r\nTo: ", b"\r\nTo: <ana@b.mssante.test>, ", 1)
    assert b"Original-Recipient" not in open_message(mdn(original=several)).parts[1].body
    told = b"Original-Recipient: rfc822;equipe@b.mssante.test\r\n" + ORIGINAL
    assert b"Original-Recipient: rfc822;equipe@b.mssante.test\r\n" in open_message(mdn(original=told)).parts[1].body


def test_a_success_keeps_the_subject() -> None:
    message = modern(mdn("processed"))
    assert message["Subject"].startswith("XDM/1.0/DDM+Plan")


def test_the_same_receipt_has_the_same_bytes() -> None:
    assert mdn("902") == mdn("902")


@pytest.mark.parametrize(
    "disposition",
    [
        "automatic-action/MDN-sent-automatically; processed/Error: 902^Identifiant de patient inconnu, DUPONT",
        "automatic-action/MDN-sent-automatically;processed/error: 902^x",
        "Automatic-Action / MDN-Sent-Automatically ; Processed/Error : 902",
    ],
)
def test_the_older_french_form_is_understood(disposition: str) -> None:
    raw = (
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n"
        "--x\nContent-Type: text/plain\n\nrefus\n--x\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822; Luc@b.mssante.test\nOriginal-Message-ID: <a@b>\n"
        f"Disposition: {disposition}\n\n--x--\n"
    )
    said = read_disposition(open_message(raw.encode()))
    assert said is not None
    assert (said.disposition, said.automatic, said.error, said.code) == ("processed", True, True, "902")
    assert (said.final_recipient, said.original_message_id) == ("luc@b.mssante.test", "a@b")
    assert "DUPONT" not in repr(said)


def test_a_receipt_with_damaged_boundaries_is_read_from_its_lines() -> None:
    raw = (
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="--=_1"\n\n'
        "—--=_1\nContent-Transfert-Encoding: 7bit\n\nOriginal-Message-ID: <a@b>\n"
        "Final-Recipient: rfc822;luc@b.mssante.test\n"
        "Disposition: automatic-action/MDN-sent-automatically; processed/Error: 904^x\n"
    )
    said = read_disposition(open_message(raw.encode()))
    assert said is not None
    assert (said.original_message_id, said.code) == ("a@b", "904")


@pytest.mark.parametrize("word", ["deleted", "dispatched", "denied", "displayed"])
def test_every_disposition_is_told_as_it_is(word: str) -> None:
    raw = mdn("displayed").replace(b"; displayed", f"; {word}".encode())
    said = read_disposition(open_message(raw))
    assert said is not None
    assert (said.disposition, said.automatic, said.error) == (word, False, False)


def test_a_warning_is_not_an_error() -> None:
    said = read_disposition(open_message(mdn("processed").replace(b"; processed", b"; processed/warning")))
    assert said is not None
    assert not said.error


def test_a_mail_that_forwards_a_receipt_is_not_one() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: message/rfc822\n\n" + mdn() + b"\n--y--\n"
    assert read_disposition(open_message(raw)) is None


# — when a receipt may be sent (RFC 8098 §2.1)


def test_a_receipt_goes_to_the_one_who_asked() -> None:
    assert receipt_wanted(ORIGINAL) == ENVELOPE.sender
    assert receipt_wanted(b"Return-Path: <" + ENVELOPE.sender.text.upper().encode() + b">\r\n" + ORIGINAL)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.fr\n\nx",
        b"Disposition-Notification-To: a@b.fr, c@d.fr\n\nx",
        b"Disposition-Notification-To: a@b.fr\nDisposition-Notification-To: a@b.fr\n\nx",
        b"Disposition-Notification-To: a@b.fr\nAuto-Submitted: auto-generated\n\nx",
        b"Return-Path: <other@b.fr>\nDisposition-Notification-To: a@b.fr\n\nx",
        b"Return-Path: <>\nDisposition-Notification-To: a@b.fr\n\nx",
        b"Disposition-Notification-To: a@b.fr\nContent-Type: multipart/report; boundary=x\n\n--x\n\n--x--",
    ],
)
def test_no_receipt_where_none_may_be_sent(raw: bytes) -> None:
    assert receipt_wanted(raw) is None
    with pytest.raises(Rejected):
        mdn(original=raw)


def test_a_hostile_subject_is_written_again_without_its_teeth() -> None:
    teeth = b"=?utf-8?q?x=0D=0ABcc:_spy@evil.test?= =?utf-8?b?PT91dGYtOD9xP2E9MEFiPz0=?="
    original = b"Disposition-Notification-To: a@b.fr\nMessage-ID: <x@y>\nSubject: " + teeth + b"\n\nx"
    message = modern(mdn("902", original))
    assert "Bcc" not in message
    assert not set("\r\n") & set(message["Subject"])


def test_an_original_whose_id_no_header_may_hold_is_answered_without_it() -> None:
    original = "Disposition-Notification-To: a@b.fr\nMessage-ID: <é@y>\n\nx".encode()
    assert b"Original-Message-ID" not in mdn("902", original)


def test_another_outcome_is_refused() -> None:
    with pytest.raises(Rejected):
        mdn("907")
