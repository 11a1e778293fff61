"""The header of what is written back about a received mail: to whom, under which subject, answering what.

Nothing of the received mail gets into it unread: its subject is cleaned, its ids are taken only when they are plain,
and an address only when it is the one address of its field.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from gateway.model.identity import MailAddress
from gateway.pack import mail_field
from gateway.pack.mail_field import cleaned, decoded, repeatable_ids
from gateway.pack.mime import Part

KO = "[KO Intégration système !]"  # CI-SIS, struct-msg-mdn and struct-email-standard

_SUBJECT_LENGTH = 500  # characters of the subject that are repeated
_MOST_REFERENCES = 20  # RFC 5322 §3.6.4 lets the list be shortened


def answer_head(
    original: Part,
    *,
    reporter: MailAddress,
    to: MailAddress,
    message_id: str,
    at: datetime,
    code: str | None,
    nil: str,
) -> bytes:
    """The header up to MIME-Version, for a receipt or a refusal.

    code  an error code 900 to 906 before the subject, else None
    nil   the sending product's reference: X-MSS-NIL stands on every mail (ECO.2.4.3)

    Raises Rejected for our own arguments only, ValueError when `at` has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("an answer needs an aware time")
    subject = cleaned(decoded(original.first("subject"))[:_SUBJECT_LENGTH])
    answered = repeatable_ids(original.first("message-id"))[:1]
    earlier = repeatable_ids(original.first("references")) or repeatable_ids(original.first("in-reply-to"))
    lines = [
        mail_field.mailbox("From", reporter),
        mail_field.mailbox("To", to),
        mail_field.line("Date", format_datetime(at)),
        mail_field.message_id("Message-ID", message_id),
        mail_field.text("Subject", f"{KO}[{code}] {subject}" if code else subject),
        mail_field.line("Auto-Submitted", "auto-replied"),
        mail_field.token("X-MSS-NIL", nil),
    ]
    if answered:  # ECO.2.2.1, RFC 5322 §3.6.4
        lines.append(mail_field.message_ids("In-Reply-To", answered))
        lines.append(mail_field.message_ids("References", (*earlier, *answered)[-_MOST_REFERENCES:]))
    return b"".join(lines)
