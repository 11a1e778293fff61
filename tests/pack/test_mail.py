"""What a mail promises: one message, the same bytes every time, and no header that was not meant."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest

from gateway.model.errors import Rejected
from gateway.model.identity import MailAddress
from gateway.pack import Envelope, Packed
from gateway.pack.mail import read_mail, write_mail

PACKED = Packed(
    cda=b"<ClinicalDocument/>",
    pdf=b"%PDF-1.4 " + bytes(range(256)) * 20,
    pdf_name="20261120_Plan personnalisé de soins_PAT-TROIS_DOMINIQUE.pdf",
    archive=b"PK\x03\x04" + bytes(range(256)) * 30,
    type_code="18776-5",
    type_label="Plan personnalisé de soins",
    label="Plan personnalisé de soins",
    title="Plan",
    ins_complete=True,
    patient_line="PAT-TROIS Dominique 28/03/1979",
    facts={},
)
ENVELOPE = Envelope(
    message_id="mfzxkzlnnqqhg2lnmvzxg@cpts.a.mssante.test",
    at=datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=1))),
    sender=MailAddress("app@cpts.a.mssante.test"),
    sender_name="Dr_Jeanne_MARTIN_Cabinet Martin",
    recipient=MailAddress("luc.durand@b.mssante.test"),
    recipient_name="Luc DURAND",
    text="Bonjour,\n\nLe plan de soins est joint à ce message.\n\nCordialement",
    nil="DEV935997",
)
EXPECTED = {
    "from", "to", "date", "message-id", "subject", "x-mss-codecda", "x-mss-ins", "x-mss-nil",
    "disposition-notification-to", "mime-version", "content-type",
}  # fmt: skip


def modern(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert write_mail(PACKED, ENVELOPE) == write_mail(PACKED, ENVELOPE)


def test_another_message_id_gives_another_boundary() -> None:
    other = replace(ENVELOPE, message_id="aaaaaaaaaaaa@cpts.a.mssante.test")
    assert modern(write_mail(PACKED, ENVELOPE)).get_boundary() != modern(write_mail(PACKED, other)).get_boundary()


def test_an_ordinary_mail_reader_shows_the_text_and_the_attachments() -> None:
    message = modern(write_mail(PACKED, replace(ENVELOPE, bundle=b'{"resourceType":"Bundle"}')))
    body, archive, pdf, bundle = message.iter_parts()
    assert message.get_content_type() == "multipart/mixed"
    assert body.get_content().replace("\r\n", "\n").strip() == ENVELOPE.text
    assert (archive.get_content_type(), archive.get_filename()) == ("application/zip", "IHE_XDM.zip")
    assert archive.get_content() == PACKED.archive
    assert (pdf.get_content_type(), pdf.get_filename()) == ("application/pdf", PACKED.pdf_name)
    assert pdf.get_content() == PACKED.pdf
    assert (bundle.get_content_type(), bundle.get_filename()) == ("application/fhir+json", "bundle.json")
    assert not message.defects


def test_the_headers_are_those_of_the_mssante_rules() -> None:
    message = modern(write_mail(PACKED, replace(ENVELOPE, reply_to=MailAddress("j.martin@a.mssante.test"))))
    assert message["Subject"] == "XDM/1.0/DDM+Plan personnalisé de soins PAT-TROIS Dominique 28/03/1979"
    assert message["From"].addresses[0].display_name == "Dr_Jeanne_MARTIN_Cabinet Martin"
    assert message["Message-ID"] == f"<{ENVELOPE.message_id}>"
    assert message["X-MSS-CODECDA"] == "18776-5"
    assert message["X-MSS-INS"] == "O"
    assert message["X-MSS-NIL"] == "DEV935997"
    assert message["Disposition-Notification-To"] == "<app@cpts.a.mssante.test>"
    assert message["Reply-To"].addresses[0].addr_spec == "j.martin@a.mssante.test"
    assert message["Date"].datetime == ENVELOPE.at
    assert "Auto-Submitted" not in message


def test_an_incomplete_identity_says_n() -> None:
    assert modern(write_mail(replace(PACKED, ins_complete=False), ENVELOPE))["X-MSS-INS"] == "N"


def test_the_subject_prefix_stands_unencoded_for_receivers_that_compare_bytes() -> None:
    assert b"\r\nSubject: XDM/1.0/DDM+Plan =?utf-8?Q?personnalis=C3=A9?=" in write_mail(PACKED, ENVELOPE)
    one_word = write_mail(replace(PACKED, label="Synthèse"), ENVELOPE)
    assert b"\r\nSubject: =?utf-8?Q?XDM/1.0/DDM+Synth=C3=A8se?= " in one_word


def test_every_line_ends_with_crlf_and_none_is_too_long() -> None:
    raw = write_mail(replace(PACKED, label="é" * 900, pdf_name="😀" * 300 + ".pdf"), ENVELOPE)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_mail_is_read_back_as_it_was_written() -> None:
    mail = read_mail(write_mail(PACKED, replace(ENVELOPE, bundle=b"{}")))
    assert (mail.archive, mail.bundle, mail.pdfs) == (PACKED.archive, b"{}", ((PACKED.pdf_name, PACKED.pdf),))
    assert mail.subject == "XDM/1.0/DDM+Plan personnalisé de soins PAT-TROIS Dominique 28/03/1979"
    assert (mail.message_id, mail.sender) == (ENVELOPE.message_id, ENVELOPE.sender.text)
    assert mail.recipients == ("luc.durand@b.mssante.test",)
    assert mail.text.strip() == ENVELOPE.text
    assert (mail.codes, mail.ins_complete, mail.asks_receipt) == (("18776-5",), True, ENVELOPE.sender.text)


def test_a_mail_without_attachments_is_read_too() -> None:
    mail = read_mail(b"From: a@b.fr\nSubject: =?iso-8859-1?Q?r=E9ponse?=\n\nBonjour\n")
    assert (mail.subject, mail.text, mail.archive, mail.pdfs) == ("réponse", "Bonjour\n", None, ())


def test_an_archive_is_found_whatever_the_case_of_its_name() -> None:
    raw = write_mail(PACKED, ENVELOPE).replace(b"IHE_XDM.zip", b"IHE_XDM.ZIP")
    assert read_mail(raw).archive == PACKED.archive


def test_a_mail_that_prints_shows_no_content() -> None:
    assert "PAT-TROIS" not in repr(read_mail(write_mail(PACKED, ENVELOPE)))


# — what a person meant is what a person reads (tests/pack/test_naughty.py has what nobody should)


@pytest.mark.parametrize("name", ["Ève-Marie", "李小龍", "=?utf-8?q?Jean?=", "MARTIN, Jeanne", "a\\b", "é" * 21])
def test_a_name_arrives_as_it_was_meant(name: str) -> None:
    message = modern(write_mail(PACKED, replace(ENVELOPE, sender_name=name)))
    assert message["From"].addresses[0].display_name == name


@pytest.mark.parametrize("name", ["é" * 300, "😀" * 99, "Dr_Éloïse_" + "LEFÈVRE-" * 20])
def test_a_name_of_several_encoded_words_arrives_whole(name: str) -> None:
    # policy.default puts a space between the encoded-words of a phrase (a fault of Python's, RFC 2047 §6.2)
    message = email.message_from_bytes(write_mail(PACKED, replace(ENVELOPE, sender_name=name)))
    assert str(make_header(decode_header(message["From"]))).startswith(name)


@pytest.mark.parametrize("label", ["Synthèse médicale", "=?utf-8?q?x?=", "x" * 500, "é " * 200 + "fin", "a=b 😀 c"])
def test_a_subject_arrives_as_it_was_meant(label: str) -> None:
    raw = write_mail(replace(PACKED, label=label), ENVELOPE)
    expected = f"XDM/1.0/DDM+{label} {PACKED.patient_line}"
    assert modern(raw)["Subject"] == expected
    assert read_mail(raw).subject == expected


@pytest.mark.parametrize("name", ["é" * 40 + ".pdf", "😀" * 200 + ".pdf", "a;b'c.pdf", "CR d'imagerie médicale.pdf"])
def test_a_file_name_arrives_as_it_was_meant(name: str) -> None:
    raw = write_mail(replace(PACKED, pdf_name=name), ENVELOPE)
    assert [part.get_filename() for part in modern(raw).iter_parts()][2] == name
    assert read_mail(raw).pdfs[0][0] == name


def test_line_breaks_and_brackets_are_taken_out_of_the_display_name() -> None:
    message = modern(write_mail(PACKED, replace(ENVELOPE, sender_name='Dr\r\n <Jeanne> "MARTIN"')))
    assert message["From"].addresses[0].display_name == "Dr Jeanne MARTIN"


def test_every_bad_field_is_named_at_once() -> None:
    packed = replace(PACKED, patient_line="a\nb", type_code="pas un code", pdf_name="\0")
    with pytest.raises(Rejected) as refused:
        write_mail(packed, replace(ENVELOPE, nil="", message_id="<x>", text="\x07"))
    assert {fault.at for fault in refused.value.faults} == {
        ("subject",), ("type_code",), ("pdf_name",), ("nil",), ("message_id",), ("text",),
    }  # fmt: skip


def test_an_address_that_looks_encoded_is_refused() -> None:
    with pytest.raises(Rejected):
        write_mail(PACKED, replace(ENVELOPE, recipient=MailAddress("=?utf-8?q?spy=40evil.test?=@b.mssante.test")))


def test_a_time_without_zone_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aware"):
        write_mail(PACKED, replace(ENVELOPE, at=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)))
