"""A received message is opened within bounds, and damage is read around."""

from __future__ import annotations

import time

import pytest

from gateway.model.errors import Rejected
from gateway.pack.mail import message_id_of
from gateway.pack.mime import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HEADERS,
    MAX_PARTS,
    heading_of,
    multipart,
    open_message,
    returned,
    text_part,
)


def nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return head + b"\nx"


def test_depth_has_a_limit() -> None:
    assert len(open_message(nested(MAX_DEPTH)).walk()) == MAX_DEPTH + 1
    with pytest.raises(Rejected, match="too-deep"):
        open_message(nested(MAX_DEPTH + 1))


def test_parts_have_a_limit() -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\n\n"
    assert len(open_message(head + b"--b\n\n" * (MAX_PARTS - 1)).parts) == MAX_PARTS - 1
    with pytest.raises(Rejected, match="too-many"):
        open_message(head + b"--b\n\n" * MAX_PARTS)


def test_headers_have_a_limit() -> None:
    assert len(open_message(b"A: b\n" * MAX_HEADERS + b"\n").headers) == MAX_HEADERS
    with pytest.raises(Rejected, match="too-many"):
        open_message(b"A: b\n" * (MAX_HEADERS + 1) + b"\n")


def test_size_has_a_limit() -> None:
    with pytest.raises(Rejected, match="too-large"):
        open_message(b"\n\n" + bytes(MAX_BYTES))


@pytest.mark.parametrize("almost", [b"-", b"\n---x", b"\n--- x", b"\n---" + b" " * 400 + b"x", b"\r\n--"])
def test_a_body_of_almost_boundaries_costs_no_more_than_another(almost: bytes) -> None:
    raw = b'Content-Type: multipart/mixed; boundary="-"\n\n\n---\n\nfirst' + almost * (5_000_000 // len(almost))
    before = time.process_time()
    assert [part.body[:5] for part in open_message(raw).parts] == [b"first"]
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_either_line_end_is_read(end: str) -> None:
    raw = end.join([
        "Subject: a", " b", "Content-Type: multipart/mixed; boundary=x", "", "préambule", "--x", "",
        "un", "--x  ", "Content-Type: text/html", "", "deux", "--x--", "épilogue",
    ])  # fmt: skip
    message = open_message(raw.encode())
    assert message.first("Subject") == "a b"
    assert [(part.type, part.body) for part in message.parts] == [("text/plain", b"un"), ("text/html", b"deux")]


def test_a_boundary_that_begins_another_is_not_taken_for_it() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=a\n\n--ab\n\nno\n--a\n\nyes\n--ab\n--a--\n"
    assert [part.body for part in open_message(raw).parts] == [b"yes\n--ab"]


def test_a_missing_last_boundary_loses_nothing() -> None:
    assert open_message(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\nyes").parts[0].body == b"yes"


@pytest.mark.parametrize(
    ("encoding", "body", "plain"),
    [
        ("base64", b"Ym9u\r\nam91cg==", b"bonjour"),
        ("BASE64 ", b"Ym9u am91cg", b"bonjour"),
        ("base64", b"Ym9uam91c", b"bonjou"),
        ("quoted-printable", b"bon=\r\njour=C3=A9", "bonjouré".encode()),
        ("8bit", "é".encode(), "é".encode()),
        ("nonsense", b"x", b"x"),
    ],
)
def test_transfer_encodings_are_undone(encoding: str, body: bytes, plain: bytes) -> None:
    message = open_message(f"Content-Transfer-Encoding: {encoding}\n\n".encode() + body)
    assert message.payload().rstrip() == plain


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain; charset=iso-8859-1", b"\xe9", "é"),
        ("text/plain; charset=utf-8", b"\xe9", "é"),
        ("text/plain", "é".encode(), "é"),
        ('text/plain; charset="windows-1252"', b"\x80", "€"),
        ("text/plain; charset=nonsense", "é".encode(), "é"),
    ],
)
def test_texts_are_read_in_their_character_set_or_the_likeliest(kind: str, body: bytes, text: str) -> None:
    assert open_message(f"Content-Type: {kind}\n\n".encode() + body).text() == text


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=a.pdf", "a.pdf"),
        ('attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'),
        ("attachment; filename*=UTF-8''%C3%A9.pdf", "é.pdf"),
        ("attachment; filename*=iso-8859-1'fr'%E9.pdf", "é.pdf"),
        ("attachment; filename*0=a; filename*1=b.pdf", "ab.pdf"),
        ("attachment; filename*1*=%A9.pdf; filename*0*=UTF-8''%C3", "é.pdf"),
        ("attachment; filename==?utf-8?B?w6kucGRm?=", "é.pdf"),
        ("attachment; filename=../../etc/passwd", "passwd"),
        ("attachment; filename=C:\\temp\\a.pdf", "a.pdf"),
        ("inline", ""),
    ],
)
def test_file_names_are_read_in_every_form_and_lose_their_folders(disposition: str, name: str) -> None:
    assert open_message(f"Content-Disposition: {disposition}\n\n".encode()).filename == name


def test_a_boundary_never_occurs_in_what_it_separates() -> None:
    inner = multipart("mixed", "a@b", [text_part("x")])
    outer = multipart("report", "a@b", [text_part("y"), returned(inner)])
    message = open_message(outer)
    assert [part.type for part in message.parts] == ["text/plain", "message/rfc822"]
    assert message.parts[1].body == inner


def test_only_the_headers_are_returned_when_asked() -> None:
    part = open_message(returned(b"A: b\nMessage-ID: <x@y>\n\nsecret\n", headers_only=True))
    assert part.type == "text/rfc822-headers"
    assert b"secret" not in part.body
    assert heading_of(part).first("message-id") == "<x@y>"


def test_a_message_id_is_found_in_the_beginning_of_a_mail() -> None:
    assert message_id_of(b"From: a@b.fr\r\nMessage-Id: <x@y>\r\n\r\nMessage-ID: <other@y>") == "x@y"
    assert message_id_of(b"From: a@b.fr\r\n\r\nMessage-ID: <other@y>") is None
    assert message_id_of(b"A: b\n" * 5_000) is None
    assert message_id_of(b"") is None


def test_a_part_that_prints_shows_no_content() -> None:
    assert "secret" not in repr(open_message(b"Subject: secret\n\nsecret"))
