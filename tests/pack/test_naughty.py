"""No text, in any field and in either direction, makes a header, a line or a mail that was not meant.

Outward: a text in an event is refused at its place, or it is in a mail that every parser reads alike. Inward: whatever
stands in the header of a received mail, what is written back has exactly the headers it should.
"""

from __future__ import annotations

import email.policy
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.parser import BytesHeaderParser

import fast_mail_parser
import pytest

from gateway.journey.wording import body_text
from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.event import KINDS, Event, ReportShared, read_event
from gateway.model.faults import Place
from gateway.model.known import Known
from gateway.model.report import Document
from gateway.pack import pack, read_archive, read_mail, write_mail
from gateway.pack.disposition import receipt_wanted, write_mdn
from gateway.pack.ko_mail import refusal_wanted, write_ko_mail
from gateway.pack.mime import open_message
from gateway.pack.names import person_name
from gateway.pack.receipt import read_receipt
from tests.naughty import NAUGHTY
from tests.pack.material import MINTED, SOFTWARE, TERMS, small_pdf
from tests.pack.naughty_events import as_far_as_taken, free, named_by, places, with_texts
from tests.pack.test_disposition import AT, NEW, NIL
from tests.pack.test_mail import ENVELOPE, EXPECTED, PACKED, modern

BROKEN = tuple(text for text in NAUGHTY if form.refused(str, text))
TAKEN = tuple(text for text in NAUGHTY if not form.refused(str, text))

PROSE = ("text", "what")
"""Names of the fields of a plan that are prose."""

ANSWERED = {
    "from", "to", "date", "message-id", "subject", "auto-submitted", "x-mss-nil", "in-reply-to", "references",
    "mime-version", "content-type",
}  # fmt: skip
"""The header of a receipt or a refusal; the two ids are there when the mail has one that may be repeated."""


def headers_for_every_parser(raw: bytes) -> list[set[str]]:
    """The names of the header as five readers see them; none may stand there twice. The last one reads the header
    after Python's own generator wrote it again, as software that forwards it would (CVE-2024-6923)."""
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    first = BytesHeaderParser(policy=email.policy.default).parsebytes(raw)
    again = b"".join(email.policy.SMTP.fold_binary(name, value) for name, value in first.raw_items())
    seen = [
        first.keys(),
        BytesHeaderParser().parsebytes(raw).keys(),
        [name for name, values in fast_mail_parser.parse_email(raw).headers.items() for _ in values],
        [name for name, _ in open_message(raw).headers],
        BytesHeaderParser().parsebytes(again).keys(),
    ]
    for names in seen:
        assert not [name for name, number in Counter(map(str.lower, names)).items() if number > 1]
    return [{name.lower() for name in names} for names in seen]


def test_there_are_as_many_texts_as_the_known_list_has() -> None:
    assert len(NAUGHTY) >= 515
    assert len(BROKEN) > 250
    assert len(TAKEN) > 250


# — outward


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_text_is_refused_at_every_place_of_an_event_at_once(kind: str) -> None:
    for text in BROKEN if kind == "report.shared" else BROKEN[:: len(BROKEN) // 20]:
        with pytest.raises(Rejected) as refused:
            read_event(with_texts(kind, dict.fromkeys(places(kind), text)))
        faults = refused.value.faults
        allowed = () if form.refused(form.Prose, text) else PROSE  # a plan's texts may have several lines
        wanted = {at for at in places(kind) if not (at[0] in ("plan", "activity") and at[-1] in allowed)}
        assert wanted <= set(named_by(faults, places(kind))), repr(text)
        assert len(text) < 4 or text not in str(refused.value), repr(text)


def mail_of(event: Event, known: Known) -> bytes:
    """The mail of a personal mailbox to the first recipient of the event, whose document, if it has one, is small."""
    if isinstance(event, ReportShared):
        document = Document(content_type="application/pdf", data=small_pdf())
        event = replace(event, report=replace(event.report, document=document))
    made = pack(event, known, TERMS, MINTED, SOFTWARE)
    name = person_name(event.sender.given or "", event.sender.family or "", title="Dr")
    whom = event.recipients[0].name or ""
    text = body_text(event, made.title, to_patient=event.occurred_at.utc.second % 2 == 0)
    return write_mail(made, replace(ENVELOPE, sender_name=name, recipient_name=whom, text=text))


def turned(kind: str, turn: int) -> dict[Place, str]:
    """A text in every place that takes some, another one in each; in as many turns as there are, each gets them all."""
    return {at: TAKEN[(turn + 7 * n) % len(TAKEN)] for n, at in enumerate(free(kind))}


@pytest.mark.parametrize("kind", KINDS)
def test_where_a_code_or_a_date_stands_no_such_text_is_taken(kind: str) -> None:
    closed = [at for at in places(kind) if at not in free(kind)]
    assert len(closed) > 40
    for text in TAKEN[:: len(TAKEN) // 5]:
        assert as_far_as_taken(kind, dict.fromkeys(closed, text))[2] == set(closed), repr(text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_is_taken_adds_no_header_for_any_parser(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    turns = range(0, len(TAKEN), 1 if kind == "report.shared" else len(TAKEN) // 2)
    for turn in turns:
        event, known, _ = as_far_as_taken(kind, turned(kind, turn))
        raw = mail_of(event, known)
        assert headers_for_every_parser(raw) == [EXPECTED] * 5
        rust, ours = fast_mail_parser.parse_email(raw), read_mail(raw)
        head = BytesHeaderParser(policy=email.policy.default).parsebytes(raw)
        assert head["Subject"] == rust.subject == ours.subject
        assert rust.from_ is not None
        for name, address, read in (("From", ENVELOPE.sender, [rust.from_]), ("To", ENVELOPE.recipient, rust.to)):
            assert [one.addr_spec for one in head[name].addresses] == [one.address for one in read] == [address.text]
        names = ["IHE_XDM.zip", ours.pdfs[0][0]]
        assert [one.filename for one in rust.attachments] == names
        if turn % 5 == 0:
            assert [part.get_filename() for part in modern(raw).iter_parts()][1:] == names
            assert ours.archive is not None
            assert read_archive(ours.archive).findings == ()
    assert len(free(kind)) > 40
    assert caplog.records == []


FIELDS: dict[str, Callable[[str], tuple[dict[str, str], dict[str, str]]]] = {
    "sender_name": lambda text: ({}, {"sender_name": text}),
    "recipient_name": lambda text: ({}, {"recipient_name": text}),
    "subject": lambda text: ({"patient_line": text}, {}),
    "pdf_name": lambda text: ({"pdf_name": text}, {}),
    "type_code": lambda text: ({"type_code": text}, {}),
    "nil": lambda text: ({}, {"nil": text}),
    "message_id": lambda text: ({}, {"message_id": text}),
    "text": lambda text: ({}, {"text": text}),
}
"""What makes a mail → where a text goes: into the documents or into the envelope."""


def test_whatever_a_mail_is_made_of_each_field_is_refused_by_its_name_or_harmless() -> None:
    refused: Counter[str] = Counter()
    for turn in range(len(NAUGHTY)):
        told = {field: NAUGHTY[(turn + 13 * n) % len(NAUGHTY)] for n, field in enumerate(FIELDS)}
        with pytest.raises(Rejected) as bad:  # a code, an id and a product number take next to none of them
            filled(told)
        places = {str(fault.at[0]) for fault in bad.value.faults}
        assert not [text for text in told.values() if len(text) > 3 and text in str(bad.value)]
        refused.update(places)
        raw = filled({field: text for field, text in told.items() if field not in places})
        assert headers_for_every_parser(raw) == [EXPECTED] * 5
    for field in FIELDS:
        assert refused[field] >= len(BROKEN) // 2, field
    assert max(refused[field] for field in ("sender_name", "recipient_name", "subject", "pdf_name", "text")) < 400


def filled(told: Mapping[str, str]) -> bytes:
    made, envelope = PACKED, ENVELOPE
    for field, text in told.items():
        documents, mail = FIELDS[field](text)
        made, envelope = replace(made, **documents), replace(envelope, **mail)  # type: ignore[arg-type]
    return write_mail(made, envelope)


# — inward

NAMES = (
    "Subject", "Message-ID", "References", "In-Reply-To", "X-MSS-CODECDA", "X-MSS-INS", "X-MSS-NIL", "X-MSS-MES", "Cc",
    "Reply-To", "Original-Recipient", "Sender", "Comments", "Content-Language", "X-Mailer",
)  # fmt: skip


PARTS = {
    "receipt": ["text/plain", "message/disposition-notification", "message/rfc822"],
    "refusal": ["text/plain", "message/rfc822"],
}


def received(turn: int) -> bytes:
    """A mail that asks for a receipt, with a text in each header, another one in each, in an order that turns too."""
    head = "Return-Path: <app@cpts.a.mssante.test>\r\nFrom: {0} <app@cpts.a.mssante.test>\r\n"
    head += "Disposition-Notification-To: {1} <app@cpts.a.mssante.test>\r\nTo: <luc.durand@b.mssante.test>\r\n"
    lines = [f"{name}: {NAUGHTY[(turn + 11 * n) % len(NAUGHTY)]}\r\n" for n, name in enumerate(NAMES)]
    lines = lines[turn % len(lines) :] + lines[: turn % len(lines)]
    quiet = [
        text for text in (NAUGHTY[turn], NAUGHTY[-turn]) if text.isprintable() and not set(text) & set('<>"@,;:()\\')
    ]
    shown = [*quiet, "Jeanne", "Jeanne"]
    body = f'\r\n--b\r\nContent-Disposition: attachment; filename="{NAUGHTY[turn]}"\r\n\r\nx\r\n--b--\r\n'
    text = head.format(*shown) + "".join(lines) + 'Content-Type: multipart/mixed; boundary="b"\r\n' + body
    return text.encode("utf-8", "surrogatepass")


def test_nothing_in_a_received_mail_gets_into_what_is_written_back(caplog: pytest.LogCaptureFixture) -> None:
    written: Counter[str] = Counter()
    for turn in range(len(NAUGHTY)):
        raw = received(turn)
        read_mail(raw)
        read_receipt(raw)
        me = ENVELOPE.recipient
        if receipt_wanted(raw) is not None:
            outcome = ("processed", "displayed", "902")[turn % 3]
            answers = [("receipt", write_mdn(
                raw, reporter=me, final_recipient=me, message_id=NEW, at=AT, outcome=outcome, nil=NIL
            ))]  # fmt: skip
        else:
            answers = []
        if turn % 3 == 0 and refusal_wanted(raw) is not None:  # its header is made as a receipt's
            answers.append(("refusal", write_ko_mail(raw, reporter=me, message_id=NEW, at=AT, code="904", nil=NIL)))
        for kind, answer in answers:
            written[kind] += 1
            seen = headers_for_every_parser(answer)
            assert ANSWERED - {"in-reply-to", "references"} <= seen[0] <= ANSWERED, repr(raw[:300])
            assert seen == [seen[0]] * 5
            message = open_message(answer)
            assert (message.all("to"), message.all("x-mss-nil")) == ((f"<{ENVELOPE.sender.text}>",), (NIL,))
            assert [part.type for part in message.parts] == PARTS[kind]
    assert written["receipt"] >= 515
    assert written["refusal"] > 150
    assert caplog.records == []


@pytest.mark.parametrize("start", range(4))
def test_a_receipt_made_of_such_texts_is_never_a_crash(start: int) -> None:
    fields = ("Original-Message-ID", "Final-Recipient", "Disposition", "Error", "Reporting-UA", "Status", "Action")
    for text in NAUGHTY[start::4]:
        for kind in ("disposition-notification", "delivery-status"):
            raw = (
                f"From: {text}\r\nSubject: {text}\r\nContent-Type: multipart/report; report-type={kind}; boundary=b\r\n"
                f"\r\n--b\r\n\r\n{text}\r\n--b\r\nContent-Type: message/{kind}\r\n\r\n"
                + "".join(f"{name}: {text}\r\n" for name in fields)
                + "\r\n--b--\r\n"
            )
            receipt = read_receipt(raw.encode("utf-8", "surrogatepass"))
            assert receipt is None or text in ("", " ") or receipt.final_recipient is None
