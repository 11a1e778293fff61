"""Endpoints that lie, stall, flood or hang up: each costs a bounded time and gets the truth told of it."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import threading
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deliver import Outcome, Parcel
from gateway.deliver.posting import Posting
from gateway.model.errors import Unreachable
from tests.deliver.posts import KINDS, WRITTEN, endpoint, transport
from tests.places.authority import Authority
from tests.places.hostile_https import HostileHttps
from tests.places.tricks import HangUp, Trick, drops, says_bytes, says_then_drops, silent

Make = Callable[..., tuple[HostileHttps, Posting]]
BIG = 9_000_000  # more than the kernel holds for a server that does not read
OK = b"HTTP/1.1 200 OK\r\n"
ENOUGH = 3.0  # seconds of an attempt in which a busy machine surely says all its bytes


def repeats(piece: bytes, *, every_s: float = 0.0, first: bytes = b"") -> Trick:
    """`first`, then the same piece without end."""

    def trick(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(first)
        while not stopping.wait(every_s):
            connection.sendall(piece)
        raise HangUp

    return trick


def trickles(whole: bytes, *, every_s: float = 0.05) -> Trick:
    """These bytes, one at a time."""

    def trick(connection: socket.socket, stopping: threading.Event) -> None:
        for byte in whole:
            if stopping.wait(every_s):
                raise HangUp
            connection.sendall(bytes([byte]))

    return trick


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def write(kind: str) -> Callable[..., Parcel]:
    return WRITTEN[kind]


@pytest.fixture
def hostile(authority: Authority, certificate: tuple[Path, Path], kind: str) -> Iterator[Make]:
    """Makes a hostile server and the adapter whose only endpoint it is, `of` an authority."""
    with ExitStack() as held:

        def make(
            tricks: dict[str, Trick] | None = None,
            *,
            mine: tuple[Path, Path] | None = None,
            of: Authority = authority,
            **how: Any,
        ) -> tuple[HostileHttps, Posting]:
            place = HostileHttps(mine or certificate, tricks)
            ours = transport(kind, endpoint(kind, place.port, of.ca_file, **how))
            held.callback(place.close)
            held.callback(ours.close)
            return place, ours

        yield make


class TestTls:
    """Nothing is said to a server that does not prove its name over TLS 1.2 or better."""

    def test_an_expired_certificate(self, hostile: Make, write: Callable[..., Parcel], authority: Authority) -> None:
        self._told_nothing(*hostile(mine=authority.expired_server()), write)

    def test_a_certificate_of_another_name(
        self, hostile: Make, write: Callable[..., Parcel], authority: Authority
    ) -> None:
        self._told_nothing(*hostile(mine=authority.server("other", names=("other.test",))), write)

    def test_a_certificate_of_another_authority(
        self, hostile: Make, write: Callable[..., Parcel], tmp_path: Path
    ) -> None:
        self._told_nothing(*hostile(mine=Authority(tmp_path).server()), write)

    def test_an_old_tls(self, hostile: Make, write: Callable[..., Parcel]) -> None:
        place, ours = hostile()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            place.context.minimum_version = ssl.TLSVersion.TLSv1
            place.context.maximum_version = ssl.TLSVersion.TLSv1_1
        place.context.set_ciphers("ALL:@SECLEVEL=0")
        self._told_nothing(place, ours, write)

    def _told_nothing(self, place: HostileHttps, ours: Posting, write: Callable[..., Parcel]) -> None:
        report = ours.send(write())
        assert (report.outcome, report.code) == (Outcome.TRY_LATER, "channel-not-secure")
        assert place.heads == []

    def test_plain_http_on_the_port(self, hostile: Make, write: Callable[..., Parcel]) -> None:
        place, ours = hostile({"accept": says_then_drops(b"HTTP/1.1 400 Bad Request\r\n\r\n")})
        with pytest.raises(Unreachable, match="does not speak TLS"):
            ours.send(write())
        assert place.heads == []


@pytest.mark.parametrize("stage", ["accept", "head", "body"])
def test_a_line_that_fails_before_the_last_byte_is_unreachable(
    hostile: Make, write: Callable[..., Parcel], stage: str
) -> None:
    place, ours = hostile({stage: drops})
    with pytest.raises(Unreachable, match="logiciel") as caught:
        ours.send(write(text=b"x" * BIG))
    assert caught.value.__cause__ is None  # a log of the traceback shows nothing the server said
    assert place.bodies == []


@pytest.mark.parametrize("stage", ["accept", "head", "body"])
def test_no_silence_holds_a_worker_longer_than_the_attempt(
    hostile: Make, write: Callable[..., Parcel], stage: str
) -> None:
    _, ours = hostile({stage: silent}, attempt_s=0.5)
    started = time.monotonic()
    with pytest.raises(Unreachable):
        ours.send(write(text=b"x" * BIG))
    assert time.monotonic() - started < 4


def test_a_refusal_said_before_all_bytes_had_left_is_heard(hostile: Make, write: Callable[..., Parcel]) -> None:
    refusal = b"HTTP/1.1 413 no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

    def refuses(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(refusal)
        stopping.wait()  # and reads no further
        raise HangUp

    _, ours = hostile({"body": refuses}, attempt_s=2.0)
    report = ours.send(write(text=b"x" * BIG))
    assert (report.outcome, report.code) == (Outcome.NEVER, "too-large")


def test_a_yes_to_half_a_parcel_is_not_believed(hostile: Make, write: Callable[..., Parcel]) -> None:
    _, ours = hostile({"body": says_then_drops(OK + b"content-length: 0\r\n\r\n")})
    with pytest.raises(Unreachable):
        ours.send(write(text=b"x" * BIG))


UNCLEAR: dict[str, Trick] = {
    "hangs up": drops,
    "silent": silent,
    "slow headers": trickles(OK + b"x: " + b"a" * 10_000),
    "not HTTP": says_then_drops(b"220 smtp ready\r\n\r\n"),
    "garbage": says_then_drops(bytes(range(256)) * 4),
    "no status": says_then_drops(b"HTTP/1.1\r\n\r\n"),
    "status of words": says_then_drops(b"HTTP/1.1 OK 200\r\n\r\n"),
    "status of five digits": says_then_drops(b"HTTP/1.1 20000 OK\r\n\r\n"),
    "HTTP/2": says_then_drops(b"HTTP/2 200\r\n\r\n"),
    "folded header": says_then_drops(OK + b" folded: 1\r\n\r\n"),
    "header without a colon": says_then_drops(OK + b"nothing\r\n\r\n"),
    "NUL in a header": says_then_drops(OK + b"x: a\0b\r\n\r\n"),
    "two lengths": says_then_drops(OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\n"),
    "negative length": says_then_drops(OK + b"content-length: -1\r\n\r\n"),
    "unknown coding": says_then_drops(OK + b"transfer-encoding: gzip, chunked\r\n\r\n"),
    "half a head": says_then_drops(OK + b"content-le"),
    "one endless header": repeats(b"a" * 4096, first=OK + b"x: "),
    "endless headers": repeats(b"x: y\r\n" * 500, first=OK),
    "endless status line": repeats(b"a" * 4096, first=b"HTTP/1.1 200 "),
    "endless 100": repeats(b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
    "endless 103": repeats(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 50),
    "100 and nothing more": repeats(b"HTTP/1.1 100 Continue\r\n\r\n", every_s=0.1),
    "101": says_then_drops(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n"),
    "status 600": says_then_drops(b"HTTP/1.1 600 what\r\ncontent-length: 0\r\n\r\n"),
}


@pytest.mark.parametrize("name", sorted(UNCLEAR))
def test_without_a_clear_answer_to_the_last_byte_the_outcome_is_unknown(
    hostile: Make, write: Callable[..., Parcel], name: str
) -> None:
    place, ours = hostile({"answer": UNCLEAR[name]}, attempt_s=ENOUGH)
    started = time.monotonic()
    report = ours.send(write())
    assert (report.outcome, report.code) == (Outcome.UNKNOWN, "outcome-unknown")
    assert len(place.bodies) == 1
    assert time.monotonic() - started < ENOUGH + 3


LONG: dict[str, Trick] = {
    "endless": repeats(b"a" * 4096, first=OK + b"\r\n"),
    "endless chunks": repeats(b"5\r\nhello\r\n" * 400, first=OK + b"transfer-encoding: chunked\r\n\r\n"),
    "chunks of a byte": repeats(b"1\r\na\r\n" * 400, first=OK + b"transfer-encoding: chunked\r\n\r\n"),
    "a length of a terabyte": repeats(b"a" * 4096, first=OK + b"content-length: 1000000000000\r\n\r\n"),
    "a length, and nothing": says_then_drops(OK + b"content-length: 10\r\n\r\n"),
    "a byte a while": repeats(b"a", every_s=0.05, first=OK + b"content-length: 1000\r\n\r\n"),
    "silence": repeats(b"", every_s=0.1, first=OK + b"content-length: 1000\r\n\r\n"),
    "a broken chunk": says_then_drops(OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n"),
}


@pytest.mark.parametrize("name", sorted(LONG))
def test_a_yes_whose_body_never_ends_is_a_yes_only_where_the_body_says_nothing(
    hostile: Make, write: Callable[..., Parcel], kind: str, name: str
) -> None:
    _, ours = hostile({"answer": LONG[name]}, attempt_s=ENOUGH)
    tracemalloc.start()
    started = time.monotonic()
    report = ours.send(write())
    taken, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.outcome is (Outcome.ARRIVED if kind == "callback" else Outcome.UNKNOWN)
    assert taken < ENOUGH + 3
    assert peak < 20_000_000


def test_a_body_in_the_smallest_pieces_costs_little_work(hostile: Make, write: Callable[..., Parcel]) -> None:
    _, ours = hostile({"answer": LONG["chunks of a byte"]})
    started = time.thread_time()
    ours.send(write())
    assert time.thread_time() - started < 0.5


def test_nothing_is_unpacked(hostile: Make, write: Callable[..., Parcel], kind: str) -> None:
    bomb = gzip.compress(b"0" * 200_000_000)
    head = OK + b"content-type: application/fhir+json\r\ncontent-encoding: gzip\r\n"
    _, ours = hostile({"answer": says_bytes(head + b"content-length: %d\r\n\r\n" % len(bomb) + bomb)})
    tracemalloc.start()
    report = ours.send(write())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.outcome is (Outcome.ARRIVED if kind == "callback" else Outcome.UNKNOWN)
    assert peak < 20_000_000


def test_hints_before_an_answer_are_passed_over(hostile: Make, write: Callable[..., Parcel]) -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
    _, ours = hostile({"answer": says_bytes(hints + OK + b"content-length: 0\r\n\r\n")})
    assert ours.send(write()).outcome is Outcome.ARRIVED


def test_one_hostile_endpoint_does_not_hold_the_others_up(
    authority: Authority, certificate: tuple[Path, Path], kind: str, write: Callable[..., Parcel]
) -> None:
    with ExitStack() as held:
        bad, good = HostileHttps(certificate, {"answer": silent}), HostileHttps(certificate)
        held.callback(bad.close)
        held.callback(good.close)
        ours = transport(
            kind,
            endpoint(kind, bad.port, authority.ca_file, name="bad", attempt_s=1.5),
            endpoint(kind, good.port, authority.ca_file, name="good"),
        )
        held.callback(ours.close)
        waiting = [threading.Thread(target=ours.send, args=(write(to="bad"),)) for _ in range(4)]
        for thread in waiting:
            thread.start()
        started = time.monotonic()
        for _ in range(10):
            assert ours.send(write(to="good")).outcome is Outcome.ARRIVED
        assert time.monotonic() - started < 1.2
        for thread in waiting:
            thread.join()


_SAID = st.lists(
    st.tuples(
        st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 503 x", b"HTTP/1.0 200", b"HTTP/1.1 100 c", b"", b"\xff\0"]),
        st.sampled_from([b"\r\n", b"\n", b"\r", b": "]),
        st.binary(max_size=40),
        st.sampled_from([b"\r\n\r\n", b"content-length: 3\r\n\r\nabc", b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"]),
    ),
    max_size=3,
).map(lambda parts: b"".join(itertools.chain.from_iterable(parts)))


@settings(max_examples=60, deadline=None)
@given(said=_SAID)
def test_whatever_is_answered_is_a_report(fuzzed: tuple[HostileHttps, Posting], said: bytes) -> None:
    place, ours = fuzzed
    place._tricks["answer"] = says_then_drops(said)
    report = ours.send(WRITTEN[ours.kind]())
    assert report.outcome in set(Outcome)
    assert len(report.detail) <= 500
    assert report.detail.isprintable()


@pytest.fixture(scope="module", params=sorted(KINDS))
def fuzzed(
    request: pytest.FixtureRequest, authority: Authority, certificate: tuple[Path, Path]
) -> Iterator[tuple[HostileHttps, Posting]]:
    """One server and one adapter for many answers."""
    place = HostileHttps(certificate)
    ours = transport(request.param, endpoint(request.param, place.port, authority.ca_file))
    yield place, ours
    ours.close()
    place.close()
