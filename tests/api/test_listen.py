"""A line that says nothing, or never ends its head, is closed; one that is used stays."""

from __future__ import annotations

import contextlib
import time

import pytest

from gateway.api import Limits
from tests.api.conftest import House, served, visit
from tests.api.test_intake import raw


@pytest.mark.parametrize("head", ["", "GET /health/live HTTP/1.1\n", "GET /health/live HTTP/1.1\nHost: x\nX: "])
def test_a_head_that_never_ends_closes_the_line(head: str, house: House) -> None:
    with served(house, Limits(), headers_within=0.2) as address, raw(address, head) as line:
        assert line.recv(100) == b""


def test_a_line_in_use_is_kept_between_requests(house: House) -> None:
    with served(house, Limits(), headers_within=0.2) as address, visit(address) as http:
        lines = set()
        for _ in range(3):
            answer = http.get("/health/live")
            assert answer.status_code == 200
            lines.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
            time.sleep(0.3)
        assert len(lines) == 1


def test_a_second_head_on_a_kept_line_has_its_deadline_too(house: House) -> None:
    whole = "GET /health/live HTTP/1.1\nHost: x\n\n"
    with served(house, Limits(), headers_within=0.2) as address, raw(address, whole) as line:
        assert line.recv(4000).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /health")
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(4000) == b""
