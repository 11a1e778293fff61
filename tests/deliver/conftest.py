"""Places to deliver to: one real operator for the whole run, and hostile little servers made on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.deliver import Parcel
from gateway.deliver.mailboxes import Mailbox, Operator
from gateway.deliver.mssante import Mssante
from gateway.model.identity import MailAddress
from tests.places import operator
from tests.places.authority import Authority
from tests.places.hostile_imap import HostileImap
from tests.places.hostile_smtp import OFFERS, HostileSmtp
from tests.places.operator import OperatorPlace

DOMAIN = "a.mssante.test"
LOCALS = ["app", "cabinet", "dr.durand", "reader", "plain", "twice", "weigh"]


class Tokens:
    """A TokenSource over a dict: what a sign-in page would hold."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def token(self, address: str) -> str | None:
        return self.held.get(address)


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture(scope="session")
def place() -> Iterator[OperatorPlace]:
    why = operator.missing()
    if why:
        pytest.skip(why)
    with operator.open_operator(DOMAIN, LOCALS) as opened:
        yield opened


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> tuple[Path, Path]:
    """Of a server that is what it says."""
    return authority.server()


@pytest.fixture
def transport(tokens: Tokens) -> Iterator[Callable[..., Mssante]]:
    """Makes a Mssante that is closed with the test."""
    made: list[Mssante] = []

    def make(*mailboxes: Mailbox) -> Mssante:
        made.append(Mssante(mailboxes, tokens))
        return made[-1]

    yield make
    for each in made:
        each.close()


def mailbox_at(authority: Authority, *, type: str = "APP", **at: Any) -> Mailbox:
    """A mailbox to collect, at an operator on loopback described by `at`."""
    said = {
        "name": "exemple",
        "smtp_host": "localhost",
        "imap_host": "localhost",
        "ca": authority.ca_file,
        "attempt_s": 5.0,
        **at,
    }
    address = f"app@{DOMAIN}"
    return Mailbox(
        address=MailAddress(address),
        type=type,  # type: ignore[arg-type]
        operator=Operator(**said),
        certificate=authority.mailbox(address) if type == "APP" else None,
        collect=True,
    )


@pytest.fixture(params=[(), ("PIPELINING",)], ids=["one by one", "at once"])
def hostile(
    request: pytest.FixtureRequest,
    authority: Authority,
    certificate: tuple[Path, Path],
    transport: Callable[..., Mssante],
) -> Iterator[Callable[..., tuple[HostileSmtp, Mssante]]]:
    """Makes a hostile submission server and a transport whose only operator it is, `of` an authority.

    Each promise is asked twice: of a server that hears command by command, and of one that takes them at once.
    """
    opened: list[HostileSmtp] = []

    def make(
        tricks: dict[str, Any] | None = None,
        *,
        mine: tuple[Path, Path] | None = None,
        offers: tuple[str, ...] = OFFERS,
        starttls: bool = True,
        of: Authority = authority,
        **at: Any,
    ) -> tuple[HostileSmtp, Mssante]:
        server = HostileSmtp(mine or certificate, tricks, offers=(*offers, *request.param), starttls=starttls)
        opened.append(server)
        return server, transport(mailbox_at(of, smtp_port=server.port, **at))

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def hostile_imap(
    authority: Authority, certificate: tuple[Path, Path], transport: Callable[..., Mssante]
) -> Iterator[Callable[..., tuple[HostileImap, Mssante]]]:
    """Makes a hostile IMAP server and a transport that collects from it."""
    opened: list[HostileImap] = []

    def make(
        tricks: dict[str, Any] | None = None, *, attempt_s: float = 5.0, **how: Any
    ) -> tuple[HostileImap, Mssante]:
        server = HostileImap(how.pop("mine", certificate), tricks, **how)
        opened.append(server)
        at = {"imap_port": server.port, "attempt_s": attempt_s, "collect_max_bytes": 10_000}
        return server, transport(mailbox_at(authority, **at))

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def now() -> Callable[[], datetime]:
    return lambda: datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


_WRITTEN = 0


def letter(to: str, *, origin: str = f"app@{DOMAIN}", text: bytes = b"Bonjour.\r\n", id: str | None = None) -> Parcel:
    """A small whole mail as a parcel, with an id of its own."""
    global _WRITTEN
    _WRITTEN += 1
    id = id or f"letter{_WRITTEN}@{DOMAIN}"
    head = f"From: <{origin}>\r\nTo: <{to}>\r\nMessage-ID: <{id}>\r\nSubject: XDM/1.0/DDM+Essai\r\n"
    return Parcel(id, origin, to, head.encode() + b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n" + text)
