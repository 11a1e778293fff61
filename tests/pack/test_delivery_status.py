"""What a delivery report promises, ours and those of the carriers of the field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.model.identity import MailAddress
from gateway.pack.delivery_status import Action, read_delivery_status, write_dsn
from gateway.pack.mail import write_mail
from gateway.pack.mime import open_message
from tests.pack.test_mail import ENVELOPE, PACKED, modern

ORIGINAL = write_mail(PACKED, ENVELOPE)


def dsn(action: Action = "failed", status: str = "5.1.1", *, envelope: bool = True, headers_only: bool = True) -> bytes:
    return write_dsn(
        ORIGINAL,
        reporter=MailAddress("MAILER-DAEMON@b.mssante.test"),
        to=ENVELOPE.sender,
        final_recipient=ENVELOPE.recipient,
        action=action,
        status=status,
        message_id="dsndsndsn@b.mssante.test",
        at=datetime(2026, 11, 20, 9, 31, tzinfo=UTC),
        diagnostic="550 5.1.1 <luc.durand@b.mssante.test>: unknown",
        envelope_id=ENVELOPE.message_id if envelope else None,
        headers_only=headers_only,
    )


@pytest.mark.parametrize("action", ["failed", "delayed", "delivered", "relayed", "expanded"])
@pytest.mark.parametrize("envelope", [True, False])
@pytest.mark.parametrize("headers_only", [True, False])
def test_a_report_is_read_back_as_it_was_written(action: Action, envelope: bool, headers_only: bool) -> None:
    said = read_delivery_status(open_message(dsn(action, "4.4.1", envelope=envelope, headers_only=headers_only)))
    assert said is not None
    assert (said.action, said.code) == (action, "4.4.1")
    assert said.original_message_id == ENVELOPE.message_id
    assert said.final_recipient == ENVELOPE.recipient.text


def test_a_mail_reader_sees_a_report_in_three_parts() -> None:
    message = modern(dsn())
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert message.get_param("report-type") == "delivery-status"


POSTFIX = """From: MAILER-DAEMON@mx.operateur.fr (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: app@cpts.a.mssante.test
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F1.1/mx.operateur.fr"

This is a MIME-encapsulated message.

--4F1.1/mx.operateur.fr
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<nobody@b.mssante.test>: host b[127.0.0.1] said: 550 5.1.1 User unknown

--4F1.1/mx.operateur.fr
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.operateur.fr
X-Postfix-Queue-ID: 4F1
X-Postfix-Sender: rfc822; app@cpts.a.mssante.test
Arrival-Date: Fri, 20 Nov 2026 09:30:00 +0100 (CET)

Final-Recipient: rfc822; Nobody@b.mssante.test
Original-Recipient: rfc822;nobody@b.mssante.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--4F1.1/mx.operateur.fr
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <app@cpts.a.mssante.test>
Message-ID: <abc@cpts.a.mssante.test>

--4F1.1/mx.operateur.fr--
"""


def test_a_postfix_bounce_is_understood() -> None:
    said = read_delivery_status(open_message(POSTFIX.encode()))
    assert said is not None
    assert (said.action, said.code) == ("failed", "5.1.1")
    assert (said.final_recipient, said.original_message_id) == ("nobody@b.mssante.test", "abc@cpts.a.mssante.test")


def test_the_envelope_id_is_decoded_from_xtext() -> None:
    raw = POSTFIX.replace("X-Postfix-Queue-ID", "Original-Envelope-Id: a+2Bb@c.fr\nX-Postfix-Queue-ID")
    said = read_delivery_status(open_message(raw.encode()))
    assert said is not None
    assert said.original_message_id == "a+b@c.fr"


def test_another_carriers_own_number_is_not_taken_for_ours() -> None:
    raw = POSTFIX.replace("X-Postfix-Queue-ID", "Original-Envelope-Id: QX12345\nX-Postfix-Queue-ID")
    said = read_delivery_status(open_message(raw.encode()))
    assert said is not None
    assert said.original_message_id == "abc@cpts.a.mssante.test"


def test_without_a_status_the_reply_code_is_told() -> None:
    said = read_delivery_status(
        open_message(POSTFIX.replace("Status: 5.1.1\n", "").replace("550 5.1.1", "550").encode())
    )
    assert said is not None
    assert said.code == "550"


def test_the_failed_recipient_of_several_is_told() -> None:
    raw = POSTFIX.replace(
        "Final-Recipient: rfc822; Nobody",
        "Final-Recipient: rfc822; x@b.fr\nAction: relayed\n\nFinal-Recipient: rfc822; Nobody",
    )
    said = read_delivery_status(open_message(raw.encode()))
    assert said is not None
    assert (said.action, said.final_recipient) == ("failed", "nobody@b.mssante.test")


@pytest.mark.parametrize(
    "subject", ["Message non distribué", "Undelivered Mail Returned to Sender", "Returned mail: see x"]
)
def test_a_bounce_that_is_only_a_text_is_understood(subject: str) -> None:
    raw = (
        f"From: postmaster@patient.mssante.fr\nSubject: {subject}\n\n"
        "Le message n'a pas été remis :\n<279035121518989@patient.mssante.fr>: 552 5.2.2 boîte fermée\n\n"
        "> Message-ID: <abc@cpts.a.mssante.test>\n"
    )
    said = read_delivery_status(open_message(raw.encode()))
    assert said is not None
    assert (said.action, said.code) == ("failed", "5.2.2")
    assert (said.final_recipient, said.original_message_id) == (
        "279035121518989@patient.mssante.fr", "abc@cpts.a.mssante.test",
    )  # fmt: skip


def test_a_person_who_writes_about_a_bounce_has_not_bounced() -> None:
    raw = b"From: luc@b.fr\nSubject: Message non distribu\n\n<a@b.fr>: 550\n> Message-ID: <x@y>\n"
    assert read_delivery_status(open_message(raw)) is None


# — Mon espace santé: why it gives a mail back (ENS messagerie §6)

MES = "279035121518989@patient.mssante.fr"


def mes_bounce(words: str, subject: str = "Message non distribué") -> bytes:
    return (
        f"Return-Path: <>\nFrom: ne-pas-repondre@patient.mssante.fr\nIn-Reply-To: <abc@cpts.a.mssante.test>\n"
        f"Subject: {subject}\n\nBonjour,\n\nVotre message pour {MES} n'a pas été distribué. {words}\n"
    ).encode()


@pytest.mark.parametrize(
    ("words", "subject", "cause"),
    [
        ("La messagerie du patient est clôturée.", "Message non distribué", "mailbox-closed"),
        ("Ce patient est inconnu de Mon espace santé.", "Message non distribué", "patient-unknown"),
        ("L'adresse du destinataire est incorrecte.", "Message non distribué", "patient-address-wrong"),
        ("La taille du message dépasse la limite.", "Undelivered Mail Returned to Sender", "too-large-there"),
        ("552 5.3.4 message", "Undelivered Mail Returned to Sender", "too-large-there"),
        ("La boîte de réception est pleine.", "Message non distribué", "mailbox-full"),
        ("550 5.1.1", "Message non distribué", "patient-unknown"),
        ("Réessayez plus tard.", "Message non distribué", None),
    ],
)
def test_mon_espace_sante_says_why_it_gives_a_mail_back(words: str, subject: str, cause: str | None) -> None:
    said = read_delivery_status(open_message(mes_bounce(words, subject)))
    assert said is not None
    assert (said.action, said.cause) == ("failed", cause)
    assert (said.final_recipient, said.original_message_id) == (MES, "abc@cpts.a.mssante.test")


def test_what_a_bounce_quotes_of_our_mail_explains_nothing() -> None:
    quoted = mes_bounce("Réessayez.") + b"\n> La bo\xc3\xaete est pleine, dossier ferm\xc3\xa9\n"
    said = read_delivery_status(open_message(quoted))
    assert said is not None
    assert said.cause is None


@pytest.mark.parametrize(
    ("status", "diagnostic", "recipient", "cause"),
    [
        ("5.2.1", "smtp; 550 5.2.1 x", "luc@b.mssante.test", "mailbox-closed"),
        ("5.3.4", "smtp; 552 5.3.4 x", "luc@b.mssante.test", "too-large-there"),
        ("5.0.0", "smtp; 552 Message size exceeds fixed limit", "luc@b.mssante.test", "too-large-there"),
        ("5.1.1", "smtp; 550 5.1.1 User unknown", "luc@b.mssante.test", None),
        ("5.1.1", "smtp; 550 5.1.1 User unknown", MES, "patient-unknown"),
        ("5.7.1", "smtp; 554 refused", MES, None),
    ],
)
def test_a_report_for_machines_says_why_too(status: str, diagnostic: str, recipient: str, cause: str | None) -> None:
    raw = POSTFIX.replace("Status: 5.1.1", f"Status: {status}").replace("smtp; 550 5.1.1 User unknown", diagnostic)
    raw = raw.replace("rfc822; Nobody@b.mssante.test", f"rfc822; {recipient}")
    said = read_delivery_status(open_message(raw.encode()))
    assert said is not None
    assert said.cause == cause


def test_a_mail_that_arrived_has_no_cause() -> None:
    said = read_delivery_status(open_message(dsn("delivered", "5.2.1")))
    assert said is not None
    assert said.cause is None
