"""Submission servers that lie, stall, flood or hang up: each costs a bounded time and gets the truth told of it."""

from __future__ import annotations

import ssl
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deliver import Outcome
from gateway.deliver.mssante import Mssante
from gateway.model.errors import Unreachable
from tests.deliver.conftest import DOMAIN, Tokens, letter, mailbox_at
from tests.places.authority import Authority
from tests.places.hostile_smtp import OFFERS, HostileSmtp
from tests.places.tricks import (
    Trick,
    drops,
    floods_lines,
    floods_one_line,
    says,
    says_bytes,
    says_then_drops,
    silent,
    trickles,
)

Make = Callable[..., tuple[HostileSmtp, Mssante]]
TO = f"reader@{DOMAIN}"
BIG = b"0123456789abcdef" * 60 + b"\r\n"
BIG *= 10_000  # 9.6 MB: more than the kernel holds for a server that does not read

_CODE = st.sampled_from([b"250 ", b"250-", b"354 ", b"220 ", b"451 ", b"550 5.1.1 ", b"", b"\xff"])
_SMTP = st.lists(
    st.tuples(_CODE, st.binary(max_size=30), st.sampled_from([b"\r\n", b"\n", b"\r", b""])), max_size=4
).map(lambda lines: b"".join(map(b"".join, lines)))
BEFORE_TLS = ["greeting", "ehlo", "starttls"]
AFTER_TLS = ["ehlo-tls", "mail", "rcpt", "data"]


def test_a_correct_little_server_gets_exactly_our_bytes_and_words(hostile: Make) -> None:
    server, ours = hostile()
    parcel = letter(TO, text=b".one\r\n..two\r\n.\r\n\r\nend\r\n", id=f"a+b@{DOMAIN}")
    report = ours.send(parcel)
    assert (report.outcome, report.code, report.detail) == (Outcome.HANDED_OVER, "250 2.0.0", "250 2.0.0 taken as 42")
    assert server.bodies == [parcel.body]
    assert server.commands == [
        f"EHLO {DOMAIN}",
        f"MAIL FROM:<app@{DOMAIN}> SIZE={len(parcel.body)} RET=HDRS ENVID=a+2Bb@{DOMAIN}",
        f"RCPT TO:<{TO}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{TO}",
        "DATA",
    ]


def test_nothing_but_a_greeting_and_starttls_is_said_in_clear(hostile: Make) -> None:
    server, ours = hostile()
    ours.send(letter(TO))
    assert server.in_clear == [f"EHLO {DOMAIN}", "STARTTLS"]


def test_an_answer_has_an_empty_envelope_sender_and_asks_for_no_report(hostile: Make) -> None:
    server, ours = hostile()
    parcel = replace(letter(TO), returns=False)
    assert ours.send(parcel).outcome is Outcome.HANDED_OVER
    assert server.commands[1:3] == [f"MAIL FROM:<> SIZE={len(parcel.body)}", f"RCPT TO:<{TO}>"]


def test_a_server_without_extensions_gets_none_of_their_words(hostile: Make) -> None:
    server, ours = hostile(offers=())
    assert ours.send(letter(TO)).outcome is Outcome.HANDED_OVER
    assert server.commands[1:3] == [f"MAIL FROM:<app@{DOMAIN}>", f"RCPT TO:<{TO}>"]


def test_an_id_too_long_for_an_envelope_id_is_left_out(hostile: Make) -> None:
    server, ours = hostile()
    assert ours.send(letter(TO, id="x" * 90 + f"@{DOMAIN}")).outcome is Outcome.HANDED_OVER
    assert "ENVID" not in server.commands[1]
    assert "RET=HDRS" in server.commands[1]


@pytest.mark.parametrize("stage", ["mail", "rcpt"])
@pytest.mark.parametrize("answer", ["451 4.3.2 come back", "550 5.1.1 nobody"])
def test_after_a_refusal_not_a_byte_of_the_mail_is_sent(hostile: Make, stage: str, answer: str) -> None:
    server, ours = hostile({stage: says(answer)})
    assert ours.send(letter(TO)).detail == answer
    server.close()
    assert server.bodies == []


@pytest.mark.parametrize("stage", [*BEFORE_TLS, *AFTER_TLS, "dot"])
def test_not_now_at_any_stage_is_try_later(hostile: Make, stage: str) -> None:
    _, ours = hostile({stage: says("451 4.3.2 come back")})
    report = ours.send(letter(TO))
    assert (report.outcome, report.code, report.detail) == (Outcome.TRY_LATER, "451 4.3.2", "451 4.3.2 come back")


@pytest.mark.parametrize("stage", ["greeting", "ehlo", *AFTER_TLS, "dot"])
def test_no_at_any_stage_is_never(hostile: Make, stage: str) -> None:
    _, ours = hostile({stage: says("554-5.6.0 no\r\n554 5.6.0 really")})
    report = ours.send(letter(TO))
    assert (report.outcome, report.code) == (Outcome.NEVER, "554 5.6.0")
    assert report.detail == "554 5.6.0 no 5.6.0 really"


@pytest.mark.parametrize("stage", [*AFTER_TLS, "dot"])
@pytest.mark.parametrize(
    "answer", ["530 5.7.0 sign in", "535 5.7.8 no", "538 5.7.11 no", "421 4.7.1 No client certificate"]
)
def test_a_refused_certificate_or_token_waits_for_an_admin(hostile: Make, stage: str, answer: str) -> None:
    _, ours = hostile({stage: says(answer)})
    report = ours.send(letter(TO))
    assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")


@pytest.mark.parametrize("stage", [*BEFORE_TLS, "handshake", *AFTER_TLS])
@pytest.mark.parametrize("trick", [drops, floods_lines, floods_one_line], ids=lambda trick: trick.__name__)
def test_a_line_that_fails_before_the_last_byte_is_unreachable(hostile: Make, stage: str, trick: Trick) -> None:
    _, ours = hostile({stage: trick})
    with pytest.raises(Unreachable, match="exemple") as caught:
        ours.send(letter(TO))
    assert caught.value.__cause__ is None  # a log of the traceback shows nothing the server said


@pytest.mark.parametrize("stage", [*BEFORE_TLS, "handshake", *AFTER_TLS])
@pytest.mark.parametrize("trick", [silent, trickles], ids=lambda trick: trick.__name__)
def test_no_server_holds_a_worker_longer_than_the_attempt(hostile: Make, stage: str, trick: Trick) -> None:
    _, ours = hostile({stage: trick}, attempt_s=0.4)
    started = time.monotonic()
    with pytest.raises(Unreachable):
        ours.send(letter(TO))
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("trick", [silent, drops], ids=lambda trick: trick.__name__)
def test_a_body_that_could_not_all_be_sent_is_unreachable(hostile: Make, trick: Trick) -> None:
    server, ours = hostile({"body": trick}, attempt_s=1.5)
    with pytest.raises(Unreachable):
        ours.send(letter(TO, text=BIG))
    assert server.bodies == []


@pytest.mark.parametrize(
    "trick",
    [
        silent,
        drops,
        trickles,
        floods_lines,
        floods_one_line,
        says("hello?"),
        says("354 more"),
        says_bytes(b"\xff\0\r\n"),
    ],
    ids=["silent", "drops", "trickles", "floods lines", "floods one line", "not SMTP", "out of turn", "bytes"],
)
def test_without_a_clear_answer_to_the_last_byte_the_outcome_is_unknown(hostile: Make, trick: Trick) -> None:
    server, ours = hostile({"dot": trick}, attempt_s=3.0)
    report = ours.send(letter(TO))
    assert (report.outcome, report.code) == (Outcome.UNKNOWN, "outcome-unknown")
    assert len(server.bodies) == 1
    assert report.tls


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\r\n",
        b"\r\n",
        b"25\r\n",
        b"250-a\r\n251 b\r\n",
        b"250x\r\n",
        b"\xb2\xb2\xb2 no\r\n",
        b"999 what\r\n",
        b"199 hm\r\n",
    ],
)
@pytest.mark.parametrize("stage", ["greeting", "ehlo-tls", "rcpt"])
def test_words_that_are_not_smtp_are_unreachable(hostile: Make, stage: str, answer: bytes) -> None:
    _, ours = hostile({stage: says_bytes(answer)})
    with pytest.raises(Unreachable):
        ours.send(letter(TO))


class TestTls:
    """Nothing is ever said in clear, nor to a server that does not prove its name."""

    def test_a_server_without_starttls_is_told_nothing(self, hostile: Make) -> None:
        server, ours = hostile(starttls=False)
        report = ours.send(letter(TO))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "channel-not-secure")
        assert server.in_clear == [f"EHLO {DOMAIN}"]

    def test_a_refused_starttls_is_not_secure(self, hostile: Make) -> None:
        server, ours = hostile({"starttls": says("502 5.5.1 not today")})
        assert ours.send(letter(TO)).code == "channel-not-secure"
        assert server.bodies == []

    def test_an_expired_certificate_is_not_secure(self, hostile: Make, authority: Authority) -> None:
        _, ours = hostile(mine=authority.expired_server())
        report = ours.send(letter(TO))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "channel-not-secure")
        assert "expired" in report.detail

    def test_a_certificate_of_another_name_is_not_secure(self, hostile: Make, authority: Authority) -> None:
        _, ours = hostile(mine=authority.server("other", names=("mail.other.test",)))
        assert ours.send(letter(TO)).code == "channel-not-secure"

    def test_a_certificate_of_another_authority_is_not_secure(self, hostile: Make, tmp_path: Path) -> None:
        _, ours = hostile(mine=Authority(tmp_path).server())
        assert ours.send(letter(TO)).code == "channel-not-secure"

    def test_a_revoked_certificate_is_not_secure(self, hostile: Make, tmp_path: Path) -> None:
        nation = Authority(tmp_path)
        good, bad = nation.server("good"), nation.server("bad")
        for mine, crl, outcome in (
            (good, nation.revoke(bad[0]), Outcome.HANDED_OVER),
            (bad, nation.revoke(bad[0]), Outcome.TRY_LATER),
            (good, nation.revoke(ended=True), Outcome.TRY_LATER),
        ):
            server, ours = hostile(mine=mine, crl=crl, of=nation)
            assert ours.send(letter(TO)).outcome is outcome
            assert len(server.bodies) == (outcome is Outcome.HANDED_OVER)

    def test_words_slipped_in_before_tls_are_not_believed_after_it(self, hostile: Make) -> None:
        _, ours = hostile({"starttls": says("220 go\r\n250-smuggled\r\n250 DSN")})
        with pytest.raises(Unreachable, match="slipped in"):
            ours.send(letter(TO))

    def test_an_old_tls_is_not_spoken(self, hostile: Make) -> None:
        server, ours = hostile()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            server._context.minimum_version = ssl.TLSVersion.TLSv1
            server._context.maximum_version = ssl.TLSVersion.TLSv1_1
        server._context.set_ciphers("ALL:@SECLEVEL=0")
        assert ours.send(letter(TO)).code == "channel-not-secure"


class TestLimits:
    """What the server says it takes is believed before the bytes are on their way."""

    def test_a_parcel_over_the_announced_size_is_never(self, hostile: Make) -> None:
        server, ours = hostile(offers=("SIZE 1000",))
        report = ours.send(letter(TO, text=b"0123456789\r\n" * 100))
        assert (report.outcome, report.code) == (Outcome.NEVER, "too-large")
        assert not any(command.startswith("MAIL") for command in server.commands)

    def test_eight_bit_bytes_need_a_server_that_takes_them(self, hostile: Make) -> None:
        parcel = letter(TO, text="Équipe\r\n".encode())
        server, ours = hostile()
        assert ours.send(parcel).outcome is Outcome.HANDED_OVER
        assert "BODY=8BITMIME" in server.commands[1]
        _, deaf = hostile(offers=("SIZE",))
        assert deaf.send(parcel).code == "8bit-not-taken"


class TestSignIn:
    """XOAUTH2, as a server may answer it."""

    ADDRESS = f"app@{DOMAIN}"

    def test_a_short_token_travels_with_the_command_and_a_long_one_after_it(
        self, hostile: Make, tokens: Tokens
    ) -> None:
        for token, words in (("short", 3), ("l" * 2000, 2)):
            tokens.held[self.ADDRESS] = token
            server, ours = hostile(type="PER")
            assert ours.send(letter(TO)).outcome is Outcome.HANDED_OVER
            assert len(server.commands[1].split()) == words

    @pytest.mark.parametrize("answer", ["535 5.7.8 no", "504 5.5.4 what", "534 5.7.9 too weak"])
    def test_any_no_to_a_token_is_a_refused_sign_in(self, hostile: Make, tokens: Tokens, answer: str) -> None:
        tokens.held[self.ADDRESS] = "token"
        _, ours = hostile({"auth": says(answer)}, type="PER")
        report = ours.send(letter(TO))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")

    def test_a_refusal_that_comes_as_a_challenge_is_heard_to_its_end(self, hostile: Make, tokens: Tokens) -> None:
        tokens.held[self.ADDRESS] = "token"
        tricks = {"auth-challenge": says("334 eyJzdGF0dXMiOiI0MDEifQ=="), "auth": says("535 5.7.8 no")}
        _, ours = hostile(tricks, type="PER")
        assert ours.send(letter(TO)).code == "sign-in-refused"

    def test_a_server_that_is_busy_with_sign_ins_is_try_later(self, hostile: Make, tokens: Tokens) -> None:
        tokens.held[self.ADDRESS] = "token"
        _, ours = hostile({"auth": says("454 4.7.0 later")}, type="PER")
        report = ours.send(letter(TO))
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "454 4.7.0")

    def test_a_token_is_never_shown_where_it_is_not_asked_for(self, hostile: Make, tokens: Tokens) -> None:
        tokens.held[self.ADDRESS] = "token"
        server, ours = hostile(type="PER", offers=("AUTH PLAIN LOGIN",))
        assert ours.send(letter(TO)).code == "sign-in-refused"
        assert not any("AUTH" in command for command in server.commands)


class TestReuse:
    """A connection kept for the next parcel never costs one."""

    def test_parcels_in_a_row_share_a_connection(self, hostile: Make) -> None:
        server, ours = hostile()
        assert {ours.send(letter(TO)).outcome for _ in range(5)} == {Outcome.HANDED_OVER}
        assert server.connections == 1

    @pytest.mark.parametrize("trick", [drops, says("421 4.4.2 too long"), says("500 what"), says("nonsense")])
    def test_a_connection_that_died_meanwhile_is_replaced(self, hostile: Make, trick: Trick) -> None:
        server, ours = hostile({"rset": trick})
        assert {ours.send(letter(TO)).outcome for _ in range(3)} == {Outcome.HANDED_OVER}
        assert server.connections == 3
        assert len(server.bodies) == 3

    def test_a_silent_kept_connection_is_still_inside_the_attempt(self, hostile: Make) -> None:
        _, ours = hostile({"rset": silent}, attempt_s=1.5)
        ours.send(letter(TO))
        started = time.monotonic()
        with pytest.raises(Unreachable):
            ours.send(letter(TO))
        assert time.monotonic() - started < 4

    def test_a_signed_in_person_is_never_reused(self, hostile: Make, tokens: Tokens) -> None:
        tokens.held[f"app@{DOMAIN}"] = "token"
        server, ours = hostile(type="PER")
        for _ in range(3):
            ours.send(letter(TO))
        assert server.connections == 3


def test_what_a_server_says_is_kept_without_patients(hostile: Make) -> None:
    words = "550 5.1.1 <279035121518989@patient.mssante.fr>: no\x07 box for 2 79 03 51 215 189 89\u202e"
    _, ours = hostile({"rcpt": says(words)})
    report = ours.send(letter(TO))
    assert report.detail == "550 5.1.1 <***@patient>: no box for ***"


@settings(max_examples=60, deadline=None)
@given(said=_SMTP, stage=st.sampled_from([*BEFORE_TLS, *AFTER_TLS, "dot"]), together=st.booleans())
def test_whatever_a_server_says_the_attempt_ends_as_promised(
    authority: Authority, certificate: tuple[Path, Path], said: bytes, stage: str, together: bool
) -> None:
    offers = (*OFFERS, "PIPELINING") if together else OFFERS
    server = HostileSmtp(certificate, {stage: says_then_drops(said)}, offers=offers)
    ours = Mssante([mailbox_at(authority, smtp_port=server.port)], Tokens())
    try:
        report = ours.send(letter(TO))
        assert report.detail.isprintable()
        asked = stage == "data" or (together and stage in AFTER_TLS)
        bytes_left = stage == "dot" or (asked and b"354" in said)  # it asked for them (RFC 5321 §4.3.2)
        assert (report.outcome is Outcome.UNKNOWN) <= bytes_left
    except Unreachable:
        assert stage != "dot"
    finally:
        ours.close()
        server.close()


def test_one_hostile_operator_does_not_slow_the_others(hostile: Make) -> None:
    _, stuck = hostile({"mail": trickles}, attempt_s=2.0)
    _, well = hostile()
    alone = _seconds(well)
    ends: list[str] = []

    def wait_in_vain() -> None:
        with pytest.raises(Unreachable):
            stuck.send(letter(TO))
        ends.append("unreachable")

    waiting = [threading.Thread(target=wait_in_vain) for _ in range(10)]
    for thread in waiting:
        thread.start()
    beside = _seconds(well)
    for thread in waiting:
        thread.join()
    assert beside < max(10 * alone, 1.9)
    assert len(ends) == 10


def _seconds(ours: Mssante) -> float:
    started = time.monotonic()
    for _ in range(20):
        assert ours.send(letter(TO)).outcome is Outcome.HANDED_OVER
    return time.monotonic() - started
