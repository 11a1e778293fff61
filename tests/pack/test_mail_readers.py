"""What a mail says is the same for every reader: Python's, ours, and one in another language that shares no code.

Every line is as RFC 5322 and RFC 2047 want it, whatever the names are.
"""

from __future__ import annotations

import base64
import email.policy
import quopri
import re
from dataclasses import replace
from email.header import decode_header, make_header

import fast_mail_parser
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.model.hidden import FORBIDDEN, hides_controls
from gateway.model.identity import MailAddress
from gateway.pack import read_mail, write_mail
from tests.pack.test_mail import ENVELOPE, PACKED, modern

_SIGNS = st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Zl", "Zp")) | st.sampled_from(
    "éèçŒ'’-_=?<>\",;:()@ \\😀"
)
TEXTS = st.text(_SIGNS, min_size=1, max_size=120).filter(lambda text: not FORBIDDEN.search(text) and text.strip())
ADDRESSES = st.from_regex(r"\A[a-z0-9!#$%&'*+/^_`{|}~-]{1,30}@[a-z][a-z0-9]{1,20}(\.[a-z0-9]{1,20}){0,2}\Z").map(
    MailAddress
)


def line_of(raw: bytes, name: str) -> str:
    """A field, unfolded."""
    found = re.search(rf"^{name}: ([^\r]*(?:\r\n[ \t][^\r]*)*)".encode(), raw.partition(b"\r\n\r\n")[0], re.MULTILINE)
    assert found is not None
    return found[1].decode("ascii").replace("\r\n", "").strip()


@given(subject=TEXTS, file=TEXTS, sender=TEXTS, recipient=TEXTS, to=ADDRESSES, answers=ADDRESSES)
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
def test_a_second_parser_reads_what_was_meant(
    subject: str, file: str, sender: str, recipient: str, to: MailAddress, answers: MailAddress
) -> None:
    name = " ".join(file.replace("/", "-").replace("\\", "-").split()) + ".pdf"
    envelope = replace(ENVELOPE, sender_name=sender, recipient_name=recipient, recipient=to, reply_to=answers)
    raw = write_mail(replace(PACKED, patient_line=subject, pdf_name=name), envelope)
    rust, python, ours = fast_mail_parser.parse_email(raw), modern(raw), read_mail(raw)
    meant = f"XDM/1.0/DDM+{PACKED.label} {' '.join(subject.split())}"
    if not any(map(hides_controls, (meant, name))):
        assert rust.subject == ours.subject == python["Subject"] == meant
        attached = [part.get_filename() for part in python.iter_parts()][2]
        assert rust.attachments[1].filename == ours.pdfs[0][0] == attached == name
    assert rust.from_ is not None
    assert [one.address for one in (rust.from_, *rust.to, *rust.reply_to)] == [
        ENVELOPE.sender.text, to.text, answers.text,
    ]  # fmt: skip
    assert [str(one.addr_spec) for one in python["To"].addresses] == [to.text]
    assert (ours.sender, ours.recipients, ours.answers_to) == (ENVELOPE.sender.text, (to.key,), answers.key)
    shown = " ".join(re.sub(r'[<>"]', " ", recipient).split())
    if shown and not hides_controls(shown):
        decoded = str(make_header(decode_header(line_of(raw, "To"))))
        assert decoded.removesuffix(f"<{to.text}>").strip().strip('"').replace("\\\\", "\\") == shown


@given(subject=TEXTS, sender=TEXTS, file=TEXTS)
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
def test_every_line_is_as_long_as_it_may_be(subject: str, sender: str, file: str) -> None:
    raw = write_mail(replace(PACKED, patient_line=subject, pdf_name=file), replace(ENVELOPE, sender_name=sender))
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 998
        assert line.isascii()
    for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        assert len(line) <= 78 or len(line.split()) <= 2, line  # RFC 5322 §2.1.1: no place to fold is left
    for charset, encoding, text in re.findall(r"=\?([^?\s]+)\?([BQ])\?([^?\s]*)\?=", raw.decode("ascii")):
        word = f"=?{charset}?{encoding}?{text}?="
        assert len(word) <= 75  # RFC 2047 §2
        content = base64.b64decode(text) if encoding == "B" else quopri.decodestring(text, header=True)
        content.decode("utf-8")  # whole characters, §5


def test_python_writes_the_header_again_without_making_another() -> None:
    raw = write_mail(replace(PACKED, label="Synthèse =?utf-8?q?=0D=0ABcc:_x@evil.test?="), ENVELOPE)
    again = modern(raw).as_bytes(policy=email.policy.SMTP)
    assert [name for name, _ in modern(again).items()] == [name for name, _ in modern(raw).items()]
    assert modern(again)["Subject"] == modern(raw)["Subject"]
