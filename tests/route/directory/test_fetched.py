"""The white list fetched from a real little https server."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.model.errors import Unreachable
from gateway.route import BadWhiteList
from gateway.route.directory.fetched import FetchedWhiteList
from tests.route.cast import NOW
from tests.route.directory.whitelists import xml


@dataclass
class Operator:
    """An https server that says `answer`."""

    url: str
    ca: Path
    status: int = 200
    answer: bytes = b""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def operator(authority: trustme.CA, tmp_path: Path) -> Iterator[Operator]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(place.status)
            self.send_header("Location", "https://elsewhere.invalid/")
            self.end_headers()
            self.wfile.write(place.answer)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    place = Operator(f"https://localhost:{server.server_address[1]}/list.xml", ca, answer=xml("a.test", at=NOW))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield place
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetched(operator: Operator, tmp_path: Path) -> FetchedWhiteList:
    return FetchedWhiteList(operator.url, operator.ca, tmp_path / "kept" / "list.xml")


def test_a_good_list_is_kept_for_the_next_start(fetched: FetchedWhiteList, operator: Operator) -> None:
    assert fetched.current() is None
    assert fetched.refresh(NOW).allows("a.test")
    again = FetchedWhiteList(operator.url, operator.ca, fetched.copy).current()
    assert again is not None
    assert again.allows("a.test")


def test_a_list_that_cannot_be_written_down_is_told_and_used(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    fetched = FetchedWhiteList(operator.url, operator.ca, tmp_path / "file" / "list.xml")
    with pytest.raises(BadWhiteList, match="cannot be written"):
        fetched.refresh(NOW)
    held = fetched.current()
    assert held is not None
    assert held.allows("a.test")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, b""),
        (302, b""),
        (200, b"<html/>"),
        (200, xml("evil.test", at=NOW - timedelta(days=30))),
        (200, xml("evil.test", at=NOW - timedelta(hours=1))),
    ],
)
def test_a_bad_answer_leaves_the_last_good_list_in_use(
    fetched: FetchedWhiteList, operator: Operator, status: int, answer: bytes
) -> None:
    good = fetched.refresh(NOW)
    operator.status, operator.answer = status, answer
    with pytest.raises((Unreachable, BadWhiteList)):
        fetched.refresh(NOW)
    assert fetched.current() == good
    assert fetched.copy.read_bytes() == xml("a.test", at=NOW)


def test_a_server_that_another_authority_vouches_for_is_not_believed(operator: Operator, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for ca in (other, None):
        with pytest.raises(Unreachable):
            FetchedWhiteList(operator.url, ca, tmp_path / "copy.xml").refresh(NOW)


def test_a_server_that_is_not_there_is_unreachable(operator: Operator, tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        FetchedWhiteList("https://localhost:1/x", operator.ca, tmp_path / "copy.xml").refresh(NOW)


def test_plain_http_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadWhiteList):
        FetchedWhiteList("http://localhost/x", None, tmp_path / "copy.xml")
