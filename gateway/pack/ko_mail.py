"""The ordinary mail that says a document could not be taken in, when no receipt had been asked for: written and read.

CI-SIS, Volet transmission d'un document CDA par courriel, struct-email-standard: a text, and the whole mail it is
about as `message_original.eml`; the code stands in the subject.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.identity import MailAddress
from gateway.model.reasons import RECIPIENT_ERRORS
from gateway.pack.answer import answer_head
from gateway.pack.delivery_status import is_returned
from gateway.pack.mail_field import addresses, decoded, message_id_in, only_address
from gateway.pack.mime import Part, heading_of, multipart, open_message, returned, text_part

ORIGINAL_NAME = "message_original.eml"

# the accents are lost on the way in some software
_SUBJECT = re.compile(r"\s*\[KO\s+Int.{1,2}gration\s+syst.{1,2}me\s*!?\s*\]\s*\[\s*(9\d\d)\s*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KoMail:
    """What it says: the code (900 to 999), and about which mail to whom."""

    code: str
    original_message_id: str | None
    final_recipient: str | None


def read_ko_mail(message: Part) -> KoMail | None:
    """None for a mail whose subject is not of this form."""
    said = _SUBJECT.match(decoded(message.first("subject")))
    if said is None:
        return None
    originals = [heading_of(part) for part in message.walk() if is_returned(part)]
    answered = originals[0].first("message-id") if originals else message.first("in-reply-to")
    recipients = addresses(originals[0].first("to")) if originals else ()
    return KoMail(
        code=said[1],
        original_message_id=message_id_in(answered),
        final_recipient=recipients[0] if len(recipients) == 1 else None,
    )


def refusal_wanted(original: bytes) -> MailAddress | None:
    """Where a refusal of this mail goes: to the one address of From; None when none may be sent.

    Never for a report, an automatic answer, or a mail that came with an empty Return-Path (RFC 3834 §2), nor for a
    refusal: two programs would write to each other for ever. Raises Rejected when the mail passes the limits of `mime`.
    """
    message = open_message(original)
    automatic = message.first("auto-submitted").strip().lower() not in ("", "no")
    if automatic or message.type == "multipart/report" or message.first("return-path").replace(" ", "") == "<>":
        return None
    sender = only_address(message.all("from"))
    if sender is None or _SUBJECT.match(decoded(message.first("subject"))):
        return None
    try:
        return MailAddress(sender)
    except Rejected:
        return None


def write_ko_mail(
    original: bytes, *, reporter: MailAddress, message_id: str, at: datetime, code: str, nil: str
) -> bytes:
    """The refusal of one mail. It is for mails that ask for no receipt; the others are answered by `write_mdn`.

    Raises Rejected `missing-field` when none may be sent (see `refusal_wanted`), `unknown-code` for a code that is not
    900 to 906, and what `mail_field` refuses of our own arguments. ValueError when `at` has no zone.
    """
    to = refusal_wanted(original)
    if to is None:
        raise Rejected([Fault("missing-field", ("from",), "From")])
    if code not in RECIPIENT_ERRORS:
        raise Rejected([Fault("unknown-code", ("code",), "900-906")])
    message = open_message(original)
    head = answer_head(message, reporter=reporter, to=to, message_id=message_id, at=at, code=code, nil=nil)
    text = f"Le document joint à votre message n'a pas pu être intégré : {code}, {RECIPIENT_ERRORS[code]}.\n"
    return head + multipart("mixed", message_id, [text_part(text), returned(original, filename=ORIGINAL_NAME)])
