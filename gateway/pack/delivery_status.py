"""The delivery report (DSN), written and read: what carriers did with our mail on its way to a mailbox.

RFC 3464 and 3461, and the older bounces that are only a text. Diagnostic texts are dropped, codes are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from gateway.model.identity import MailAddress
from gateway.pack import mail_field
from gateway.pack.bounce_cause import Cause, cause_of
from gateway.pack.mail_field import decoded, message_id_in, only_address, recipient_in
from gateway.pack.mime import Part, fields_of, heading_of, multipart, returned, text_part

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY = re.compile(r"\b([245]\d\d)\b")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_BOUNCE = re.compile(
    r"undeliver|non distribu|delivery (status|failure)|returned mail|mail delivery failed", re.IGNORECASE
)
_NAMED = re.compile(r"<([^<>\s@]{1,64}@[^<>\s@]{1,253})>|\b([0-9AB]{15}@patient\.mssante\.fr)\b", re.IGNORECASE)
_WRITTEN_BY_SENDER = frozenset({"received", "from", "to", "date", "subject", "message-id", "mime-version"})
_TEXTS: dict[Action, str] = {
    "failed": "Votre message n'a pas pu être remis à son destinataire.",
    "delayed": "Votre message n'est pas encore remis : les essais continuent.",
    "delivered": "Votre message a été déposé dans la boîte du destinataire.",
    "relayed": "Votre message a été transmis à un serveur qui n'envoie pas d'accusé.",
    "expanded": "Votre message a été réparti vers plusieurs boîtes.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStatus:
    """What a DSN says of one recipient; `code` is an enhanced status (5.1.1), else an SMTP reply code (550).

    `cause` is told of a failure when its words or its code say it plainly.
    """

    original_message_id: str | None
    final_recipient: str | None
    action: Action
    code: str | None
    cause: Cause | None = None


def read_delivery_status(message: Part) -> DeliveryStatus | None:
    """The DSN in a message, or None. Of several recipients the first failed one is told, else the first."""
    parts = [part for part in message.walk() if re.fullmatch(r"message/(global-)?delivery-status", part.type)]
    if not parts:
        return _plain_bounce(message)
    per_message, *recipients = fields_of(parts[0]) or [Part((), b"")]
    known = [group for group in recipients if _action(group)]
    if not known:
        return None
    group = next((one for one in known if _action(one) == "failed"), known[0])
    action = _action(group)
    assert action is not None
    found = _STATUS.search(group.first("status")) or _REPLY.search(group.first("diagnostic-code"))
    recipient, code = recipient_in(group.first("final-recipient")), found[1] if found else None
    return DeliveryStatus(
        original_message_id=_envelope_id(per_message) or message_id_of_returned(message),
        final_recipient=recipient,
        action=action,
        code=code,
        cause=cause_of(group.first("diagnostic-code"), code, recipient) if action == "failed" else None,
    )


def _action(group: Part) -> Action | None:
    word = group.first("action").strip().lower()
    return next((action for action in _TEXTS if action == word), None)


def _envelope_id(per_message: Part) -> str | None:
    """Our ENVID is the Message-ID; another carrier's own number is not one (RFC 3461 §4.4, xtext)."""
    plain = _XTEXT.sub(lambda found: chr(int(found[1], 16)), per_message.first("original-envelope-id"))
    return message_id_in(plain)


def message_id_of_returned(message: Part) -> str | None:
    """The Message-ID of the mail that a report brings back, whole or by its headers."""
    for part in message.walk():
        if is_returned(part) and (found := message_id_in(heading_of(part).first("message-id"))):
            return found
    return None


def is_returned(part: Part) -> bool:
    """True for the mail a report or an answer brings back, whole or by its headers."""
    known = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
    return part.type in known or part.filename.lower().endswith(".eml")


def _plain_bounce(message: Part) -> DeliveryStatus | None:
    """`Undelivered Mail Returned to Sender` and `Message non distribué`, written for people only."""
    sender = only_address(message.all("from")) or ""
    by_program = re.match(r"(mailer-daemon|postmaster)@", sender) or return_path_empty(message)
    if not _BOUNCE.search(decoded(message.first("subject"))) or not by_program:
        return None
    text = "\n".join(part.text()[:64_000] for part in message.walk() if part.type == "text/plain")
    named = _NAMED.search(text)
    found = _STATUS.search(text) or _REPLY.search(text)
    recipient, code = (named[1] or named[2]).lower() if named else None, found[1] if found else None
    own_words = text.partition("\n>")[0].partition("Message-ID:")[0]  # what it quotes of ours explains nothing
    quoted = re.search(r"^>?[ \t]*Message-ID:[ \t]*(<[^<>\s]{1,250}>)", text, re.IGNORECASE | re.MULTILINE)
    return DeliveryStatus(
        original_message_id=message_id_of_returned(message)
        or message_id_in(quoted[1] if quoted else message.first("in-reply-to")),
        final_recipient=recipient,
        action="failed",
        code=code,
        cause=cause_of(own_words, code, recipient),
    )


def return_path_empty(message: Part) -> bool:
    """True when the operator that gave us the mail recorded `Return-Path: <>`: a program wrote it (RFC 5321 §4.5.5).

    Only the first one counts, and only above all that the sender, or a server before ours, may have written.
    """
    for name, value in message.headers:
        if name == "return-path":
            return value.replace(" ", "") == "<>"
        if name in _WRITTEN_BY_SENDER:
            return False
    return False


def write_dsn(
    original: bytes,
    *,
    reporter: MailAddress,
    to: MailAddress,
    final_recipient: MailAddress,
    action: Action,
    status: str,
    message_id: str,
    at: datetime,
    diagnostic: str = "",
    envelope_id: str | None = None,
    headers_only: bool = True,
) -> bytes:
    """The report of one recipient, to the sender of the mail; it travels with an empty Return-Path.

    `status` is an enhanced code (RFC 3463), `diagnostic` the last server's reply, `envelope_id` the ENVID the sender
    gave. Raises Rejected for what `mail_field` refuses, ValueError when `at` has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("a report needs an aware time")
    head = b"".join([
        mail_field.mailbox("From", reporter, "Mail Delivery System"),
        mail_field.mailbox("To", to),
        mail_field.line("Date", format_datetime(at)),
        mail_field.message_id("Message-ID", message_id),
        mail_field.text("Subject", "Undelivered Mail Returned to Sender" if action == "failed" else "Delivery Status"),
        mail_field.line("Auto-Submitted", "auto-replied"),
    ])  # fmt: skip
    rows = [b"Content-Type: message/delivery-status\r\n\r\n"]
    rows.append(mail_field.line("Reporting-MTA", f"dns; {reporter.domain}"))
    if envelope_id is not None:
        rows.append(mail_field.line("Original-Envelope-Id", envelope_id))
    rows += [b"\r\n", mail_field.line("Final-Recipient", f"rfc822; {final_recipient.text}")]
    rows += [mail_field.line("Action", action), mail_field.line("Status", status)]
    if diagnostic:
        rows.append(mail_field.text("Diagnostic-Code", f"smtp; {mail_field.cleaned(diagnostic)}"))
    parts = [text_part(_TEXTS[action]), b"".join([*rows, b"\r\n"]), returned(original, headers_only=headers_only)]
    return head + multipart("report; report-type=delivery-status", message_id, parts)
