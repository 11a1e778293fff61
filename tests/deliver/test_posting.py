"""What any HTTP answer means to the adapters that post, and what they say and show. Asked of both."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.deliver import Outcome, Parcel
from gateway.deliver.posting import Posting
from gateway.model.errors import Broken, Unreachable
from tests.deliver.posts import WRITTEN, endpoint, transport
from tests.places.authority import Authority
from tests.places.hostile_https import HostileHttps
from tests.places.ports import free_ports
from tests.places.tricks import says_bytes, says_then_drops

Make = Callable[..., tuple[HostileHttps, Posting]]


@pytest.fixture(params=["fhir_server", "callback"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def write(kind: str) -> Callable[..., Parcel]:
    return WRITTEN[kind]


@pytest.fixture
def server(authority: Authority, certificate: tuple[Path, Path], kind: str) -> Iterator[Make]:
    """Makes a server that answers as told, and the adapter whose only endpoint it is."""
    with ExitStack() as held:

        def make(answer: bytes | None = None, *, mine: Any = None, client_ca: Path | None = None, **how: Any) -> Any:
            tricks = {} if answer is None else {"answer": says_bytes(answer)}
            place = HostileHttps(mine or certificate, tricks, client_ca=client_ca)
            ours = transport(kind, endpoint(kind, place.port, how.pop("ca", authority.ca_file), **how))
            held.callback(place.close)
            held.callback(ours.close)
            return place, ours

        yield make


def told(status: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status} whatever they say", *headers, f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_yes_has_arrived(server: Make, write: Callable[..., Parcel], status: int) -> None:
    _, ours = server(told(status))
    report = ours.send(write())
    assert (report.outcome, report.code) == (Outcome.ARRIVED, f"HTTP {status}")
    assert report.tls.startswith("TLSv1.")


@pytest.mark.parametrize("status", [400, 404, 405, 406, 409, 410, 411, 412, 415, 418, 422, 431, 451])
def test_a_no_is_for_good(server: Make, write: Callable[..., Parcel], status: int) -> None:
    _, ours = server(told(status, "retry-after: 5", body=b"Mme DURAND est inconnue"))
    report = ours.send(write())
    assert (report.outcome, report.code) == (Outcome.NEVER, f"HTTP {status}")
    assert "DURAND" not in report.detail
    assert "whatever" not in report.detail


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507, 599])
def test_not_now_is_tried_again(server: Make, write: Callable[..., Parcel], status: int) -> None:
    _, ours = server(told(status))
    report = ours.send(write())
    assert (report.outcome, report.code, report.wait_s) == (Outcome.TRY_LATER, f"HTTP {status}", 0)


@pytest.mark.parametrize("status", [401, 403, 407])
def test_a_refusal_of_us_waits_for_an_admin(server: Make, write: Callable[..., Parcel], status: int) -> None:
    _, ours = server(told(status))
    report = ours.send(write())
    assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")


def test_too_large_is_said_with_its_reason(server: Make, write: Callable[..., Parcel]) -> None:
    _, ours = server(told(413))
    report = ours.send(write())
    assert (report.outcome, report.code) == (Outcome.NEVER, "too-large")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("9" * 400, 0),
        ("99999999", 86400),
        ("-5", 0),
        ("٣", 0),
        ("soon", 0),
        ("Sat, 21 Nov 2026 12:02:00 GMT", 120),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 12:02:00", 0),
    ],
)
def test_how_long_they_ask_us_to_wait_is_reported(
    server: Make, write: Callable[..., Parcel], said: str, seconds: int
) -> None:
    _, ours = server(b"HTTP/1.1 503 x\r\nretry-after: " + said.encode() + b"\r\ncontent-length: 0\r\n\r\n")
    report = ours.send(write())
    assert (report.outcome, report.wait_s) == (Outcome.TRY_LATER, seconds)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_no_redirection_is_followed(
    server: Make, write: Callable[..., Parcel], certificate: tuple[Path, Path], status: int
) -> None:
    inside = HostileHttps(certificate)
    place, ours = server(told(status, f"location: https://localhost:{inside.port}/"))
    report = ours.send(write())
    assert (report.outcome, report.code) == (Outcome.NEVER, f"HTTP {status}")
    assert (len(place.bodies), inside.connections) == (1, 0)
    inside.close()


def test_an_endpoint_that_left_the_settings_is_our_own_fault(server: Make, write: Callable[..., Parcel]) -> None:
    place, ours = server()
    with pytest.raises(Broken, match="No endpoint"):
        ours.send(write(to="parti"))
    assert place.connections == 0


def test_a_parcel_over_the_endpoints_size_is_never_sent(server: Make, write: Callable[..., Parcel]) -> None:
    place, ours = server(max_bytes=100)
    report = ours.send(write())
    assert (report.outcome, report.code) == (Outcome.NEVER, "too-large")
    assert place.connections == 0


@pytest.mark.parametrize("id", ["a\r\nX-Injected: 1", "", "a b", "é", "\ud800", "a\0b"])
def test_an_id_that_cannot_stand_in_a_header_never_leaves(server: Make, write: Callable[..., Parcel], id: str) -> None:
    place, ours = server()
    with pytest.raises(Broken):
        ours.send(replace(write(), message_id=id))
    assert place.connections == 0


def test_endpoints_can_be_looked_at_without_a_word(
    authority: Authority, certificate: tuple[Path, Path], kind: str
) -> None:
    [nowhere] = free_ports(1)
    good, bad = HostileHttps(certificate), HostileHttps(authority.expired_server())
    known = {
        "good": {},
        "bad": {"url": f"https://localhost:{bad.port}/"},
        "gone": {"url": f"https://localhost:{nowhere}/"},
        "inside": {"allow_networks": ()},
    }
    ours = transport(
        kind, *(endpoint(kind, good.port, authority.ca_file, name=name, **how) for name, how in known.items())
    )
    assert ours.look() == {"bad": "channel-not-secure", "gone": "unreachable", "inside": "address-not-allowed"}
    assert (good.connections, good.heads, bad.heads) == (1, [], [])
    good.close()
    bad.close()


class TestTheRequest:
    """What is said, and what never is."""

    def test_it_names_the_host_and_asks_for_nothing_packed(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server()
        parcel = write()
        ours.send(parcel)
        [head] = place.heads
        assert head.startswith("POST /chez/nous HTTP/1.1\r\n")
        said = dict(line.split(": ", 1) for line in head.lower().strip().splitlines()[1:])
        assert said["host"] == f"localhost:{place.port}"
        assert said["accept-encoding"] == "identity"
        assert said["content-length"] == str(len(parcel.body))
        assert "authorization" not in said
        assert place.names == ["localhost"]

    def test_the_bytes_are_the_same_at_every_try(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server()
        parcel = write(text=b"x" * 300_000)
        for _ in range(3):
            ours.send(parcel)
        assert place.bodies == [parcel.body] * 3

    def test_a_token_is_shown(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server(token="abc.def-ghi")
        ours.send(write())
        assert "Authorization: Bearer abc.def-ghi\r\n" in place.heads[0]

    def test_no_cookie_comes_back(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server(told(200, "set-cookie: id=1; Path=/"))
        ours.send(write())
        ours.send(write())
        assert len(place.heads) == 2
        assert "cookie" not in "".join(place.heads).lower()

    def test_no_proxy_of_the_environment_is_asked(
        self,
        server: Make,
        write: Callable[..., Parcel],
        monkeypatch: pytest.MonkeyPatch,
        certificate: tuple[Path, Path],
    ) -> None:
        inside = HostileHttps(certificate)
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://localhost:{inside.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        place, ours = server()
        assert ours.send(write()).outcome is Outcome.ARRIVED
        assert (place.connections, inside.connections) == (1, 0)
        inside.close()

    def test_a_certificate_is_shown_where_one_is_demanded(
        self, server: Make, write: Callable[..., Parcel], authority: Authority
    ) -> None:
        p12 = authority.mailbox("passerelle@a.mssante.test", password="ouvre-toi")
        place, ours = server(client_ca=authority.ca_file, certificate=p12, certificate_password="ouvre-toi")
        assert ours.send(write()).outcome is Outcome.ARRIVED
        place, ours = server(client_ca=authority.ca_file)
        for size in (10, 3_000_000):
            report = ours.send(write(text=b"x" * size))
            assert (report.outcome, report.code) == (Outcome.TRY_LATER, "sign-in-refused")
        assert place.bodies == []

    def test_renewed_authorities_are_used_at_the_next_connection(
        self, server: Make, write: Callable[..., Parcel], authority: Authority, tmp_path: Path
    ) -> None:
        other, ca = Authority(tmp_path), tmp_path / "trusted.pem"
        ca.write_bytes(other.ca_file.read_bytes())
        _, ours = server(ca=ca)
        assert ours.send(write()).code == "channel-not-secure"
        ca.write_bytes(authority.ca_file.read_bytes())
        assert ours.send(write()).outcome is Outcome.ARRIVED


class TestKeptConnections:
    """A connection is used again while it is worth it, and its end is told from the parcel's."""

    def test_many_parcels_travel_over_one(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server()
        for _ in range(20):
            assert ours.send(write()).outcome is Outcome.ARRIVED
        assert (place.connections, len(place.bodies)) == (1, 20)

    def test_an_answer_that_ends_it_is_respected(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server(told(200, "connection: close"))
        for _ in range(3):
            assert ours.send(write()).outcome is Outcome.ARRIVED
        assert place.connections == 3

    def test_one_dropped_meanwhile_costs_nothing(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server()
        place._tricks["answer"] = says_then_drops(told(200))
        for _ in range(3):
            assert ours.send(write()).outcome is Outcome.ARRIVED
            time.sleep(0.05)
        assert (place.connections, len(place.bodies)) == (3, 3)

    def test_words_said_out_of_turn_are_not_the_next_answer(self, server: Make, write: Callable[..., Parcel]) -> None:
        place, ours = server()
        place._tricks["answer"] = says_bytes(told(200) + told(500))
        assert ours.send(write()).outcome is Outcome.ARRIVED
        place._tricks.clear()
        assert ours.send(write()).outcome is Outcome.ARRIVED
        assert place.connections == 2

    def test_words_said_between_two_parcels_are_not_the_answer_to_the_second(
        self, server: Make, write: Callable[..., Parcel]
    ) -> None:
        place, ours = server()

        def says_more_later(connection: socket.socket, stopping: threading.Event) -> None:
            connection.sendall(told(200))
            time.sleep(0.05)
            connection.sendall(told(500))

        place._tricks["answer"] = says_more_later
        assert ours.send(write()).outcome is Outcome.ARRIVED
        time.sleep(0.2)
        place._tricks.clear()
        assert ours.send(write()).outcome is Outcome.ARRIVED
        assert place.connections == 2

    def test_one_that_dies_when_all_has_left_leaves_a_doubt_and_nothing_is_said_twice(
        self, server: Make, write: Callable[..., Parcel]
    ) -> None:
        place, ours = server()
        assert ours.send(write()).outcome is Outcome.ARRIVED
        place._tricks["answer"] = lambda connection, stopping: (
            place._tricks.clear() or says_then_drops(b"")(connection, stopping)
        )
        report = ours.send(write())
        assert (report.outcome, report.code) == (Outcome.UNKNOWN, "outcome-unknown")
        assert (place.connections, len(place.bodies)) == (1, 2)

    def test_a_doubt_stays_a_doubt_when_nobody_answers_any_more(
        self, server: Make, write: Callable[..., Parcel]
    ) -> None:
        place, ours = server()
        assert ours.send(write()).outcome is Outcome.ARRIVED

        def leave(connection: Any, stopping: Any) -> None:
            place._socket.shutdown(socket.SHUT_RDWR)
            says_then_drops(b"")(connection, stopping)

        place._tricks["answer"] = leave
        report = ours.send(write())
        assert (report.outcome, report.code) == (Outcome.UNKNOWN, "outcome-unknown")
        with pytest.raises(Unreachable):
            ours.send(write())


def test_what_a_callback_says_is_a_signed_cloudevent(authority: Authority, certificate: tuple[Path, Path]) -> None:
    place = HostileHttps(certificate)
    ours = transport("callback", endpoint("callback", place.port, authority.ca_file))
    parcel = WRITTEN["callback"]()
    ours.send(parcel)
    said = dict(line.split(": ", 1) for line in place.heads[0].strip().splitlines()[1:])
    assert said["Content-Type"] == "application/cloudevents+json"
    assert said["webhook-id"] == parcel.message_id == json.loads(parcel.body)["id"]
    assert said["webhook-timestamp"] == "1795262400"
    assert said["webhook-signature"].startswith("v1,")
    ours.close()
    place.close()


def test_what_is_posted_to_a_fhir_server_asks_for_little(authority: Authority, certificate: tuple[Path, Path]) -> None:
    place = HostileHttps(certificate)
    ours = transport("fhir_server", endpoint("fhir_server", place.port, authority.ca_file))
    ours.send(WRITTEN["fhir_server"]())
    said = dict(line.split(": ", 1) for line in place.heads[0].strip().splitlines()[1:])
    assert said["Content-Type"] == said["Accept"] == "application/fhir+json"
    assert said["Prefer"] == "return=minimal"
    ours.close()
    place.close()


def test_an_adapter_takes_the_endpoints_of_its_kind_only(authority: Authority) -> None:
    both = [endpoint(kind, 1, authority.ca_file, name=kind) for kind in ("fhir_server", "callback")]
    for kind, other in (("fhir_server", "callback"), ("callback", "fhir_server")):
        ours = transport(kind, *both)
        assert ours.ready("") is None
        with pytest.raises(Broken):
            ours.send(WRITTEN[kind](to=other))
