"""The read receipt (MDN), written and read: what the recipient's software did with our mail.

Two French forms are read: `Disposition: …; processed/error` with a separate `Error: 902^label` (the one we write), and
the older `Disposition: …; processed/Error: 902^label`. Labels are dropped: they may hold names.
RFC 8098; CI-SIS Volet transmission d'un document CDA par courriel, struct-msg-mdn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.identity import MailAddress
from gateway.model.reasons import RECIPIENT_ERRORS
from gateway.pack import mail_field
from gateway.pack.answer import answer_head
from gateway.pack.mail_field import (
    addresses,
    decoded,
    message_id_in,
    only_address,
    parameter_in,
    recipient_in,
    repeatable_ids,
)  # fmt: skip
from gateway.pack.mime import Part, fields_of, multipart, open_message, returned, text_part

_DISPOSITION = re.compile(
    r"\s*(?:(manual|automatic)-action\s*/\s*MDN-sent-(?:manually|automatically)\s*)?;?"
    r"\s*(displayed|deleted|dispatched|processed|denied|failed)\b\s*(?:/\s*([a-z, -]{1,60}))?",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<!\d)(9\d\d)(?!\d)")
_FIELD = re.compile(
    rb"^(?:Original-Message-ID|Final-Recipient|Original-Recipient|Disposition|Error)[ \t]*:.*$", re.I | re.M
)
_TEXTS = {
    "displayed": "Votre message a été affiché sur le poste du destinataire. Cela ne prouve pas qu'il a été compris.",
    "processed": "Votre message a été intégré par le logiciel du destinataire. Cela ne prouve pas qu'il a été lu.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """What an MDN says. `automatic` is None when it does not say; `code` is a code 900 to 999 of table 0533."""

    original_message_id: str | None
    final_recipient: str | None
    disposition: str
    automatic: bool | None
    error: bool
    code: str | None


def read_disposition(message: Part) -> Disposition | None:
    """The MDN in a message, or None. A receipt whose boundaries are damaged is read from its lines."""
    parts = [part for part in message.walk() if re.fullmatch(r"message/(global-)?disposition-notification", part.type)]
    if not parts:
        if parameter_in(message.first("content-type"), "report-type").lower() != "disposition-notification":
            return None
        parts = [Part((), b"\n".join(row.strip() for row in _FIELD.findall(message.body[:64_000])))]
    fields = Part(tuple(pair for group in fields_of(parts[0]) for pair in group.headers), b"")
    said = _DISPOSITION.match(decoded(fields.first("disposition")))
    if said is None:
        return None
    error = bool(re.search(r"error|failure", said[3] or "", re.IGNORECASE)) or bool(fields.first("error"))
    code = _CODE.search(decoded(fields.first("error") or fields.first("disposition"))[:200]) if error else None
    return Disposition(
        original_message_id=message_id_in(fields.first("original-message-id")),
        final_recipient=recipient_in(fields.first("final-recipient")),
        disposition=said[2].lower(),
        automatic=said[1].lower() == "automatic" if said[1] else None,
        error=error,
        code=code[1] if code else None,
    )


def receipt_wanted(original: bytes) -> MailAddress | None:
    """Where a receipt for this mail goes, or None when none may be sent.

    None may be sent without exactly one address in Disposition-Notification-To, nor for a report or an automatic
    answer, nor by itself when the recorded Return-Path is another address (RFC 8098 §2.1, RFC 3834 §2).
    Raises Rejected when the mail passes the limits of `mime`.
    """
    message = open_message(original)
    address = only_address(message.all("disposition-notification-to"))
    path = message.first("return-path")
    if address is None or message.type == "multipart/report" or (path and address not in addresses(path)):
        return None
    if message.first("auto-submitted").strip().lower() not in ("", "no"):
        return None
    try:
        return MailAddress(address)
    except Rejected:
        return None


def write_mdn(
    original: bytes,
    *,
    reporter: MailAddress,
    final_recipient: MailAddress,
    message_id: str,
    at: datetime,
    outcome: str,
    nil: str,
) -> bytes:
    """The receipt for one mail, in three parts, the third one the whole mail as it was received.

    `nil` is the sending product's reference (X-MSS-NIL, ECO.2.4.3).
    `outcome` is `displayed` (a person saw it), `processed` (software took it in) or an error code 900 to 906.
    Raises Rejected `missing-field` when no receipt may be sent (see `receipt_wanted`), `unknown-code` for another
    outcome, and what `mail_field` refuses. ValueError when `at` has no zone.
    """
    to = receipt_wanted(original)
    if to is None:
        raise Rejected([Fault("missing-field", ("disposition-notification-to",), "Disposition-Notification-To")])
    if outcome not in _TEXTS and outcome not in RECIPIENT_ERRORS:
        raise Rejected([Fault("unknown-code", ("outcome",), "900-906")])
    message, label = open_message(original), RECIPIENT_ERRORS.get(outcome)
    code = outcome if label else None
    head = answer_head(message, reporter=reporter, to=to, message_id=message_id, at=at, code=code, nil=nil)
    text = _TEXTS.get(outcome) or f"Le logiciel du destinataire n'a pas pu intégrer le document : {outcome}, {label}."
    parts = [text_part(text), _notification(message, reporter, final_recipient, outcome), returned(original)]
    return head + multipart("report; report-type=disposition-notification", message_id, parts)


def _notification(original: Part, reporter: MailAddress, final_recipient: MailAddress, outcome: str) -> bytes:
    mode = "manual-action" if outcome == "displayed" else "automatic-action"
    disposition = outcome if outcome in _TEXTS else "processed/error"
    rows = [b"Content-Type: message/disposition-notification\r\n\r\n"]
    rows.append(mail_field.line("Reporting-UA", f"{reporter.domain}; Passerelle"))
    if asked := recipient_in(original.first("original-recipient")) or only_address(original.all("to")):
        rows.append(mail_field.line("Original-Recipient", f"rfc822;{asked}"))
    rows.append(mail_field.line("Final-Recipient", f"rfc822;{final_recipient.text}"))
    if ids := repeatable_ids(original.first("message-id")):
        rows.append(mail_field.message_ids("Original-Message-ID", ids[:1]))
    rows.append(mail_field.line("Disposition", f"{mode}/MDN-sent-automatically; {disposition}"))
    if outcome in RECIPIENT_ERRORS:
        rows.append(mail_field.text("Error", f"{outcome}^{RECIPIENT_ERRORS[outcome]}"))
    return b"".join([*rows, b"\r\n"])
