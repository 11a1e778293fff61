"""Who may send what through an operator of the sandbox."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import APP, JEANNE, LUC, Visitor


def blob(address: str, token: str) -> str:
    return f"user={address}\x01auth=Bearer {token}\x01\x01"


def test_nothing_but_starttls_is_answered_in_clear(place: Visitor) -> None:
    with place.smtp(None) as line:
        assert "starttls" in line.esmtp_features
        assert line.mail(APP)[0] == 530


def test_an_operator_offers_what_the_gateway_needs(place: Visitor) -> None:
    with place.smtp(place.of(APP)) as line:
        assert {"dsn", "size", "8bitmime", "auth"} <= line.esmtp_features.keys()
        assert line.esmtp_features["auth"].split() == ["XOAUTH2"]
        assert int(line.esmtp_features["size"]) == 25_000_000


def test_without_certificate_or_token_nobody_sends(place: Visitor) -> None:
    with place.smtp(place.context()) as line:
        assert line.mail(APP)[0] == 530


def test_a_certificate_of_another_authority_ends_the_conversation(place: Visitor, tmp_path: Path) -> None:
    from gateway.sandbox.certificates import Certificates

    _, stranger = Certificates(tmp_path).mailbox(APP)
    with pytest.raises((OSError, smtplib.SMTPException)):
        place.smtp(place.context(stranger)).mail(APP)


def test_an_application_mailbox_sends_only_as_itself(place: Visitor) -> None:
    with place.smtp(place.of(APP)) as line:
        assert line.mail(JEANNE)[0] == 553
        assert line.mail(APP.upper())[0] == 250


def test_a_personal_mailbox_sends_with_its_token(place: Visitor, fresh: Callable[[], str]) -> None:
    token = Path(place.box(JEANNE)["token"]).read_text()
    name = fresh()
    with place.smtp(place.context()) as line:
        assert line.auth("XOAUTH2", lambda _=None: blob(JEANNE, token))[0] == 235
        line.sendmail(JEANNE, [LUC], place.mail(LUC, name, sender=JEANNE))
    assert place.arrived(name) == [LUC]


def test_a_token_of_several_kilobytes_fits_in_the_command(place: Visitor) -> None:
    with place.smtp(place.context()) as line, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        line.auth("XOAUTH2", lambda challenge=None: "" if challenge else blob(JEANNE, "x" * 6_000))
    assert refused.value.smtp_code == 535


@pytest.mark.parametrize("address", [JEANNE, LUC, APP, "nobody@a.mssante.test", "../../x@a.mssante.test"])
def test_a_wrong_token_opens_nothing(place: Visitor, address: str) -> None:
    with place.smtp(place.context()) as line:
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            line.auth("XOAUTH2", lambda challenge=None: "" if challenge else blob(address, "wrong"))
        assert refused.value.smtp_code == 535
        assert line.mail(address)[0] == 530


def test_a_token_changed_on_disk_counts_at_once(place: Visitor) -> None:
    file = Path(place.box(JEANNE)["token"])
    before = file.read_text()
    file.write_text("renewed")
    try:
        with place.smtp(place.context()) as line:
            assert line.auth("XOAUTH2", lambda _=None: blob(JEANNE, "renewed"))[0] == 235
    finally:
        file.write_text(before)


def test_an_unknown_mailbox_is_refused_for_good(place: Visitor, fresh: Callable[[], str]) -> None:
    assert place.send("nobody@b.mssante.test", fresh())[0] == 550
    assert place.send("nobody@a.mssante.test", fresh())[0] == 550


def test_the_trust_space_ends_at_its_operators(place: Visitor, fresh: Callable[[], str]) -> None:
    code, words = place.send("luc@gmail.test", fresh())
    assert (code, "trust space" in words) == (550, True)


def test_an_operator_does_not_relay_for_its_neighbour(place: Visitor) -> None:
    server = place.sandbox.root / "certificates" / "b.mssante.test.pem"
    with place.smtp(place.context(server)) as line:
        assert line.mail("luc.durand@b.mssante.test")[0] == 250
        assert line.rcpt("claire.petit@b.mssante.test")[0] == 550
        assert line.rcpt(APP)[0] == 250


def test_a_neighbour_never_speaks_for_our_mailboxes(place: Visitor) -> None:
    server = place.sandbox.root / "certificates" / "b.mssante.test.pem"
    with place.smtp(place.context(server)) as line:
        assert line.mail(APP)[0] == 553


def test_one_mail_has_one_recipient(place: Visitor) -> None:
    with place.smtp(place.of(APP)) as line:
        line.mail(APP)
        assert line.rcpt(LUC)[0] == 250
        assert line.rcpt("claire.petit@b.mssante.test")[0] == 452


def test_a_mail_over_the_announced_size_is_refused(place: Visitor) -> None:
    with place.smtp(place.of(APP)) as line:
        assert line.mail(APP, ["SIZE=25000001"])[0] == 552


def test_a_line_longer_than_smtp_allows_is_refused(place: Visitor) -> None:
    with place.smtp(place.of(APP)) as line:
        line.mail(APP)
        line.rcpt(LUC)
        assert line.data(b"Subject: x\r\n\r\n" + b"x" * 1_100 + b"\r\n")[0] == 500


def test_a_client_that_leaves_halfway_leaves_nothing_behind(place: Visitor, fresh: Callable[[], str]) -> None:
    line = place.smtp(place.of(APP))
    line.mail(APP)
    line.rcpt(LUC)
    line.close()
    name = fresh()
    assert place.send(LUC, name)[0] == 250
    assert place.arrived(name) == [LUC]
