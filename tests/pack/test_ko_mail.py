"""A refusal by ordinary mail: read back as written, and never sent where two programs would answer each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.model.errors import Rejected
from gateway.model.exchange import LegState
from gateway.model.reasons import RECIPIENT_ERRORS
from gateway.pack.ko_mail import KoMail, read_ko_mail, refusal_wanted, write_ko_mail
from gateway.pack.mime import open_message
from gateway.pack.receipt import belongs, read_receipt, verdict
from tests.pack.test_disposition import AT, NEW, NIL, ORIGINAL, mdn
from tests.pack.test_mail import ENVELOPE, modern


def ko(code: str = "902", original: bytes = ORIGINAL) -> bytes:
    return write_ko_mail(original, reporter=ENVELOPE.recipient, message_id=NEW, at=AT, code=code, nil=NIL)


@pytest.mark.parametrize("code", RECIPIENT_ERRORS)
def test_a_refusal_is_read_back_as_it_was_written(code: str) -> None:
    assert read_ko_mail(open_message(ko(code))) == KoMail(
        code=code, original_message_id=ENVELOPE.message_id, final_recipient=ENVELOPE.recipient.text
    )


def test_a_refusal_moves_the_leg_it_is_about_and_no_other() -> None:
    receipt = read_receipt(ko())
    assert receipt is not None
    assert verdict(receipt) is LegState.REFUSED
    mine = {"message_id": ENVELOPE.message_id, "origin": ENVELOPE.sender}
    assert belongs(receipt, destination=ENVELOPE.recipient, **mine)  # type: ignore[arg-type]
    assert not belongs(receipt, destination=ENVELOPE.sender, **mine)  # type: ignore[arg-type]


def test_a_mail_reader_sees_a_text_and_the_whole_mail_it_is_about() -> None:
    message = modern(ko("904"))
    assert message.get_content_type() == "multipart/mixed"
    assert message["Subject"].startswith("[KO Intégration système !][904] XDM/1.0/DDM+Plan")
    assert (message["X-MSS-NIL"], message["Auto-Submitted"]) == (NIL, "auto-replied")
    assert message["In-Reply-To"] == f"<{ENVELOPE.message_id}>"
    assert "X-MSS-CODECDA" not in message
    assert "Disposition-Notification-To" not in message
    text, original = message.iter_parts()
    assert "904, INS discordant" in text.get_content()
    assert (original.get_content_type(), original.get_filename()) == ("message/rfc822", "message_original.eml")
    assert original.get_content()["Message-ID"] == f"<{ENVELOPE.message_id}>"
    assert open_message(ko()).parts[1].body == ORIGINAL


def test_the_same_refusal_has_the_same_bytes() -> None:
    assert ko() == ko()


@pytest.mark.parametrize(
    "raw",
    [
        ko(),
        mdn(),
        b"Auto-Submitted: auto-generated\r\n" + ORIGINAL,
        b"Return-Path: <>\r\n" + ORIGINAL,
        b"From: a@b.fr, c@d.fr\r\n\r\nx",
        b"From: a@b.fr\r\nFrom: a@b.fr\r\n\r\nx",
        b"Subject: sans auteur\r\n\r\nx",
    ],
)
def test_no_refusal_where_nobody_would_read_it(raw: bytes) -> None:
    assert refusal_wanted(raw) is None
    with pytest.raises(Rejected):
        ko(original=raw)


def test_a_mail_that_came_the_usual_way_may_be_refused() -> None:
    assert refusal_wanted(b"Return-Path: <x@a.mssante.test>\r\n" + ORIGINAL) == ENVELOPE.sender


def test_another_code_is_refused() -> None:
    with pytest.raises(Rejected):
        ko("907")


def test_an_original_no_line_could_carry_is_returned_in_one_that_can() -> None:
    original = b"From: a@b.fr\r\nSubject: x\ry\0z\r\nX-Long: " + b"a" * 5_000 + b"\r\n\r\n" + b"b" * 3_000
    raw = ko(original=original)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\0" not in raw
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    _, attached = modern(raw).iter_parts()
    inner = attached.get_content()
    assert (inner["Subject"], len(inner.keys())) == ("x y z", 3)


def test_a_time_without_zone_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aware"):
        write_ko_mail(
            ORIGINAL,
            reporter=ENVELOPE.recipient,
            message_id=NEW,
            at=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None),
            code="902",
            nil=NIL,
        )
