"""One field is one line for every reader, and addresses are read without being fooled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.errors import Rejected
from gateway.pack.mail_field import (
    addresses,
    checked,
    cleaned,
    decoded,
    line,
    message_id_in,
    only_address,
    recipient_in,
    text,
    token,
)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_what_passes_is_one_field_and_reads_back_as_it_was(value: str) -> None:
    try:
        raw = text("Subject", value)
    except Rejected:
        return
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert lines[0].startswith(b"Subject: ")
    assert all(line.startswith(b" ") for line in lines[1:-1])
    assert max(map(len, lines)) <= 78
    assert decoded(raw.decode("ascii")[9:].replace("\r\n", "").strip()) == " ".join(value.split())


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_a_cleaned_text_always_passes(value: str) -> None:
    assert checked(cleaned(value), "subject") == cleaned(value)


@pytest.mark.parametrize("value", ["", "a b", "a\r\nb", "é", "x" * 901, "a;b", "a\x00"])
def test_a_code_is_a_plain_token(value: str) -> None:
    with pytest.raises(Rejected):
        token("X-MSS-NIL", value)


def test_a_finished_value_is_ascii() -> None:
    with pytest.raises(Rejected):
        line("Reporting-MTA", "dns; é")


def test_several_codes_make_one_comma_list() -> None:
    assert token("X-MSS-CODECDA", "34112-3,PRESC-BIO") == b"X-MSS-CODECDA: 34112-3,PRESC-BIO\r\n"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Luc@B.fr", ("luc@b.fr",)),
        ("<luc@b.fr>", ("luc@b.fr",)),
        ("Luc DURAND <luc@b.fr>", ("luc@b.fr",)),
        ('"DURAND, Luc" <luc@b.fr>', ("luc@b.fr",)),
        ('"a@x.fr" <luc@b.fr>', ("luc@b.fr",)),
        ("MAILER-DAEMON@b.fr (Mail Delivery System)", ("mailer-daemon@b.fr",)),
        ("luc@b.fr, ana@c.fr", ("luc@b.fr", "ana@c.fr")),
        ("luc@b.fr@evil.fr", ()),
        ("<luc@b.fr> <spy@evil.fr>", ()),
        ("luc@b.fr <spy@evil.fr>", ("spy@evil.fr",)),
        ("groupe: luc@b.fr;", ()),
        ("luc", ()),
        ('"luc@b.fr', ()),
        ("", ()),
    ],
)
def test_addresses_are_read_plainly_or_not_at_all(value: str, found: tuple[str, ...]) -> None:
    assert addresses(value) == found


@pytest.mark.parametrize(
    "values", [(), ("a@b.fr", "a@b.fr"), ("a@b.fr, c@d.fr",), ("a@b.fr,",), ("x",), ("<a@b.fr> <c@d.fr>",)]
)
def test_a_field_for_one_address_says_one_or_nothing(values: tuple[str, ...]) -> None:
    assert only_address(values) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("rfc822; Luc@b.fr", "luc@b.fr"),
        ("RFC822;<luc@b.fr>", "luc@b.fr"),
        ("utf-8; luc@b.fr", "luc@b.fr"),
        ("x400; luc@b.fr", None),
        ("luc@b.fr", None),
        ("rfc822; luc@b.fr, ana@b.fr", None),
    ],
)
def test_a_typed_address_names_one_mailbox(value: str, found: str | None) -> None:
    assert recipient_in(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a@b>", "a@b"),
        (" < a@b > ", "a@b"),
        ("a@b", "a@b"),
        ("a@b c@d", None),
        ("<>", None),
        ("QX123", None),
        ("", None),
    ],
)
def test_a_message_id_is_read_with_or_without_brackets(value: str, found: str | None) -> None:
    assert message_id_in(value) == found
