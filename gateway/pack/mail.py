"""The mail of one leg: a text a person reads, IHE_XDM.zip for their software, the same document as PDF.

Written byte for byte the same for the same arguments, so that a retry is a repetition and nothing else; read back
leniently, because other software wrote what we receive. MSSanté client rules ECO.2.1 to 2.4.

No `Auto-Submitted` header: the mail speaks for a professional, and RFC 3834 §2 would let the recipient's software
leave out the very receipt we ask for. Receipts themselves do carry it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from functools import partial

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.pack import mail_field
from gateway.pack.mail_field import addresses, decoded, message_id_in, only_address
from gateway.pack.mime import Part, attachment, heading_of, multipart, open_message, text_part
from gateway.pack.packed import Envelope, Packed

SUBJECT_PREFIX = "XDM/1.0/DDM+"  # ECO.2.1.3, exact: receivers look for it and hide it
ARCHIVE_NAME = "IHE_XDM.zip"
BUNDLE_NAME = "bundle.json"
END_OF_EXCHANGE = "FIN"  # ECO.2.2.8, exact

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def write_mail(packed: Packed, envelope: Envelope) -> bytes:
    """One leg's mail, RFC 5322 with CRLF, no line over 998 octets, byte-identical for the same arguments.

    Raises Rejected with every field that cannot be written, each by its name and never by its value:
    `control-character`, `text-too-long`, `identifier-form`, `address-form`. ValueError when `envelope.at` has no zone.
    """
    if envelope.at.tzinfo is None:
        raise ValueError("a mail needs an aware time")
    faults: list[Fault] = []
    head = b"".join(_written(field, write, faults) for field, write in _lines(packed, envelope))
    pdfs = [(packed.pdf_name, packed.pdf), *((one.pdf_name, one.pdf) for one in packed.also)]
    named = [(_written("pdf_name", partial(_file_name, name), faults), content) for name, content in pdfs]
    if _UNPRINTABLE.search(envelope.text):
        faults.append(Fault("control-character", ("text",)))
    if faults:
        raise Rejected(faults)
    parts = [
        text_part(envelope.text),
        attachment("application/zip", f'filename="{ARCHIVE_NAME}"', packed.archive),
        *(attachment("application/pdf", name.decode("ascii"), content) for name, content in named),
    ]
    if envelope.bundle is not None:
        parts.append(attachment("application/fhir+json", f'filename="{BUNDLE_NAME}"', envelope.bundle))
    return head + multipart("mixed", envelope.message_id, parts)


def _lines(packed: Packed, envelope: Envelope) -> list[tuple[str, Callable[[], bytes]]]:
    subject = f"{SUBJECT_PREFIX}{packed.label} {packed.patient_line}"
    codes = ",".join((packed.type_code, *(one.code for one in packed.also)))  # one a document, in the archive's order
    complete = packed.ins_complete and all(one.ins_complete for one in packed.also)
    lines: list[tuple[str, Callable[[], bytes]]] = [
        ("sender_name", lambda: mail_field.mailbox("From", envelope.sender, envelope.sender_name)),
        ("recipient_name", lambda: mail_field.mailbox("To", envelope.recipient, envelope.recipient_name)),
        ("at", lambda: mail_field.line("Date", format_datetime(envelope.at))),
        ("message_id", lambda: mail_field.message_id("Message-ID", envelope.message_id)),
        ("subject", lambda: mail_field.text("Subject", subject)),
        ("type_code", lambda: mail_field.token("X-MSS-CODECDA", codes)),
        ("ins_complete", lambda: mail_field.token("X-MSS-INS", "O" if complete else "N")),
        ("nil", lambda: mail_field.token("X-MSS-NIL", envelope.nil)),
        ("sender", lambda: mail_field.mailbox("Disposition-Notification-To", envelope.sender)),
    ]
    if envelope.return_receipt:
        lines.append(("sender", lambda: mail_field.mailbox("Return-Receipt-To", envelope.sender)))
    if envelope.end_of_exchange:
        lines.append(("end_of_exchange", lambda: mail_field.line("X-MSS-MES", END_OF_EXCHANGE)))
    if (answer := envelope.reply_to) is not None:
        lines.append(("reply_to", lambda: mail_field.mailbox("Reply-To", answer)))
    return lines


def _file_name(name: str) -> bytes:
    return mail_field.parameter("filename", name).encode("ascii")


def _written(field: str, write: Callable[[], bytes], faults: list[Fault]) -> bytes:
    try:
        return write()
    except Rejected as bad:
        faults += [Fault(fault.code, (field,), fault.about) for fault in bad.faults]
        return b""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Mail:
    """A mail as received. A missing part is None; `pdfs` are (file name without folders, content).

    `headers` are (lower-case name, raw unfolded value) from the top; `codes` the values of X-MSS-CODECDA,
    `ins_complete` X-MSS-INS, None when that header is absent; `asks_receipt` who asks for one; `answers_to` the
    Reply-To, when it names one address; `ends_exchange` X-MSS-MES: FIN, or the subject `[FIN]`.
    """

    headers: tuple[tuple[str, str], ...]
    message_id: str | None
    sender: str | None
    recipients: tuple[str, ...]
    subject: str
    text: str
    archive: bytes | None
    pdfs: tuple[tuple[str, bytes], ...]
    bundle: bytes | None
    codes: tuple[str, ...]
    ins_complete: bool | None
    asks_receipt: str | None
    answers_to: str | None = None
    ends_exchange: bool = False

    def __repr__(self) -> str:
        return f"Mail({self.message_id}, {len(self.pdfs)} PDF)"


def message_id_of(raw: bytes) -> str | None:
    """The Message-ID of a mail, from the beginning of its bytes alone; None when there is none to be found."""
    try:
        return message_id_in(heading_of(Part((), raw)).first("message-id"))
    except Rejected:
        return None


def read_mail(raw: bytes) -> Mail:
    """Read any mail. The first IHE_XDM.zip (any case) is the archive, the first FHIR part the bundle.

    Raises Rejected `too-large`, `too-deep` or `too-many` for a mail past the limits of `mime`; never anything else.
    """
    message = open_message(raw)
    leaves = [part for part in message.walk() if not part.type.startswith("multipart/")]
    texts = [part for part in leaves if part.type == "text/plain" and not part.filename]
    archives = [part for part in leaves if part.filename.lower() == ARCHIVE_NAME.lower()]
    bundles = [part for part in leaves if part.type == "application/fhir+json"]
    pdfs = [part for part in leaves if part.type == "application/pdf" or part.filename.lower().endswith(".pdf")]
    subject = decoded(message.first("subject"))
    return Mail(
        headers=message.headers,
        message_id=message_id_in(message.first("message-id")),
        sender=only_address(message.all("from")),
        recipients=tuple(address for value in message.all("to") for address in addresses(value)),
        subject=subject,
        text=texts[0].text() if texts else "",
        archive=archives[0].payload() if archives else None,
        pdfs=tuple((part.filename, part.payload()) for part in pdfs),
        bundle=bundles[0].payload() if bundles else None,
        codes=tuple(code for code in message.first("x-mss-codecda").replace(" ", "").split(",") if code),
        ins_complete={"O": True, "N": False}.get(message.first("x-mss-ins").strip().upper()),
        asks_receipt=only_address(message.all("disposition-notification-to")),
        answers_to=only_address(message.all("reply-to")),
        ends_exchange=message.first("x-mss-mes").strip() == END_OF_EXCHANGE or subject.strip() == "[FIN]",
    )
