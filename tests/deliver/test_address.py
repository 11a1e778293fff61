"""Nobody inside is ever called: whatever a url or a server of names says, only permitted addresses see a connection."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from ipaddress import IPv4Network, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deliver import DeliveryReport, Outcome
from gateway.deliver.address import AddressRefused, Target, addresses, is_permitted, read_url, resolve
from gateway.deliver.line import LineDropped
from gateway.model.errors import Broken, Unreachable
from tests.deliver.posts import KINDS, LOOPBACK, WRITTEN, endpoint, transport
from tests.places.authority import Authority
from tests.places.hostile_https import HostileHttps
from tests.places.tricks import Listener, says_then_drops

FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.0.0.2",
    "127.1.2.3",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:0:53aa:64c::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:a9fe:a9fe::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "fe80::1%lo",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]

LITERALS = [
    "127.0.0.1",
    "127.0.0.2",
    "0.0.0.0",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "localhost",
    "LOCALHOST",
    "LocalHost.",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
]

UNREADABLE = [
    "https://2130706433:{port}/",
    "https://017700000001:{port}/",
    "https://0x7f000001:{port}/",
    "https://0X7F.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://0x7f.1:{port}/",
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://127.0.0.1.:{port}./",
    "https://127.0.0.01:{port}/",
    "https://127.0.0.0x1:{port}/",
    "https://00000127.0.0.1:{port}/",
    "https://127.0.0.256:{port}/",
    "https://1.2.3.4.5:{port}/",
    "https://0:{port}/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://127。0。0。1:{port}/",
    "https://１２７.0.0.1:{port}/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "https://local\u00adhost:{port}/",
    "https://local\u200dhost:{port}/",
    "https://%31%32%37.0.0.1:{port}/",
    "https://localhost%00.exemple.fr:{port}/",
    "https://exemple.fr@127.0.0.1:{port}/",
    "https://exemple.fr:x@localhost:{port}/",
    "https://exemple.fr:443@localhost:{port}/",
    "https://localhost:{port}\\@exemple.fr/",
    "https://localhost:{port}#@exemple.fr/",
    "https://exemple.fr\\.localhost:{port}/",
    "https:///localhost:{port}/",
    "https:localhost:{port}/",
    "https:/localhost:{port}/",
    "//localhost:{port}/",
    "http://localhost:{port}/",
    "ftp://localhost:{port}/",
    "file:///etc/passwd",
    "gopher://localhost:{port}/_x",
    "unix:///var/run/docker.sock",
    "https://[::1%25lo]:{port}/",
    "https://[::1]localhost:{port}/",
    "https://[127.0.0.1]:{port}/",
    "https://[::1:{port}/",
    "https://::1:{port}/",
    "https://localhost:{port}:443/",
    "https://localhost:+{port}/",
    "https://localhost:0/",
    "https://localhost:65536/",
    "https://localhost:{port}/a b",
    "https://localhost:{port}/a\r\nHost: x",
    "https://localhost:{port}/\t",
    " https://localhost:{port}/",
    "https://local host:{port}/",
    "https://local\nhost:{port}/",
    "https://-localhost:{port}/",
    "https://.localhost:{port}/",
    "https://local..host:{port}/",
    "https://localhost..:{port}/",
    "https://" + "a" * 64 + ".fr/",
    "https://" + "a." * 130 + "fr/",
    "https://local*host:{port}/",
    "https://localhost:{port}/é",
    "https://",
    "https:///",
    "https://:{port}/",
    "",
]


class Inside(Listener):
    """Something on loopback that nobody outside may reach, over IPv4 and IPv6; it counts who calls."""

    def __init__(self) -> None:
        super().__init__()
        self._six: socket.socket | None = None
        with suppress(OSError):  # no IPv6 here
            self._six = socket.create_server(("::1", self.port), family=socket.AF_INET6)
            threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while self._six is not None:
            try:
                self._six.accept()[0].close()
            except OSError:
                return
            self.connections += 1

    def talk(self, connection: socket.socket, held: ExitStack) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Both."""
        if self._six is not None:
            with suppress(OSError):
                self._six.shutdown(socket.SHUT_RDWR)
            self._six.close()
        super().close()


@pytest.fixture(scope="module")
def inside() -> Iterator[Inside]:
    opened = Inside()
    yield opened
    opened.close()


@pytest.fixture(params=sorted(KINDS))
def send(
    request: pytest.FixtureRequest, authority: Authority, inside: Inside
) -> Iterator[Callable[..., DeliveryReport]]:
    """Sends one parcel to a host at the inside's port, with those names known and those networks allowed."""
    with ExitStack() as held:

        def once(host: str, names: Callable[[str], list[str]] | None = None, **how: object) -> DeliveryReport:
            how = {"allow_networks": (), "connect_s": 0.3, "attempt_s": 1.0, **how}
            at = endpoint(request.param, 1, authority.ca_file, url=f"https://{host}:{inside.port}/", **how)
            ours = transport(request.param, at, **({"resolve": names} if names else {}))
            held.callback(ours.close)
            return ours.send(WRITTEN[request.param]())

        yield once


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_that_leads_inside_is_not_followed(
    send: Callable[..., DeliveryReport], inside: Inside, address: str
) -> None:
    before = inside.connections
    report = send("callback.exemple.fr", lambda host: [address])
    assert (report.outcome, report.code) == (Outcome.TRY_LATER, "address-not-allowed")
    assert address not in report.detail
    assert inside.connections == before


@pytest.mark.parametrize("host", LITERALS)
def test_an_address_inside_is_not_called_by_itself(
    send: Callable[..., DeliveryReport], inside: Inside, host: str
) -> None:
    before = inside.connections
    assert send(host).code == "address-not-allowed"
    assert inside.connections == before


@pytest.mark.parametrize("url", UNREADABLE)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_url_that_only_looks_like_one_is_refused_with_the_settings(
    authority: Authority, inside: Inside, kind: str, url: str
) -> None:
    before = inside.connections
    with pytest.raises(Broken) as caught:
        endpoint(kind, 1, authority.ca_file, url=url.format(port=inside.port))
    assert "localhost" not in str(caught.value)
    assert inside.connections == before


@pytest.mark.parametrize("address", FORBIDDEN)
def test_one_forbidden_address_among_public_ones_is_enough(
    send: Callable[..., DeliveryReport], inside: Inside, address: str
) -> None:
    before = inside.connections
    for found in (["198.41.0.4", address], [address, "2001:503:ba3e::2:30"]):
        assert send("callback.exemple.fr", lambda host, found=found: found).code == "address-not-allowed"
    assert inside.connections == before


def test_a_server_of_names_that_changes_its_mind_gains_nothing(
    send: Callable[..., DeliveryReport], inside: Inside
) -> None:
    asked: list[str] = []

    def rebinds(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    before = inside.connections
    with pytest.raises(Unreachable):  # nobody listens on the address that was checked
        send("callback.exemple.fr", rebinds, allow_networks=(IPv4Network("127.0.0.2/32"),))
    assert (asked, inside.connections) == (["callback.exemple.fr"], before)


def test_every_new_connection_is_checked_anew(
    authority: Authority, certificate: tuple[Path, Path], inside: Inside
) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    place = HostileHttps(certificate, {"answer": says_then_drops(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")})
    allowed = (IPv4Network("127.0.0.1/32"),)
    at = endpoint("callback", place.port, authority.ca_file, allow_networks=allowed)
    ours = transport("callback", at, resolve=lambda host: next(answers))
    assert ours.send(WRITTEN["callback"]()).outcome is Outcome.ARRIVED
    assert ours.send(WRITTEN["callback"]()).code == "address-not-allowed"
    assert place.connections == 1
    place.close()


def test_the_name_is_proven_although_the_address_is_dialled(
    authority: Authority, certificate: tuple[Path, Path]
) -> None:
    place = HostileHttps(certificate)  # it is localhost, and cannot prove to be anything else
    for host, outcome in (("localhost", Outcome.ARRIVED), ("callback.exemple.fr", Outcome.TRY_LATER)):
        at = endpoint("callback", 1, authority.ca_file, url=f"https://{host}:{place.port}/")
        ours = transport("callback", at, resolve=lambda host: ["127.0.0.1"])
        assert ours.send(WRITTEN["callback"]()).outcome is outcome
        ours.close()
    assert place.names == ["localhost", "callback.exemple.fr"]
    assert len(place.bodies) == 1
    place.close()


def test_the_next_address_is_tried_when_one_does_not_answer(
    authority: Authority, certificate: tuple[Path, Path]
) -> None:
    place = HostileHttps(certificate)
    ours = transport(
        "callback",
        endpoint("callback", place.port, authority.ca_file),
        resolve=lambda host: ["127.0.0.3", "127.0.0.1"],
    )
    assert ours.send(WRITTEN["callback"]()).outcome is Outcome.ARRIVED
    ours.close()
    place.close()


def test_an_address_that_is_silent_leaves_time_for_the_next(
    authority: Authority, certificate: tuple[Path, Path]
) -> None:
    place = HostileHttps(certificate)
    with ExitStack() as held:
        held.enter_context(socket.create_server(("127.0.0.3", place.port), backlog=0))
        for _ in range(3):  # nobody accepts them: the system leaves whoever comes next without an answer
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.3", place.port))
        ours = transport(
            "callback",
            endpoint("callback", place.port, authority.ca_file, attempt_s=3.0),
            resolve=lambda host: ["127.0.0.3", "127.0.0.1"],
        )
        assert ours.send(WRITTEN["callback"]()).outcome is Outcome.ARRIVED
        ours.close()
    place.close()


@pytest.mark.parametrize("found", [[], ["not an address"], ["127.0.0.1/8"], [""]])
def test_a_name_that_leads_nowhere_is_unreachable(
    send: Callable[..., DeliveryReport], inside: Inside, found: list[str]
) -> None:
    before = inside.connections
    with pytest.raises(Unreachable):
        send("callback.exemple.fr", lambda host: found)
    assert inside.connections == before


def test_an_unknown_name_is_unreachable(send: Callable[..., DeliveryReport]) -> None:
    def unknown(host: str) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable):
        send("callback.exemple.fr", unknown)


def test_a_silent_server_of_names_holds_nobody_longer_than_the_attempt(send: Callable[..., DeliveryReport]) -> None:
    ends = threading.Event()
    started = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        send("callback.exemple.fr", lambda host: [str(ends.wait(20))], attempt_s=0.3)
    assert time.monotonic() - started < 2
    ends.set()


class TestNetworks:
    """What the settings allow, and what is public."""

    @pytest.mark.parametrize("address", ["1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"])
    def test_a_public_address_needs_no_permission(self, address: str) -> None:
        assert is_permitted(ip_address(address), ())

    @pytest.mark.parametrize("address", ["2001:4860:4860::8888", "2600::1", "2a01:e0a::1", "2001:200::1"])
    def test_so_does_a_public_address_of_version_6(self, address: str) -> None:
        assert is_permitted(ip_address(address), ())

    @pytest.mark.parametrize("address", [each for each in FORBIDDEN if "%" not in each])
    def test_any_network_may_be_allowed_by_the_settings(self, address: str) -> None:
        assert not is_permitted(ip_address(address), LOOPBACK if not address.startswith("127.") else ())
        assert is_permitted(ip_address(address), (ip_network(address),))

    def test_an_address_in_disguise_is_not_what_it_stands_for(self) -> None:
        for disguised in ("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"):
            assert not is_permitted(ip_address(disguised), LOOPBACK)

    @settings(max_examples=50, deadline=None)
    @given(st.ip_addresses())
    def test_nothing_is_public_that_the_language_calls_private(self, address: object) -> None:
        if is_permitted(ip_address(str(address)), ()):
            assert ip_address(str(address)).is_global

    def test_the_systems_answer_is_used_in_its_order(self) -> None:
        found = addresses("localhost", (*LOOPBACK, ip_network("::1")), resolve, until=time.monotonic() + 5)
        assert "127.0.0.1" in found
        assert len(found) == len(set(found))
        with pytest.raises(AddressRefused):
            addresses("localhost", (), resolve, until=time.monotonic() + 5)
        with pytest.raises(LineDropped):
            addresses("nulle.part.invalid", (), resolve, until=time.monotonic() + 5)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://exemple.fr", Target("exemple.fr", 443, "/")),
        ("HTTPS://Exemple.FR.:8443/a/b?c=d&e=%20", Target("exemple.fr", 8443, "/a/b?c=d&e=%20")),
        ("https://santé.exemple.fr/", Target("xn--sant-epa.exemple.fr", 443, "/")),
        ("https://fhir_1.interne/fhir", Target("fhir_1.interne", 443, "/fhir")),
        ("https://[2001:4860::8888]:99/", Target("2001:4860::8888", 99, "/")),
        ("https://1.1.1.1/", Target("1.1.1.1", 443, "/")),
    ],
)
def test_a_plain_url_is_read(url: str, target: Target) -> None:
    assert read_url(url) == target


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://exemple.fr/", "exemple.fr"),
        ("https://exemple.fr:443/", "exemple.fr"),
        ("https://exemple.fr:8443/", "exemple.fr:8443"),
        ("https://[2001:4860::8888]/", "[2001:4860::8888]"),
        ("https://[2001:4860::8888]:99/", "[2001:4860::8888]:99"),
    ],
)
def test_the_host_header_is_as_the_standard_wants_it(url: str, authority: str) -> None:
    assert read_url(url).authority == authority
