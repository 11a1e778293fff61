"""IMAP servers that lie, stall, flood or hang up: collecting costs a bounded time, and loses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deliver.mssante import Mssante
from gateway.model.errors import Unreachable
from tests.deliver.conftest import DOMAIN, Tokens, mailbox_at
from tests.places.authority import Authority
from tests.places.hostile_imap import HostileImap
from tests.places.tricks import Trick, drops, floods_lines, floods_one_line, says, says_then_drops, silent

Make = Callable[..., tuple[HostileImap, Mssante]]

_WORD = st.sampled_from(
    b'* |1 |FETCH |(|)|UID |BODY[] |{3}\r\n|"|\r\n|OK |+ |NIL |FLAGS |RFC822.SIZE |EXISTS|[UIDVALIDITY 7] '
    b"|\\Deleted|-1 |99999999999999999999 |BYE |SEARCH ".split(b"|")
)
_IMAP = st.lists(_WORD | st.binary(max_size=6), max_size=25).map(b"".join)


def test_a_correct_little_server_gives_its_messages(hostile_imap: Make) -> None:
    found = list(hostile_imap(messages=(b"a: b\r\n\r\none\r\n", b"c: d\r\n\r\ntwo\r\n"))[1].collect())
    assert [(each.handle, each.raw) for each in found] == [
        ("7/1", b"a: b\r\n\r\none\r\n"),
        ("7/2", b"c: d\r\n\r\ntwo\r\n"),
    ]


@pytest.mark.parametrize("stage", ["greeting", "starttls", "authenticate", "select", "listing", "fetch"])
@pytest.mark.parametrize("trick", [drops, silent, floods_lines, floods_one_line], ids=lambda trick: trick.__name__)
def test_a_line_that_fails_is_unreachable_in_bounded_time(hostile_imap: Make, stage: str, trick: Trick) -> None:
    _, ours = hostile_imap({stage: trick}, attempt_s=0.4)
    started = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        list(ours.collect())
    assert time.monotonic() - started < 5
    assert caught.value.__cause__ is None


def test_a_flood_of_correct_lines_is_cut(hostile_imap: Make) -> None:
    def flood(connection: object, stopping: object) -> None:
        while not stopping.is_set():  # type: ignore[attr-defined]
            connection.sendall(b"* 1 FETCH (UID 1 RFC822.SIZE 5 FLAGS ())\r\n" * 500)  # type: ignore[attr-defined]

    with pytest.raises(Unreachable):
        list(hostile_imap({"listing": flood})[1].collect())


def test_a_literal_of_a_terabyte_is_not_waited_for(hostile_imap: Make) -> None:
    _, ours = hostile_imap({"fetch": says("* 1 FETCH (UID 1 BODY[] {1099511627776}")})
    started = time.monotonic()
    with pytest.raises(Unreachable):
        list(ours.collect())
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "answer",
    ["* 1 FETCH " + "(" * 5000, "* 1 FETCH (UID one)", "* x FETCH (", "+ what", "* BYE", "A1 OK", '* 1 FETCH ("'],
)
@pytest.mark.parametrize("stage", ["select", "listing", "fetch"])
def test_words_that_are_not_imap_never_crash(hostile_imap: Make, stage: str, answer: str) -> None:
    with pytest.raises(Unreachable):
        list(hostile_imap({stage: says(answer)}, attempt_s=0.4)[1].collect())


def test_without_starttls_nobody_signs_in(hostile_imap: Make) -> None:
    with pytest.raises(Unreachable, match="STARTTLS"):
        list(hostile_imap(capabilities="IMAP4rev1 AUTH=EXTERNAL")[1].collect())


def test_a_server_that_calls_us_signed_in_before_tls_is_not_believed(hostile_imap: Make) -> None:
    with pytest.raises(Unreachable):
        list(hostile_imap({"greeting": says("* PREAUTH welcome")})[1].collect())


def test_words_slipped_in_before_tls_are_not_believed_after_it(hostile_imap: Make) -> None:
    _, ours = hostile_imap(slipped=b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
    with pytest.raises(Unreachable, match="slipped in"):
        list(ours.collect())


def test_a_certificate_that_proves_nothing_is_unreachable(
    hostile_imap: Make, authority: Authority, tmp_path: Path
) -> None:
    for mine in (
        authority.expired_server(),
        authority.server("o", names=("o.test",)),
        Authority(tmp_path).server(),
    ):
        with pytest.raises(Unreachable, match="certificate"):
            list(hostile_imap(mine=mine)[1].collect())


def test_one_message_too_large_does_not_hide_the_others(hostile_imap: Make) -> None:
    # a size announced over the cap: left behind unread, the next one comes
    _, ours = hostile_imap(messages=(b"x" * 20_000, b"a: b\r\n\r\ntwo\r\n"))
    [found] = ours.collect()
    assert found.handle == "7/2"
    [left] = ours.left_behind()
    assert (left.handle, left.why, left.size_bytes) == ("7/1", "too-large", 20_000)


def test_one_message_the_server_will_not_give_does_not_hide_the_others(hostile_imap: Make) -> None:
    _, ours = hostile_imap(messages=(b"a: b\r\n\r\none\r\n", b"a: b\r\n\r\ntwo\r\n"), withheld={1})
    [found] = ours.collect()
    assert (found.handle, found.raw) == ("7/2", b"a: b\r\n\r\ntwo\r\n")
    [left] = ours.left_behind()
    assert (left.handle, left.why) == ("7/1", "unreadable")


def test_a_server_that_claims_four_billion_messages_is_not_asked_for_all(hostile_imap: Make) -> None:
    server, ours = hostile_imap(exists=4_000_000_000)
    assert [each.handle for each in ours.collect()] == ["7/1"]
    assert server.fetches <= 21


def test_a_slow_server_keeps_a_collection_for_a_bounded_time(hostile_imap: Make) -> None:
    _, ours = hostile_imap(messages=(b"x",) * 30, slow_s=0.4, attempt_s=1.5)
    started = time.monotonic()
    brought = list(ours.collect())
    assert time.monotonic() - started < 8
    assert 1 <= len(brought) < 30
    ours.forget(brought[0].mailbox, [brought[0].handle])
    again = ours.collect()
    assert next(again).handle == "7/2"
    again.close()  # type: ignore[attr-defined]


def test_taking_away_touches_one_message_only(hostile_imap: Make) -> None:
    server, ours = hostile_imap(messages=(b"one", b"two"), capabilities="IMAP4rev1 STARTTLS AUTH=EXTERNAL UIDPLUS")
    ours.forget(f"app@{DOMAIN}", ["7/2"])
    assert (server.marked, server.expunged) == ({2}, ["2"])


def test_without_uidplus_what_was_taken_away_is_marked_and_passed_over(hostile_imap: Make) -> None:
    server, ours = hostile_imap(messages=(b"one", b"two"))
    ours.forget(f"app@{DOMAIN}", ["7/1"])
    assert (server.marked, server.expunged) == ({1}, [])
    assert [each.handle for each in ours.collect()] == ["7/2"]


@settings(max_examples=60, deadline=None)
@given(said=_IMAP, stage=st.sampled_from(["greeting", "starttls", "authenticate", "select", "listing", "fetch"]))
def test_whatever_a_server_says_collecting_ends_or_is_unreachable(
    authority: Authority, certificate: tuple[Path, Path], said: bytes, stage: str
) -> None:
    server = HostileImap(certificate, {stage: says_then_drops(said)})
    ours = Mssante([mailbox_at(authority, imap_port=server.port)], Tokens())
    try:
        with suppress(Unreachable):
            list(ours.collect())
    finally:
        server.close()
