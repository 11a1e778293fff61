"""What a mail promises: one message, the same bytes every time, and no header that was not meant."""

from __future__ import annotations

import email
import email.policy
import random
from collections import Counter
from collections.abc import Callable
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
    assert b"\r\nSubject: XDM/1.0/DDM+Plan =?utf-8?B?" in write_mail(PACKED, ENVELOPE)


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


# — nasty texts, in every field that reaches a header


def nasty_texts() -> list[str]:
    draw = random.Random(20261121)
    breaks = [
        "\r\n",
        "\n",
        "\r",
        "\n\n",
        "\r\n\r\n",
        "\r\r\n",
        "\x0b",
        "\x0c",
        "\x1c",
        "\x85",
        "\u2028",
        "\u2029",
        "\0",
    ]
    injected = ["Bcc: spy@evil.test", "X-MSS-INS: O", "Subject: other", " continued", "\tfolded: yes", ""]
    hard = [f"Jean{brk}{line}" for brk in breaks for line in injected]
    hard += [f"=?utf-8?q?Jean=0D=0A{line.replace(' ', '_')}?=" for line in injected]
    hard += [
        "=?utf-8?b?SmVhbg0KQmNjOiBzcHlAZXZpbC50ZXN0?=",
        "=?utf-8?B?Cg==?=",
        "=?x?q?a=00b?=",
        "=?utf-8?q?=E2=80=A8?=",
    ]
    hard += ["\u202eevil", "a\u2066b", "\ud800", "x" * 5000, "é" * 5000]
    soft = [
        "", " ", "  deux   espaces  ", "MARTIN, Jeanne", 'Jeanne "la" MARTIN', "a\\b\\", "\\", '"', "<>",
        "<spy@evil.test>",
        "Jeanne <spy@evil.test>", "a;b:c", "(commentaire)", "groupe: a@b.fr;", "=?utf-8?q?Jean?=", "=?", "?=", "=??=",
        "=?utf-8?b?SmVhbg==?= suite", "Ève-Marie", "Nguyễn Thị", "李小龍", "Ωμέγα", "😀👩‍⚕️", "e\u0301", "\u200b",
        "\xa0insécable", "\ufeff", "x" * 900, "é" * 900, "mot " * 200, "😀" * 500, "a" * 63, "a" * 64, "a" * 65,
        "%0d%0aBcc: x",
        "\\r\\nBcc: x", "&#13;&#10;", "';--", "@@@@", "a@b", ",,,,", ":", "X-MSS-INS: O", ".", "..", "../../etc/passwd",
        "filename=\"x\"; filename*=UTF-8''y", "''", "UTF-8''x", "*0*=", "a=b;c=d",
    ]  # fmt: skip
    alphabet = "abcé<>\"\\@,;:()=?_%-.'* 😀"
    wild = ["".join(draw.choices(alphabet, k=draw.randint(1, 80))) for _ in range(100)]
    broken = ["".join(draw.choices(alphabet + "\u2028\r\n\0\x85", k=draw.randint(1, 80))) for _ in range(50)]
    return hard + soft + wild + broken


FIELDS: dict[str, Callable[[str], tuple[Packed, Envelope]]] = {
    "sender_name": lambda text: (PACKED, replace(ENVELOPE, sender_name=text)),
    "recipient_name": lambda text: (PACKED, replace(ENVELOPE, recipient_name=text)),
    "label": lambda text: (replace(PACKED, label=text), ENVELOPE),
    "patient_line": lambda text: (replace(PACKED, patient_line=text), ENVELOPE),
    "pdf_name": lambda text: (replace(PACKED, pdf_name=text), ENVELOPE),
    "type_code": lambda text: (replace(PACKED, type_code=text), ENVELOPE),
    "nil": lambda text: (PACKED, replace(ENVELOPE, nil=text)),
    "message_id": lambda text: (PACKED, replace(ENVELOPE, message_id=text)),
}


@pytest.mark.parametrize("field", FIELDS)
def test_no_text_adds_a_header_for_any_parser(field: str) -> None:
    outcomes: Counter[str] = Counter()
    for text in nasty_texts():
        try:
            raw = write_mail(*FIELDS[field](text))
        except Rejected as bad:
            outcomes["refused"] += 1
            told = str(bad)
            assert "Jeanne" not in told, told  # a fault names the field, never the value
            assert "Bcc" not in told, told
            continue
        outcomes["written"] += 1
        assert b"\n" not in raw.replace(b"\r\n", b"")
        old = email.message_from_bytes(raw, policy=email.policy.compat32)
        new = modern(raw)
        for message in (old, new):
            assert Counter(name.lower() for name in message) == Counter(EXPECTED), text
            parts = message.get_payload()
            assert isinstance(parts, list)
            assert len(parts) == 3
            assert {name.lower() for part in parts for name in part} == {
                "content-type", "content-transfer-encoding", "content-disposition",
            }  # fmt: skip
        for value in new.values():
            assert not set("\r\n\0\x85\u2028\u2029") & set(value), text
        assert [str(one.addr_spec) for one in new["From"].addresses] == [ENVELOPE.sender.text], text
        assert [str(one.addr_spec) for one in new["To"].addresses] == [ENVELOPE.recipient.text], text
        assert not set("\r\n\0") & set(str(make_header(decode_header(str(old["Subject"]).replace("\r\n", "")))))
    assert outcomes["refused"] > 30
    assert outcomes["written"] > 100 or field in ("type_code", "nil", "message_id")


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
