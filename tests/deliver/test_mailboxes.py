from __future__ import annotations

from pathlib import Path

import pytest

from gateway.deliver.mailboxes import Mailbox, Operator
from gateway.model.errors import Broken
from gateway.model.identity import MailAddress

AT = Operator(name="exemple", smtp_host="mail.exemple.test", imap_host="imap.exemple.test")


def _mailbox(**said: object) -> Mailbox:
    return Mailbox(**{"address": MailAddress("app@a.mssante.test"), "type": "APP", "operator": AT, **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"certificate": Path("a.p12"), "imap_sign_in": "none", "collect": True},
        {"certificate": Path("a.p12"), "imap_sign_in": "plain", "collect": True},
    ],
    ids=["no certificate", "no sign-in", "no password"],
)
def test_settings_that_do_not_fit_together_are_refused(said: dict[str, object]) -> None:
    with pytest.raises(Broken):
        _mailbox(**said)


def test_secrets_are_never_printed() -> None:
    mailbox = _mailbox(certificate=Path("a.p12"), certificate_password="pass-one", password="pass-two")
    assert "pass" not in repr(mailbox).replace("passed", "")


def test_only_personal_and_organisation_mailboxes_go_by_token() -> None:
    assert not _mailbox(certificate=Path("a.p12")).by_token
    assert _mailbox(type="PER").by_token
    assert _mailbox(type="ORG").by_token
