"""What the mssante adapter promises beyond every transport's promises, before Debian's Postfix and Dovecot."""

from __future__ import annotations

import email
import email.policy
import re
import time
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage, Message

import pytest

from gateway.deliver import Outcome
from gateway.deliver.mailboxes import Mailbox
from gateway.deliver.mssante import Mssante
from gateway.model.errors import Broken, Unreachable
from gateway.model.identity import MailAddress
from tests.deliver.conftest import DOMAIN, Tokens, letter
from tests.places.authority import Authority
from tests.places.operator import OperatorPlace

Make = Callable[..., Mssante]


@pytest.fixture(autouse=True)
def _empty(place: OperatorPlace) -> None:
    place.postfix.wait_until_idle()
    for address in place.dovecot.addresses:
        place.dovecot.empty(address)


def _report(raw: bytes) -> Message:
    """The machine-readable fields of the first recipient, with the message's own beside them."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    [status] = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    about_message, about_recipient = status.get_payload()[:2]  # type: ignore[index]
    for name, value in about_message.items():  # type: ignore[union-attr]
        about_recipient[name] = value  # type: ignore[index,call-overload]
    return about_recipient  # type: ignore[return-value]


def test_the_relay_names_the_place_in_its_queue_and_the_line_is_tls(place: OperatorPlace, transport: Make) -> None:
    report = transport(place.application("app")).send(letter(f"reader@{DOMAIN}"))
    assert (report.outcome, report.code) == (Outcome.HANDED_OVER, "250 2.0.0")
    assert re.search(r"queued as \w+", report.detail)
    assert report.tls in {"TLSv1.2", "TLSv1.3"}


def test_a_delivery_report_of_success_comes_back_under_our_message_id(place: OperatorPlace, transport: Make) -> None:
    ours = transport(place.application("app"))
    parcel = letter(f"reader@{DOMAIN}", id=f"envelope+id=1@{DOMAIN}")
    ours.send(parcel)
    place.dovecot.wait_for_mail(f"app@{DOMAIN}", 1)
    [came] = ours.collect()
    fields = _report(came.raw)
    assert fields["Original-Envelope-Id"] == parcel.message_id
    assert fields["Original-Recipient"] == f"rfc822;reader@{DOMAIN}"
    assert fields["Action"] in {"delivered", "relayed"}
    assert came.raw.startswith(b"Return-Path: <>\r\n")
    assert b"Bonjour" not in came.raw  # RET=HDRS: the content does not travel back


def test_a_bounce_comes_back_under_our_message_id(place: OperatorPlace, transport: Make) -> None:
    ours = transport(place.application("app"))
    parcel = letter(f"nobody-here@{DOMAIN}")
    assert ours.send(parcel).outcome is Outcome.HANDED_OVER
    place.dovecot.wait_for_mail(f"app@{DOMAIN}", 1)
    [came] = ours.collect()
    fields = _report(came.raw)
    assert fields["Original-Envelope-Id"] == parcel.message_id
    assert (fields["Action"], fields["Status"]) == ("failed", "5.1.1")


def test_without_dsn_no_success_is_reported(place: OperatorPlace, transport: Make) -> None:
    quiet = transport(place.application("app", operator=place.operator(dsn=False)))
    quiet.send(letter(f"reader@{DOMAIN}"))
    quiet.send(letter(f"nobody-here@{DOMAIN}"))
    place.dovecot.wait_for_mail(f"app@{DOMAIN}", 1)
    place.dovecot.wait_for_mail(f"reader@{DOMAIN}", 1)
    [came] = quiet.collect()
    assert _report(came.raw)["Action"] == "failed"


def test_a_recipient_refused_at_once_is_never(place: OperatorPlace, transport: Make) -> None:
    report = transport(place.application("app")).send(letter(f"refused@{DOMAIN}"))
    assert (report.outcome, report.code) == (Outcome.NEVER, "550 5.1.1")
    assert "unknown here" in report.detail


def test_a_domain_the_relay_does_not_serve_is_never(place: OperatorPlace, transport: Make) -> None:
    report = transport(place.application("app")).send(letter("someone@elsewhere.test"))
    assert report.outcome is Outcome.NEVER


def test_a_refusal_does_not_spoil_the_next_parcel(place: OperatorPlace, transport: Make) -> None:
    ours = transport(place.application("app"))
    outcomes = [ours.send(letter(f"{to}@{DOMAIN}")).outcome for to in ("reader", "refused", "reader", "reader")]
    assert outcomes == [Outcome.HANDED_OVER, Outcome.NEVER, Outcome.HANDED_OVER, Outcome.HANDED_OVER]
    assert len(place.dovecot.wait_for_mail(f"reader@{DOMAIN}", 3)) == 3


class TestCertificates:
    """An application mailbox is its certificate."""

    def test_a_certificate_of_another_authority_is_a_refused_sign_in(
        self, place: OperatorPlace, transport: Make, authority: Authority
    ) -> None:
        stranger = place.application("app", certificate=authority.mailbox(f"app@{DOMAIN}"))
        report = transport(stranger).send(letter(f"reader@{DOMAIN}"))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")

    def test_an_ended_certificate_is_a_refused_sign_in(self, place: OperatorPlace, transport: Make) -> None:
        ended = place.application("app", certificate=place.authority.mailbox(f"app@{DOMAIN}", ended=True))
        report = transport(ended).send(letter(f"reader@{DOMAIN}"))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")

    def test_no_certificate_where_one_is_demanded_is_a_refused_sign_in(
        self, place: OperatorPlace, transport: Make, tokens: Tokens
    ) -> None:
        doctor = replace(place.personal("dr.durand"), operator=place.operator())  # the port that demands one
        tokens.held[doctor.address.text] = place.dovecot.token(doctor.address.text)
        report = transport(doctor).send(letter(f"reader@{DOMAIN}", origin=doctor.address.text))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")
        assert place.dovecot.stored(f"reader@{DOMAIN}") == []

    def test_an_operator_of_another_authority_gets_nothing(
        self, place: OperatorPlace, transport: Make, authority: Authority
    ) -> None:
        ours = transport(place.application("app", operator=place.operator(ca=authority.ca_file)))
        report = ours.send(letter(f"reader@{DOMAIN}"))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "channel-not-secure")
        with pytest.raises(Unreachable, match="certificate"):
            list(ours.collect())

    def test_the_machines_own_authorities_are_not_enough(self, place: OperatorPlace, transport: Make) -> None:
        report = transport(place.application("app", operator=place.operator(ca=None))).send(letter(f"r@{DOMAIN}"))
        assert report.code == "channel-not-secure"

    def test_a_password_opens_the_file(self, place: OperatorPlace, transport: Make) -> None:
        locked = place.authority.mailbox(f"weigh@{DOMAIN}", password="sésame")
        sender = place.application("weigh", certificate=locked, certificate_password="sésame")
        assert transport(sender).send(letter(f"reader@{DOMAIN}", origin=f"weigh@{DOMAIN}")).code == "250 2.0.0"
        for wrong in ("other", None):
            with pytest.raises(Broken, match="certificate"):
                transport(replace(sender, certificate_password=wrong)).send(
                    letter(f"reader@{DOMAIN}", origin=f"weigh@{DOMAIN}")
                )
        assert "sésame" not in repr(sender)

    def test_a_renewed_certificate_is_used_without_a_restart(
        self, place: OperatorPlace, transport: Make, authority: Authority
    ) -> None:
        file = place.authority.mailbox(f"twice@{DOMAIN}")
        good = file.read_bytes()
        file.write_bytes(authority.mailbox(f"twice@{DOMAIN}").read_bytes())
        ours = transport(place.application("twice", certificate=file))
        assert ours.send(letter(f"reader@{DOMAIN}", origin=f"twice@{DOMAIN}")).code == "sign-in-refused"
        file.write_bytes(good)
        assert ours.send(letter(f"reader@{DOMAIN}", origin=f"twice@{DOMAIN}")).outcome is Outcome.HANDED_OVER

    def test_an_application_mailbox_without_certificate_cannot_be_described(self, place: OperatorPlace) -> None:
        with pytest.raises(Broken, match="certificate"):
            Mailbox(address=MailAddress(f"app@{DOMAIN}"), type="APP", operator=place.operator())


class TestTokens:
    """A personal mailbox is its owner's Pro Santé Connect token."""

    def test_without_a_token_the_owner_must_sign_in(self, place: OperatorPlace, transport: Make) -> None:
        doctor = place.personal("dr.durand")
        ours = transport(doctor)
        assert ours.ready(doctor.address.text) == "sign-in-needed"
        report = ours.send(letter(f"reader@{DOMAIN}", origin=doctor.address.text))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-needed")
        assert list(ours.collect()) == []

    @pytest.mark.parametrize("wide", [False, True], ids=["short", "as long as a real one"])
    def test_with_a_token_mail_goes_out_and_comes_back(
        self, place: OperatorPlace, transport: Make, tokens: Tokens, wide: bool
    ) -> None:
        doctor = place.personal("dr.durand")
        address = doctor.address.text
        tokens.held[address] = place.dovecot.token(address, wide=wide)
        ours = transport(doctor)
        assert ours.ready(address.upper()) is None
        assert ours.send(letter(address, origin=address)).outcome is Outcome.HANDED_OVER
        place.dovecot.wait_for_mail(address, 2)  # the letter, and the report that it was delivered
        found = list(ours.collect())
        assert len(found) == 2
        for each in found:
            ours.forget(each.mailbox, [each.handle])
        assert list(ours.collect()) == []

    def test_a_lapsed_token_is_a_refused_sign_in(self, place: OperatorPlace, transport: Make, tokens: Tokens) -> None:
        doctor = place.personal("dr.durand")
        address = doctor.address.text
        tokens.held[address] = place.dovecot.token(address, lives_s=-30)
        ours = transport(doctor)
        report = ours.send(letter(f"reader@{DOMAIN}", origin=address))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")
        with pytest.raises(Unreachable, match="sign-in"):
            list(ours.collect())

    def test_a_token_opens_no_other_mailbox(self, place: OperatorPlace, transport: Make, tokens: Tokens) -> None:
        doctor = place.personal("dr.durand")
        tokens.held[doctor.address.text] = place.dovecot.token(f"reader@{DOMAIN}")
        assert transport(doctor).send(letter(f"app@{DOMAIN}", origin=doctor.address.text)).code == "sign-in-refused"
        with pytest.raises(Unreachable):
            list(transport(doctor).collect())


class TestCollection:
    """Mail comes back from every mailbox we hold."""

    def test_a_mailbox_may_sign_in_with_its_password(self, place: OperatorPlace, transport: Make) -> None:
        ours = transport(place.application("plain", imap_sign_in="plain"), place.application("app", collect=False))
        ours.send(letter(f"plain@{DOMAIN}"))
        place.dovecot.wait_for_mail(f"plain@{DOMAIN}", 1)
        [found] = ours.collect()
        ours.forget(found.mailbox, [found.handle])
        assert list(ours.collect()) == []

    def test_a_wrong_password_is_unreachable_and_not_shown(self, place: OperatorPlace, transport: Make) -> None:
        wrong = replace(place.application("plain", imap_sign_in="plain"), password="not-this-one")
        with pytest.raises(Unreachable) as caught:
            list(transport(wrong).collect())
        assert "not-this-one" not in str(caught.value) + repr(wrong)

    def test_one_silent_operator_does_not_keep_the_others_mail_back(
        self, place: OperatorPlace, transport: Make
    ) -> None:
        gone = place.application("twice", operator=place.operator(imap_port=1, name="gone"))
        ours = transport(gone, place.application("app"))
        ours.send(letter(f"app@{DOMAIN}"))
        place.dovecot.wait_for_mail(f"app@{DOMAIN}", 1)
        collecting = ours.collect()
        assert next(collecting).mailbox == f"app@{DOMAIN}"
        with pytest.raises(Unreachable, match="gone"):
            list(collecting)

    def test_a_handle_of_another_validity_takes_nothing_away(self, place: OperatorPlace, transport: Make) -> None:
        ours = transport(place.application("app"))
        ours.send(letter(f"app@{DOMAIN}"))
        place.dovecot.wait_for_mail(f"app@{DOMAIN}", 2)
        found = list(ours.collect())
        validity, _, uid = found[0].handle.partition("/")
        ours.forget(found[0].mailbox, [f"{int(validity) - 1}/{uid}"])
        assert list(ours.collect()) == found

    def test_flags_stay_as_they_were(self, place: OperatorPlace, transport: Make) -> None:
        ours = transport(place.application("app"))
        ours.send(letter(f"app@{DOMAIN}"))
        place.dovecot.wait_for_mail(f"app@{DOMAIN}", 2)
        list(ours.collect())
        names = [file.name for file in (place.dovecot.home / "mail" / f"app@{DOMAIN}").rglob("*:2,*")]
        assert all(name.endswith(":2,") for name in names)

    def test_more_messages_than_one_page_all_come(self, place: OperatorPlace, transport: Make) -> None:
        ours = transport(place.application("weigh"))
        inbox = place.dovecot.home / "mail" / f"weigh@{DOMAIN}" / "Maildir"
        ours.send(letter(f"weigh@{DOMAIN}", origin=f"weigh@{DOMAIN}"))
        place.dovecot.wait_for_mail(f"weigh@{DOMAIN}", 2)  # so that Dovecot has made the folders, for its own user
        for index in range(1100):
            (inbox / "new" / f"1700000000.M{index}P1.here").write_bytes(b"Subject: n\n\nhello\n")
            (inbox / "new" / f"1700000000.M{index}P1.here").chmod(0o644)
        assert len(list(ours.collect())) == 1102


class TestOurOwnFaults:
    """What a retry would not put right is said as such, before anything leaves."""

    @pytest.mark.parametrize(
        "text",
        [
            b"bare\nline\r\n",
            b"bare\rreturn\r\n",
            b"no end",
            b"smuggled\n.\nMAIL FROM:<x@y.z>\r\n",
            b"nul\0\r\n",
            b"x" * 999 + b"\r\n",
        ],
        ids=["lf", "cr", "no end", "smuggling", "nul", "long line"],
    )
    def test_bytes_unfit_for_the_line_never_leave(self, place: OperatorPlace, transport: Make, text: bytes) -> None:
        with pytest.raises(Broken):
            transport(place.application("app")).send(letter(f"reader@{DOMAIN}", text=text))

    @pytest.mark.parametrize(
        "to", ["", "nobody", "a@b.test>\r\nRCPT TO:<c@d.test", "a b@c.test", "é@c.test", "<a@b.test>"]
    )
    def test_an_unfit_address_never_leaves(self, place: OperatorPlace, transport: Make, to: str) -> None:
        with pytest.raises(Broken):
            transport(place.application("app")).send(replace(letter(f"reader@{DOMAIN}"), destination=to))

    def test_a_parcel_from_a_mailbox_that_is_not_ours_is_not_tried(self, place: OperatorPlace, transport: Make) -> None:
        ours = transport(place.application("app"))
        assert ours.ready("stranger@a.mssante.test") == "no-mailbox"
        assert ours.send(letter(f"reader@{DOMAIN}", origin=f"stranger@{DOMAIN}")).code == "no-mailbox"
        with pytest.raises(Broken):
            ours.forget(f"stranger@{DOMAIN}", ["1/1"])

    def test_a_parcel_over_the_operators_limit_is_never(self, place: OperatorPlace, transport: Make) -> None:
        ours = transport(place.application("app", operator=place.operator(max_bytes=1000)))
        report = ours.send(letter(f"reader@{DOMAIN}", text=b"0123456789\r\n" * 100))
        assert (report.outcome, report.code) == (Outcome.NEVER, "too-large")

    def test_a_missing_certificate_file_is_said(self, place: OperatorPlace, transport: Make) -> None:
        lost = place.application("app", certificate=place.authority.directory / "lost.p12")
        with pytest.raises(Broken, match=r"lost\.p12"):
            transport(lost).send(letter(f"reader@{DOMAIN}"))


def test_a_hundred_small_letters_take_well_under_the_time_of_a_hundred_handshakes(
    place: OperatorPlace, transport: Make
) -> None:
    ours = transport(place.application("app", operator=place.operator(dsn=False)))
    before = place.postfix.log().count(": connect from")
    started = time.monotonic()
    for _ in range(30):
        ours.send(letter(f"reader@{DOMAIN}"))
    assert place.postfix.log().count(": connect from") - before <= 2
    assert time.monotonic() - started < 10
