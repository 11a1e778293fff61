"""A mailbox opens to its owner and to nobody else, and gives back the bytes it holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from tests.sandbox.conftest import APP, JEANNE, LUC, Visitor

Fresh = Callable[[], str]


def test_the_certificate_opens_its_mailbox_by_external(place: Visitor) -> None:
    for identity in (b"", APP.encode()):
        with place.imap(place.of(APP)) as client:
            client.sasl_login("EXTERNAL", lambda _, identity=identity: identity)
            assert b"EXISTS" in client.select_folder("INBOX")


def test_the_certificate_opens_its_mailbox_by_login(place: Visitor) -> None:
    with place.imap(place.of(APP)) as client:
        client.login(APP, "anything")
        client.select_folder("INBOX")


def test_a_token_opens_a_personal_mailbox(place: Visitor) -> None:
    token = Path(place.box(JEANNE)["token"]).read_text()
    with place.imap(place.context()) as client:
        client.oauth2_login(JEANNE, token)
        client.select_folder("INBOX")


@pytest.mark.parametrize("address", [JEANNE, LUC, "nobody@a.mssante.test", ""])
def test_a_certificate_opens_no_other_mailbox(place: Visitor, address: str) -> None:
    with place.imap(place.of(APP)) as client:
        with pytest.raises(IMAPClientError):
            client.login(address, "anything")
        if address:
            with pytest.raises(IMAPClientError):
                client.sasl_login("EXTERNAL", lambda _: address.encode())


def test_without_certificate_a_password_opens_nothing(place: Visitor) -> None:
    with place.imap(place.context()) as client:
        with pytest.raises(IMAPClientError):
            client.login(APP, "anything")
        with pytest.raises(IMAPClientError):
            client.sasl_login("EXTERNAL", lambda _: b"")


def test_a_wrong_token_opens_nothing(place: Visitor) -> None:
    with place.imap(place.context()) as client, pytest.raises(IMAPClientError):
        client.oauth2_login(JEANNE, "wrong")


def test_a_mailbox_of_the_other_operator_is_not_here(place: Visitor) -> None:
    token = Path(place.box(LUC)["token"]).read_text()
    with place.imap(place.context()) as client, pytest.raises(IMAPClientError):
        client.oauth2_login(LUC, token)


def test_nobody_signs_in_before_starttls(place: Visitor) -> None:
    with place.imap(None) as client:
        assert client.has_capability("STARTTLS")
        assert client.has_capability("LOGINDISABLED")
        with pytest.raises(IMAPClientError):
            client.login(APP, "anything")


def test_a_mail_is_fetched_byte_for_byte_and_then_forgotten(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    place.send(LUC, name)
    ((_, raw),) = place.receipts(name, 1)
    with place.imap(place.of(APP)) as client:
        client.sasl_login("EXTERNAL", lambda _: b"")
        client.select_folder("INBOX")
        fetched = client.fetch(client.search("ALL"), ["BODY.PEEK[]", "RFC822.SIZE", "FLAGS"])
        (uid,) = [uid for uid, parts in fetched.items() if parts[b"BODY[]"] == raw]
        assert fetched[uid][b"RFC822.SIZE"] == len(raw)
        assert b"\\Seen" not in fetched[uid][b"FLAGS"]
        client.delete_messages([uid])
        client.uid_expunge([uid])
        assert uid not in client.search("ALL")
    assert raw not in [one.path.read_bytes() for one in place.sandbox.arrivals()]


def test_a_handle_stays_the_same_from_one_session_to_the_next(place: Visitor, fresh: Fresh) -> None:
    name = fresh()
    place.send(LUC, name)
    place.receipts(name, 1)
    seen = []
    for _ in range(2):
        with place.imap(place.of(APP)) as client:
            client.login(APP, "")
            validity = client.select_folder("INBOX")[b"UIDVALIDITY"]
            seen.append((validity, client.search("ALL")))
    assert seen[0] == seen[1]


def test_a_hostile_mail_is_given_as_it_is(place: Visitor, fresh: Fresh) -> None:
    raw = b"To: " + b"(" * 3_000 + b"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 2_000
    box = place.sandbox.root / "mail" / APP
    (box / "new" / f"0.{fresh()}").write_bytes(raw)
    with place.imap(place.of(APP)) as client:
        client.login(APP, "")
        client.select_folder("INBOX")
        bodies = {parts[b"BODY[]"] for parts in client.fetch(client.search("ALL"), ["BODY.PEEK[]"]).values()}
        assert raw in bodies
